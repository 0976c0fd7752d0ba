// What the server says of the tag: its badge on light and on dark ground, its page, and all that is wrong.
import { ask, byId, instance, number, Trouble } from './page.js'
import { encode, imageAddress, queryOf } from './tags.js'

const light = byId('preview', HTMLImageElement)
const dark = byId('preview-dark', HTMLImageElement)
const state = byId('state', HTMLElement)
const hint = byId('url-hint', HTMLElement)
const near = byId('near', HTMLElement)
const field = byId('url', HTMLInputElement)
const HINT = hint.textContent ?? ''

/** After how long a slow request is spoken of, in ms. */
const SLOW_MS = 1500
/** Parameters that show another number than the total. */
const OTHER_NUMBERS = ['show', 'period', 'within']

/**
 * What /preview.json says.
 * @typedef {object} Preview
 * @property {string | null} page
 * @property {number | null} count
 * @property {{address: string, page: string, count: number}[]} near
 * @property {{name: string, message: string}[]} wrong
 * @property {boolean} follows
 */

/** @type {AbortController | null} */
let running = null
/** @type {ReturnType<typeof setTimeout>} */
let again
/** What is wrong with the tag that is shown. @type {Preview['wrong']} */
let wrong = []

/** What the server found wrong with the tag, when it was asked last. */
export function knownFaults() {
  return wrong
}

/** Forgets what was wrong: the tag has changed. */
export function forgetFaults() {
  wrong = []
}

/**
 * Asks the server about a tag, and shows what it says.
 * @param {import('./setup.js').Setup} setup
 * @param {import('./pasted.js').Pasted} pasted
 * @param {(wrong: Preview['wrong']) => void} showFaults shows them at their fields
 */
export async function drawPreview(setup, pasted, showFaults) {
  running?.abort()
  clearTimeout(again)
  const request = new AbortController()
  running = request
  const slow = setTimeout(() => {
    forgetPage(setup)
    tell('Waiting for this counter to answer…')
  }, SLOW_MS)
  try {
    const others = pasted.near.map(({ address }) => `near=${encode(address)}`)
    const query = [queryOf(setup.url, setup.options).slice(1), ...others].filter(Boolean).join('&')
    /** @type {Preview} */
    const preview = await ask(`preview.json${query && `?${query}`}`, request.signal)
    if (request.signal.aborted) return
    wrong = preview.wrong
    showBadge(setup, preview)
    showPage(setup, pasted, preview)
    showFaults(wrong)
  } catch (error) {
    if (request.signal.aborted) return
    if (!(error instanceof Trouble)) throw error
    hideBadge()
    forgetPage(setup)
    tell(error.message, true)
    again = setTimeout(() => drawPreview(setup, pasted, showFaults), 1000 * error.seconds)
  } finally {
    clearTimeout(slow)
  }
}

/**
 * Says what the preview shows, or what is wrong.
 * @param {string} text
 * @param {boolean} [isWrong]
 */
export function tell(text, isWrong = false) {
  if (state.textContent !== text) state.textContent = text
  state.classList.toggle('wrong', isWrong)
}

/** A number that may be wrong must not stand there as if it were right. */
function hideBadge() {
  for (const image of [light, dark]) image.closest('.ground')?.classList.add('missing')
  for (const image of [light, dark]) image.alt = 'no badge: this counter does not answer'
}

/**
 * What was said of the page may be about another one.
 * @param {import('./setup.js').Setup} setup
 */
function forgetPage({ url }) {
  hint.textContent = url === '' ? HINT : 'Which page this is, the counter has not said yet.'
  hint.classList.remove('wrong')
  near.replaceChildren()
}

/**
 * @param {import('./setup.js').Setup} setup
 * @param {Preview} preview
 */
