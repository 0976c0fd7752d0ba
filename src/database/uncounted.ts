import { hourOf } from '../hours.ts'
import type { PageKey } from '../page.ts'
import type { UncountedVisits } from '../store.ts'
import type { UncountedOutcome } from '../visit.ts'

/** Notes that may wait: pages with an hour and an outcome each. Those that come then are lost, save of such as wait. */
const CAPACITY = 10_000
/** Notes written between two batches of hits; some ms' work. */
const AT_ONCE = 500

/** Visits that did not count, until they are written: together, since nobody was promised that they are on disk. */
export class UncountedQueue {
  readonly #writeSlice: (uncounted: UncountedVisits[]) => Promise<unknown>
  #waiting = new Map<string, UncountedVisits>()
  #writing: Promise<void> = Promise.resolve()

  /** @param writeSlice writes some of them; where it rejects, none of those is written */
  constructor(writeSlice: (uncounted: UncountedVisits[]) => Promise<unknown>) {
    this.#writeSlice = writeSlice
  }

  add(page: PageKey, outcome: UncountedOutcome, at: number): void {
    this.#add({ page, outcome, hour: hourOf(at), visits: 1 })
  }

  /**
   * Writes what waits; where that fails, it waits on. One after the other: who comes second has to see all that the
   * first one took.
   */
  write(): Promise<void> {
    const write = () => this.#writeWaiting()
    this.#writing = this.#writing.then(write, write)
    return this.#writing
  }

  async #writeWaiting(): Promise<void> {
    const taken = [...this.#waiting.values()]
    this.#waiting = new Map()
    try {
      while (taken.length > 0) {
        await this.#writeSlice(taken.slice(-AT_ONCE))
        taken.length = Math.max(0, taken.length - AT_ONCE)
      }
    } catch (error) {
      for (const visits of taken) this.#add(visits)
      throw error
    }
  }

  #add(visits: UncountedVisits): void {
    const key = `${visits.outcome} ${visits.hour} ${visits.page}`
    const waiting = this.#waiting.get(key)
    if (waiting) waiting.visits += visits.visits
    else if (this.#waiting.size < CAPACITY) this.#waiting.set(key, visits)
  }
}
