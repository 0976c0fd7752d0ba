// The home page: connects its parts. Everything that it shows comes from this instance.
import { showSnippets } from './copy.js'
import { fillForm, fitForm, form, optionNames, setupOfForm } from './form.js'
import { lookFilled, markLook, pickLook } from './looks.js'
import { otherForms } from './other-forms.js'
import { base, byId, instance, number, say } from './page.js'
import { drawPreview } from './preview.js'
import { scripts, tags } from './snippets.js'
import { readSetup, writeSetup } from './state.js'
import { showLive, showTop } from './visits.js'

/** How long typing must pause before the preview is requested, in ms. */
const PAUSE_MS = 250

const startOver = byId('start-over', HTMLButtonElement)
/** @type {ReturnType<typeof setTimeout>} */
let pause

/** @param {boolean} keeps whether the browser's Back button returns to the setup before */
function update(keeps = false) {
  const setup = setupOfForm()
  const query = writeSetup(setup)
  if (query !== location.search) {
    const address = location.pathname + query + location.hash
    if (keeps) history.pushState(null, '', address)
    else history.replaceState(null, '', address)
  }
  const label = setup.options.get('label') ?? instance.badge.label
  showSnippets(byId('snippets', HTMLElement), tags(base, setup, label), say)
  showSnippets(byId('others', HTMLElement), otherForms(base, setup), say)
  // Only HTML can ask the browser for the whole Referer. A README gets none.
  byId('unnamed', HTMLElement).hidden = setup.url !== ''
  fitForm()
  markLook()
  startOver.hidden = query === ''
  clearTimeout(pause)
  pause = setTimeout(drawPreview, PAUSE_MS)
}

function fill() {
  fillForm(readSetup(location.search, optionNames))
  lookFilled()
}

/** @param {number} seconds */
function duration(seconds) {
  const units = /** @type {const} */ ([
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ])
  const [size, unit] = units.find(([each]) => seconds % each === 0 && seconds >= each) ?? [
    1,
    'second',
  ]
  const count = seconds / size
  return `${number(count)} ${unit}${count === 1 ? '' : 's'}`
}

/** Fits the page's texts to this instance's settings. */
function fitTexts() {
  if (instance.windowSeconds === 0) {
    byId('window', HTMLElement).textContent =
      'Here every load counts: this instance sets no cookie and keeps no token.'
  }
  for (const element of document.querySelectorAll('[data-window]')) {
    element.textContent = `, for ${duration(instance.windowSeconds)}`
  }
  for (const element of document.querySelectorAll('[data-kept-query]')) {
    const kept = instance.keepQuery.join(', ')
    element.textContent = kept && ` (but for ${kept})`
  }
  for (const element of document.querySelectorAll('.looks')) {
    if (element instanceof HTMLElement) element.hidden = instance.ownBadge
  }
}

fitTexts()
fill()
showSnippets(byId('scripts', HTMLElement), scripts(base, instance.keepQuery), say)
form.addEventListener('input', ({ target }) => update(pickLook(target)))
form.addEventListener('submit', (event) => event.preventDefault())
startOver.addEventListener('click', () => {
  fillForm(readSetup('', optionNames))
  lookFilled()
  update(true)
  byId('url', HTMLInputElement).focus()
})
addEventListener('popstate', () => {
  fill()
  update()
})
update()
await Promise.all([showLive(), showTop()])
