import type { PageKey } from '../../../page.ts'
import { readSeries, type Series, USUAL_POINTS } from '../../../series.ts'
import type { Seen, Tally } from '../../../store.ts'
import { DAY_MS, type Span } from '../../../time.ts'
import type { RouteParts } from '../../app.ts'
import { type Compared, compare, comparedSpans } from '../../compared.ts'
import type { Query } from '../../request.ts'
import type { Subject } from '../../visit.ts'
import { type Mark, readMarks } from './marks.ts'

/** Months that are shown at most, unless the address says else: ten years. */
const MAX_MONTHS = 120
const MONTH_DAYS = 30.4

/** The periods that stand beside the number, and with what they are compared. */
export const PERIODS = [
  { name: 'today', title: 'today', before: 'yesterday by this hour' },
  { name: '7d', title: '7 days', before: 'in the 7 days before' },
  { name: '30d', title: '30 days', before: 'in the 30 days before' },
] as const

export interface Period extends Compared {
  name: (typeof PERIODS)[number]['name']
}

/** All that a page of statistics shows of a page or host. */
export interface Statistics {
  subject: Subject
  count: number
  periods: Period[]
  active: number
  seen: Seen
  /** Visits of the last 30 days by outcome. */
  outcomes: readonly Tally[]
  series: Series
  /** Visits of each point of the series, by outcome. */
  rows: Tally[][]
  /** Changes of a page's number by operators, newest first. */
  marks: Mark[]
}

/**
 * Reads the statistics of a page or host. Unknown ones have no hits.
 * @param query `unit`, `from`, `to` and `tz`
 * @throws Refusal
 */
export async function readStatistics(
  parts: RouteParts,
  subject: Subject,
  query: Query,
): Promise<Statistics> {
  const { store, calendar, settings, now } = parts
  const { replica } = store
  const { key } = subject
  const at = now()
  const { timeZone } = calendar.read({ tz: query.tz }, at)
  const spans = PERIODS.flatMap(({ name }) => comparedSpans(calendar, name, timeZone, at))
  const month = spans[4] as Span
  const [[count = 0, ...sums], active, [outcomes = []], seen, marks] = await Promise.all([
    replica.sums(key, [null, ...spans]),
    replica.active(key, at),
    replica.history(key, [month]),
    replica.seen(key),
    subject.page === null ? [] : readMarks(store.admin, key as PageKey),
  ])
  const months = Math.ceil((at - (seen.first ?? at)) / DAY_MS / MONTH_DAYS) + 1
  const series = readSeries(query, settings.history, at, {
    ...USUAL_POINTS,
    month: Math.min(MAX_MONTHS, Math.max(USUAL_POINTS.month, months)),
  })
  const compared = compare(spans, sums, calendar, at)
  return {
    ...{ subject, count, active, outcomes, seen, series, marks },
    periods: PERIODS.map(({ name }, index) => ({ name, ...(compared[index] as Compared) })),
    rows: await readRows(parts, subject, series),
  }
}

/** Each point's visits by outcome. */
export function readRows(
  { store }: RouteParts,
  { key }: Subject,
  { points }: Series,
): Promise<Tally[][]> {
  const spans = points.map(({ span }) => span)
  return store.replica.history(key, spans)
}

/** The visits with an outcome in the row of a point. */
export const visitsOf = (tallies: readonly Tally[] = [], wanted: Tally['outcome']) =>
  tallies.find(({ outcome }) => outcome === wanted)?.visits ?? 0
