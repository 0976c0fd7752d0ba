import { Temporal } from 'temporal-polyfill'
import { Cache } from './cache.ts'
import { between, type Day, dateOf, latestDays } from './days.ts'
import { DAY_HOURS, firstHourKept, hourOf, QUARTER_MS, type Span } from './hours.ts'
import { Refusal } from './refusal.ts'

const MINUTE_MS = 60_000

/** What was asked for: a part of time, or null for all of it, with the hits that have no time as well. */
export interface Asked {
  span: Span | null
  /** As it was asked for. */
  period: string
  timeZone: string
  /** Whether anything was asked for at all. */
  named: boolean
}

/** What an instance makes of periods. */
export interface Calendar {
  /**
   * What a query asks for by `period` or `within`, in the zone that `tz` names; `total` where it names neither.
   * @throws Refusal `bad_option`
   */
  read(query: Readonly<Record<string, unknown>>, now: number): Asked
  /**
   * Periods by name, with the zone that `tz` names.
   * @throws Refusal `bad_option` where one does not exist, or the query asks for a part of time as well
   */
  readAll(
    periods: readonly string[],
    query: Readonly<Record<string, unknown>>,
    now: number,
  ): Asked[]
  /** The last days or months up to now, the present one among them, oldest first; each by its first day. */
  latest(many: number, unit: 'days' | 'months', timeZone: string, now: number): readonly Day[]
  /** A period as people name it, such as `today`. */
  span(period: string, timeZone: string, now: number): Span | null
  /** All the time of which anything is kept. */
  ever(now: number): Span
}

/**
 * @param timeZone where days begin when nobody names a zone
 * @param keepDays days for which there are numbers over time; 0 for ever
 */
export function createCalendar(timeZone: string, keepDays: number): Calendar {
  // To work a year of days out takes 3 ms, and in every zone a day begins with a quarter of an hour.
  const lately = new Cache<{ quarter: number; days: readonly Day[] }>(
    MAX_LATELY_BYTES,
    ({ days }) => DAY_BYTES * days.length,
  )
  const total: Asked = { span: null, period: 'total', timeZone, named: false }

  /** Nothing is shown that ought to be gone, though it may not have been removed yet. */
  function kept(span: Span, now: number): Span {
    if (keepDays === 0) return span
    const first = firstHourKept(keepDays, now)
    return { from: Math.max(first, span.from), to: Math.max(first, span.to) }
  }

  return {
    read(query, now) {
      const { period, within, tz } = query
      if (period === undefined && within === undefined && tz === undefined) return total
      const asked = readPeriod(query, timeZone, now)
      return { ...asked, span: asked.span && kept(asked.span, now) }
    },
    readAll(periods, query, now) {
      if (given(query.period) || given(query.within)) {
        throw bad('show', 'Give show, or period or within, not both.')
      }
      const { timeZone: zone } = readPeriod({ tz: query.tz }, timeZone, now)
      return periods.map((period) => {
        const span = spanOf(period, zone, now)
        if (span === undefined) throw bad('show', `show names ${period}, which is no date.`)
        return { span: span && kept(span, now), period, timeZone: zone, named: true }
      })
    },
    latest(many, unit, zone, now) {
      // However it is spelt, a zone is one zone.
      const name = `${many} ${unit} ${zone.toLowerCase()}`
      const known = lately.get(name)
      const quarter = Math.floor(now / QUARTER_MS)
      if (known?.quarter === quarter) return known.days
      const days = latestDays(many, unit, zone, now).map(({ day, span }) => ({
        day,
        span: kept(span, now),
      }))
      lately.set(name, { quarter, days })
      return days
    },
    span(period, zone, now) {
      const span = spanOf(period, zone, now)
      return span ? kept(span, now) : null
    },
    ever: (now) => kept({ from: -EVER_HOURS, to: EVER_HOURS }, now),
  }
}

