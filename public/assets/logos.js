// The list of logos: found by their names, shown with pictures. It is loaded when its fold opens.
import { ask, Trouble } from './page.js'

/** Logos that are shown before anything is searched for, and how many are shown at most. */
const KNOWN = [
  ...['github', 'gitlab', 'codeberg', 'git', 'npm', 'pypi', 'rust', 'go', 'python', 'javascript'],
  ...['typescript', 'nodedotjs', 'react', 'vuedotjs', 'docker', 'linux', 'html5', 'markdown'],
  ...['wordpress', 'hugo', 'jekyll', 'mastodon', 'bluesky', 'rss'],
]
const MAX_SHOWN = 24
/** The most characters that a misspelt name may differ in. */
const MAX_EDITS = 2

/** @typedef {{slug: string, title: string, keys: string[]}} Logo `keys`: all its names, in letters and digits alone */

/** @type {Promise<Logo[]> | null} */
let loading = null

function load() {
  loading ??= ask('logos.json').then((/** @type {string[][]} */ list) =>
    list.map(([slug = '', title = '', ...others]) => ({
      slug,
      title,
      keys: [slug, title, ...others].map(keyOf),
    })),
  )
  // If it fails, the next use tries again.
  loading.catch(() => {
    loading = null
  })
  return loading
}

/** @param {string} name */
function keyOf(name) {
  return name
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^\p{L}\p{N}+#]/gu, '')
}

/**
 * The logos with a name that contains a text, those first that begin with it, the shortest before.
 * @param {readonly Logo[]} logos
 * @param {string} text
 */
function find(logos, text) {
  const wanted = keyOf(text)
  if (wanted === '') return KNOWN.flatMap((slug) => logos.find((logo) => logo.slug === slug) ?? [])
  const rank = (/** @type {Logo} */ { keys }) =>
    Math.min(...keys.map((key) => (key.startsWith(wanted) ? key.length : 1000 + key.length)))
  return logos
    .filter(({ keys }) => keys.some((key) => key.includes(wanted)))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MAX_SHOWN)
}

/**
 * The logo that a wrong name most likely means.
 * @param {string} name
 * @returns {Promise<string | null>} its slug
 */
export async function likelyLogo(name) {
  const wanted = keyOf(name)
  if (wanted.length < 2 || wanted.length > 50) return null
  const logos = await load()
  const [first] = find(logos, name)
  if (first?.keys.some((key) => key === wanted || key.startsWith(wanted))) return first.slug
  const [nearest] = logos
    .map(({ slug, keys }) => ({
      slug,
      edits: Math.min(...keys.map((key) => distance(wanted, key))),
    }))
    .sort((a, b) => a.edits - b.edits)
  return nearest && nearest.edits <= Math.min(MAX_EDITS, wanted.length / 3) ? nearest.slug : null
}

/**
 * The edit distance of two texts, or a large number if their lengths differ too much.
 * @param {string} from
 * @param {string} to
 */
function distance(from, to) {
  if (Math.abs(from.length - to.length) > MAX_EDITS) return Number.POSITIVE_INFINITY
  let last = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (const [i, character] of [...from].entries()) {
    const row = [i + 1]
    for (let j = 0; j < to.length; j++) {
      const replaced = (last[j] ?? 0) + (character === to[j] ? 0 : 1)
      row.push(Math.min(replaced, (last[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1))
    }
    last = row
  }
  return last[to.length] ?? 0
}

/**
 * Adds a search and its results below the field of the logo's name.
 * @param {import('./controls.js').Field} field
 */
export function offerLogos({ element, input }) {
  const search = document.createElement('input')
  search.type = 'text'
  search.id = 'logo-search'
  search.spellcheck = false
  search.placeholder = 'e.g. node'
  const title = document.createElement('label')
  title.htmlFor = search.id
  title.textContent = 'Find a logo'
  const list = document.createElement('ul')
  list.className = 'logos'
  const state = document.createElement('p')
  state.className = 'hint'
  state.setAttribute('role', 'status')
  element.after(wide(title, search, list, state))

  const choose = (/** @type {string} */ slug) => {
    input.value = slug
    input.dispatchEvent(new Event('input', { bubbles: true }))
  }
  const show = async () => {
    try {
      const found = find(await load(), search.value)
      // One drawing has all the pictures.
      const drawing = `logos.svg?names=${found.map(({ slug }) => slug).join(',')}`
      list.replaceChildren(...found.map((logo) => item(logo, drawing, choose)))
      state.textContent = found.length === 0 ? 'No logo has such a name.' : ''
    } catch (error) {
      if (!(error instanceof Trouble)) throw error
      state.textContent = error.message
    }
  }
  search.addEventListener('input', (event) => {
    // It is no option of the tag.
    event.stopPropagation()
    show()
  })
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    list.querySelector('button')?.click()
  })
  show()
}

/** @param {HTMLElement[]} children */
function wide(...children) {
  const row = document.createElement('div')
  row.className = 'field wide'
  row.append(...children)
  return row
}

/**
 * @param {Logo} logo
 * @param {string} drawing the address of the drawing that has its picture
 * @param {(slug: string) => void} choose
 */
function item({ slug, title }, drawing, choose) {
  const image = document.createElement('img')
  image.src = `${drawing}#${slug}`
  image.alt = ''
  image.width = 24
  image.height = 24
  const button = document.createElement('button')
  button.type = 'button'
  button.append(image, title)
  button.addEventListener('click', () => choose(slug))
  const row = document.createElement('li')
  row.append(button)
  return row
}
