import { grouped } from '../options/format.ts'

export interface DayHits {
  /** Such as `2026-11-20`. */
  day: string
  hits: number
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** Up to so many days are read out one by one. */
const MAX_READ_OUT = 31
/** The days of a longer span are named with their year, if it is not the same for all. */
const LONG_DAYS = 180

/** How a span's days are named below the graph: `24 Oct`, or `24 Oct 2026`. */
export function dayNamer(days: readonly DayHits[]): (day: string) => string {
  const [first, last] = [days[0], days.at(-1)].map((day) => day?.day.split('-')[0])
  const withYear = days.length > LONG_DAYS && first !== last
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

/** A label beside a number: `hit` beside 1. Only words for what is counted here lose their s; `bus` keeps it. */
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

/** What is read out for the whole graph: `example.com/a: 1,234 hits, 412 in the last 30 days`. */
export function summary(asked: {
  title: string
  total: number
  label: string
  days: readonly DayHits[]
}): string {
  const { title, total, label, days } = asked
  const all = `${grouped(total)} ${labelOf(label, total)}`.trim()
  return `${title}: ${all}, ${grouped(sumOf(days))} in ${lastDays(days.length)}`
}

/** Every day with its hits, or every month of a longer span: `20 Nov 2026: 3; 21 Nov 2026: 5.` */
export function description(days: readonly DayHits[]): string {
  const parts = new Map<string, number>()
  for (const { day, hits } of days) {
    const { date, month, year } = partsOf(day)
    const part = days.length > MAX_READ_OUT ? `${month} ${year}` : `${date} ${month} ${year}`
    parts.set(part, (parts.get(part) ?? 0) + hits)
  }
  return `${[...parts].map(([part, hits]) => `${part}: ${grouped(hits)}`).join('; ')}.`
}