/** Bytes for days by how many were asked for, and those of a day. */
const MAX_LATELY_BYTES = 4_000_000
const DAY_BYTES = 160
/** More than any clock will say. */
const EVER_HOURS = 1e9
/** How far a `within` may reach back, in minutes: a thousand years. */
const MAX_MINUTES = 1000 * 366 * DAY_HOURS * 60

// Names that strangers choose: an object would know `constructor` too.
const ROLLING_DAYS = new Map([
  ['24h', 1],
  ['7d', 7],
  ['30d', 30],
  ['90d', 90],
  ['365d', 365],
])
const UNIT_MINUTES = new Map([
  ['weeks', 7 * DAY_HOURS * 60],
  ['days', DAY_HOURS * 60],
  ['hours', 60],
  ['minutes', 1],
])

/** The zones that strangers have named; making sure of one takes longer than all the rest. */
const zones = new Cache<boolean>(100_000, () => 0)

/** Whether this is the name of a time zone, such as `Europe/Berlin` or `UTC`. */
export function isTimeZone(name: string): boolean {
  // Offsets such as +02:00 are no names: they do not know of summer.
  if (name.length > 64 || !/^[A-Za-z]/.test(name)) return false
  const known = zones.get(name)
  if (known !== undefined) return known
  let is = true
  try {
    // Temporal would take a time such as T00Z too, and Intl some old names that Temporal does not know.
    new Intl.DateTimeFormat('en', { timeZone: name })
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    is = false
  }
  zones.set(name, is)
  return is
}

function readPeriod(
  { period, within, tz }: Readonly<Record<string, unknown>>,
  defaultZone: string,
  now: number,
): Asked {
  // The plus of `Etc/GMT+5` arrives as a space where nobody encoded it, and no name holds one.
  const named = typeof tz === 'string' ? tz.replaceAll(' ', '+') : tz
  const timeZone = named === undefined || named === '' ? defaultZone : named
  if (typeof timeZone !== 'string' || !isTimeZone(timeZone)) {
    throw bad('tz', 'tz must be a time zone such as Europe/Berlin or UTC.')
  }
  if (given(period) && given(within)) throw bad('period', 'Give period or within, not both.')
  if (given(within)) {
    const minutes = typeof within === 'string' ? parseWithin(within) : null
    if (minutes === null) {
      throw bad('within', 'within must be such as days=1,minutes=30: weeks, days, hours, minutes.')
    }
    return { span: lastMinutes(minutes, now), period: `within=${within}`, timeZone, named: true }
  }
  if (!given(period)) return { span: null, period: 'total', timeZone, named: true }
  const span = typeof period === 'string' ? spanOf(period, timeZone, now) : undefined
  if (span === undefined) {
    throw bad(
      'period',
      'period must be today, yesterday, 24h, 7d, 30d, 90d, 365d, week, last-week, month, last-month, year, total, ' +
        'a year such as 2026, a month such as 2026-11, or a day such as 2026-11-20.',
    )
  }
  return { span, period: String(period), timeZone, named: true }
}

/** A value that is empty is none. */
function given(value: unknown): boolean {
  return value !== undefined && value !== ''
}

function bad(option: string, sentence: string): Refusal {
  return new Refusal('bad_option', `bad ${option}`, sentence)
}

/** The minutes that words such as `days=1,minutes=30` add up to; null where they are none, or too many. */
function parseWithin(words: string): number | null {
  let sum = 0
  for (const word of words.split(',')) {
    const [, unit = '', many] = /^\s*([a-z]+)\s*=\s*(\d{1,9})\s*$/.exec(word) ?? []
    const minutes = UNIT_MINUTES.get(unit)
    if (minutes === undefined) return null
    sum += Number(many) * minutes
  }
  return sum > 0 && sum <= MAX_MINUTES ? sum : null
}

/** Numbers are kept by the hour: the hour in which the time begins is in it, and so is the present one. */
function lastMinutes(minutes: number, now: number): Span {
  return { from: hourOf(now - minutes * MINUTE_MS), to: hourOf(now) + 1 }
}

