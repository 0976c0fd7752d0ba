// The setup of a tag, and its place in the address bar: a setup can be shared by sharing the address.

/**
 * @typedef {object} Setup
 * @property {string} url the page to count; empty for whichever shows the badge
 * @property {'count' | 'show'} mode
 * @property {string | null} label null where nothing was said
 * @property {string} color
 * @property {string} labelColor
 * @property {string} style
 */

const OPTIONS = /** @type {const} */ (['label', 'color', 'labelColor', 'style'])

/**
 * @param {string} search the query of an address
 * @returns {Setup}
 */
export function readSetup(search) {
  const query = new URLSearchParams(search)
  return {
    url: query.get('url') ?? '',
    mode: query.get('mode') === 'show' ? 'show' : 'count',
    label: query.get('label'),
    color: query.get('color') ?? '',
    labelColor: query.get('labelColor') ?? '',
    style: query.get('style') ?? '',
  }
}

/**
 * @param {Setup} setup
 * @returns {string} the query that readSetup reads it from; empty where all is as it comes
 */
export function writeSetup(setup) {
  const query = new URLSearchParams()
  if (setup.url) query.set('url', setup.url)
  if (setup.mode === 'show') query.set('mode', 'show')
  for (const [name, value] of badgeOptions(setup)) query.set(name, value)
  return query.size === 0 ? '' : `?${query}`
}

/**
 * @param {Setup} setup
 * @returns {[string, string][]} the badge's options that differ from the instance's own
 */
export function badgeOptions(setup) {
  return OPTIONS.flatMap((name) => {
    const value = setup[name]
    const said = name === 'label' ? value !== null : Boolean(value)
    return said ? [/** @type {[string, string]} */ ([name, value])] : []
  })
}
