import type { PageKey } from '../page.ts'
import type { Calendar } from '../period.ts'
import type { Reader } from '../store.ts'
import { hourOf, type Span } from '../time.ts'

/** A number beside that of the time before. */
export interface Compared {
  hits: number
  /** Hits of as long a time before; null if that is not kept. */
  before: number | null
}

/** The periods that stand beside a number. */
const PERIODS = ['today', '7d', '30d'] as const
export type ComparedPeriod = (typeof PERIODS)[number]

/** The number of a page or host, and its hits in each period compared with the time before, at one moment. */
export async function readCompared(
  reader: Reader,
  calendar: Calendar,
  key: PageKey,
  timeZone: string,
  now: number,
): Promise<{ count: number; periods: Record<ComparedPeriod, Compared> }> {
  const spans = PERIODS.map((period) => spansOf(calendar, period, timeZone, now))
  const [count = 0, ...sums] = await reader.sums(key, [null, ...spans.flat()])
  const { from: keptFrom } = calendar.ever(now)
  const periods = PERIODS.map((period, at) => {
    const [, before] = spans[at] as [Span, Span]
    const isKept = before.from >= keptFrom
    return [period, { hits: sums[2 * at], before: isKept ? sums[2 * at + 1] : null }]
  })
  return { count, periods: Object.fromEntries(periods) }
}

/** The span of a period that ends now, and that of as long a time before. */
function spansOf(
  calendar: Calendar,
  period: ComparedPeriod,
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