/** Spans by what was asked for. In every zone a day begins with a quarter of an hour, so for one they stay the same. */
const spans = new Cache<{ quarter: number; span: Span }>(500_000, () => 100)

/**
 * The span of a period as people name it: null for `total`, undefined where it is none.
 * @param timeZone an IANA name
 * @param now milliseconds since 1970, UTC
 */
export function spanOf(period: string, timeZone: string, now: number): Span | null | undefined {
  if (period === 'total') return null
  const name = `${period} ${timeZone.toLowerCase()}`
  const quarter = Math.floor(now / QUARTER_MS)
  const known = spans.get(name)
  if (known?.quarter === quarter) return known.span
  const span = workOut(period, timeZone, now)
  if (span) {
    spans.set(name, { quarter, span })
  }
  return span
}

function workOut(period: string, timeZone: string, now: number): Span | undefined {
  const days = ROLLING_DAYS.get(period)
  if (days !== undefined) return lastMinutes(days * DAY_HOURS * 60, now)
  const today = dateOf(now, timeZone)
  const present = (date: Temporal.PlainDate, length: Temporal.DurationLike) => {
    // The last hour of a day that ends within it belongs to the next, but a visit of this moment is one of today.
    const { from, to } = between(date, length, timeZone)
    return { from, to: Math.max(to, hourOf(now) + 1) }
  }
  switch (period) {
    case 'today':
      return present(today, { days: 1 })
    case 'yesterday':
      return between(today.subtract({ days: 1 }), { days: 1 }, timeZone)
    case 'week':
      return present(mondayOf(today), { weeks: 1 })
    case 'last-week':
      return between(mondayOf(today).subtract({ weeks: 1 }), { weeks: 1 }, timeZone)
    case 'month':
      return present(today.with({ day: 1 }), { months: 1 })
    case 'last-month':
      return between(today.with({ day: 1 }).subtract({ months: 1 }), { months: 1 }, timeZone)
    case 'year':
      return present(today.with({ month: 1, day: 1 }), { years: 1 })
  }
  const [whole, year, month, day] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(period) ?? []
  if (whole === undefined) return undefined
  const date = dateFrom(Number(year), Number(month ?? 1), Number(day ?? 1))
  if (date === null) return undefined
  const length =
    day !== undefined ? { days: 1 } : month !== undefined ? { months: 1 } : { years: 1 }
  return between(date, length, timeZone)
}

/** The day on which a week begins, by ISO 8601. */
function mondayOf(date: Temporal.PlainDate): Temporal.PlainDate {
  return date.subtract({ days: date.dayOfWeek - 1 })
}

function dateFrom(year: number, month: number, day: number): Temporal.PlainDate | null {
  try {
    return Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' })
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

const TOLD = new Map([
  ['total', 'in total'],
  ['today', 'today'],
  ['yesterday', 'yesterday'],
  ['24h', 'in 24 hours'],
  ['7d', 'in 7 days'],
  ['30d', 'in 30 days'],
  ['90d', 'in 90 days'],
  ['365d', 'in 365 days'],
  ['week', 'this week'],
  ['last-week', 'last week'],
  ['month', 'this month'],
  ['last-month', 'last month'],
  ['year', 'this year'],
])

/** Says of numbers which periods they are of: `12` is `today`. Of the total alone, nothing needs to be said. */
export function describePeriods(periods: readonly string[]): string[] {
  if (periods.length === 1 && periods[0] === 'total') return ['']
  return periods.map((period) => TOLD.get(period) ?? `${period.length > 7 ? 'on' : 'in'} ${period}`)
}

/** @throws Error where this is no time zone */
export function checkTimeZone(name: string): void {
  if (!isTimeZone(name)) throw new Error(`"${name}" is not a time zone such as Europe/Berlin`)
}
