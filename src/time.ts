export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
/** In every time zone, each day begins at :00, :15, :30 or :45 of an hour of UTC. */
export const QUARTER_MS = HOUR_MS / 4
export const DAY_HOURS = 24
/** A day whose hours are no longer known is placed at this hour, UTC: in nearly every time zone it has the same date. */
export const NOON_HOUR = 12
export const DAY_MS = DAY_HOURS * HOUR_MS

/** Whole hours since 1970, UTC, from `from` up to but not including `to`. */
export interface Span {
  from: number
  to: number
}

/** The hour that contains a moment, which is given in ms since 1970. */
export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS)
}

/** The last minutes in whole hours: the hour in which they begin and the present hour are included. */
export function lastMinutes(minutes: number, now: number): Span {
  return { from: hourOf(now - minutes * MINUTE_MS), to: hourOf(now) + 1 }
}

/** The first hour to keep when `days` days before today, UTC, are kept. */
export function firstHourKept(days: number, now: number): number {
  return (Math.floor(now / DAY_MS) - days) * DAY_HOURS
}

/** The days whose noon lies in a span. A day is therefore never in two spans that do not overlap. */
export function daysWithNoonIn({ from, to }: Span): Span {
  const dayAfter = (hour: number) => Math.ceil((hour - NOON_HOUR) / DAY_HOURS)
  return { from: dayAfter(from), to: dayAfter(to) }
}

/** A time as people read it: `2026-01-15 12:00 UTC`. */
export function writeTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** An hour as people read it: `2026-01-15, 12:00 to 13:00 UTC`. @param hour whole hours since 1970 */
export function writeHour(hour: number): string {
  const begin = new Date(hour * HOUR_MS).toISOString()
  const end = new Date((hour + 1) * HOUR_MS).toISOString()
  return `${begin.slice(0, 10)}, ${begin.slice(11, 16)} to ${end.slice(11, 16)} UTC`
}
