import { RE2JS, RE2Set } from 're2js'
import { hostOf, normalizePage, type PageKey } from './page.ts'
import type { TopQuery } from './store.ts'

/**
 * Bytes of RE2's cache of states for one list. When they are used up, matching is slower, but its time still grows only
 * linearly with the page's length.
 */
const MAX_STATE_BYTES = 1_000_000
/**
 * Instructions of RE2 for the patterns of one list that operators add. For each character of a page, RE2 goes through all of
 * them at worst: 5,000 take up to 150 ms for the longest page. An ordinary pattern has 15 to 25.
 */
const MAX_INSTRUCTIONS = 5000

/** The ends of patterns of whole sites: those of docs/configuration.md, and a slash. */
const SITE_ENDS = ['(:\\d+)?([/?]|$)', '([/?]|$)', '(/|$)', '/'].map((source) => ({
  source,
  fits: new RegExp(`^${source}`),
}))
/** The end that a plain page in a list stands for: it and all pages below it. */
const BELOW = '([/?]|$)'
/** A text from the beginning on, in which every character stands for itself. */
const SITE_BEGINNING = /^\^((?:[\w/~-]|\\[./-])+)$/

/**
 * @returns a function that says whether one of the patterns matches somewhere in a text, in a time that grows linearly with
 *   the text, whatever the patterns. They have to be checked first, see `checkPagePatterns`
 */
export function matchAny(patterns: readonly string[]): (text: string) => boolean {
  const isOfSite = siteMatcher(patterns.flatMap((pattern) => siteOf(pattern) ?? []))
  const others = patterns.filter((pattern) => siteOf(pattern) === null)
  if (others.length === 0) return isOfSite
  const set = new RE2Set(RE2Set.UNANCHORED, 0, MAX_STATE_BYTES)
  for (const pattern of others) add(set, pattern)
  set.compile()
  return (text) => isOfSite(text) || set.match(text).length > 0
}

/** The text and the end of a pattern of a whole site, such as `^example\.com(/|$)`; null for other patterns. */
function siteOf(pattern: string): string | null {
  const end = SITE_ENDS.find(({ source }) => pattern.endsWith(source))?.source
  if (end === undefined) return null
  const beginning = SITE_BEGINNING.exec(pattern.slice(0, -end.length))?.[1]
  return beginning === undefined ? null : beginning.replaceAll('\\', '') + end
}

/** Looks sites up by every part of a text that may be one, so that thousands cost as little as one. */
function siteMatcher(sites: readonly string[]): (text: string) => boolean {
  const known = new Set(sites)
  const longest = sites.reduce((most, { length }) => Math.max(most, length), 0)
  return (text) => {
    if (known.size === 0) return false
    for (const { index } of text.matchAll(/[:/?]|$/g)) {
      if (index > longest) return false
      const [beginning, rest] = [text.slice(0, index), text.slice(index)]
      if (SITE_ENDS.some(({ source, fits }) => fits.test(rest) && known.has(beginning + source)))
        return true
    }
    return false
  }
}

/** @throws Error if patterns of an operator would take too long on each page; those of whole sites take no time */
export function checkLoad(patterns: readonly string[]): void {
  let instructions = 0
  for (const pattern of patterns) {
    if (siteOf(pattern) !== null) continue
    instructions += RE2JS.compile(RE2JS.translateRegExp(pattern)).programSize()
    if (instructions > MAX_INSTRUCTIONS) {
      throw new Error(
        `with "${pattern}", the patterns of this list would take too long on every page; ` +
          String.raw`write fewer and shorter ones. Those of whole sites, such as ^example\.com(:\d+)?([/?]|$), take no time`,
      )
    }
  }
}

/** @throws Error that says why a pattern is invalid */
function add(set: RE2Set, pattern: string): void {
  // A list is split at commas, so `a{1,3}` may arrive as `a{1`, which RE2 takes for plain text.
  const braces = pattern
    .replace(/\\.|\[[^\]]*\]/g, '')
    .replace(/[^{}]/g, '')
    .replaceAll('{}', '')
  if (braces !== '') {
    throw new Error(`"${pattern}" has half a pair of braces; put each pattern on a line of its own`)
  }
  try {
    // Translates JavaScript's spellings that RE2 writes differently, such as `\u0041`.
    set.add(RE2JS.translateRegExp(pattern))
  } catch (error) {
    const lookaround = /\(\?<?[=!]|\\[1-9]|\\k</.test(pattern)
      ? '; RE2 has no lookahead, lookbehind or back reference'
      : ''
    const why = (error as Error).message.replace(/^error parsing regexp: /, '')
    throw new Error(`"${pattern}" is not a regular expression of RE2: ${why}${lookaround}`)
  }
}

/** Page keys of every kind. A pattern that matches all of them is taken to match every page. */
export const ANY_PAGES: readonly string[] = [
  'q',
  'zx.example',
  '192.0.2.7:8443/K9',
  '[2001:db8::7]/~_j?v=3',
  '%2F%C3%A9',
]

