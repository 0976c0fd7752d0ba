import { Refusal } from './refusal.ts'

declare const pageKey: unique symbol

/**
 * What a counter counts: the normal form of a page's URL, `host[:port][/path][?kept=query]`, at most
 * 2,048 ASCII characters. The normal form of a PageKey is itself.
 */
export type PageKey = string & { readonly [pageKey]: true }

/** The longest page key, in characters. */
export const MAX_PAGE_KEY = 2048
/** Characters of the longest URL that is read: as much as a request line can hold. Most of it may be its query. */
const MAX_URL = 16_384
/** The longest URL without its query: every character of its key can be written percent-encoded, in three. */
const MAX_ADDRESS = 3 * MAX_PAGE_KEY
/** How many bytes an address may gain in UTF-8. Each byte of a non-ASCII letter becomes three characters of the key. */
const MAX_ADDED_BYTES = (2 * MAX_PAGE_KEY) / 3
/** Parameters that a query may have if KEEP_QUERY is set. */
const MAX_PARAMETERS = 500

export interface PageRules {
  /** Names of the query parameters that are part of the page key. */
  keepQuery: readonly string[]
  /** What the operator's page rules make of a page; see page-rules.ts. */
  rewriter?: { read(value: string): PageKey } | null
  /** Whether a page may be counted and shown, as `pageFilter` says. */
  isServed: (page: PageKey) => boolean
  /** The same of a whole host. Only what is denied is not: a list of allowed pages can name paths. */
  isHostServed?: (host: PageKey) => boolean
}

/**
 * The page that a request is about: the one in `?url=` or, if that is missing or empty, in the Referer header.
 * @param url the parsed query value; a list if the parameter is given more than once
 * @throws Refusal `no_page` if neither is given, `bad_page` if it is not a page, `blocked_page` if the operator's lists
 *   refuse it
 */
export function identifyPage(url: unknown, referer: string | undefined, rules: PageRules): PageKey {
  if (Array.isArray(url)) {
    throw new Refusal('bad_page', 'two urls', 'Give url only once; encode any & inside it as %26.')
  }
  const value = typeof url === 'string' && url !== '' ? url : referer
  if (!value) {
    throw new Refusal(
      'no_page',
      'no url given',
      'Say which page this is with ?url=, or url in what you post, or let the browser send its Referer: ' +
        'add referrerpolicy="no-referrer-when-downgrade" to the image.',
    )
  }
  const page = rules.rewriter?.read(value) ?? normalizePage(value, rules.keepQuery)
  if (!rules.isServed(page)) {
    throw new Refusal('blocked_page', 'page not allowed', 'This counter does not serve that page.')
  }
  return page
}

/**
 * The normal form of a URL, with or without a scheme, or of a name such as `my project`, which is percent-encoded. If
 * the first part of a name could be a host, it is one. It is an IPv4 address only if it has a scheme, or all four parts,
 * as in `192.0.2.1`.
 * @param fragment whether to keep the fragment, as the last part of the path: `example.com/#/a` becomes `example.com/%23/a`
 * @throws Refusal `bad_page`
 */
