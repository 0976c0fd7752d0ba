import type { Calendar } from '../period.ts'
import { hourOf, type Span } from '../time.ts'

/** A number beside that of the time before. */
export interface Compared {
  hits: number
  /** Hits of as long a time before; null if that is not kept. */
  before: number | null
}

/** The span of a period that ends now, and that of as long a time before. */
export function comparedSpans(
  calendar: Calendar,
  period: 'today' | '7d' | '30d',
  timeZone: string,
  now: number,
): [Span, Span] {
  const span = calendar.span(period, timeZone, now) as Span
  if (period !== 'today') return [span, { from: 2 * span.from - span.to, to: span.from }]
  const yesterday = calendar.span('yesterday', timeZone, now) as Span
  // Of a day that is not over, only so much can be compared.
  const sofar = hourOf(now) + 1 - span.from
  return [span, { from: yesterday.from, to: Math.min(yesterday.to, yesterday.from + sofar) }]
}

/** @param sums the hits of the spans of several periods, as `comparedSpans` gives them */
export function compare(
  spans: readonly Span[],
  sums: readonly number[],
  calendar: Calendar,
  now: number,
): Compared[] {
  const { from: keptFrom } = calendar.ever(now)
  return spans.flatMap(({ from }, at) =>
    at % 2 === 0
      ? []
      : [{ hits: sums[at - 1] as number, before: from < keptFrom ? null : (sums[at] as number) }],
  )
}
