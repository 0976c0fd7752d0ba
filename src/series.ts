import { badOption, isSet, readTimeZone } from './period.ts'
import { DAY_MS, firstHourKept, HOUR_MS, hourOf, type Span } from './time.ts'
import { dayAt, nameOfHour, startOfDay } from './time-zone.ts'

/** What a point of a series is, in a time zone. An hour is one of UTC, since that is how hits are kept. */
export const UNITS = ['hour', 'day', 'month'] as const
export type Unit = (typeof UNITS)[number]

/** The points of the longest series. */
export const MAX_POINTS = 1000
/** The points of a series that does not say where it begins. */
export const USUAL_POINTS: Readonly<Record<Unit, number>> = { hour: 48, day: 30, month: 12 }

/** A part of time with a name: `2026-11`, `2026-11-20`, or `2026-11-20T05:00+01:00`. Names can be `from` and `to`. */
export interface Point {
  name: string
  span: Span
}

/** The first and the last point of a series, by name. */
export interface Range {
  from: string
  to: string
}

/** Consecutive points: no hour is in two of them, and none is left out. */
export interface Series {
  unit: Unit
  timeZone: string
  /** Oldest first. Empty if nothing of the requested time is kept. */
  points: readonly Point[]
  /** Numbers by this unit are kept since this moment, in ms; null for ever. Before it there is no point. */
  keptFrom: number | null
  /** As many points before and after; null where nothing is kept, and after the present. */
  earlier: Range | null
  later: Range | null
}

/** Which numbers over time an instance keeps; 0 days for ever. */
export interface Kept {
  /** Where days begin if a request names no zone. */
  timeZone: string
  /** Days for which hits are kept by the hour, and numbers over time at all. */
  keepHoursDays: number
  keepHistoryDays: number
}

/** The parameters `unit`, `from`, `to` and `tz` of a request. */
type SeriesQuery = Readonly<Record<string, unknown>>

/**
 * The series that a request asks for: from the point that contains `from` to the one that contains `to`. By default, it is by
 * day, goes up to the present, and has `usual` points.
 * @param usual the points of a series that does not say where it begins
 * @throws Refusal `bad_option`
 */
export function readSeries(
  query: SeriesQuery,
  kept: Kept,
  now: number,
  usual: Readonly<Record<Unit, number>> = USUAL_POINTS,
): Series {
  const unit = readUnit(query.unit)
  const timeZone = readTimeZone(query.tz, kept.timeZone)
  const scale = SCALES[unit](timeZone)
  const present = scale.at(now)
  const hours = hoursKept(unit, kept, now)
  const first = hours === null ? Number.NEGATIVE_INFINITY : scale.at(hours * HOUR_MS)
  const [, to = present] = readRange('to', query.to, scale)
  const last = Math.min(to, present)
  const [from = last - usual[unit] + 1] = readRange('from', query.from, scale)
  if (from > last) throw badOption('from', 'from must not be later than to, and not in the future.')
  const begin = Math.max(from, first)
  const length = last - begin + 1
  if (length > MAX_POINTS) {
    throw badOption(
      'from',
      `That is a series of ${length} ${unit}s, and the longest has ${MAX_POINTS}: give a later from or a larger unit.`,
    )
  }
  const rangeOf = (from: number, to: number): Range => ({
    from: scale.name(from),
    to: scale.name(to),
  })
  const step = Math.max(1, length)
  const earlier = Math.max(begin - step, first)
  return {
    unit,
    timeZone,
    points: pointsOf(scale, begin, length, hours, last === present ? hourOf(now) : null),
    keptFrom: hours === null ? null : hours * HOUR_MS,
    earlier: length > 0 && earlier < begin ? rangeOf(earlier, begin - 1) : null,
    later: last < present ? rangeOf(last + 1, Math.min(last + step, present)) : null,
  }
}

/** The points of a unit, numbered: the next one has the next number. */
interface Scale {
  /** The number of the point that contains a moment, in ms. */
  at(moment: number): number
  /** The numbers of the first and the last point of a day, which is named as `2026-11-20`. */
  ofDay(day: string): [first: number, last: number]
  /** The hour with which a point begins. */
  begin(point: number): number
  name(point: number): string
}

