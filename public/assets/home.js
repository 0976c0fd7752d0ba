// The home page: connects its parts. Everything that it shows comes from this instance.
import { badgeOptions, base, byId, instance, say } from './page.js'
import { readPasted } from './pasted.js'
import { drawPreview, forgetFaults, knownFaults, tell } from './preview.js'
import { copyTag, hasPage, rememberMarkup, showTag } from './result.js'
import { readSetup, readTag, TIMES, writeSetup } from './setup.js'

/** How long typing must pause before the preview is requested and the address bar follows, in ms. */
const PAUSE_MS = 250

/** After how long, in ms, the numbers of the page begin to move. */
const MOVING_MS = 1000

const form = byId('build', HTMLFormElement)
const url = byId('url', HTMLInputElement)
const startOver = byId('start-over', HTMLButtonElement)
const names = [...TIMES, ...badgeOptions.map(({ name }) => name)]

/** What is chosen; `url` is as it stands in the field. */
let chosen = readSetup(location.search, names)
let pasted = readPasted(chosen.url, instance.keepQuery)
/** @type {ReturnType<typeof setTimeout>} */
let pause
/** The looks and all other options, once they are needed. @type {ReturnType<typeof loadPanel> | null} */
let panel = null

/** The setup of the tag: its page without what does not belong to a page. */
const setupOfTag = () => ({ ...chosen, url: pasted.address })

/**
 * Loads the controls of all options, and fills them.
 * @returns {Promise<typeof import('./options.js') | null>} null if they did not load, which is then said
 */
function loadPanel() {
  panel ??= import('./options.js')
    .then((module) => {
      module.fill(chosen.options)
      return module
    })
    .catch((error) => {
      console.warn('The options did not load', error)
      tell(
        'This counter does not answer just now. Reload the page to change this; your tag is kept.',
        true,
      )
      return null
    })
  return panel
}

/**
 * Shows what is chosen. The tag comes first: nothing that follows may keep it from being right.
 * @param {boolean} [keeps] whether the browser's Back button returns to what was chosen before
 */
function update(keeps = false) {
  showTag(setupOfTag())
  forgetFaults()
  startOver.hidden = writeSetup(chosen) === ''
  clearTimeout(pause)
  if (keeps) writeAddress(true)
  pause = setTimeout(() => {
    writeAddress(false)
    drawPreview(setupOfTag(), pasted, showFaults)
  }, PAUSE_MS)
}

/** @param {boolean} keeps */
function writeAddress(keeps) {
  const query = writeSetup(chosen)
  if (query === location.search) return
  const address = location.pathname + query + location.hash
  try {
    if (keeps) history.pushState(null, '', address)
    else history.replaceState(null, '', address)
  } catch (error) {
    // Safari allows 100 changes in 10 seconds. The address follows at the next one that it allows.
    console.warn('The address bar is behind', error)
  }
}

/**
 * Shows each fault at its field, and names all fields at once, so that a screen reader says them.
 * @param {{name: string, message: string}[]} wrong
 */
async function showFaults(wrong) {
  const ofOptions = wrong.filter(({ name }) => name !== 'url')
  const titles = wrong.length > ofOptions.length ? ['Page to count'] : []
  if (ofOptions.length > 0 || panel) {
    titles.push(...((await loadPanel())?.showFaults(ofOptions) ?? []))
  }
  if (titles.length > 0)
    tell(`This tag does not work yet. Please correct: ${titles.join(', ')}.`, true)
}

/** Copies the tag, if it works as far as is known; else goes to the field that is wrong. */
function copyIfRight() {
  const setup = setupOfTag()
  const [fault] = knownFaults()
  if (!hasPage(setup)) {
    const why =
      setup.of === 'site'
        ? 'the number of a site needs its address.'
        : 'only the HTML tag finds its page by itself.'
    tell(`Enter the page first: ${why}`, true)
    url.focus()
  } else if (fault) {
    byId(fault.name, HTMLElement).focus()
  } else copyTag()
}

