import { readSeries } from '../../../series.ts'
import { byOutcome, TALLIED_OUTCOMES, visitsIn } from '../../../tallies.ts'
import { MINUTE_MS } from '../../../time.ts'
import type { RouteParts } from '../../app.ts'
import type { Query } from '../../request.ts'
import type { Subject } from '../../visit.ts'
import { readRows, readStatistics } from './read.ts'

/** The series as CSV: https://www.rfc-editor.org/rfc/rfc4180 */
export async function csvOf(parts: RouteParts, subject: Subject, query: Query): Promise<string> {
  const series = readSeries(query, parts.settings.history, parts.now())
  const { unit, timeZone, points } = series
  const rows = await readRows(parts, subject, series)
  const lines = points.map(({ name }, at) => [
    subject.name,
    name,
    ...TALLIED_OUTCOMES.map((outcome) => visitsIn(rows[at], outcome)),
  ])
  const head = [
    subject.page === null ? 'site' : 'page',
    `${unit} (${timeZone})`,
    ...TALLIED_OUTCOMES,
  ]
  return [head, ...lines].map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('')
}

/**
 * A cell. A spreadsheet takes one that begins with such a character for a formula, which could send away what else is in the
 * sheet; with a quote before it, it is text. In some countries a spreadsheet splits lines at semicolons, but not within quotation
 * marks: otherwise the rest of an address could be a formula.
 */
export function cellOf(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** All that the page shows as numbers, and its series by outcome. */
export async function jsonOf(parts: RouteParts, subject: Subject, query: Query) {
  const statistics = await readStatistics(parts, subject, query)
  const { count, periods, active, seen, outcomes, series, rows } = statistics
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
  const { unit, timeZone, points, keptFrom } = series
  return {
    ...(subject.page === null ? { site: subject.name } : { page: subject.name }),
    count,
    periods,
    active,
    minutes: parts.settings.history.activeMs / MINUTE_MS,
    firstSeen: iso(seen.first),
    lastSeen: iso(seen.last),
    outcomes: byOutcome(outcomes),
    ...{ unit, timeZone, keptFrom: iso(keptFrom) },
    series: points.map(({ name }, at) => ({ name, ...byOutcome(rows[at]) })),
  }
}
