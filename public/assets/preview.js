// The badge as it will look on light and on dark ground, drawn by the server.
import { complain, idleBeside, setupOfForm } from './form.js'
import { byId } from './page.js'
import { badgeUrl, queryOf } from './snippets.js'

const light = byId('preview', HTMLImageElement)
const dark = byId('preview-dark', HTMLImageElement)
const previewText = byId('preview-text', HTMLElement)
const url = byId('url', HTMLInputElement)
const urlHint = byId('url-hint', HTMLElement)
const URL_HINT = urlHint.textContent ?? ''

let asked = 0

/** Shows the badge of the form's setup, and says what it shows or what is wrong. */
export async function drawPreview() {
  const ask = ++asked
  const setup = setupOfForm()
  // Those who see the image see what is wrong; asked for text, the server says it in a sentence.
  const response = await fetch(addressOf(setup), { headers: { accept: 'text/plain' } })
  const text = await response.text()
  if (ask !== asked) return
  if (!response.ok) {
    show(addressOf(setup), addressOf(setup), 'a badge that says what is wrong')
    return explain('', text.trim())
  }
  const said = ariaLabel(text)
  const follows = FOLLOWS.test(text)
  if (follows) show(addressOf(setup, 'light'), addressOf(setup, 'dark'), said)
  else show(addressOf(setup), addressOf(setup), said)
  const number = setup.url ? 'With its number as it is now.' : 'A sample; nothing is counted here.'
  const followed = follows ? ' It follows the viewer’s system.' : ''
  const idle = idleBeside(setup.options).length > 0 ? ' What is greyed out means nothing here.' : ''
  explain(number + followed + idle)
}

/**
 * The styles of a badge that has colours for dark ground; see src/badge/style/theme.ts. No text of its can look like them, and
 * parsed, its styles would be refused by the page's policy, loudly.
 */
const FOLLOWS = /<style>[^<]*\(prefers-color-scheme:dark\)/

/** @param {string} svg */
function ariaLabel(svg) {
  const [, label = ''] = /aria-label="([^"]*)"/.exec(svg) ?? []
  return new DOMParser().parseFromString(label, 'text/html').body.textContent || 'the badge'
}

/**
 * The badge of a page if one is named, else that of a page that does not exist.
 * @param {import('./state.js').Setup} setup
 * @param {'light' | 'dark'} [theme] as it is for this ground alone
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
 * Says where a ground is too narrow for its badge, which is then drawn smaller than a tag would be.
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
 * Says what the preview shows or what is wrong, beside the field that it is about.
 * @param {string} state
 * @param {string} wrong a refusal's sentence
 */
function explain(state, wrong = '') {
  const ofOption = complain(wrong)
  const ofUrl = wrong !== '' && !ofOption && url.value.trim() !== ''
  url.setAttribute('aria-invalid', String(ofUrl))
  urlHint.textContent = ofUrl ? wrong : URL_HINT
  urlHint.classList.toggle('wrong', ofUrl)
  previewText.textContent = wrong || state
  previewText.classList.toggle('wrong', wrong !== '')
}
