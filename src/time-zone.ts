import type { Temporal as Api } from 'temporal-polyfill'
import { Cache } from './cache.ts'
import { DAY_HOURS, HOUR_MS, hourOf, lastMinutes, QUARTER_MS, type Span } from './time.ts'

// Node 26 has Temporal. The polyfill for older versions takes 15 ms and 10 MB, so it is loaded only there, and not in time.ts,
// which the database's thread loads as well.
type Polyfill = typeof import('temporal-polyfill')
const { Temporal } =
  'Temporal' in globalThis ? (globalThis as object as Polyfill) : await import('temporal-polyfill')

/** A day, or a month by its first day. */
export interface Day {
  /** Such as `2026-11-20`. */
  day: string
  span: Span
}

/** Whether a zone exists, by names that strangers choose. To check a name takes longer than everything else here. */
const zones = new Cache<boolean>(100_000, () => 0)

/** Whether this is the name of a time zone, such as `Europe/Berlin` or `UTC`. */
export function isTimeZone(name: string): boolean {
  // Offsets such as +02:00 are not accepted, because they ignore summer time.
  if (name.length > 64 || !/^[A-Za-z]/.test(name)) return false
  const known = zones.get(name)
  if (known !== undefined) return known
  const exists = canUse(name)
  zones.set(name, exists)
  return exists
}

/** Temporal alone would accept a time such as T00Z, and Intl alone some old names that Temporal does not know. */
function canUse(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    dateOf(0, name)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** @throws Error if there is no such time zone */
export function checkTimeZone(name: string): void {
  if (!isTimeZone(name)) throw new Error(`"${name}" is not a time zone such as Europe/Berlin`)
}

/**
 * The days of a span in a time zone, in order: the last `max` of them.
 * @param now the last day is no later than tomorrow
 */
export function daysOf({ from, to }: Span, timeZone: string, now: number, max: number): Day[] {
  const days: Day[] = []
  // An hour in which a day begins belongs to that day.
  const last = Math.min(to - 1, hourOf(now) + DAY_HOURS)
  if (last < from) return days
  let date = dateOf((last + 1) * HOUR_MS - 1, timeZone)
  let ends = hourAt(date.add({ days: 1 }), timeZone)
  while (ends > from && days.length < max) {
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

/** The last `count` days or months, oldest first, the present one included. */
export function latestDays(
  count: number,
  unit: 'days' | 'months',
  zone: string,
  now: number,
): Day[] {
  const today = dateOf(now, zone)
  const present = unit === 'days' ? today : today.with({ day: 1 })
  const firsts = Array.from({ length: count + 1 }, (_, index) =>
    present.add({ [unit]: index + 1 - count }),
  )
  const hours = firsts.map((first) => hourAt(first, zone))
  // A visit now is a visit of today, even if tomorrow begins within this hour.
  hours[count] = Math.max(hours[count] as number, hourOf(now) + 1)
  return firsts.slice(0, -1).map((first, index) => ({
    day: first.toString(),
    span: { from: hours[index] as number, to: hours[index + 1] as number },
  }))
}

// Names that strangers choose: an object would also have the property `constructor`.
const ROLLING_DAYS = new Map([
  ['24h', 1],
  ['7d', 7],
  ['30d', 30],
  ['90d', 90],
  ['365d', 365],
])

/** Spans by period and zone. Every day begins at :00, :15, :30 or :45 UTC, so a span is valid until the next quarter hour. */
const spans = new Cache<{ quarter: number; span: Span }>(500_000, () => 100)

/**
 * The span of a named period: null for `total`, undefined if there is no such period.
 * @param timeZone an IANA name
 * @param now milliseconds since 1970, UTC
 */
export function spanOf(period: string, timeZone: string, now: number): Span | null | undefined {
  if (period === 'total') return null
  const name = `${period} ${timeZone.toLowerCase()}`
  const quarter = Math.floor(now / QUARTER_MS)
  const known = spans.get(name)
  if (known?.quarter === quarter) return known.span
  const span = calculateSpan(period, timeZone, now)
  if (span) spans.set(name, { quarter, span })
  return span
}

function calculateSpan(period: string, timeZone: string, now: number): Span | undefined {
  const rollingDays = ROLLING_DAYS.get(period)
  if (rollingDays !== undefined) return lastMinutes(rollingDays * DAY_HOURS * 60, now)
  const today = dateOf(now, timeZone)
  const past = (first: Api.PlainDate, length: Api.DurationLike): Span => ({
    from: hourAt(first, timeZone),
    to: hourAt(first.add(length), timeZone),
  })
  const present = (first: Api.PlainDate, length: Api.DurationLike): Span => {
    // A visit now belongs to the present period, even if the next period begins within this hour.
    const { from, to } = past(first, length)
    return { from, to: Math.max(to, hourOf(now) + 1) }
  }
  switch (period) {
    case 'today':
      return present(today, { days: 1 })
    case 'yesterday':
      return past(today.subtract({ days: 1 }), { days: 1 })
    case 'week':
      return present(mondayOf(today), { weeks: 1 })
    case 'last-week':
      return past(mondayOf(today).subtract({ weeks: 1 }), { weeks: 1 })
    case 'month':
      return present(today.with({ day: 1 }), { months: 1 })
    case 'last-month':
      return past(today.with({ day: 1 }).subtract({ months: 1 }), { months: 1 })
    case 'year':
      return present(today.with({ month: 1, day: 1 }), { years: 1 })
  }
  const [date, year, month, day] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(period) ?? []
  if (date === undefined) return undefined
  const first = dateFrom(Number(year), Number(month ?? 1), Number(day ?? 1))
  if (first === null) return undefined
  return past(
    first,
    day !== undefined ? { days: 1 } : month !== undefined ? { months: 1 } : { years: 1 },
  )
}

/** The date of a moment in a zone, such as `2026-11-20`. */
export function dayAt(now: number, timeZone: string): string {
  return dateOf(now, timeZone).toString()
}

/** The hour in which a day begins in a zone. @param day such as `2026-11-20` */
export function startOfDay(day: string, timeZone: string): number {
  return hourAt(Temporal.PlainDate.from(day), timeZone)
}

/** The begin of an hour in a zone, with its offset from UTC: `2026-11-20T05:00+01:00`. */
export function nameOfHour(hour: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(hour * HOUR_MS).toString({
    timeZone,
    smallestUnit: 'minute',
  })
}

function dateOf(now: number, timeZone: string): Api.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate()
}

/** The hour in which a day begins. In zones that are not whole hours from UTC, the day begins in the middle of it. */
function hourAt(day: Api.PlainDate, timeZone: string): number {
  return hourOf(day.toZonedDateTime(timeZone).epochMilliseconds)
}

/** The first day of a date's week, by ISO 8601. */
function mondayOf(date: Api.PlainDate): Api.PlainDate {
  return date.subtract({ days: date.dayOfWeek - 1 })
}

function dateFrom(year: number, month: number, day: number): Api.PlainDate | null {
  try {
    return Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' })
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