export function normalizePage(
  value: string,
  keepQuery: readonly string[] = [],
  fragment: 'drop' | 'keep' = 'drop',
): PageKey {
  if (value.length > MAX_URL) throw tooLong()
  const decoded = decodeOnceMore(value.trim())
  const text = fragment === 'keep' ? withFragment(decoded) : decoded
  // URL silently drops some control characters and turns lone surrogates into U+FFFD: refuse both.
  if (/[\u0000-\u001f\u007f]/.test(text) || !text.isWellFormed()) throw badPage()
  // To parse an address that is too long would take some ms.
  const address = /^[^?#]*/.exec(text)?.[0] ?? ''
  const added = Buffer.byteLength(address) - address.length
  if (address.length > MAX_ADDRESS || added > MAX_ADDED_BYTES) throw tooLong()
  // The query is cut off if no parameter is kept, because URL would take time to encode it. Its question mark stays:
  // without it, URL would trim a space before it.
  const withoutQuery = address.length === text.length ? text : `${address}?`
  const key =
    addressKey(keepQuery.length > 0 ? text : withoutQuery, keepQuery) ?? nameKey(address, keepQuery)
  if (key.length > MAX_PAGE_KEY) throw tooLong()
  return key as PageKey
}

/** The key of a URL; null if it has no scheme and may be a name. */
function addressKey(text: string, keepQuery: readonly string[]): string | null {
  const explicit = /^([\\/]{2}|https?:(?!\d+([/?#\\]|$)))/i.test(text)
  if (!explicit && OTHER_SCHEME.test(text)) throw badPage()
  if (!explicit && /^[\\/]/.test(text)) return null
  const address = explicit ? text.replace(/^[\\/]{2}/, 'http://') : `http://${text}`
  const url = isTooLongHost(address)
    ? null
    : explicit
      ? URL.parse(address)
      : parseWithoutScheme(text)
  const host = url?.hostname.replace(/\.$/, '') ?? ''
  if (!url || !/^https?:$/.test(url.protocol) || !isHost(host)) {
    if (explicit) throw badPage()
    return null
  }
  // The scheme is dropped, so the default ports of both schemes are dropped too.
  const port = url.port === '' || url.port === '80' || url.port === '443' ? '' : `:${url.port}`
  const query = keepQuery.length === 0 ? '' : keptQuery(url.search, keepQuery)
  return host + port + normalizePath(url.pathname) + query
}

/** Begins with a scheme other than http and https. `me:project` is a name, not a scheme. */
const OTHER_SCHEME =
  /^([a-z][a-z0-9+.-]*:[\\/]{2}|(about|blob|data|file|javascript|magnet|mailto|sms|tel|urn|vbscript|view-source):)/i

/** Characters of the longest host, with its port. */
const MAX_HOST = 253 + ':65535'.length

/**
 * Whether a host is too long to be parsed, with each percent-encoded byte taken as one character. URL's time grows with
 * the square of the number of different letters: 37 ms for 5,200 Chinese ones. ASCII costs nothing, and a long ASCII
 * name may look like a host.
 */
function isTooLongHost(address: string): boolean {
  const [, authority = ''] = /^[^:]*:[\\/]*([^\\/?#]*)/.exec(address) ?? []
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  if (host.length > 3 * MAX_HOST) return true
  return /%|[^\0-\x7f]/.test(host) && host.replace(/%[\da-f]{2}/gi, '.').length > MAX_HOST
}

type Parsed = Pick<URL, 'protocol' | 'hostname' | 'port' | 'pathname' | 'search'>

/** Parses like URL, except for names that URL takes for IPv4 addresses: `12345`, `user.123`, `v1.2`. */
function parseWithoutScheme(text: string): Parsed | null {
  const url = URL.parse(`http://${text}`)
  const [before = '', host = ''] = /^(?:[^\\/?#@]*@)*([^\\/?#:@]*)/.exec(text) ?? []
  if (url && (url.hostname === host || !/^[\d.]+$/.test(url.hostname))) return url
  // If `.x` follows the number, URL reads it as part of a host name, not as an IPv4 address.
  const named = URL.parse(`http://${before}.x${text.slice(before.length)}`)
  if (!named?.hostname.endsWith('.x')) return null
  const { protocol, port, pathname, search } = named
  return { protocol, hostname: named.hostname.slice(0, -'.x'.length), port, pathname, search }
}

/**
 * The key of a name that is not a URL: letters, digits, spaces and a few marks, percent-encoded. Its leading slashes are
 * encoded too, so that no name equals the key of a host's page. A name that looks like a misspelt host is refused.
 * @param text without a query
 */
function nameKey(text: string, keepQuery: readonly string[]): string {
  const name = decodeName(text)
  let end = name.length
  while (name[end - 1] === '/' || name[end - 1] === ' ') end -= 1
  const kept = name.slice(0, end)
  // Decoded and without its last spaces, the name may be an address.
  const address = kept !== text && !kept.startsWith('/') ? addressKey(kept, keepQuery) : null
  if (address !== null) return address
  const first = /^[^/]*/.exec(kept)?.[0] ?? ''
  const isName = /^[\p{L}\p{M}\p{N} _.~;=,+:!*'()&$/-]+$/u.test(kept) && /[\p{L}\p{N}]/u.test(kept)
  if (!isName || /^[\w.-]+$/.test(first)) throw badPage()
  return kept.replace(/^\/+/, '%2F').replace(/[^\w.~!$&'()*+,;=:/%-]/gu, encodeURIComponent)
}

/**
 * Makes a fragment a part of the path: `example.com/a/?b#/c` becomes `example.com/a/%23/c?b`. A query within the fragment takes
 * the place of the one before it.
 */
function withFragment(text: string): string {
  const at = text.indexOf('#')
  if (at < 0) return text
  const [, address = '', query = ''] = /^([^?]*)(.*)$/s.exec(text.slice(0, at)) ?? []
  const fragment = text.slice(at + 1).replaceAll('#', '%23')
  let end = address.length
  while (address[end - 1] === '/') end -= 1
  return `${address.slice(0, end)}/%23${fragment}${fragment.includes('?') ? '' : query}`
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch (error) {
    throw badPage(error)
  }
}

function tooLong(): Refusal {
  return new Refusal(
    'bad_page',
    'url too long',
    `A page's address may have at most ${MAX_PAGE_KEY.toLocaleString('en')} characters.`,
  )
}

/** The host of a page, with its port unless that is a default one. */
export function hostOf(page: PageKey): string {
  return /^[^/?]*/.exec(page)?.[0] ?? page
}

function badPage(cause?: unknown): Refusal {
  return new Refusal(
    'bad_page',
    'bad url',
    'That is not the address of a web page; it should look like https://example.com/page.',
    { cause },
  )
}

/**
 * Decodes a URL that a site has encoded twice, so that the parsed query still contains `https%3A%2F%2F`. Such a URL has
 * an encoded colon or slash before its first real delimiter, where a host could not have one.
 */
function decodeOnceMore(value: string): string {
  if (!/^[^/?#]*%(2f|3a)/i.test(value)) return value
  try {
    return decodeURIComponent(value)
  } catch (error) {
    throw badPage(error)
  }
}

/** URL accepts hosts with quotes, braces and other characters that no real host has. Underscores are in use. */
function isHost(host: string): boolean {
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$|^\[[0-9a-f:.]+\]$/.test(host)
}

/** A path with normal percent-encoding (RFC 3986, 6.2.2), without slashes at its end. */
function normalizePath(path: string): string {
  // A loop, because the time of a regular expression would grow with the square of the number of slashes.
  let end = path.length
  while (path[end - 1] === '/') end -= 1
  // URL may turn one character into three. So the key has at least a third as many characters as this path.
  if (end > MAX_ADDRESS) throw tooLong()
  return path
    .slice(0, end)
    .replace(/%([0-9a-f]{2})?|[^\w.~!$&'()*+,;=:@/-]/gi, (match, hex?: string) => {
      if (hex === undefined) return encodeURIComponent(match)
      const character = String.fromCharCode(Number.parseInt(hex, 16))
      return /[\w.~-]/.test(character) ? character : `%${hex.toUpperCase()}`
    })
}

/** @throws Refusal if there are so many parameters that to search them would take a millisecond */
function keptQuery(search: string, keep: readonly string[]): string {
  if (search.split('&', MAX_PARAMETERS + 1).length > MAX_PARAMETERS) throw tooLong()
  const query = new URLSearchParams(search)
  const kept = new URLSearchParams(
    keep.flatMap((name) => query.getAll(name).map((value) => [name, value])),
  )
  return kept.size === 0 ? '' : `?${kept}`
}
