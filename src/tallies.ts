import type { Tally } from './store.ts'
import { UNCOUNTED_OUTCOMES } from './visit.ts'

/** The outcomes by which visits are tallied. */
export const TALLIED_OUTCOMES = ['counted', ...UNCOUNTED_OUTCOMES] as const

export type ByOutcome = Record<Tally['outcome'], number>

/** The visits with an outcome. Those that counted are the hits. */
export function visitsIn(tallies: readonly Tally[] = [], outcome: Tally['outcome']): number {
  return tallies.find((tally) => tally.outcome === outcome)?.visits ?? 0
}

/** The visits of all outcomes, also of those that none had. */
export function byOutcome(tallies?: readonly Tally[]): ByOutcome {
  const pairs = TALLIED_OUTCOMES.map((outcome) => [outcome, visitsIn(tallies, outcome)])
  return Object.fromEntries(pairs) as ByOutcome
}
