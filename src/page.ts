import { checkDenyingPatterns, matchAny } from './pattern.ts'
import { Refusal } from './refusal.ts'

declare const pageKey: unique symbol

/**
 * What a counter counts: the normal form of a page's URL, `host[:port][/path][?kept=query]`, at most
 * 2,048 ASCII characters. The normal form of a PageKey is itself.
 */
export type PageKey = string & { readonly [pageKey]: true }

/** The longest page key, in characters. */
export const MAX_PAGE_KEY = 2048
/** The longest URL that is read at all: as much as a request line can hold. Its query may be most of it. */
const MAX_URL = 16_384
/** Characters that a page's address can have without its query, each of the key's being percent-encoded. */
const MAX_ADDRESS = 3 * MAX_PAGE_KEY
/** Bytes of UTF-8 that letters outside of ASCII can add to it: in a path, each becomes three characters of the key. */
const MAX_ADDED_BYTES = (2 * MAX_PAGE_KEY) / 3
/** Parameters that the query of a page may have where some of them tell pages apart. */
const MAX_PARAMETERS = 500

export interface PageRules {
  /** Names of the query parameters that tell pages apart. */
  keepQuery: readonly string[]
  /** Whether a page may be counted and shown, as `pageFilter` says. */
  isServed: (page: PageKey) => boolean
}

/** Patterns that decide which pages are served. */
export interface PageLists {
  /** If there are any, a page key must match one of these. */
  allow: readonly string[]
  /** A page key must match none of these. */
  deny: readonly string[]
}

/**
 * The page a request is about: what `?url=` names or, where that is missing or empty, its Referer.
 * @param url the parsed query value; a list when the parameter stands more than once
 * @throws Refusal `no_page`, `bad_page` or `blocked_page`
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
  const page = normalizePage(value, rules.keepQuery)
  if (!rules.isServed(page)) {
    throw new Refusal('blocked_page', 'page not allowed', 'This counter does not serve that page.')
  }
  return page
}

/** Whether the lists let a page be counted and shown; the deny list comes first. */
export function pageFilter({ allow, deny }: PageLists): (page: PageKey) => boolean {
  const isDenied = matchAny(deny)
  const isAllowed = matchAny(allow)
  return (page) => !isDenied(page) && (allow.length === 0 || isAllowed(page))
}

/**
 * The normal form of a URL that a stranger wrote, with or without a scheme, or of a name such as `my project`, which is
 * percent-encoded. A name whose first part could be a host is a host; it is an IPv4 address only in full, as in
 * `192.0.2.1`, or where a scheme says that it is an address.
 * @throws Refusal `bad_page`
 */
export function normalizePage(value: string, keepQuery: readonly string[] = []): PageKey {
  if (value.length > MAX_URL) throw tooLong()
  const text = decodeOnceMore(value.trim())
  // URL drops some control characters in silence and turns lone surrogates into U+FFFD: refuse both.
  if (/[\u0000-\u001f\u007f]/.test(text) || !text.isWellFormed()) throw badPage()
  // What is too long anyway is not parsed, which would take some ms.
  const address = /^[^?#]*/.exec(text)?.[0] ?? ''
  const added = Buffer.byteLength(address) - address.length
  if (address.length > MAX_ADDRESS || added > MAX_ADDED_BYTES) throw tooLong()
  // URL would encode a query of which nothing is kept. Without the mark, it would trim a space before it.
  const withoutQuery = address.length === text.length ? text : `${address}?`
  const key =
    addressKey(keepQuery.length > 0 ? text : withoutQuery, keepQuery) ?? nameKey(address, keepQuery)
  if (key.length > MAX_PAGE_KEY) throw tooLong()
  return key as PageKey
}

/** The key of an address; null where it has no scheme and could be a name. */
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
  // The scheme is dropped, so the default port of either scheme says nothing.
  const port = url.port === '' || url.port === '80' || url.port === '443' ? '' : `:${url.port}`
  const query = keepQuery.length === 0 ? '' : keptQuery(url.search, keepQuery)
  return host + port + normalizePath(url.pathname) + query
}

/** Schemes of other kinds than the web. `me:project` is a name. */
const OTHER_SCHEME =
  /^([a-z][a-z0-9+.-]*:[\\/]{2}|(about|blob|data|file|javascript|magnet|mailto|sms|tel|urn|vbscript|view-source):)/i

/** Characters of the longest host with a port. */
const MAX_HOST = 253 + ':65535'.length

/**
 * Whether a host is longer than any can be, by its characters as they are and when it is percent-encoded. It is asked before
 * the host is parsed: URL takes the square of the number of different letters, 37 ms for 5,200 of Chinese. A name of
 * ASCII may look like a host of any length.
 */
