import { AddressRanges } from './address.ts'
import { isBot, untrackedWords } from './agent.ts'
import type { PageKey } from './page.ts'
import { identifyPage } from './page.ts'
import { PatternList, pageFinder } from './pattern.ts'
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

function tryAddress(book: Rulebook, text: string): Exclude<TrialResult['address'], null> {
  const address = text.trim()
  const entryOf = (kind: 'ban' | 'exclude') =>
    book.entries[kind].find(({ pattern }) => new AddressRanges([pattern]).has(address)) ?? null
  if (book.banned.has(address)) return { outcome: 'banned', entry: entryOf('ban') }
  if (book.excluded.has(address)) return { outcome: 'excluded', entry: entryOf('exclude') }
  return { outcome: 'counted', entry: null }
}

function tryAgent(
  book: Rulebook,
  bots: 'ignore' | 'count',
  agent: string,
): Exclude<TrialResult['agent'], null> {
  const word = untrackedWords(book.untrackedAgents).first(agent.toLowerCase())
  if (word !== undefined)
    return { outcome: 'excluded', entry: entryOf(book, 'untracked-agent', word) }
  return { outcome: bots === 'ignore' && isBot(agent) ? 'bot' : 'counted', entry: null }
}

function tryPage(book: Rulebook, text: string): PageVerdict {
  const { keepQuery, rewriter } = book.pages
  let page: PageKey
  try {
    page = identifyPage(text, undefined, { ...book.pages, isServed: () => true })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { outcome: 'refused', entry: null, page: null, steps: [], problem: error.message }
  }
  const steps = (rewriter?.rewrite(rewriter.readAddress(text)).steps ?? []).map((step) => ({
    entry: step.rule,
    page: step.page,
  }))
  const found = { page, steps, problem: null }
  const denied = new PatternList(book.served.deny).find(page)
  if (denied !== null) {
    const entry = entryOf(book, 'deny-page', denied)
    return {
      ...found,
      outcome: 'refused',
      entry,
      problem: 'The page is on the list of denied pages.',
    }
  }
  const allowed = new PatternList(book.served.allow).find(page)
  if (allowed === null && book.served.allow.length > 0) {
    return {
      ...found,
      outcome: 'refused',
      entry: null,
      problem: 'The page is not on the list of allowed pages.',
    }
  }
  const items = book.entries['untracked-page'].map(({ pattern }) => pattern)
  const untracked = pageFinder(items, keepQuery)(page)
  if (untracked !== null) {
    return { ...found, outcome: 'excluded', entry: entryOf(book, 'untracked-page', untracked) }
  }
  const entry = allowed === null ? null : entryOf(book, 'allow-page', allowed)
  return { ...found, outcome: 'counted', entry }
}

function entryOf(book: Rulebook, kind: Entry['kind'], pattern: string): Entry | null {
  return book.entries[kind].find((entry) => entry.pattern === pattern) ?? null
}
