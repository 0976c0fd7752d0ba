import { setImmediate as nextTurn } from 'node:timers/promises'
import { AddressRanges, parseRange } from './address.ts'
import type { Rule, RuleKind } from './admin.ts'
import { untrackedWords } from './agent.ts'
import type { PageKey } from './page.ts'
import { checkPageRule, checkPageRules } from './page-rule-check.ts'
import {
  ANY_PAGES,
  checkDenyingPatterns,
  checkPageList,
  checkPagePatterns,
  groupPatterns,
  matchAny,
  pageMatcher,
  patternOf,
  patternSize,
} from './pattern.ts'
import { Refusal } from './refusal.ts'
import { type Entry, entriesOf, type RuleSettings } from './rules.ts'
import { inSlices } from './slices.ts'

/** Rules that operators may have in all, characters of one pattern, and of all together. */
const MAX_RULES = 10_000
const MAX_PATTERN = 1000
const MAX_CHARACTERS = 1_000_000
/** What RE2 may do for each character of a page because of one pattern: about 10 ms for the longest page. */
const MAX_PATTERN_SIZE = 200
/** Patterns that have to be tried one by one for a page, because they have no text in them by which they are found. */
const MAX_ALIKE = 100
/** Bits of ranges that are so large that the operator is asked again. */
const LARGE = { 4: 15, 6: 31 } as const
/** Characters of the shortest word of user agents. */
const MIN_WORD = 3

/** User agents of ordinary visitors. */
const ORDINARY_AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
]

/** A rule that is not kept yet. */
export type NewRule = Pick<Rule, 'kind' | 'pattern' | 'replacement' | 'endsAt'>

export interface RuleContext {
  settings: RuleSettings
  /** The rules that hold already. */
  rules: readonly Rule[]
  /** The address from which the operator adds them; null if that is not known. */
  address: string | null
  now: number
}

/**
 * Checks rules before they are kept: each by itself, then all together with those that hold already. Resolves with what the
 * operator has to confirm, a sentence each; empty if there is nothing. Rejects with Refusal `bad_rule`, whose sentence says what
 * is wrong.
 */
export async function checkRules(
  added: readonly NewRule[],
  context: RuleContext,
): Promise<string[]> {
  const { settings, rules, now } = context
  if (added.length + rules.length > MAX_RULES) {
    throw badRule(
      `There may be ${MAX_RULES.toLocaleString('en')} entries in all, and there are ${rules.length.toLocaleString('en')} already`,
    )
  }
  const questions: string[] = []
  for await (const rule of inSlices(added)) {
    const question = checkRule(rule, context)
    if (question !== null) questions.push(question)
  }
  const fresh = added.map((rule) => ({ ...rule, id: 0, actor: '', reason: '', at: now }))
  const all = [...rules, ...fresh]
  const characters = all.reduce(
    (sum, { pattern, replacement }) => sum + pattern.length + replacement.length,
    0,
  )
  if (characters > MAX_CHARACTERS) {
    throw badRule(`All entries together may have ${MAX_CHARACTERS.toLocaleString('en')} characters`)
  }
  const kinds = new Set(added.map(({ kind }) => kind))
  const entries = entriesOf(settings, all)
  for (const kind of kinds) {
    await nextTurn()
    await TOGETHER[kind](entries[kind], settings)
  }
  const before = entriesOf(settings, rules)['allow-page'].length
  if (kinds.has('allow-page') && before === 0) {
    questions.push(
      'Until now every page is allowed. From then on, every page that is not on the list of allowed pages is refused.',
    )
  }
  return questions
}

/** @returns what has to be confirmed; null if there is nothing. @throws Refusal `bad_rule` */
function checkRule(rule: NewRule, context: RuleContext): string | null {
  const { kind, pattern, replacement, endsAt } = rule
  const written = JSON.stringify(pattern.slice(0, 100))
  if (pattern.trim() === '') throw badRule('An entry needs a pattern')
  if (pattern !== pattern.trim()) throw badRule(`${written} begins or ends with a space`)
  if (Math.max(pattern.length, replacement.length) > MAX_PATTERN) {
    throw badRule(
      `${written}… is too long: a pattern may have ${MAX_PATTERN.toLocaleString('en')} characters`,
    )
  }
  if (/[\p{Cc}\p{Cs}]/u.test(pattern + replacement))
    throw badRule(`${written} holds a character that cannot be seen`)
  if (kind !== 'page-rule' && replacement !== '')
    throw badRule('Only a page rule says what something becomes')
  if (endsAt !== null && endsAt <= context.now)
    throw badRule(`${written} would have ended already; give a later time`)
  try {
    return ALONE[kind](rule, context)
  } catch (error) {
    if (error instanceof Refusal) throw error
    const { message } = error as Error
    throw badRule(
      message.includes(pattern) ? message : `${written} cannot be an entry: ${message}`,
      error,
    )
  }
}

