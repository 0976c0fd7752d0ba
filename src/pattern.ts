import { RE2JS, RE2Set } from 're2js'
import { hostOf, normalizePage, type PageKey } from './page.ts'
import { requiredLiterals } from './pattern-literals.ts'
import type { TopQuery } from './store.ts'
import { WordMap } from './words.ts'

/**
 * Bytes of RE2's cache of states for one list. When they are used up, matching is slower, but its time still grows only
 * linearly with the page's length.
 */
const MAX_STATE_BYTES = 1_000_000
/** The same for patterns that are tried on some texts alone, of which this many are kept. */
const GROUP_STATE_BYTES = 20_000
const MAX_GROUPS = 500

/**
 * @returns a function that says whether one of the patterns matches somewhere in a text, in a time that grows linearly with
 *   the text, whatever the patterns. They have to be checked first, see `checkPatterns`
 */
export function matchAny(patterns: readonly string[]): (text: string) => boolean {
  if (patterns.length === 0) return () => false
  const list = new PatternList(patterns)
  return (text) => list.find(text) !== null
}

/** Patterns that are tried only on texts that contain `literal`, in whatever case. */
interface Group {
  literal: string
  patterns: string[]
}

/**
 * Patterns to be searched for all at once. Almost every pattern has a text in it that is in all that it matches, such as a host's
 * name. These texts are searched for first, and then only the patterns whose text was found. RE2 searches for the others.
 * Without this, RE2 takes 60 ms a page for 10,000 patterns.
 */
export class PatternList {
  readonly #groups: WordMap<Group>
  readonly #others: (text: string) => string | null
  /** Of the groups that were needed. */
  readonly #compiled = new Map<Group, (text: string) => string | null>()

  constructor(patterns: readonly string[]) {
    const { groups, others } = groupPatterns(patterns)
    this.#groups = new WordMap(groups.map((group) => [group.literal, group]))
    this.#others = compile(others, MAX_STATE_BYTES)
  }

  /** A pattern that matches somewhere in a text; null if none does. */
  find(text: string): string | null {
    for (const group of this.#groups.all(text.toLowerCase())) {
      const found = this.#inGroup(group, text)
      if (found !== null) return found
    }
    return this.#others(text)
  }

  #inGroup(group: Group, text: string): string | null {
    const known = this.#compiled.get(group)
    if (known) return known(text)
    const find = compile(group.patterns, GROUP_STATE_BYTES)
    if (this.#compiled.size >= MAX_GROUPS) this.#compiled.clear()
    this.#compiled.set(group, find)
    return find(text)
  }
}

/** Groups patterns by the text in them that the fewest patterns have. `others` have none. */
export function groupPatterns(patterns: readonly string[]): { groups: Group[]; others: string[] } {
  const required = patterns.map((pattern) => requiredLiterals(pattern))
  const uses = new Map<string, number>()
  for (const literal of required.flat(2)) {
    if (literal !== null) uses.set(literal, (uses.get(literal) ?? 0) + 1)
  }
  const rarest = (a: string, b: string) =>
    (uses.get(a) as number) - (uses.get(b) as number) || b.length - a.length
  const groups = new Map<string, Group>()
  const others: string[] = []
  for (const [at, pattern] of patterns.entries()) {
    const alternatives = required[at]
    if (!alternatives) others.push(pattern)
    for (const literals of alternatives ?? []) {
      const literal = literals.toSorted(rarest)[0] as string
      const group = groups.get(literal) ?? { literal, patterns: [] }
      groups.set(literal, group)
      group.patterns.push(pattern)
    }
  }
  return { groups: [...groups.values()], others }
}

/** @returns a function that says which of the patterns matches a text */
function compile(patterns: readonly string[], stateBytes: number): (text: string) => string | null {
  if (patterns.length === 0) return () => null
  const set = new RE2Set(RE2Set.UNANCHORED, 0, stateBytes)
  for (const pattern of patterns) add(set, pattern)
  set.compile()
  return (text) => {
    const [first] = set.match(text)
    return first === undefined ? null : (patterns[first] as string)
  }
}

/** @throws Error that names the first pattern that is invalid */
export function checkPatterns(patterns: readonly string[]): void {
  const set = new RE2Set()
  for (const pattern of patterns) add(set, pattern)
}

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
  checkPatterns(patterns)
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
 * @returns a function that gives the item of a list that names a page, or null. An item is a page, which stands for all pages
 *   below it too, or a pattern between slashes
 * @throws Error if an item is neither
 */
export function pageFinder(
  list: readonly string[],
  keepQuery: readonly string[] = [],
): (page: PageKey) => string | null {
  const patterns = new Map(
    list.flatMap((item): [string, string][] => {
      const pattern = patternOf(item)
      return pattern === null ? [] : [[pattern, item]]
    }),
  )
  const matching = new PatternList([...patterns.keys()])
  const tops = new WordMap(
    list
      .filter((item) => patternOf(item) === null)
      .map((item) => {
        const top = normalizeItem(item, keepQuery)
        return [top, { top, item }] as const
      }),
  )
  const isBelow = (page: PageKey, top: PageKey) => /^([/?]|$)/.test(page.slice(top.length))
  return (page) => {
    const named = tops.beginning(page).find(({ top }) => isBelow(page, top))
    if (named) return named.item
    const found = matching.find(page)
    return found === null ? null : (patterns.get(found) as string)
  }
}

/** @returns a function that says whether a list names a page, see `pageFinder` */
export function pageMatcher(
  list: readonly string[],
  keepQuery?: readonly string[],
): (page: PageKey) => boolean {
  const find = pageFinder(list, keepQuery)
  return (page) => find(page) !== null
}

/** @throws Error if an item is neither a page nor a pattern, or matches every page or none */
export function checkPageList(list: readonly string[]): void {
  pageFinder(list)
  checkDenyingPatterns(list.flatMap((item) => patternOf(item) ?? []))
}

/** The pattern between the slashes of an item; null if the item is no pattern. */
export function patternOf(item: string): string | null {
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
