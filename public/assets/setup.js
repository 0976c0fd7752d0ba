// The setup of a tag: what the page has chosen. It is kept in the address bar, so people can share it by sharing the address.

/**
 * @typedef {object} Setup
 * @property {string} url the page to count; empty for the page that shows the badge
 * @property {'' | 'site'} of whose number it shows: the page's, or the whole site's
 * @property {'count' | 'show'} mode
 * @property {ReadonlyMap<string, string>} options the badge's options that are set, in the order of all
 * @property {'' | 'png' | 'card' | 'shields'} image the kind of image; empty for the badge as SVG
 * @property {'' | 'page' | 'numbers'} link what the image links to: nothing, the page, or its statistics
 */

/** Parameters of a tag that say which time its number is of. They are not options of a badge. */
export const TIMES = ['period', 'within', 'tz', 'days']

const IMAGES = /** @type {const} */ (['png', 'card', 'shields'])

/**
 * @param {string} search the query of an address
 * @param {readonly string[]} names all options, in their order; other parameters are ignored
 * @returns {Setup}
 */
export function readSetup(search, names) {
  const query = new URLSearchParams(search)
  /** @type {Map<string, string>} */
  const options = new Map()
  for (const name of names) {
    const value = query.get(name)
    if (value !== null && isSet(name, value)) options.set(name, value)
  }
  return {
    url: query.get('url') ?? '',
    of: query.get('of') === 'site' ? 'site' : '',
    mode: query.get('mode') === 'show' ? 'show' : 'count',
    options,
    image: IMAGES.find((name) => name === query.get('image')) ?? '',
    link: linkOf(query.get('link')),
  }
}

/**
 * @param {string | null} value as an address has it; without one, the image links to the statistics
 * @returns {Setup['link']}
 */
function linkOf(value) {
  if (value === 'none') return ''
  return value === 'page' ? 'page' : 'numbers'
}

/**
 * The setup of a tag that was pasted.
 * @param {string} address the tag's address
 * @param {readonly string[]} names all options, in their order
 * @returns {Setup}
 */
export function readTag(address, names) {
  const { pathname, search } = new URL(address)
  const setup = readSetup(search, names)
  const site = new URLSearchParams(search).get('site') ?? ''
  const isCard = pathname.endsWith('/graph.svg')
  return {
    ...setup,
    // A tag that counts nothing names the site alone.
    url: setup.url || site,
    of: site === '' ? '' : 'site',
    mode: /\/nocount\/[^/]*$/.test(pathname) ? 'show' : 'count',
    image: isCard ? 'card' : pathname.endsWith('.png') ? 'png' : '',
    link: '',
  }
}

/**
 * @param {Setup} setup
 * @returns {string} the query that readSetup reads; empty if everything is the default
 */
export function writeSetup({ url, of, mode, options, image, link }) {
  const query = new URLSearchParams()
  if (url) query.set('url', url)
  if (of) query.set('of', of)
  if (mode === 'show') query.set('mode', 'show')
  for (const [name, value] of options) query.set(name, value)
  if (image) query.set('image', image)
  if (link !== 'numbers') query.set('link', link || 'none')
  return query.size === 0 ? '' : `?${query}`
}

/**
 * Whether a value sets the option. An empty label is a label; any other empty value counts as missing.
 * @param {string} name
 * @param {string} value
 */
export function isSet(name, value) {
  return value !== '' || name === 'label'
}
