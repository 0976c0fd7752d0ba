import { AddressRanges } from './address.ts'
import type { RuleKind } from './admin.ts'
import { isBot, wordFinder } from './agent.ts'
import { identifyPage, type PageKey } from './page.ts'
import { matchAny, pageMatcher } from './pattern.ts'
import { Refusal } from './refusal.ts'
import type { Entry, Rulebook } from './rules.ts'

/** What to try; each part may be left out. */
export interface Trial {
  address?: string
  agent?: string
  /** As `?url=` gives it. */
  page?: string
}

/** What becomes of something, and the entry that decides; null if none does. */
interface Verdict<Outcome> {
  outcome: Outcome
  entry: Entry | null
}

export interface TrialResult {
  address: Verdict<'banned' | 'excluded' | 'counted'> | null
  agent: Verdict<'excluded' | 'bot' | 'counted'> | null
  page: PageVerdict | null
  /** What becomes of a visit with all three. */
  outcome: 'banned' | 'refused' | 'excluded' | 'bot' | 'counted'
}

interface PageVerdict extends Verdict<'refused' | 'excluded' | 'counted'> {
  /** Which page it is in the end; null if the text names none. */
  page: PageKey | null
  /** What page rules have made of it, one after the other. */
  steps: { entry: Entry; page: PageKey }[]
  /** Why it is refused, if it is. */
  problem: string | null
}

/** Says what would become of an address, a user agent and a page, in the order in which a visit is decided. */
export function tryRules(book: Rulebook, bots: 'ignore' | 'count', trial: Trial): TrialResult {
  const address = trial.address ? tryAddress(book, trial.address) : null
  const agent = trial.agent ? tryAgent(book, bots, trial.agent) : null
  const page = trial.page ? tryPage(book, trial.page) : null
  const outcomes = [address?.outcome, page?.outcome, agent?.outcome]
  const order = ['banned', 'refused', 'excluded', 'bot'] as const
  const outcome = order.find((each) => outcomes.includes(each)) ?? 'counted'
  return { address, agent, page, outcome }
}

function tryAddress(book: Rulebook, text: string): TrialResult['address'] {
  const address = text.trim()
  const has = (pattern: string) => new AddressRanges([pattern]).has(address)
  if (book.banned.has(address)) return { outcome: 'banned', entry: entryOf(book, 'ban', has) }
  const excluded = book.excluded.has(address)
  return excluded
    ? { outcome: 'excluded', entry: entryOf(book, 'exclude', has) }
    : { outcome: 'counted', entry: null }
}

function tryAgent(book: Rulebook, bots: 'ignore' | 'count', agent: string): TrialResult['agent'] {
  const entry = entryOf(book, 'untracked-agent', (word) => wordFinder([word])(agent))
  if (entry !== null) return { outcome: 'excluded', entry }
  return { outcome: bots === 'ignore' && isBot(agent) ? 'bot' : 'counted', entry }
}

function tryPage(book: Rulebook, text: string): PageVerdict {
  const { isServed, keepQuery, rewriter } = book.pages
  const refused = { outcome: 'refused', entry: null } as const
  let page: PageKey
  try {
    page = identifyPage(text, undefined, { ...book.pages, isServed: () => true })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { ...refused, page: null, steps: [], problem: error.message }
  }
  const rewritten = rewriter.rewrite(rewriter.readAddress(text))
  const steps = rewritten.steps.map((step) => ({ entry: step.rule, page: step.page }))
  const found = { page, steps, problem: null }
  const matches = (pattern: string) => matchAny([pattern])(page)
  if (!isServed(page)) {
    const entry = entryOf(book, 'deny-page', matches)
    const problem =
      entry === null
        ? 'The page is not on the list of allowed pages.'
        : 'The page is on the list of denied pages.'
    return { ...found, ...refused, entry, problem }
  }
  if (book.isUntracked(page)) {
    const names = (item: string) => pageMatcher([item], keepQuery)(page)
    return { ...found, outcome: 'excluded', entry: entryOf(book, 'untracked-page', names) }
  }
  return { ...found, outcome: 'counted', entry: entryOf(book, 'allow-page', matches) }
}

/** The first entry of a list whose pattern fits. */
function entryOf(book: Rulebook, kind: RuleKind, fits: (pattern: string) => boolean): Entry | null {
  return book.entries[kind].find(({ pattern }) => fits(pattern)) ?? null
}
