// The addresses of images and links, and the tag in each markup.

/** @typedef {import('./setup.js').Setup} Setup */
/** @typedef {{src: string, alt: string, href: string, own: boolean}} Parts `own`: the browser's Referer names the page */

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
 * @param {string} url a page's address, or an empty string
 * @param {Iterable<[string, string]>} options
 */
export function queryOf(url, options) {
  /** @type {[string, string][]} */
  const parameters = [...(url ? [/** @type {[string, string]} */ (['url', url])] : []), ...options]
  const query = parameters.map(([name, value]) => `${name}=${encode(value)}`).join('&')
  return query && `?${query}`
}

/** The options that each image has; the others have no effect on it. */
/** Only a card has days. */
const OF_CARD = ['tz', 'days', 'label', 'color', 'theme', 'scale', 'base']
const OF_SHIELDS = [
  ...['period', 'within', 'tz', 'label', 'prefix', 'suffix', 'color', 'labelColor', 'colorSteps'],
  ...['theme', 'style', 'logo', 'logoColor', 'logoWidth', 'format', 'base', 'show'],
]
/** The scale of a PNG is 1, 2 or 3. */
const MAX_PNG_SCALE = 3

/**
 * The host in a page's address, or in a name; the server brings it into its form.
 * @param {string} url
 */
