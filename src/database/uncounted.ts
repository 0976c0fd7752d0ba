import type { PageKey } from '../page.ts'
import type { UncountedVisits } from '../store.ts'
import { hourOf } from '../time.ts'
import type { UncountedOutcome } from '../visit.ts'

/**
 * Entries that may wait, each for one page, hour and outcome. When the queue is full, a new visit is dropped unless its
 * entry is already there.
 */
const CAPACITY = 10_000
/** Entries written at a time, between two batches of hits: some ms of work. */
const MAX_SLICE = 500

/** Visits that did not count, until they are written together. They may wait, because nobody was shown their number. */
export class UncountedQueue {
  readonly #writeSlice: (uncounted: UncountedVisits[]) => Promise<unknown>
  #waiting = new Map<string, UncountedVisits>()
  #writing: Promise<void> = Promise.resolve()

  /** @param writeSlice writes some of them; if it rejects, none of these is written */
  constructor(writeSlice: (uncounted: UncountedVisits[]) => Promise<unknown>) {
    this.#writeSlice = writeSlice
  }

  add(page: PageKey, outcome: UncountedOutcome, at: number): void {
    this.#add({ page, outcome, hour: hourOf(at), visits: 1 })
  }

  /**
   * Writes everything in the queue; what cannot be written stays there. A second call waits for the first: when it
   * resolves, the visits that the first one took are written too.
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
        await this.#writeSlice(taken.slice(-MAX_SLICE))
        taken.length = Math.max(0, taken.length - MAX_SLICE)
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
