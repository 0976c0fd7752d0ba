export const HOUR_MS = 3_600_000
/** In every time zone a day begins with one. */
export const QUARTER_MS = HOUR_MS / 4
export const DAY_HOURS = 24
/** Stands for a day of which the hours are not known any more: in nearly every time zone it belongs to the same date. */
export const NOON_HOUR = 12
export const DAY_MS = DAY_HOURS * HOUR_MS

/** Whole hours since 1970, UTC: the first, and the one after the last. */
export interface Span {
  from: number
  to: number
}

/** The hour in which a moment lies, in ms since 1970. */
export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS)
}

/** The first hour of what so many days keep: today and those before it, UTC. */
export function firstHourKept(days: number, now: number): number {
  return (Math.floor(now / DAY_MS) - days) * DAY_HOURS
}

/** The days that stand for a span: each counts with its twelfth hour, so that no day is in two spans that meet. */
export function standInDays({ from, to }: Span): Span {
  const dayAfter = (hour: number) => Math.ceil((hour - NOON_HOUR) / DAY_HOURS)
  return { from: dayAfter(from), to: dayAfter(to) }
}
