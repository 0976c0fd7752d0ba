// The home page: builder, look-up and lists. Everything it shows comes from this instance.
import { showSnippets } from './copy.js'
import { badgeUrl, encode, scripts, tags } from './snippets.js'
import { readSetup, writeSetup } from './state.js'

/** Waits for a pause in typing before the server is asked, in ms. */
const PAUSE_MS = 250

/**
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
function byId(id, kind) {
  const element = document.getElementById(id)
  if (element instanceof kind) return element
  throw new Error(`The page has no ${kind.name} #${id}`)
}

const form = byId('build', HTMLFormElement)
const fields = {
  url: byId('url', HTMLInputElement),
  label: byId('label', HTMLInputElement),
  color: byId('color', HTMLInputElement),
  labelColor: byId('labelColor', HTMLInputElement),
  style: byId('style', HTMLSelectElement),
}
const preview = byId('preview', HTMLImageElement)
const previewText = byId('preview-text', HTMLElement)
const said = byId('said', HTMLElement)

/** @param {string} text */
function say(text) {
  said.textContent = text
}

const instance = await fetch('instance.json').then((response) => response.json())
/** @type {string} */
const here = new URL('.', location.href).href.replace(/\/$/, '')
/** @type {string} */
const base = instance.publicUrl ?? here

/** @returns {import('./state.js').Setup} */
function setupOfForm() {
  const mode = new FormData(form).get('mode') === 'show' ? 'show' : 'count'
  const label = fields.label.value
  return {
    url: fields.url.value.trim(),
    mode,
    label: label === instance.badge.label ? null : label,
    color: fields.color.value.trim(),
    labelColor: fields.labelColor.value.trim(),
    style: fields.style.value === instance.badge.style ? '' : fields.style.value,
  }
}

/** @param {import('./state.js').Setup} setup */
function fillForm(setup) {
  fields.url.value = setup.url
  fields.label.value = setup.label ?? instance.badge.label
  fields.color.value = setup.color
  fields.labelColor.value = setup.labelColor
  fields.style.value = instance.styles.includes(setup.style) ? setup.style : instance.badge.style
  const mode = form.querySelector(`input[name=mode][value=${setup.mode}]`)
  if (mode instanceof HTMLInputElement) mode.checked = true
}

/** The page whose number the preview shows: this very one, as long as none is named. */
function previewPage() {
  return fields.url.value.trim() || here
}

let asked = 0

async function drawPreview() {
  const ask = ++asked
  const url = badgeUrl('', { ...setupOfForm(), mode: 'show', url: previewPage() })
  preview.src = url
  // The image says what is wrong to those who see it; its text says it to the others.
  const response = await fetch(url)
  const drawn = new DOMParser().parseFromString(await response.text(), 'image/svg+xml')
  if (ask !== asked) return
  const text = drawn.documentElement.getAttribute('aria-label') ?? ''
  preview.alt = text || 'the badge as it will look'
  const refusal = response.ok ? '' : await reason()
  if (ask !== asked) return
  previewText.textContent =
    refusal ||
    (fields.url.value.trim() ? 'Its number now' : 'Shown here with this page’s own number')
}

/** Why there is no number: the sentence where the url is refused, else what the badge says. */
async function reason() {
  const response = await fetch(`nocount?url=${encode(previewPage())}`)
  return response.ok ? preview.alt : (await response.text()).trim()
}

/** @type {ReturnType<typeof setTimeout>} */
let pause

function update() {
  const setup = setupOfForm()
  history.replaceState(null, '', writeSetup(setup) || location.pathname)
  showSnippets(byId('snippets', HTMLElement), tags(base, setup, fields.label.value), say)
  byId('readme-hint', HTMLElement).hidden = setup.url !== ''
  clearTimeout(pause)
  pause = setTimeout(drawPreview, PAUSE_MS)
}

/** @param {number} hits */
function number(hits) {
  return hits.toLocaleString('en')
}

const lookup = byId('lookup', HTMLFormElement)
const lookupUrl = byId('lookup-url', HTMLInputElement)
lookup.addEventListener('submit', async (event) => {
  event.preventDefault()
  const url = lookupUrl.value.trim()
  const response = await fetch(`nocount?url=${encode(url)}`)
  const text = (await response.text()).trim()
  const result = byId('lookup-result', HTMLElement)
  if (!response.ok) {
    result.textContent = text
    return
  }
  const hits = document.createElement('strong')
  hits.textContent = number(Number(text))
  result.replaceChildren(hits, `${text === '1' ? 'visit' : 'visits'} of ${url}`)
})

/**
 * @param {string} id
 * @param {{name: string, hits: number}[]} ranked
 * @param {boolean} linked
 */
function showRanks(id, ranked, linked) {
  const section = byId(id, HTMLElement)
  section.hidden = ranked.length === 0
  const most = ranked[0]?.hits ?? 1
  section.querySelector('ol')?.replaceChildren(
    ...ranked.map(({ name, hits }) => {
      const item = document.createElement('li')
      const title = document.createElement(linked ? 'a' : 'span')
      title.textContent = name
      title.title = name
      if (title instanceof HTMLAnchorElement) {
        title.href = `http://${name}`
        title.rel = 'nofollow noopener noreferrer ugc'
      }
      const count = document.createElement('b')
      count.textContent = number(hits)
      const bar = document.createElement('progress')
      bar.max = most
      bar.value = hits
      bar.setAttribute('aria-hidden', 'true')
      item.append(title, count, bar)
      return item
    }),
  )
}

async function showTop() {
  const response = await fetch('top.json')
  if (!response.ok) return
  const { hosts, pages } = await response.json()
  showRanks('top-hosts', hosts, false)
  showRanks('top-pages', pages, true)
  byId('top', HTMLElement).hidden = hosts.length + pages.length === 0
}

/** @param {number} seconds */
function span(seconds) {
  const minutes = Math.round(seconds / 60)
  return seconds < 120 ? `${seconds} seconds` : `${number(minutes)} minutes`
}

fields.style.replaceChildren(
  ...instance.styles.map((/** @type {string} */ style) => new Option(style, style)),
)
fields.color.placeholder = instance.badge.color.replace(/^#/, '')
for (const element of document.querySelectorAll('[data-window]')) {
  element.textContent = instance.windowSeconds > 0 ? `, for ${span(instance.windowSeconds)}` : ''
}
for (const picker of form.querySelectorAll('input[type=color]')) {
  picker.addEventListener('input', () => {
    if (!(picker instanceof HTMLInputElement)) return
    const field = picker.dataset.for === 'labelColor' ? fields.labelColor : fields.color
    field.value = picker.value.replace(/^#/, '')
  })
}
fillForm(readSetup(location.search))
showSnippets(byId('scripts', HTMLElement), scripts(base), say)
form.addEventListener('input', update)
form.addEventListener('submit', (event) => event.preventDefault())
update()
await showTop()