function siteOf(url) {
  const [, site = ''] = /^(?:https?:)?[\\/]*(?:[^@\\/?#]*@)?([^\\/?#]*)/i.exec(url) ?? []
  return site
}

/**
 * The address of a tag's image.
 * @param {string} base the instance's address without a slash at the end; empty for a relative address
 * @param {Setup} setup
 */
export function imageAddress(base, { url, of, mode, options, image }) {
  const ofBadge = [...options].filter(([name]) => name !== 'days')
  const site = of === 'site' ? siteOf(url) : ''
  /**
   * @param {[string, string][]} given
   * @param {boolean} counts whether the page is named too, because its visits count
   */
  const query = (given, counts) =>
    site === '' ? queryOf(url, given) : queryOf(counts ? url : '', [['site', site], ...given])
  /** @param {readonly string[]} names */
  const only = (names) =>
    query(
      [...options].filter(([name]) => names.includes(name)),
      false,
    )
  const root = base && `${base}/`
  const counts = mode !== 'show'
  const counter = counts ? 'count' : 'nocount'
  if (image === 'card') return `${root}graph.svg${only(OF_CARD)}`
  if (image === 'png') return `${root}${counter}/tag.png${query(pngOptions(ofBadge), counts)}`
  if (image === 'shields') {
    const endpoint = encode(`${root}shields.json${only(OF_SHIELDS)}`)
    return `https://img.shields.io/endpoint?url=${endpoint.replace(/[:/]/g, encodeURIComponent)}`
  }
  return `${root}${counter}/tag.svg${query(ofBadge, counts)}`
}

/**
 * @param {readonly [string, string][]} options
 * @returns {[string, string][]} the options, with the nearest scale that a PNG can have
 */
function pngOptions(options) {
  return options.map(([name, value]) => {
    if (name !== 'scale') return [name, value]
    const nearest = Math.min(MAX_PNG_SCALE, Math.round(Number(value)) || 1)
    return [name, String(nearest)]
  })
}

/**
 * The address that the image links to; empty for none.
 * @param {string} base
 * @param {Setup} setup
 */
function linkAddress(base, { url, of, link }) {
  // Without an address there is no link: browsers tell another site only the host of the page that a click comes from.
  if (url === '' || link === '') return ''
  if (link === 'numbers') {
    return of === 'site'
      ? `${base}/site?host=${encode(siteOf(url))}`
      : `${base}/page${queryOf(url, [])}`
  }
  // A name has no address.
  if (!/^(https?:\/\/|\/*[^/]*[.:])/i.test(url)) return ''
  // In Markdown and others, spaces and brackets would end the address.
  const address = /^https?:\/\//i.test(url) ? url : `https://${url.replace(/^\/+/, '')}`
  return address.replace(/[\s<>"'`()[\]{}|\\^!*]/g, (character) =>
    /[!'()*]/.test(character) ? encode(character) : encodeURIComponent(character),
  )
}

/** @param {string} text */
function html(text) {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
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

/** @param {string} url its end tells Org and MediaWiki that it is an image; servers do not see it */
const asFile = (url) => `${url}#.svg`

/** @param {Parts} parts @param {string} end the end of the element, and the name of an attribute differ in JSX */
function htmlTag({ src, alt, href, own }, end) {
  const policy = end === '>' ? 'referrerpolicy' : 'referrerPolicy'
  // Without a url the Referer names the page. By default, browsers cut that to the site's origin.
  const whole = own ? ` ${policy}="no-referrer-when-downgrade"` : ''
  const image = `<img src="${html(src)}" alt="${html(alt)}"${whole}${end}`
  return href ? `<a href="${html(href)}">${image}</a>` : image
}

/** @param {Parts} parts @param {string} macro @param {string} words */
function asciiDoc({ src, href }, macro, words) {
  const link = href && `,link="${forAsciiDoc(href)}"`
  return `${macro}${forAsciiDoc(src)}["${words}"${link}]`
}

/**
 * Writes all but letters and digits by their numbers: in a line, AsciiDoc would apply its formatting to them.
 * @param {string} text
 */
function byNumbers(text) {
  return text.replace(/[^\p{L}\p{N}\s]/gu, (character) => `&#${character.codePointAt(0)};`)
}

/**
 * Each markup by its name: what it writes.
 * @type {Record<string, (parts: Parts) => string>}
 */
export const MARKUPS = {
  HTML: (parts) => htmlTag(parts, '>'),
  Markdown({ src, alt, href }) {
    const image = `![${alt.replace(/[\\[\]`*_<&!]/g, '\\$&')}](${src})`
    return href ? `[${image}](${href})` : image
  },
  reStructuredText({ src, alt, href }) {
    const target = href && `\n   :target: ${href}`
    return `.. image:: ${src}\n   :alt: ${alt.replace(/[\\*`|_]/g, '\\$&')}${target}`
  },
  AsciiDoc: (parts) => asciiDoc(parts, 'image::', parts.alt.replace(/"/g, '\\"')),
  'AsciiDoc, in a line': (parts) => asciiDoc(parts, 'image:', byNumbers(parts.alt)),
  BBCode({ src, href }) {
    const image = `[img]${src}[/img]`
    return href ? `[url=${href}]${image}[/url]` : image
  },
  Org: ({ src, href }) => (href ? `[[${href}][${asFile(src)}]]` : `[[${asFile(src)}]]`),
  MediaWiki: ({ src, href }) => (href ? `[${href} ${asFile(src)}]` : asFile(src)),
  Textile({ src, alt, href }) {
    const image = `!${src}(${alt.replace(/[()!]/g, ' ').trim()})!`
    return href ? `${image}:${href}` : image
  },
  JSX: (parts) => htmlTag(parts, ' />').replace(/[{}]/g, (brace) => `&#${brace.charCodeAt(0)};`),
  Address: ({ src }) => src,
}

/** What people should know of a markup. */
export const NOTES = new Map([
  ['MediaWiki', 'Only wikis that allow external images show it.'],
  ['BBCode', 'Forums may show only images from hosts that they know.'],
])

/**
 * @param {string} base
 * @param {Setup} setup
 * @param {string} label the label that the badge will show
 * @param {string} markup
 */
export function tagOf(base, setup, label, markup) {
  const write = MARKUPS[markup] ?? htmlTagOf
  return write({
    src: imageAddress(base, setup),
    // A line break would end a directive.
    alt: label.replace(/\s+/g, ' ').trim() || 'hits',
    href: linkAddress(base, setup),
    own: setup.url === '',
  })
}

/** @param {Parts} parts */
const htmlTagOf = (parts) => htmlTag(parts, '>')
