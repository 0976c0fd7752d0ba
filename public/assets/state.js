// The setup of a tag, and its place in the address bar: a setup can be shared by sharing the address.

/**
 * @typedef {object} Setup
 * @property {string} url the page to count; empty for whichever shows the badge
 * @property {'count' | 'show'} mode
 * @property {ReadonlyMap<string, string>} options those of the badge that something is said of, in the schema's order
 */

/**
 * @param {string} search the query of an address
 * @param {readonly string[]} names the options that there are, in the schema's order; all else is left out
 * @returns {Setup}
 */
export function readSetup(search, names) {
  const query = new URLSearchParams(search)
  /** @type {Map<string, string>} */
  const options = new Map()
  for (const name of names) {
    const value = query.get(name)
    if (value !== null && isSaid(name, value)) options.set(name, value)
  }
  const mode = query.get('mode') === 'show' ? 'show' : 'count'
  return { url: query.get('url') ?? '', mode, options }
}

/**
 * @param {Setup} setup
 * @returns {string} the query that readSetup reads it from; empty where all is as it comes
 */
export function writeSetup({ url, mode, options }) {
  const query = new URLSearchParams()
  if (url) query.set('url', url)
  if (mode === 'show') query.set('mode', 'show')
  for (const [name, value] of options) query.set(name, value)
  return query.size === 0 ? '' : `?${query}`
}

/**
 * Whether a value says something: an empty label is a label, any other option that is empty is missing.
 * @param {string} name
 * @param {string} value
 */
export function isSaid(name, value) {
  return value !== '' || name === 'label'
}