function showBadge(setup, { follows, count }) {
  const isOther = OTHER_NUMBERS.some((name) => setup.options.has(name))
  const shows = isOther ? 'the number of its period' : number(count ?? 1234)
  const words = `${setup.options.get('label') ?? instance.badge.label}: ${shows}`
  const grounds = /** @type {const} */ ([
    [light, 'light', words],
    [dark, 'dark', 'the same on dark ground'],
  ])
  for (const [image, theme, alt] of grounds) {
    const options = follows ? new Map([...setup.options, ['theme', theme]]) : setup.options
    const address = addressOf({ ...setup, options })
    if (image.getAttribute('src') !== address) image.src = address
    image.alt = wrong.length > 0 ? 'a badge that says what is wrong' : alt
    image.closest('.ground')?.classList.remove('missing')
  }
  const isNumber = count !== null
  if (wrong.length > 0) return
  const sentences = [isNumber ? 'With the page’s current number.' : 'A sample; nothing is counted.']
  if (follows) sentences.push('It follows the viewer’s system, light or dark.')
  if (isOther && !setup.options.has('tz')) {
    sentences.push(`Its days begin at midnight in ${instance.timeZone}; see “Over time”.`)
  }
  tell(sentences.join(' '))
}

/**
 * The address of the named page's image, else of a sample. A preview never counts.
 * @param {import('./setup.js').Setup} setup
 */
function addressOf(setup) {
  const { url, options, image } = setup
  const isCard = image === 'card'
  if (url) return imageAddress('', { ...setup, mode: 'show', image: isCard ? 'card' : '' })
  // A sample has no time of its own.
  const looks = [...options].filter(([name]) => name !== 'period' && name !== 'within')
  return `sample/${isCard ? 'graph' : 'tag'}.svg${queryOf('', looks)}`
}

for (const image of [light, dark]) {
  image.addEventListener('error', () => {
    hideBadge()
    tell('This counter did not draw the badge just now. Your tag is kept.', true)
  })
  const caption = image.nextElementSibling
  const ground = caption?.textContent ?? ''
  // The caption says that a tag shows the badge larger, if the preview is too narrow for it.
  image.addEventListener('load', () => {
    const shrunk = image.naturalWidth > Math.ceil(image.clientWidth)
    if (caption) caption.textContent = shrunk ? `${ground}, smaller than it is` : ground
  })
}

/**
 * Says which page the tag counts, what was left out of what was pasted, and which page may be meant.
 * @param {import('./setup.js').Setup} setup
 * @param {import('./pasted.js').Pasted} pasted
 * @param {Preview} preview
 */
function showPage({ mode }, { from, left, near: likely }, preview) {
  const fault = preview.wrong.find(({ name }) => name === 'url')
  field.setAttribute('aria-invalid', String(fault !== undefined))
  hint.classList.toggle('wrong', fault !== undefined)
  if (fault) hint.textContent = fault.message
  else if (preview.page === null) hint.textContent = HINT
  else {
    const name = document.createElement('strong')
    name.textContent = preview.page
    const hits = preview.count === 1 ? '1 hit' : `${number(preview.count ?? 0)} hits`
    const notes = left.map(({ part, why }) => ` Left out: ${part}, because ${why}.`)
    hint.replaceChildren(
      mode === 'show' ? 'Shows the page ' : 'Counts the page ',
      name,
      ` (${hits}).`,
      from && ` Taken from ${from}.`,
      ...notes,
    )
  }
  const meant = preview.near.filter(({ address, count }) => {
    const guess = likely.find((each) => each.address === address)
    return guess?.likely || count > (preview.count ?? 0)
  })
  near.replaceChildren(...meant.map(nearButton))
}

/** @param {Preview['near'][number]} other */
function nearButton({ address, page, count }) {
  const button = document.createElement('button')
  button.type = 'button'
  button.dataset.address = address
  button.textContent = `Did you mean ${page} (${count === 1 ? '1 hit' : `${number(count)} hits`})?`
  const item = document.createElement('li')
  item.append(button)
  return item
}
