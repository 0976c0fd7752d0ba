import type { PageKey } from '../../../page.ts'
import { readSeries, type Series, USUAL_POINTS } from '../../../series.ts'
import type { Seen, Tally } from '../../../store.ts'
import { DAY_MS, type Span } from '../../../time.ts'
import type { RouteParts } from '../../app.ts'
import { type Compared, type ComparedPeriod, readCompared } from '../../compared.ts'
import type { Query } from '../../request.ts'
import type { Subject } from '../../visit.ts'
import { type Mark, readMarks } from './marks.ts'

/** Months that are shown at most, unless the address says else: ten years. */
const MAX_MONTHS = 120
const MONTH_DAYS = 30.4

/** All that a page of statistics shows of a page or host. */
export interface Statistics {
  subject: Subject
  count: number
  periods: Record<ComparedPeriod, Compared>
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
  const month = calendar.span('30d', timeZone, at) as Span
  const [{ count, periods }, active, [outcomes = []], seen, marks] = await Promise.all([
    readCompared(replica, calendar, key, timeZone, at),
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
  return {
    ...{ subject, count, periods, active, outcomes, seen, series, marks },
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