function isTooLongHost(address: string): boolean {
  const [, authority = ''] = /^[^:]*:[\\/]*([^\\/?#]*)/.exec(address) ?? []
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  if (host.length > 3 * MAX_HOST) return true
  return /%|[^\0-\x7f]/.test(host) && host.replace(/%[\da-f]{2}/gi, '.').length > MAX_HOST
}

interface Parsed {
  protocol: string
  hostname: string
  port: string
  pathname: string
  search: string
}

/** As URL does, but for names that end in a number, which URL takes for IPv4 addresses: `12345`, `user.123`, `v1.2`. */
function parseWithoutScheme(text: string): Parsed | null {
  const url = URL.parse(`http://${text}`)
  const [before = '', host = ''] = /^(?:[^\\/?#@]*@)*([^\\/?#:@]*)/.exec(text) ?? []
  if (url && (url.hostname === host || !/^[\d.]+$/.test(url.hostname))) return url
  // Behind another label, the number is a part of a name like any other.
  const named = URL.parse(`http://${before}.x${text.slice(before.length)}`)
  if (!named?.hostname.endsWith('.x')) return null
  const { protocol, port, pathname, search } = named
  return { protocol, hostname: named.hostname.slice(0, -'.x'.length), port, pathname, search }
}

/**
 * The key of a name that is no address: letters, digits, spaces and a few marks, percent-encoded. A slash that it begins
 * with is encoded too, so a name never looks like the page of a host. What looks like a misspelt host is refused. What is an
 * address once it is decoded, without spaces at its end, is that address.
 * @param text without a query
 */
function nameKey(text: string, keepQuery: readonly string[]): string {
  const name = decodeName(text)
  let end = name.length
  while (name[end - 1] === '/' || name[end - 1] === ' ') end -= 1
  const kept = name.slice(0, end)
  const address = kept !== text && !kept.startsWith('/') ? addressKey(kept, keepQuery) : null
  if (address !== null) return address
  const first = /^[^/]*/.exec(kept)?.[0] ?? ''
  const isName = /^[\p{L}\p{M}\p{N} _.~;=,+:!*'()&$/-]+$/u.test(kept) && /[\p{L}\p{N}]/u.test(kept)
  if (!isName || /^[\w.-]+$/.test(first)) throw badPage()
  return kept.replace(/^\/+/, '%2F').replace(/[^\w.~!$&'()*+,;=:/%-]/gu, encodeURIComponent)
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

/**
 * Whether a page is one of those that a list names: a page with all that is below it or, between slashes, a pattern that
 * is searched for anywhere in the page key.
 * @throws Error where an item is neither
 */
export function pageMatcher(
  list: readonly string[],
  keepQuery: readonly string[] = [],
): (page: PageKey) => boolean {
  const matches = matchAny(list.flatMap((item) => patternOf(item) ?? []))
  const tops = list
    .filter((item) => patternOf(item) === null)
    .map((item) => normalizeItem(item, keepQuery))
  return (page) =>
    tops.some((top) => page.startsWith(top) && /^([/?]|$)/.test(page.slice(top.length))) ||
    matches(page)
}

/** @throws Error where an item is neither a page nor a pattern, or names every page or none */
export function checkPageList(list: readonly string[]): void {
  const half = list.find((item) => item.startsWith('/') && patternOf(item) === null)
  if (half !== undefined) {
    throw new Error(`"${half}" is neither a page, which begins with its host, nor a /pattern/`)
  }
  pageMatcher(list)
  checkDenyingPatterns(list.flatMap((item) => patternOf(item) ?? []))
}

/** What stands between slashes. */
function patternOf(item: string): string | null {
  return /^\/(.+)\/$/.exec(item)?.[1] ?? null
}

function normalizeItem(item: string, keepQuery: readonly string[]): PageKey {
  // A name may begin with a slash, but here that is half a pattern.
  if (item.startsWith('/')) throw new Error(`"${item}" is neither a page nor a /pattern/`)
  try {
    return normalizePage(item, keepQuery)
  } catch (error) {
    throw new Error(`"${item}" is neither a page nor a /pattern/`, { cause: error })
  }
}

/** The host of a page, with its port where that is not a default one. */
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
 * Some sites encode the url twice, so that after the query is parsed `https%3A%2F%2F` is left. An encoded
 * colon or slash can stand in no host, so in front of the first real delimiter it gives such a value away.
 */
function decodeOnceMore(value: string): string {
  if (!/^[^/?#]*%(2f|3a)/i.test(value)) return value
  try {
    return decodeURIComponent(value)
  } catch (error) {
    throw badPage(error)
  }
}

/** URL lets a host hold quotes, braces and more that no name on the web has; underscores are in use. */
function isHost(host: string): boolean {
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$|^\[[0-9a-f:.]+\]$/.test(host)
}

/** Percent-encoding in one way only (RFC 3986, 6.2.2), and no slash at the end. */
function normalizePath(path: string): string {
  // A loop: a pattern for the slashes at the end takes the square of their number where they are not at the end.
  let end = path.length
  while (path[end - 1] === '/') end -= 1
  // URL may have made three characters of one. The key has a third of them at least.
  if (end > MAX_ADDRESS) throw tooLong()
  return path
    .slice(0, end)
    .replace(/%([0-9a-f]{2})?|[^\w.~!$&'()*+,;=:@/-]/gi, (match, hex?: string) => {
      if (hex === undefined) return encodeURIComponent(match)
      const character = String.fromCharCode(Number.parseInt(hex, 16))
      return /[\w.~-]/.test(character) ? character : `%${hex.toUpperCase()}`
    })
}

/** @throws Refusal where there are so many parameters that to look for those that are kept takes a millisecond */
function keptQuery(search: string, keep: readonly string[]): string {
  if (search.split('&', MAX_PARAMETERS + 1).length > MAX_PARAMETERS) throw tooLong()
  const query = new URLSearchParams(search)
  const kept = new URLSearchParams(
    keep.flatMap((name) => query.getAll(name).map((value) => [name, value])),
  )
  return kept.size === 0 ? '' : `?${kept}`
}
