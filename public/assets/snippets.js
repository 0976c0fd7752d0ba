// The snippets that people paste: the tag in each markup, and scripts.

/** @typedef {{name: string, text: string, note?: string}} Snippet its name, the text to paste, and a note */

/**
 * Encodes a value for a query so that it is also safe in every markup; `:`, `/` and `,` stay readable.
 * @param {string} value
 */
export function encode(value) {
  return encodeURIComponent(value)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%3A/g, ':')
    .replace(/%2F/g, '/')
    .replace(/%2C/g, ',')
}

/**
 * The address of a badge.
 * @param {string} base the instance's address without a slash at the end; empty for a relative address
 * @param {import('./state.js').Setup} setup
 */
export function badgeUrl(base, { url, mode, options }) {
  const path = `${mode === 'show' ? 'nocount' : 'count'}/tag.svg`
  return `${base && `${base}/`}${path}${queryOf(url, options)}`
}

/**
 * @param {string} url a page's address, or an empty string
 * @param {Iterable<[string, string]>} options
 */
export function queryOf(url, options) {
  /** @type {[string, string][]} */
  const parameters = [...(url ? [/** @type {[string, string]} */ (['url', url])] : []), ...options]
  const query = parameters.map(([name, value]) => `${name}=${encode(value)}`).join('&')
  return query && `?${query}`
}

/** @param {string} text */
function escapeHtml(text) {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
}

/**
 * The text for people who cannot see the image. A line break would end a directive.
 * @param {string} label
 */
function altText(label) {
  return label.replace(/\s+/g, ' ').trim() || 'hits'
}

/**
 * AsciiDoc applies its formatting inside an address first; this encodes the characters that it would replace.
 * @param {string} url
 */
function forAsciiDoc(url) {
  return url
    .replace(/_/g, '%5F')
    .replace(/~/g, '%7E')
    .replace(/--/g, '-%2D')
    .replace(/\.\./g, '.%2E')
}

/**
 * @param {string} base
 * @param {import('./state.js').Setup} setup
 * @param {string} label the label that the badge will show
 * @returns {Snippet[]} the tag in every markup
 */
export function tags(base, setup, label) {
  const url = badgeUrl(base, setup)
  const alt = altText(label)
  // Without a url the Referer names the page. By default, browsers cut that to the site's origin.
  const policy = setup.url ? '' : ' referrerpolicy="no-referrer-when-downgrade"'
  const html = {
    name: 'HTML',
    text: `<img src="${escapeHtml(url)}" alt="${escapeHtml(alt)}"${policy}>`,
  }
  const others = [
    { name: 'Markdown', text: `![${alt.replace(/[\\[\]`*_<&!]/g, '\\$&')}](${url})` },
    {
      name: 'reStructuredText',
      text: `.. image:: ${url}\n   :alt: ${alt.replace(/[\\*`|_]/g, '\\$&')}`,
    },
    { name: 'AsciiDoc', text: `image::${forAsciiDoc(url)}["${alt.replace(/"/g, '\\"')}"]` },
    { name: 'Address', text: url },
  ]
  return [html, ...others]
}

/**
 * Scripts for a page of any site. They use `/count.json`, because ad blockers hide `.com/count?`. They do not send the parts of
 * the page's address that the instance drops: fragments and queries may hold secrets.
 * @param {string} base
 * @param {readonly string[]} keepQuery the parameters that tell pages apart
 * @returns {Snippet[]}
 */
export function scripts(base, keepQuery) {
  return [
    {
      name: 'Count this page and show the number',
      text: `fetch('${base}/count.json?url=' + encodeURIComponent(${addressOfPage(keepQuery)}), { credentials: 'include' })
  .then((response) => (response.ok ? response.json() : { count: '' }))
  .then(({ count }) => { document.querySelector('#hits').textContent = count })`,
    },
    {
      name: 'Only read the number',
      text: `fetch('${base}/nocount.json?url=' + encodeURIComponent('https://example.com/'))
  .then((response) => response.json())
  .then(({ count }) => console.log(count))`,
    },
  ]
}

/** @param {readonly string[]} keepQuery */
function addressOfPage(keepQuery) {
  const address = 'location.origin + location.pathname'
  if (keepQuery.length === 0) return address
  // In the script, names are strings in quotes, and none can close the script element.
  const names = JSON.stringify(keepQuery).replaceAll('<', '\\u003c')
  return `${address} + '?' + new URLSearchParams(
  [...new URLSearchParams(location.search)].filter(([name]) => ${names}.includes(name))
)`
}
