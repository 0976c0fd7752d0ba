// The home page: puts its parts together. Everything it shows comes from this instance.
import { showSnippets } from './copy.js'
import { fields, fillForm, fitColors, form, setupOfForm } from './form.js'
import { base, byId, instance, number, say } from './page.js'
import { drawPreview } from './preview.js'
import { scripts, tags } from './snippets.js'
import { readSetup, writeSetup } from './state.js'
import { showTop } from './visits.js'

/** Waits for a pause in typing before the server is asked, in ms. */
const PAUSE_MS = 250

/** @type {ReturnType<typeof setTimeout>} */
let pause

function update() {
  const setup = setupOfForm()
  const address = location.pathname + writeSetup(setup) + location.hash
  if (address !== location.pathname + location.search + location.hash) {
    history.replaceState(null, '', address)
  }
  showSnippets(byId('snippets', HTMLElement), tags(base, setup, fields.label.value), say)
  fitColors()
  clearTimeout(pause)
  pause = setTimeout(drawPreview, PAUSE_MS)
}

/** @param {number} seconds */
function span(seconds) {
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
  const many = seconds / size
  return `${number(many)} ${unit}${many === 1 ? '' : 's'}`
}

/** What the page says of itself, by this instance's settings. */
function fitTexts() {
  if (instance.windowSeconds === 0) {
    byId('window', HTMLElement).textContent =
      'Here every load counts: this instance sets no cookie and keeps no token.'
  }
  for (const element of document.querySelectorAll('[data-window]')) {
    element.textContent = `, for ${span(instance.windowSeconds)}`
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
fillForm(readSetup(location.search))
showSnippets(byId('scripts', HTMLElement), scripts(base), say)
form.addEventListener('input', update)
form.addEventListener('submit', (event) => event.preventDefault())
addEventListener('popstate', () => {
  fillForm(readSetup(location.search))
  update()
})
update()
await showTop()
