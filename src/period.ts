import { Cache } from './cache.ts'
import { Refusal } from './refusal.ts'
import { DAY_HOURS, firstHourKept, lastMinutes, QUARTER_MS, type Span } from './time.ts'
import { type Day, isTimeZone, latestDays, spanOf } from './time-zone.ts'

/** The period that a request asks for. */
export interface RequestedPeriod {
  /** Null for the total, which includes hits whose time is not known. */
  span: Span | null
  /** As the request wrote it; `total` by default. */
  period: string
  timeZone: string
  /** Whether the request named a period or a time zone. */
  named: boolean
}

type Query = Readonly<Record<string, unknown>>

/** Bytes for the latest days, by count, unit and zone; and bytes of one day. */
const MAX_LATEST_BYTES = 4_000_000
const DAY_BYTES = 160
/** Later than any clock. */
const EVER_HOURS = 1e9
/** The longest `within`, in minutes: a thousand years. */
const MAX_MINUTES = 1000 * 366 * DAY_HOURS * 60

// A Map, because strangers choose the names: an object would also have the property `constructor`.
const UNIT_MINUTES = new Map([
  ['weeks', 7 * DAY_HOURS * 60],
  ['days', DAY_HOURS * 60],
  ['hours', 60],
  ['minutes', 1],
])

/** Reads periods as an instance's settings define them: with its time zone, and its limit on the history. */
export class Calendar {
  readonly #keepDays: number
  readonly #total: RequestedPeriod
  /** To calculate a year of days takes 3 ms. The result is valid until the next quarter hour. */
  readonly #latest = new Cache<{ quarter: number; days: readonly Day[] }>(
    MAX_LATEST_BYTES,
    ({ days }) => DAY_BYTES * days.length,
  )

  /**
   * @param timeZone where days begin when a request names no zone
   * @param keepDays days for which numbers over time are kept; 0 for ever
   */
  constructor(timeZone: string, keepDays: number) {
    this.#keepDays = keepDays
    this.#total = { span: null, period: 'total', timeZone, named: false }
  }

  /**
   * The period that a query names with `period` or `within`, in the zone that it names with `tz`; by default `total`.
   * @throws Refusal `bad_option`
   */
  read(query: Query, now: number): RequestedPeriod {
    const { period, within, tz } = query
    if (period === undefined && within === undefined && tz === undefined) return this.#total
    const requested = readPeriod(query, this.#total.timeZone, now)
    return { ...requested, span: requested.span && this.#kept(requested.span, now) }
  }

  /**
   * The periods of `show`, in the zone that the query names with `tz`.
   * @throws Refusal `bad_option` if one does not exist, or the query also has `period` or `within`
   */
  readAll(periods: readonly string[], query: Query, now: number): RequestedPeriod[] {
    if (isSet(query.period) || isSet(query.within)) {
      throw badOption('show', 'Give show, or period or within, not both.')
    }
    const timeZone = readTimeZone(query.tz, this.#total.timeZone)
    return periods.map((period) => {
      const span = spanOf(period, timeZone, now)
      if (span === undefined) throw badOption('show', `show names ${period}, which is no date.`)
      return { span: span && this.#kept(span, now), period, timeZone, named: true }
    })
  }

  /** The last `count` days or months, oldest first, the present one included. */
  latest(count: number, unit: 'days' | 'months', zone: string, now: number): readonly Day[] {
    // A zone may be written in upper and lower case.
    const name = `${count} ${unit} ${zone.toLowerCase()}`
    const known = this.#latest.get(name)
    const quarter = Math.floor(now / QUARTER_MS)
    if (known?.quarter === quarter) return known.days
    const days = latestDays(count, unit, zone, now).map(({ day, span }) => ({
      day,
      span: this.#kept(span, now),
    }))
    this.#latest.set(name, { quarter, days })
    return days
  }

  /** The span of a named period, such as `today`. */
  span(period: string, zone: string, now: number): Span | null {
    const span = spanOf(period, zone, now)
    return span ? this.#kept(span, now) : null
  }

  /** The present day, where the instance is. */
  today(now: number): Span {
    return this.span('today', this.#total.timeZone, now) as Span
  }

  /** All the time for which hits are kept. */
  ever(now: number): Span {
    return this.#kept({ from: -EVER_HOURS, to: EVER_HOURS }, now)
  }

  /** Cuts off what is too old to be kept: it may not have been removed yet, but it is not shown. */
  #kept(span: Span, now: number): Span {
    if (this.#keepDays === 0) return span
    const first = firstHourKept(this.#keepDays, now)
    return { from: Math.max(first, span.from), to: Math.max(first, span.to) }
  }
}

function readPeriod({ period, within, tz }: Query, defaultZone: string, now: number) {
  const timeZone = readTimeZone(tz, defaultZone)
  if (isSet(period) && isSet(within)) throw badOption('period', 'Give period or within, not both.')
  if (isSet(within)) {
    const minutes = typeof within === 'string' ? parseWithin(within) : null
    if (minutes === null) {
      throw badOption(
        'within',
        'within must be such as days=1,minutes=30: weeks, days, hours, minutes.',
      )
    }
    return { span: lastMinutes(minutes, now), period: `within=${within}`, timeZone, named: true }
  }
  if (!isSet(period)) return { span: null, period: 'total', timeZone, named: true }
  const span = typeof period === 'string' ? spanOf(period, timeZone, now) : undefined
  if (span === undefined) {
    throw badOption(
      'period',
      'period must be today, yesterday, 24h, 7d, 30d, 90d, 365d, week, last-week, month, last-month, year, total, ' +
        'a year such as 2026, a month such as 2026-11, or a day such as 2026-11-20.',
    )
  }
  return { span, period: String(period), timeZone, named: true }
}

/** @throws Refusal `bad_option` */
export function readTimeZone(tz: unknown, defaultZone: string): string {
  // An unencoded plus, as in `Etc/GMT+5`, arrives as a space. No name contains a space.
  const zone = isSet(tz) ? tz : defaultZone
  const name = typeof zone === 'string' ? zone.replaceAll(' ', '+') : ''
  if (!isTimeZone(name)) {
    throw badOption('tz', 'tz must be a time zone such as Europe/Berlin or UTC.')
  }
  return name
}

/** An empty value counts as not set. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== ''
}

export function badOption(option: string, sentence: string): Refusal {
  return new Refusal('bad_option', `bad ${option}`, sentence, { field: option })
}

/** The sum of a text such as `days=1,minutes=30`, in minutes; null if it is malformed, zero or too long. */
function parseWithin(text: string): number | null {
  let sum = 0
  for (const part of text.split(',')) {
    const [, unit = '', amount] = /^\s*([a-z]+)\s*=\s*(\d{1,9})\s*$/.exec(part) ?? []
    const minutes = UNIT_MINUTES.get(unit)
    if (minutes === undefined) return null
    sum += Number(amount) * minutes
  }
  return sum > 0 && sum <= MAX_MINUTES ? sum : null
}

const DESCRIPTIONS = new Map([
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

/** The words that follow a number to say its period, such as `today`. The total alone needs none. */
export function describePeriods(periods: readonly string[]): string[] {
  if (periods.length === 1 && periods[0] === 'total') return ['']
  return periods.map(
    (period) => DESCRIPTIONS.get(period) ?? `${period.length > 7 ? 'on' : 'in'} ${period}`,
  )
}