const SCALES: Readonly<Record<Unit, (timeZone: string) => Scale>> = {
  hour: (timeZone) => ({
    at: hourOf,
    ofDay: (day) => [
      startOfDay(day, timeZone),
      // A day that the zone leaves out has no hour.
      Math.max(startOfDay(day, timeZone), startOfDay(nameOfDay(dayOf(day) + 1), timeZone) - 1),
    ],
    begin: (hour) => hour,
    name: (hour) => nameOfHour(hour, timeZone),
  }),
  day: (timeZone) => ({
    at: (moment) => dayOf(dayAt(moment, timeZone)),
    ofDay: (day) => [dayOf(day), dayOf(day)],
    begin: (day) => startOfDay(nameOfDay(day), timeZone),
    name: nameOfDay,
  }),
  month: (timeZone) => ({
    at: (moment) => monthOf(dayAt(moment, timeZone)),
    ofDay: (day) => [monthOf(day), monthOf(day)],
    begin: (month) => startOfDay(`${nameOfMonth(month)}-01`, timeZone),
    name: nameOfMonth,
  }),
}

/** Whole days since 1970, and months since the year 0. */
const dayOf = (day: string) => Date.parse(day) / DAY_MS
const nameOfDay = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10)
const monthOf = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1
const nameOfMonth = (month: number) =>
  `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}`

/**
 * @param keptFrom the first hour that is kept
 * @param presentHour the present hour, if the last point is the present one
 */
function pointsOf(
  scale: Scale,
  first: number,
  length: number,
  keptFrom: number | null,
  presentHour: number | null,
): Point[] {
  const begins = Array.from({ length: Math.max(0, length) + 1 }, (_, at) => scale.begin(first + at))
  // A visit now belongs to the present point, even if the next one begins within this hour.
  if (presentHour !== null) begins.push(Math.max(begins.pop() as number, presentHour + 1))
  return begins.slice(0, -1).flatMap((begin, at) => {
    const span = { from: Math.max(begin, keptFrom ?? begin), to: begins[at + 1] as number }
    // Some zones have left a day out.
    return span.to > span.from ? [{ name: scale.name(first + at), span }] : []
  })
}

/** The first hour for which numbers by a unit are kept; null for ever. */
function hoursKept(unit: Unit, { keepHoursDays, keepHistoryDays }: Kept, now: number) {
  const days = [keepHistoryDays, ...(unit === 'hour' ? [keepHoursDays] : [])].filter(
    (each) => each > 0,
  )
  return days.length === 0 ? null : firstHourKept(Math.min(...days), now)
}

function readUnit(value: unknown): Unit {
  if (!isSet(value)) return 'day'
  const unit = UNITS.find((each) => each === value)
  if (unit === undefined) throw badOption('unit', 'unit must be hour, day or month.')
  return unit
}

const MONTH = /^[12]\d{3}-\d\d$/
const DAY = /^[12]\d{3}-\d\d-\d\d$/
const MOMENT = /^(.{10})T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

/** The numbers of the first and the last point of the time that a parameter names; none if it is missing. */
function readRange(
  name: 'from' | 'to',
  value: unknown,
  scale: Scale,
): [first?: number, last?: number] {
  if (!isSet(value)) return []
  // An unencoded plus arrives as a space.
  const text = typeof value === 'string' ? value.replace(' ', '+') : ''
  const moment = isDay(MOMENT.exec(text)?.[1] ?? '') ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(moment)) return [scale.at(moment), scale.at(moment)]
  if (isDay(text)) return scale.ofDay(text)
  if (MONTH.test(text) && isDay(`${text}-01`)) {
    const next = dayOf(`${nameOfMonth(monthOf(text) + 1)}-01`)
    return [scale.ofDay(`${text}-01`)[0], scale.ofDay(nameOfDay(next - 1))[1]]
  }
  throw badOption(
    name,
    `${name} must be a day such as 2026-11-20, a month such as 2026-11, or a time such as 2026-11-20T12:00Z.`,
  )
}

function isDay(text: string): boolean {
  return DAY.test(text) && !Number.isNaN(dayOf(text)) && nameOfDay(dayOf(text)) === text
}
