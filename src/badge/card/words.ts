import { grouped } from '../options/format.ts'
import type { CardOptions } from './card.ts'

export interface DayHits {
  /** Such as `2026-11-20`. */
  day: string
  hits: number
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** With more days, a description has months instead of days. */
const MAX_DESCRIBED_DAYS = 31
/** With more days, in two years, the name of a day has its year. */
const MAX_DAYS_WITHOUT_YEAR = 180

/** Names days as `24 Oct` or `24 Oct 2026`. */
export function dayNamer(days: readonly DayHits[]): (day: string) => string {
  const [first, last] = [days[0], days.at(-1)].map((day) => day?.day.split('-')[0])
  const withYear = days.length > MAX_DAYS_WITHOUT_YEAR && first !== last
  return (day) => {
    const { date, month, year } = partsOf(day)
    return withYear ? `${date} ${month} ${year}` : `${date} ${month}`
  }
}

function partsOf(day: string) {
  const [year, month, date] = day.split('-')
  return { year, month: MONTHS[Number(month) - 1], date: Number(date) }
}

export function sumOf(days: readonly DayHits[]): number {
  return days.reduce((sum, { hits }) => sum + hits, 0)
}

/** The label of a number: `hit` for 1. Only words that mean hits lose their s; `bus` keeps it. */
export function labelOf(label: string, number: number): string {
  return number === 1 ? label.replace(/\b(hit|visit|visitor|view)s$/i, '$1') : label
}

/** `1 day`, `30 days`. */
export function daysLong(days: number): string {
  return days === 1 ? '1 day' : `${days} days`
}

/** `the last day`, `the last 30 days`. */
export function lastDays(days: number): string {
  return days === 1 ? 'the last day' : `the last ${days} days`
}

/** The name of a card for screen readers: `example.com/a: 1,234 hits, 412 in the last 30 days`. */
export function summarize({ title, total, label, days }: CardOptions): string {
  const all = `${grouped(total)} ${labelOf(label, total)}`.trim()
  return `${title}: ${all}, ${grouped(sumOf(days))} in ${lastDays(days.length)}`
}

/** The hits of each day, or of each month: `20 Nov 2026: 3; 21 Nov 2026: 5.` */
export function describeDays(days: readonly DayHits[]): string {
  const sums = new Map<string, number>()
  for (const { day, hits } of days) {
    const { date, month, year } = partsOf(day)
    const name = days.length > MAX_DESCRIBED_DAYS ? `${month} ${year}` : `${date} ${month} ${year}`
    sums.set(name, (sums.get(name) ?? 0) + hits)
  }
  return `${[...sums].map(([name, hits]) => `${name}: ${grouped(hits)}`).join('; ')}.`
}
