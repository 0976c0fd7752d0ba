// The preview: the badge on light and on dark ground, drawn by the server.
import { idleBeside, setupOfForm, showRefusal } from './form.js'
import { byId } from './page.js'
import { badgeUrl, queryOf } from './snippets.js'

const light = byId('preview', HTMLImageElement)
const dark = byId('preview-dark', HTMLImageElement)
const previewText = byId('preview-text', HTMLElement)
const url = byId('url', HTMLInputElement)
const urlHint = byId('url-hint', HTMLElement)
const URL_HINT = urlHint.textContent ?? ''

/** Counts the requests: a reply counts only if no newer request was sent. */
let requests = 0

/** Shows the badge of the form's setup, and says what it shows or what is wrong. */
export async function drawPreview() {
  const request = ++requests
  const setup = setupOfForm()
  // The image of a refusal shows a few words; as text, the server sends the whole sentence.
  const response = await fetch(addressOf(setup), { headers: { accept: 'text/plain' } })
  const text = await response.text()
  if (request !== requests) return
  if (!response.ok) {
    show(addressOf(setup), addressOf(setup), 'a badge that says what is wrong')
    return explain('', text.trim())
  }
  const said = ariaLabel(text)
  const follows = FOLLOWS.test(text)
  if (follows) show(addressOf(setup, 'light'), addressOf(setup, 'dark'), said)
  else show(addressOf(setup), addressOf(setup), said)
  const number = setup.url ? 'With the page’s current number.' : 'A sample; nothing is counted.'
  const followed = follows ? ' It follows the viewer’s system, light or dark.' : ''
  const idle =
    idleBeside(setup.options).length > 0 ? ' Options that are greyed out have no effect here.' : ''
  explain(number + followed + idle)
}

/**
 * Finds the styles of a badge with colours for dark ground; see src/badge/style/theme.ts. No text in a badge can look like them.
 * The SVG is not parsed for this: the page's policy would refuse its styles, with an error in the console.
 */
const FOLLOWS = /<style>[^<]*\(prefers-color-scheme:dark\)/

/** @param {string} svg */
function ariaLabel(svg) {
  const [, label = ''] = /aria-label="([^"]*)"/.exec(svg) ?? []
  return new DOMParser().parseFromString(label, 'text/html').body.textContent || 'the badge'
}

/**
 * The address of the named page's badge, else of a sample.
 * @param {import('./state.js').Setup} setup
 * @param {'light' | 'dark'} [theme] draws it for this ground
 */
function addressOf({ url, options }, theme) {
  const drawn = theme ? new Map([...options, ['theme', theme]]) : options
  if (url) return badgeUrl('', { url, mode: 'show', options: drawn })
  return `sample/tag.svg${queryOf('', drawn)}`
}

/**
 * @param {string} onLight
 * @param {string} onDark
 * @param {string} said the badge in words
 */
function show(onLight, onDark, said) {
  light.src = onLight
  dark.src = onDark
  light.alt = said
  dark.alt = 'the same on dark ground'
}

/**
 * Adds to a caption that the badge is shown smaller than a tag shows it, if the preview is too narrow.
 * @param {HTMLImageElement} image
 */
function captionWhenLoaded(image) {
  const caption = image.nextElementSibling
  const ground = caption?.textContent ?? ''
  image.addEventListener('load', () => {
    const shrunk = image.naturalWidth > Math.ceil(image.clientWidth)
    if (caption) caption.textContent = shrunk ? `${ground}, smaller than it is` : ground
  })
}
captionWhenLoaded(light)
captionWhenLoaded(dark)

/**
 * Says what the preview shows, or what is wrong, next to the field concerned.
 * @param {string} state
 * @param {string} wrong a refusal's sentence
 */
function explain(state, wrong = '') {
  const ofOption = showRefusal(wrong)
  const ofUrl = wrong !== '' && !ofOption && url.value.trim() !== ''
  url.setAttribute('aria-invalid', String(ofUrl))
  urlHint.textContent = ofUrl ? wrong : URL_HINT
  urlHint.classList.toggle('wrong', ofUrl)
  previewText.textContent = wrong || state
  previewText.classList.toggle('wrong', wrong !== '')
}
