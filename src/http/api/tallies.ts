import type { Tally } from '../../store.ts'
import { Whole } from './types.ts'

/** A number of visits for each outcome. */
export const TALLIES = {
  counted: Whole('Visits that counted'),
  repeat: Whole('Visits of a browser that came again within the window'),
  bot: Whole('Visits of robots that say so'),
  excluded: Whole("Visits that the operator's settings or the visitor exclude"),
  limited: Whole('Visits from an address that had too many at once'),
}

export function sumOf(tallies: readonly Tally[]): Record<Tally['outcome'], number> {
  const sum = { counted: 0, repeat: 0, bot: 0, excluded: 0, limited: 0 }
  for (const { outcome, visits } of tallies) sum[outcome] += visits
  return sum
}
