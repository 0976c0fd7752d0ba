import { Temporal } from 'temporal-polyfill'
import { DAY_HOURS, HOUR_MS, hourOf, type Span } from './hours.ts'

export interface Day {
  /** Such as `2026-11-20`. */
  day: string
  span: Span
}

/**
 * The days of a span in a zone, in order, but no more than so many: the last ones.
 * @param now the last day is no later than tomorrow
 */
export function daysOf({ from, to }: Span, timeZone: string, now: number, most: number): Day[] {
  const days: Day[] = []
  // An hour in which a day begins belongs to that day.
  const last = Math.min(to - 1, hourOf(now) + DAY_HOURS)
  if (last < from) return days
  let date = dateOf((last + 1) * HOUR_MS - 1, timeZone)
  let ends = hourAt(date.add({ days: 1 }), timeZone)
  while (ends > from && days.length < most) {
    const begins = hourAt(date, timeZone)
    days.push({
      day: date.toString(),
      span: { from: Math.max(from, begins), to: Math.min(to, ends) },
    })
    ends = begins
    date = date.subtract({ days: 1 })
  }
  return days.reverse()
}

/** Days or months up to the present one, oldest first; each by its first day. */
export function latestDays(
  many: number,
  unit: 'days' | 'months',
  zone: string,
  now: number,
): Day[] {
  const today = dateOf(now, zone)
  const present = unit === 'days' ? today : today.with({ day: 1 })
  const firsts = Array.from({ length: many + 1 }, (_, at) => present.add({ [unit]: at + 1 - many }))
  const hours = firsts.map((first) => hourAt(first, zone))
  // A visit of this moment is one of today, even in the hour in which tomorrow begins.
  hours[many] = Math.max(hours[many] as number, hourOf(now) + 1)
  return firsts.slice(0, -1).map((first, at) => ({
    day: first.toString(),
    span: { from: hours[at] as number, to: hours[at + 1] as number },
  }))
}

export function dateOf(now: number, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate()
}

export function between(
  date: Temporal.PlainDate,
  length: Temporal.DurationLike,
  timeZone: string,
): Span {
  return { from: hourAt(date, timeZone), to: hourAt(date.add(length), timeZone) }
}

/** Where a day begins within an hour, in zones that are not whole hours from UTC, it begins with that hour here. */
function hourAt(day: Temporal.PlainDate, timeZone: string): number {
  return hourOf(day.toZonedDateTime(timeZone).epochMilliseconds)
}
