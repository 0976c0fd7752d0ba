import {
  createSparkline,
  SPARKLINE_PERIODS,
  type Sparkline,
  type SparklinePeriod,
} from '../badge/sparkline.ts'
import { Cache } from '../cache.ts'
import type { PageKey } from '../page.ts'
import type { Calendar } from '../period.ts'
import type { Store } from '../store.ts'
import { QUARTER_MS } from '../time.ts'

/** How old what is known of a line may be, in ms. */
const FRESH_MS = 60_000
/** Bytes for lines by page, and those of each. */
const MAX_KNOWN_BYTES = 16_000_000
const LINE_BYTES = 1500
/** Hits since then are added to the last point; it is drawn again when it has grown by this much. */
const GROWN = 1.1

/** A page's line. */
export interface LiveSparkline {
  /**
   * @param count the page's number now
   * @param counted whether the visit that asks is in it
   */
  upTo(count: number, counted: boolean): Sparkline
}

interface Known {
  freshUntil: number
  line: LiveSparkline | Promise<LiveSparkline>
}

/** Reads the lines that badges show. Of a page that is often shown, its history is asked for once a minute. */
export function sparklineReader(store: Store, calendar: Calendar) {
  const known = new Cache<Known>(MAX_KNOWN_BYTES, () => LINE_BYTES)

  /** @returns a promise only where it has to be read. It rejects with Refusal `unavailable` */
  return function read(
    page: PageKey,
    trend: SparklinePeriod,
    timeZone: string,
    now: number,
  ): LiveSparkline | Promise<LiveSparkline> {
    const name = `${trend} ${timeZone.toLowerCase()} ${page}`
    const before = known.get(name)
    if (before && now < before.freshUntil) return before.line
    const { points, unit } = SPARKLINE_PERIODS[trend]
    const spans = calendar.latest(points, unit, timeZone, now).map(({ span }) => span)
    const fresh: Known = {
      // What comes in the next day belongs to the next point.
      freshUntil: Math.min(now + FRESH_MS, (Math.floor(now / QUARTER_MS) + 1) * QUARTER_MS),
      line: store.replica.sums(page, spans).then((values) => {
        fresh.line = liveSparkline(trend, values)
        return fresh.line
      }),
    }
    // What failed is not remembered: who asks next asks again. Who waits is told by the promise itself.
    Promise.resolve(fresh.line).catch(() => {
      fresh.freshUntil = Number.NEGATIVE_INFINITY
    })
    known.set(name, fresh)
    return fresh.line
  }
}

export type SparklineReader = ReturnType<typeof sparklineReader>

function liveSparkline(trend: SparklinePeriod, values: readonly number[]): LiveSparkline {
  const earlier = values.slice(0, -1)
  const last = values.at(-1) ?? 0
  let start: number | null = null
  let drawn = last
  let history = createSparkline(trend, values)
  return {
    upTo(count, counted) {
      start ??= counted ? count - 1 : count
      const grown = last + Math.max(0, count - start)
      if (grown > drawn * GROWN) {
        drawn = grown
        history = createSparkline(trend, [...earlier, grown])
      }
      return history
    },
  }
}
