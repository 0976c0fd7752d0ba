import { RE2JS, RE2Set } from 're2js'

/**
 * Bytes for the states of one list, which RE2 works out when a page needs them. Beyond them it goes on without, slower,
 * and still in a time that grows with the page's length.
 */
const MAX_STATE_BYTES = 1_000_000

/**
 * Whether a text matches one of some patterns, anywhere in it. All are searched for at once, by RE2's rules, so that no
 * pattern and no text can hold the service up.
 * @throws Error that names the first pattern which is wrong
 */
export function matchAny(patterns: readonly string[]): (text: string) => boolean {
  if (patterns.length === 0) return () => false
  const set = new RE2Set(RE2Set.UNANCHORED, 0, MAX_STATE_BYTES)
  for (const pattern of patterns) add(set, pattern)
  set.compile()
  return (text) => set.match(text).length > 0
}

function add(set: RE2Set, pattern: string): void {
  // Half of `a{1,3}`, cut at its comma, would be plain text.
  const braces = pattern
    .replace(/\\.|\[[^\]]*\]/g, '')
    .replace(/[^{}]/g, '')
    .replaceAll('{}', '')
  if (braces !== '') {
    throw new Error(`"${pattern}" has half a pair of braces; put each pattern on a line of its own`)
  }
  try {
    // JavaScript's spellings of what RE2 has too, such as `\u0041`.
    set.add(RE2JS.translateRegExp(pattern))
  } catch (error) {
    const lookaround = /\(\?<?[=!]|\\[1-9]|\\k</.test(pattern)
      ? '; RE2 has no lookahead, lookbehind or back reference'
      : ''
    const why = (error as Error).message.replace(/^error parsing regexp: /, '')
    throw new Error(`"${pattern}" is not a regular expression of RE2: ${why}${lookaround}`)
  }
}

/** Page keys of every kind: a pattern that matches all of them matches every page. */
const ANY_PAGES = ['q', 'zx.example', '192.0.2.7:8443/K9', '[2001:db8::7]/~_j?v=3', '%2F%C3%A9']

/**
 * Checks patterns for page keys, which are ASCII, have no scheme, no slash at the end and a host in lower case.
 * @throws Error for a pattern that is wrong or can never match
 */
export function checkPagePatterns(patterns: readonly string[]): void {
  for (const pattern of patterns) {
    const why = misfit(pattern)
    if (why !== null) throw new Error(`"${pattern}" never matches: ${why}`)
  }
  matchAny(patterns)
}

/** @throws Error as `checkPagePatterns` does, and for a pattern that matches every page */
export function checkDenyingPatterns(patterns: readonly string[]): void {
  checkPagePatterns(patterns)
  const all = patterns.find((pattern) => ANY_PAGES.every(matchAny([pattern])))
  if (all !== undefined) throw new Error(`"${all}" matches every page`)
}

/** Why a pattern can match no page key; null where it may. */
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
