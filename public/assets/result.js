// The tag in the markup that was chosen, and the button that copies it.
import { copyToClipboard } from './copy.js'
import { base, byId, instance, say } from './page.js'
import { FORGES } from './pasted.js'
import { MARKUPS, NOTES, tagOf } from './tags.js'

const markup = byId('markup', HTMLSelectElement)
const snippet = byId('snippet', HTMLTextAreaElement)
const button = byId('copy', HTMLButtonElement)
const note = byId('note', HTMLElement)
/** Where the browser keeps the markup that was chosen last. */
const REMEMBERED = 'tallymark-markup'

markup.append(...Object.keys(MARKUPS).map((name) => new Option(name, name)))
/** The markup that was chosen, at this visit or before; null if none was. */
let chosen = remembered()
markup.value = chosen ?? 'HTML'
if (markup.value === '') markup.value = 'HTML'

/** @returns {string | null} */
function remembered() {
  try {
    return localStorage.getItem(REMEMBERED)
  } catch {
    // A browser may forbid to keep anything.
    return null
  }
}

/** Keeps the chosen markup for the next time. */
export function rememberMarkup() {
  chosen = markup.value
  try {
    localStorage.setItem(REMEMBERED, markup.value)
  } catch {
    // Then it is chosen again next time.
  }
}

/** @param {import('./setup.js').Setup} setup */
export function showTag(setup) {
  // Pages of forges are READMEs, which are written in Markdown.
  if (chosen === null) markup.value = FORGES.test(hostOf(setup.url)) ? 'Markdown' : 'HTML'
  const label = setup.options.get('label') ?? instance.badge.label
  snippet.value = tagOf(base, setup, label, markup.value)
  snippet.classList.toggle('idle', !hasPage(setup))
  const text = [noteOf(setup), NOTES.get(markup.value) ?? ''].filter(Boolean).join(' ')
  note.textContent = text
  note.hidden = text === ''
}

/** @param {string} url */
function hostOf(url) {
  return url
    .replace(/^(https?:)?\/\//i, '')
    .replace(/\/.*$/s, '')
    .toLowerCase()
}

/** @param {import('./setup.js').Setup} setup */
function noteOf({ url, link, image }) {
  if (image === 'card') return 'A card shows the hits of the last 30 days. It does not count.'
  if (image === 'shields')
    return 'shields.io draws it with the number from here. It does not count.'
  if (image === 'png')
    return 'For e-mail and other places without SVG: no motion, and the colours for light ground.'
  return url === '' && link !== '' ? 'Enter the address of the page, and the badge is a link.' : ''
}

/**
 * Whether the tag has a page: only HTML has the browser name the page that it is on. The number of a site needs its name.
 * @param {import('./setup.js').Setup} setup
 */
export function hasPage({ url, of, image }) {
  const namesItself = /^(HTML|JSX)$/.test(markup.value) && image !== 'shields' && of === ''
  return url !== '' || namesItself
}

export async function copyTag() {
  const copied = await copyToClipboard(snippet.value, button, snippet)
  say(`${markup.value} ${copied ? 'copied' : 'is selected. Copy it with the keyboard.'}`)
}

/** Whether only this machine knows the host that the tags name. */
const isLocal = /^https?:\/\/(localhost|[^/:]+\.localhost|127\.[\d.]+|\[::1\])(:|\/|$)/i.test(base)
byId('local', HTMLElement).hidden = !isLocal
byId('insecure', HTMLElement).hidden = isLocal || !/^http:/i.test(base)
