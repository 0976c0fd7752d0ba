import { AddressRanges, parseRange } from './address.ts'
import type { RuleKind } from './admin.ts'
import { wordFinder } from './agent.ts'
import type { PageKey } from './page.ts'
import { checkPageRule, checkPageRules } from './page-rule-check.ts'
import {
  ANY_PAGES,
  checkDenyingPatterns,
  checkLoad,
  checkPageList,
  checkPagePatterns,
  matchAny,
  pageMatcher,
  patternsIn,
} from './pattern.ts'
import type { NewRule, RuleContext } from './rule-check.ts'
import type { Entry, RuleSettings } from './rules.ts'

/** Bits of ranges that are so large that the operator is asked again. */
const LARGE = { 4: 15, 6: 31 } as const
/** Characters of the shortest word of user agents; and of all words that operators add, which V8 compiles at once. */
const MIN_WORD = 3
const MAX_WORD_CHARACTERS = 200_000

/** User agents of ordinary visitors. */
const ORDINARY_AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
]

/** What is checked of a rule of one kind. Each check throws an Error, or rejects with one, that says what is wrong. */
interface Checks {
  /** The rule by itself. @returns a sentence that the operator has to confirm, or null */
  alone(rule: NewRule, context: RuleContext): string | null
  /** All entries of the kind together, those of the settings included. */
  together(entries: readonly Entry[], settings: RuleSettings): void | Promise<void>
}

export const CHECKS: Readonly<Record<RuleKind, Checks>> = {
  ban: {
    alone({ pattern }, { address, proxy }) {
      const range = new AddressRanges([pattern])
      if (address !== null && range.has(address)) {
        return `Ban ${pattern}? It is or contains your own address, ${address}: you could not reach this service from it any more.`
      }
      if (proxy !== undefined && range.has(proxy)) {
        return (
          `Ban ${pattern}? It is or contains ${proxy}, the address of the proxy in front of this service: the proxy's own requests would be ` +
          'refused, and those of all visitors if TRUST_PROXY no longer named it.'
        )
      }
      return largeRange('Ban', pattern)
    },
    together: refuseEverybody,
  },
  exclude: {
    alone: ({ pattern }) => largeRange('Exclude', pattern),
    together: refuseEverybody,
  },
  'untracked-agent': {
    alone({ pattern }) {
      if (pattern.length < MIN_WORD) {
        throw new Error(`"${pattern}" is too short: a word has ${MIN_WORD} characters or more`)
      }
      const hit = ordinaryAgentsWith([pattern])
      if (hit.length === ORDINARY_AGENTS.length) {
        throw new Error(`"${pattern}" is in the user agent of every ordinary browser`)
      }
      if (hit.length === 0) return null
      return `"${pattern}" is in the user agents of ordinary browsers, such as "${hit[0]}": their visits would not count.`
    },
    together(entries) {
      if (ofRules(entries).join('').length > MAX_WORD_CHARACTERS) {
        const most = MAX_WORD_CHARACTERS.toLocaleString('en')
        throw new Error(`all words of this list together may have ${most} characters`)
      }
      if (ordinaryAgentsWith(patternsOf(entries)).length < ORDINARY_AGENTS.length) return
      throw new Error(
        'with all these words, the user agent of every ordinary browser has one of them, so that no visit would count',
      )
    },
  },
  'untracked-page': {
    alone({ pattern }) {
      checkPageList([pattern])
      return null
    },
    together(entries, { keepQuery }) {
      refuseEveryPage(pageMatcher(patternsOf(entries), keepQuery))
      checkLoad(patternsIn(ofRules(entries)))
    },
  },
  'deny-page': {
    alone({ pattern }) {
      checkDenyingPatterns([pattern])
      return null
    },
    together(entries) {
      refuseEveryPage(matchAny(patternsOf(entries)))
      checkLoad(ofRules(entries))
    },
  },
  'allow-page': {
    alone({ pattern }) {
      checkPagePatterns([pattern])
      return null
    },
    together: (entries) => checkLoad(ofRules(entries)),
  },
  'page-rule': {
    alone(rule, { settings }) {
      checkPageRule(rule, settings.keepQuery)
      return null
    },
    together: (entries, { keepQuery }) => checkPageRules(entries, keepQuery),
  },
}

function patternsOf(entries: readonly Entry[]): string[] {
  return entries.map(({ pattern }) => pattern)
}

/** The patterns of rules. Lists in the settings may be as long as the operator likes. */
function ofRules(entries: readonly Entry[]): string[] {
  return patternsOf(entries.filter(({ setting }) => setting === null))
}

function ordinaryAgentsWith(words: readonly string[]): string[] {
  return ORDINARY_AGENTS.filter(wordFinder(words))
}

function refuseEverybody(entries: readonly Entry[]): void {
  if (new AddressRanges(patternsOf(entries)).holdEverybody) {
    throw new Error('that would be every address, so that nobody would be left')
  }
}

function refuseEveryPage(matches: (page: PageKey) => boolean): void {
  if (ANY_PAGES.every((page) => matches(page as PageKey))) {
    throw new Error('all entries of this list together match every page')
  }
}

/** @param verb what would be done to the addresses */
function largeRange(verb: string, pattern: string): string | null {
  const { version, bits } = parseRange(pattern)
  if (bits > LARGE[version]) return null
  const size = version === 4 ? (2 ** (32 - bits)).toLocaleString('en') : `2^${128 - bits}`
  return `${verb} ${size} addresses? That is how many ${pattern} has, most of them of people who have nothing to do with this.`
}
