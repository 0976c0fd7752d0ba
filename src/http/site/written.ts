import { domainToUnicode } from 'node:url'
import { escapeHtml } from './html.ts'

/** Scripts that people use together in one word: those of Japanese, of Korean, and Latin with either. */
const TOGETHER = [
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]*$/u,
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Hangul}]*$/u,
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Bopomofo}]*$/u,
]
const SCRIPTS = [
  ...[
    'Latin',
    'Greek',
    'Cyrillic',
    'Armenian',
    'Hebrew',
    'Arabic',
    'Devanagari',
    'Bengali',
    'Thai',
  ],
  ...[
    'Georgian',
    'Tamil',
    'Telugu',
    'Kannada',
    'Malayalam',
    'Gujarati',
    'Gurmukhi',
    'Khmer',
    'Lao',
  ],
].map((script) => new RegExp(`^\\p{Script=${script}}*$`, 'u'))
/** Letters of Greek and Cyrillic that look like Latin ones. A name of them alone can be mistaken for another one. */
const LOOKALIKES = /^[аеорсухіјѕһԁԛԝьӏνορτυικχωα]*$/u

/**
 * A page's key as people write it: punycode and percent-encoding are decoded where nothing can be mistaken. Invisible characters,
 * marks that could end the address, and words of several scripts or of lookalikes stay encoded.
 */
export function asWritten(page: string): string {
  const [, host = '', rest = ''] = /^([^/?]*)(.*)$/s.exec(page) ?? []
  // Each label of a host and each part of a path by itself: another one may be in another script.
  const written = host.includes('xn--') ? mapParts(host, '.', writtenLabel) : writtenPart(host)
  return written + mapParts(rest, '/', writtenPart)
}

/** The address of a page; null for a bare name, which has none. A fragment that a page rule keeps is a part of the path. */
export function addressOf(page: string): string | null {
  if (!/^[^/]*[.:]/.test(page)) return null
  return `https://${page.replace(/\/%23(?=[/!])/, '/#')}`
}

/** A page's key as people write it; as a link, if it has an address. */
export function linkTo(page: string): string {
  const written = escapeHtml(asWritten(page))
  const address = addressOf(page)
  if (address === null) return `<span title="${escapeHtml(page)}">${written}</span>`
  return `<a href="${escapeHtml(address)}" rel="nofollow noopener noreferrer ugc" title="${escapeHtml(page)}">${written}</a>`
}

/** Made once: `toLocaleString` makes one for each number, and a chart has a thousand numbers, twice. */
const FORMAT = new Intl.NumberFormat('en')

/** A number in groups of three digits. */
export function figure(hits: number): string {
  return FORMAT.format(hits)
}

/** A number of hits, such as `1 hit` or `1,234 hits`. */
export function hitsOf(hits: number): string {
  return `${figure(hits)} ${hits === 1 ? 'hit' : 'hits'}`
}

function mapParts(text: string, separator: string, write: (part: string) => string): string {
  return text.split(separator).map(write).join(separator)
}

function writtenLabel(label: string): string {
  const decoded = label.startsWith('xn--') ? domainToUnicode(label) : ''
  return decoded !== '' && isClear(decoded) ? decoded : label
}

function writtenPart(part: string): string {
  const decoded = part.replace(/(%[\dA-F]{2})+/g, decodeLetters)
  return decoded !== part && isClear(decoded) ? decoded : part
}

/** Decodes the letters, marks and digits beyond ASCII; all else stays encoded. */
function decodeLetters(encoded: string): string {
  try {
    return decodeURIComponent(encoded).replace(
      /[^\p{L}\p{M}\p{Nd}]|[\0-\x7f]/gu,
      encodeURIComponent,
    )
  } catch {
    // Bytes that are no UTF-8 stay as they are.
    return encoded
  }
}

/** Whether every word has only letters of scripts that belong together, in their normal form, and not of lookalikes alone. */
function isClear(text: string): boolean {
  if (text !== text.normalize('NFC')) return false
  return text.split(/[^\p{L}\p{M}]+/u).every((word) => {
    const letters = word.replace(/\p{M}/gu, '')
    if (/[^\0-\x7f]/.test(letters) && LOOKALIKES.test(letters)) return false
    return letters === '' || [...SCRIPTS, ...TOGETHER].some((script) => script.test(letters))
  })
}
