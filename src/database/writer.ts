import type { CountedHit, NewHit } from '../store.ts'

interface Waiter {
  hit: NewHit
  resolve(counted: CountedHit): void
  reject(reason: Error): void
}

/**
 * Group commit: visits that queue up during one turn of the event loop are written by one call of
 * `writeBatch`, and answered only after it returns. A commit costs one sync of the disk whatever it holds, so
 * the busier the service, the cheaper a visit.
 */
export class GroupCommit {
  #waiting: Waiter[] = []
  #scheduled = false
  readonly #writeBatch: (hits: NewHit[]) => CountedHit[]
  readonly #refuse: (cause: unknown) => Error

  /**
   * @param writeBatch makes all hits durable, or throws and leaves none; answers in the order of the hits
   * @param refuse what to tell those whose batch failed
   */
  constructor(writeBatch: (hits: NewHit[]) => CountedHit[], refuse: (cause: unknown) => Error) {
    this.#writeBatch = writeBatch
    this.#refuse = refuse
  }

  count(hit: NewHit): Promise<CountedHit> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ hit, resolve, reject })
      if (this.#scheduled) return
      this.#scheduled = true
      setImmediate(() => this.flush())
    })
  }

  /** Writes what waits, now. */
  flush(): void {
    this.#scheduled = false
    const batch = this.#waiting
    if (batch.length === 0) return
    this.#waiting = []
    let counted: CountedHit[]
    try {
      counted = this.#writeBatch(batch.map((waiter) => waiter.hit))
    } catch (error) {
      const reason = this.#refuse(error)
      for (const waiter of batch) waiter.reject(reason)
      return
    }
    batch.forEach((waiter, index) => {
      waiter.resolve(counted[index] as CountedHit)
    })
  }
}
