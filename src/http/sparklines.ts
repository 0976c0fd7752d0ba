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

/** How long a page's history is shown before it is read again, in ms. */
const FRESH_MS = 60_000
/** Bytes for the sparklines of pages, and of each. */
const MAX_KNOWN_BYTES = 16_000_000
const SPARKLINE_BYTES = 1500
/** New hits are added to the last point. The sparkline is drawn again when that point has grown by this factor. */
const GROWN = 1.1

interface Known {
  freshUntil: number
  sparkline: LiveSparkline | Promise<LiveSparkline>
}

/** Reads the sparklines of badges. The history of a page that is shown often is read once a minute. */
export class SparklineReader {
  readonly #store: Store
  readonly #calendar: Calendar
  readonly #known = new Cache<Known>(MAX_KNOWN_BYTES, () => SPARKLINE_BYTES)

  constructor(store: Store, calendar: Calendar) {
    this.#store = store
    this.#calendar = calendar
  }

  /** Has each history read again: an operator has changed pages. */
  forget(): void {
    this.#known.clear()
  }

  /** @returns a promise only if the history has to be read. It rejects with Refusal `unavailable` */
  read(
    page: PageKey,
    trend: SparklinePeriod,
    timeZone: string,
    now: number,
  ): LiveSparkline | Promise<LiveSparkline> {
    const name = `${trend} ${timeZone.toLowerCase()} ${page}`
    const known = this.#known.get(name)
    if (known && now < known.freshUntil) return known.sparkline
    const { points, unit } = SPARKLINE_PERIODS[trend]
    const spans = this.#calendar.latest(points, unit, timeZone, now).map(({ span }) => span)
    const fresh: Known = {
      // The hits of the next day belong to the next point, and every day begins at :00, :15, :30 or :45 UTC.
      freshUntil: Math.min(now + FRESH_MS, (Math.floor(now / QUARTER_MS) + 1) * QUARTER_MS),
      sparkline: this.#store.replica.sums(page, spans).then((hits) => {
        fresh.sparkline = new LiveSparkline(trend, hits)
        return fresh.sparkline
      }),
    }
    // A failed read is not kept; the next request tries again. Requests that wait see the failure themselves.
    Promise.resolve(fresh.sparkline).catch(() => {
      fresh.freshUntil = Number.NEGATIVE_INFINITY
    })
    this.#known.set(name, fresh)
    return fresh.sparkline
  }
}

/** A page's sparkline, which grows with the page's number until its history is read again. */
export class LiveSparkline {
  readonly #trend: SparklinePeriod
  readonly #earlier: readonly number[]
  readonly #last: number
  /** The page's number when its history was read. */
  #start: number | null = null
  #drawn: number
  #sparkline: Sparkline

  /** @param hits by day or month, oldest first */
  constructor(trend: SparklinePeriod, hits: readonly number[]) {
    this.#trend = trend
    this.#earlier = hits.slice(0, -1)
    this.#last = hits.at(-1) ?? 0
    this.#drawn = this.#last
    this.#sparkline = createSparkline(trend, hits)
  }

  /**
   * @param count the page's number now
   * @param counted whether the present visit is in that number
   */
  upTo(count: number, counted: boolean): Sparkline {
    this.#start ??= counted ? count - 1 : count
    const grown = this.#last + Math.max(0, count - this.#start)
    if (grown > this.#drawn * GROWN) {
      this.#drawn = grown
      this.#sparkline = createSparkline(this.#trend, [...this.#earlier, grown])
    }
    return this.#sparkline
  }
}