/** The checks of one rule, by kind. */
const ALONE: Record<RuleKind, (rule: NewRule, context: RuleContext) => string | null> = {
  ban: ({ pattern }, { address }) => {
    if (address !== null && new AddressRanges([pattern]).has(address)) {
      return `${pattern} is or contains your own address, ${address}: you could not reach this service from it any more.`
    }
    return largeRange(pattern)
  },
  exclude: ({ pattern }) => largeRange(pattern),
  'untracked-agent': ({ pattern }) => {
    if (pattern.length < MIN_WORD)
      throw new Error(`"${pattern}" is too short: a word has ${MIN_WORD} characters or more`)
    const words = untrackedWords([pattern])
    const hit = ORDINARY_AGENTS.filter((agent) => words.first(agent.toLowerCase()) !== undefined)
    if (hit.length === 0) return null
    if (hit.length === ORDINARY_AGENTS.length)
      throw new Error(`"${pattern}" is in the user agent of every ordinary browser`)
    return `"${pattern}" is in the user agents of ordinary browsers, such as "${hit[0]}": their visits would not count.`
  },
  'untracked-page': ({ pattern }) => {
    checkPageList([pattern])
    checkSize(patternOf(pattern))
    return null
  },
  'deny-page': ({ pattern }) => {
    checkDenyingPatterns([pattern])
    checkSize(pattern)
    return null
  },
  'allow-page': ({ pattern }) => {
    checkPagePatterns([pattern])
    checkSize(pattern)
    return null
  },
  'page-rule': (rule, { settings }) => {
    checkPageRule(rule, settings.keepQuery)
    return null
  },
}

/** The checks of all entries of a kind together, those of the settings included. */
const TOGETHER: Record<
  RuleKind,
  (entries: readonly Entry[], settings: RuleSettings) => void | Promise<void>
> = {
  ban: refuseEverybody,
  exclude: refuseEverybody,
  'untracked-agent': (entries) => {
    const words = untrackedWords(entries.map(({ pattern }) => pattern))
    if (ORDINARY_AGENTS.every((agent) => words.first(agent.toLowerCase()) !== undefined)) {
      throw badRule(
        'All these words together are in the user agents of every ordinary browser, so that no visit would count',
      )
    }
  },
  'untracked-page': (entries, { keepQuery }) => {
    const items = entries.map(({ pattern }) => pattern)
    refuseEveryPage(pageMatcher(items, keepQuery))
    checkAlike(ofRules(entries).flatMap((item) => patternOf(item) ?? []))
  },
  'deny-page': (entries) => {
    const patterns = entries.map(({ pattern }) => pattern)
    refuseEveryPage(matchAny(patterns))
    checkAlike(ofRules(entries))
  },
  'allow-page': (entries) => checkAlike(ofRules(entries)),
  'page-rule': async (entries, { keepQuery }) => {
    try {
      await checkPageRules(entries, keepQuery)
    } catch (error) {
      throw badRule(`Together with the other page rules ${(error as Error).message}`, error)
    }
  },
}

/** The patterns of rules. Lists in the settings may be as long as the operator likes. */
function ofRules(entries: readonly Entry[]): string[] {
  return entries.flatMap(({ setting, pattern }) => (setting === null ? [pattern] : []))
}

function refuseEverybody(entries: readonly Entry[]): void {
  if (new AddressRanges(entries.map(({ pattern }) => pattern)).holdEverybody) {
    throw badRule('That would be every address, so that nobody would be left')
  }
}

function refuseEveryPage(matches: (page: PageKey) => boolean): void {
  if (ANY_PAGES.every((page) => matches(page as PageKey))) {
    throw badRule('All entries of this list together match every page')
  }
}

/** Patterns are found by a text that they require. Those without one, or with the same one, are tried one by one. */
function checkAlike(patterns: readonly string[]): void {
  const { groups, others } = groupPatterns(patterns)
  if (others.length > MAX_ALIKE) {
    throw badRule(
      `More than ${MAX_ALIKE} patterns of this list have no text of three letters in them that a page must contain, ` +
        `such as "${others[0]}"; every page would have to be compared to each of them`,
    )
  }
  const large = groups.find((group) => group.patterns.length > MAX_ALIKE)
  if (large) {
    throw badRule(
      `More than ${MAX_ALIKE} patterns of this list have nothing but "${large.literal}" to tell the pages by that they match`,
    )
  }
}

function checkSize(pattern: string | null): void {
  if (pattern !== null && patternSize(pattern) > MAX_PATTERN_SIZE) {
    throw new Error(
      `"${pattern}" would take too long on every page; write it shorter, with fewer and smaller repetitions`,
    )
  }
}

function largeRange(pattern: string): string | null {
  const { version, bits } = parseRange(pattern)
  if (bits > LARGE[version]) return null
  const size = version === 4 ? (2 ** (32 - bits)).toLocaleString('en') : `2^${128 - bits}`
  return `${pattern} is a range of ${size} addresses, most of them of people who have nothing to do with this.`
}

/** @param sentence without its full stop */
function badRule(sentence: string, cause?: unknown): Refusal {
  return new Refusal(
    'bad_rule',
    'bad entry',
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`,
    { cause },
  )
}
