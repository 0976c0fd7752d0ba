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

export interface PageRules {
  /** Names of the query parameters that tell pages apart. */
  keepQuery: readonly string[]
  /** If there are any, a page key must match one of these. */
  allow: readonly RegExp[]
  /** A page key must match none of these. */
  deny: readonly RegExp[]
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
  if (!isServed(page, rules)) {
    throw new Refusal('blocked_page', 'page not allowed', 'This counter does not serve that page.')
  }
  return page
}

/** Whether the lists let a page be counted and shown; the deny list comes first. */
export function isServed(
  page: PageKey,
  { allow, deny }: Pick<PageRules, 'allow' | 'deny'>,
): boolean {
  if (deny.some((pattern) => pattern.test(page))) return false
  return allow.length === 0 || allow.some((pattern) => pattern.test(page))
}

/**
 * The normal form of a URL that a stranger wrote, with or without a scheme.
 * @throws Refusal `bad_page`
 */
export function normalizePage(value: string, keepQuery: readonly string[] = []): PageKey {
  if (value.length > MAX_URL) throw tooLong()
  const url = URL.parse(withScheme(decodeOnceMore(value.trim())))
  if (!url || !/^https?:$/.test(url.protocol)) throw badPage()
  const host = url.hostname.replace(/\.$/, '')
  if (!isHost(host)) throw badPage()
  // The scheme is dropped, so the default port of either scheme says nothing.
  const port = url.port === '' || url.port === '80' || url.port === '443' ? '' : `:${url.port}`
  const path = normalizePath(url.pathname)
  const key =
    host + port + path + (keepQuery.length === 0 ? '' : keptQuery(url.searchParams, keepQuery))
  if (key.length > MAX_PAGE_KEY) throw tooLong()
  return key as PageKey
}

function tooLong(): Refusal {
  return new Refusal(
    'bad_page',
    'url too long',
    `A page's address may have at most ${MAX_PAGE_KEY.toLocaleString('en')} characters.`,
  )
}

/**
 * Whether a page is one of those that a list names: a page with all that is below it, or a pattern that is searched for
 * anywhere in the page key.
 * @throws Error where the list names what is no page
 */
export function pageMatcher(
  list: readonly (string | RegExp)[],
  keepQuery: readonly string[] = [],
): (page: PageKey) => boolean {
  const matchers = list.map((item) => {
    if (item instanceof RegExp) return (page: PageKey) => item.test(page)
    const top = normalizeItem(item, keepQuery)
    return (page: PageKey) => page.startsWith(top) && /^([/?]|$)/.test(page.slice(top.length))
  })
  return (page) => matchers.some((matches) => matches(page))
}

function normalizeItem(item: string, keepQuery: readonly string[]): PageKey {
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

/** Gives a value without a scheme one; `localhost:3000/x` and `example.com:8080` name a host and a port. */
function withScheme(value: string): string {
  // URL drops some control characters in silence and turns lone surrogates into U+FFFD: refuse both.
  if (/[\u0000-\u001f\u007f]/.test(value) || !value.isWellFormed()) throw badPage()
  if (/^[\\/]{2}/.test(value)) return `http:${value}`
  // URL would take the first segment of a path for a host.
  if (/^[\\/]/.test(value)) throw badPage()
  const scheme = /^[a-z][a-z0-9+.-]*:(?!\d+([/?#\\]|$))/i.test(value)
  return scheme ? value : `http://${value}`
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
  return path
    .slice(0, end)
    .replace(/%([0-9a-f]{2})?|[^\w.~!$&'()*+,;=:@/-]/gi, (match, hex?: string) => {
      if (hex === undefined) return encodeURIComponent(match)
      const character = String.fromCharCode(Number.parseInt(hex, 16))
      return /[\w.~-]/.test(character) ? character : `%${hex.toUpperCase()}`
    })
}

function keptQuery(query: URLSearchParams, keep: readonly string[]): string {
  const kept = new URLSearchParams(
    keep.flatMap((name) => query.getAll(name).map((value) => [name, value])),
  )
  return kept.size === 0 ? '' : `?${kept}`
}