/**
 * Checks patterns against the form of page keys: ASCII, without a scheme and a final slash, the host in lower case.
 * @throws Error for a pattern that is invalid or can never match
 */
export function checkPagePatterns(patterns: readonly string[]): void {
  for (const pattern of patterns) {
    const why = misfit(pattern)
    if (why !== null) throw new Error(`"${pattern}" never matches: ${why}`)
  }
  const set = new RE2Set()
  for (const pattern of patterns) add(set, pattern)
}

/** @throws Error as `checkPagePatterns` does, and for a pattern that matches every page */
export function checkDenyingPatterns(patterns: readonly string[]): void {
  checkPagePatterns(patterns)
  const all = patterns.find((pattern) => ANY_PAGES.every(matchAny([pattern])))
  if (all !== undefined) throw new Error(`"${all}" matches every page`)
}

/** Why a pattern can never match a page key; null if it can. */
function misfit(pattern: string): string | null {
  const [scheme] = /^\^?(\(\?:|\()?(https?|http\(s\)\?)\??\)?:/i.exec(pattern) ?? []
  if (scheme !== undefined) {
    return String.raw`a page has no scheme; ^example\.com(:\d+)?([/?]|$) is one site`
  }
  if (/\s|;\^/.test(pattern)) {
    return 'a page has no spaces; separate patterns by commas or line breaks'
  }
  if (/[\u0080-\uffff]/.test(pattern)) {
    return 'a page is in ASCII, its host in Punycode and the rest percent-encoded'
  }
  if (/^\^\\?\//.test(pattern)) return 'a page begins with its host'
  if (/\/\$$/.test(pattern)) return 'a page has no slash at its end'
  if (/^\^[\w-]*(\\?\.[\w-]+)+/.exec(pattern)?.[0].match(/[A-Z]/)) {
    return 'a host is in lower case'
  }
  return null
}

/** Patterns that decide which pages are served. */
export interface PageLists {
  /** If there are any, a page key must match one of these. */
  allow: readonly string[]
  /** A page key must match none of these. */
  deny: readonly string[]
}

/** @returns a function that says whether the lists allow a page to be counted and shown; `deny` overrides `allow` */
export function pageFilter({ allow, deny }: PageLists): (page: PageKey) => boolean {
  const isDenied = matchAny(deny)
  const isAllowed = matchAny(allow)
  return (page) => !isDenied(page) && (allow.length === 0 || isAllowed(page))
}

/** Which hosts and pages may be listed on the home page. */
interface ListFilter {
  showsHost: (host: string) => boolean
  showsPage: (page: PageKey) => boolean
}

let latest: { key: string; filter: ListFilter } | null = null

/** The filter that a query for the home page's lists describes. To compile it takes some ms, so the latest is cached. */
export function listFilter({ rules, ignore }: Pick<TopQuery, 'rules' | 'ignore'>): ListFilter {
  const key = JSON.stringify([rules.allow, rules.deny, ignore])
  if (latest?.key === key) return latest.filter
  const isHidden = matchAny([...ignore, ...rules.deny])
  const isServed = pageFilter(rules)
  const showsHost = (host: string) => !isHidden(host)
  const filter = {
    showsHost,
    showsPage: (page: PageKey) => showsHost(hostOf(page)) && isServed(page),
  }
  latest = { key, filter }
  return filter
}

/**
 * @returns a function that says whether a list names a page. An item is a page, which stands for all pages below it too, or a
 *   pattern between slashes
 * @throws Error if an item is neither
 */
export function pageMatcher(
  list: readonly string[],
  keepQuery: readonly string[] = [],
): (page: PageKey) => boolean {
  const matches = matchAny(patternsIn(list))
  const pages = list.filter((item) => patternOf(item) === null)
  const isBelow = siteMatcher(pages.map((item) => normalizeItem(item, keepQuery) + BELOW))
  return (page) => isBelow(page) || matches(page)
}

/** @throws Error if an item is neither a page nor a pattern, or matches every page or none */
export function checkPageList(list: readonly string[]): void {
  pageMatcher(list)
  checkDenyingPatterns(patternsIn(list))
}

/** The patterns of a list whose items are pages and patterns between slashes. */
export function patternsIn(list: readonly string[]): string[] {
  return list.flatMap((item) => patternOf(item) ?? [])
}

function patternOf(item: string): string | null {
  return /^\/(.+)\/$/.exec(item)?.[1] ?? null
}

function normalizeItem(item: string, keepQuery: readonly string[]): PageKey {
  // The name of a page may begin with a slash, but in a list this is more likely an unfinished pattern.
  if (item.startsWith('/')) {
    throw new Error(`"${item}" is neither a page, which begins with its host, nor a /pattern/`)
  }
  try {
    return normalizePage(item, keepQuery)
  } catch (error) {
    throw new Error(`"${item}" is neither a page nor a /pattern/`, { cause: error })
  }
}
