// The setup of a tag. It is kept in the address bar, so people can share it by sharing the address.

/**
 * @typedef {object} Setup
 * @property {string} url the page to count; empty for the page that shows the badge
 * @property {'count' | 'show'} mode
 * @property {ReadonlyMap<string, string>} options the badge's options that are set, in the schema's order
 */

/**
 * @param {string} search the query of an address
 * @param {readonly string[]} names all options, in the schema's order; other parameters are ignored
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
  const mode = query.get('mode') === 'show' ? 'show' : 'count'
  return { url: query.get('url') ?? '', mode, options }
}

/**
 * @param {Setup} setup
 * @returns {string} the query that readSetup reads; empty if everything is the default
 */
export function writeSetup({ url, mode, options }) {
  const query = new URLSearchParams()
  if (url) query.set('url', url)
  if (mode === 'show') query.set('mode', 'show')
  for (const [name, value] of options) query.set(name, value)
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