function fillForm() {
  url.value = chosen.url
  pasted = readPasted(chosen.url, instance.keepQuery)
  for (const choice of form.querySelectorAll('input[name=mode], input[name=of]')) {
    if (choice instanceof HTMLInputElement)
      choice.checked = choice.value === (choice.name === 'of' ? chosen.of : chosen.mode)
  }
  byId('link', HTMLSelectElement).value = chosen.link
  byId('image', HTMLSelectElement).value = chosen.image
  if (panel || chosen.options.size > 0) loadPanel().then((module) => module?.fill(chosen.options))
}

/** Reads the field, and takes over a tag of Tallymark that was pasted. */
function readField() {
  pasted = readPasted(url.value, instance.keepQuery)
  if (pasted.tag) {
    const { tag, link } = pasted
    const { host } = new URL(tag)
    chosen = { ...readTag(tag, names), link }
    fillForm()
    pasted = { ...pasted, from: tag.startsWith(`${base}/`) ? 'a tag' : `a tag of ${host}` }
    say('The tag was read, with all that it says.')
    return
  }
  // The address takes the place of the markup around it.
  if (pasted.from) url.value = pasted.address
  chosen = { ...chosen, url: url.value.trim() }
}

/** @param {EventTarget | null} target the control that changed */
async function readControl(target) {
  if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return
  const { name, value } = target
  if (name === 'markup') {
    rememberMarkup()
    return update()
  }
  if (name === 'url') readField()
  else if (name === 'mode') chosen = { ...chosen, mode: value === 'show' ? 'show' : 'count' }
  else if (name === 'of') chosen = { ...chosen, of: value === 'site' ? 'site' : '' }
  else if (name === 'link' || name === 'image') {
    const { link, image } = readSetup(`?${name}=${value || 'none'}`, [])
    chosen = name === 'link' ? { ...chosen, link } : { ...chosen, image }
  } else if (name === 'look') {
    const picked = (await loadPanel())?.pickLook(value)
    if (picked) chosen = { ...chosen, options: picked.options }
    return update(picked?.keeps)
  } else {
    const options = (await panel)?.read()
    if (options) chosen = { ...chosen, options }
  }
  update()
}

form.addEventListener('input', ({ target }) => readControl(target))
form.addEventListener('submit', (event) => {
  event.preventDefault()
  copyIfRight()
})
form.addEventListener('click', ({ target }) => {
  const address = target instanceof HTMLElement ? target.dataset.address : undefined
  if (address === undefined) return
  chosen = { ...chosen, url: address }
  fillForm()
  update(true)
  url.focus()
})
// Whatever is pasted beside a field is the page.
document.addEventListener('paste', (event) => {
  const { target, clipboardData } = event
  const isField = target instanceof Element && target.closest('input, select, textarea')
  const text = clipboardData?.getData('text').trim() ?? ''
  if (isField || text === '') return
  event.preventDefault()
  url.value = text
  url.focus()
  readField()
  update()
})
startOver.addEventListener('click', () => {
  chosen = readSetup('', names)
  fillForm()
  update(true)
  url.focus()
})
addEventListener('popstate', () => {
  chosen = readSetup(location.search, names)
  fillForm()
  update()
})
// The controls are loaded when somebody is about to use them.
byId('groups', HTMLElement).addEventListener('toggle', loadPanel, { capture: true, once: true })
for (const event of ['pointerover', 'focusin']) {
  byId('groups', HTMLElement).addEventListener(event, loadPanel, { once: true })
}
byId('own-script', HTMLElement).addEventListener(
  'toggle',
  () =>
    import('./own-script.js').catch((error) => {
      console.warn('The scripts did not load', error)
      byId('scripts', HTMLElement).textContent =
        'This counter does not answer just now. Reload the page to try again.'
    }),
  { once: true },
)
fillForm()
update()
// Its numbers move with the visits, once everything else is there.
addEventListener('load', () => {
  setTimeout(() => {
    import('./moving.js').catch((error) => console.warn('The numbers do not move', error))
  }, MOVING_MS)
})
