interface Waiter<Hit, Counted> {
  hit: Hit
  resolve(counted: Counted): void
  reject(reason: unknown): void
}

/**
 * Group commit: the hits of one turn of the event loop, and those that come while a batch is being written, are
 * written together and answered only when they are on disk. A commit costs one sync of the disk whatever it holds,
 * so the busier the service, the cheaper a visit.
 */
export class GroupCommit<Hit, Counted> {
  #waiting: Waiter<Hit, Counted>[] = []
  #writing: Promise<void> | null = null
  #scheduled = false
  readonly #writeBatch: (hits: Hit[]) => Promise<(Counted | Error)[]>
  readonly #most: number
  readonly #busy: () => Error

  /**
   * @param writeBatch makes the hits durable and resolves with an answer for each, in order: an Error is for that
   *   hit alone. Where it rejects, none of them is stored.
   * @param most hits that may wait while a batch is being written; what comes then is refused at once
   * @param busy the refusal
   */
  constructor(
    writeBatch: (hits: Hit[]) => Promise<(Counted | Error)[]>,
    most: number,
    busy: () => Error,
  ) {
    this.#writeBatch = writeBatch
    this.#most = most
    this.#busy = busy
  }

  add(hit: Hit): Promise<Counted> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= this.#most) {
        reject(this.#busy())
        return
      }
      this.#waiting.push({ hit, resolve, reject })
      if (this.#scheduled || this.#writing) return
      this.#scheduled = true
      setImmediate(() => {
        this.#scheduled = false
        if (!this.#writing) this.#next()
      })
    })
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    if (!this.#writing) this.#next()
    while (this.#writing) await this.#writing
  }

  #next(): void {
    const batch = this.#waiting
    this.#writing = null
    if (batch.length === 0) return
    this.#waiting = []
    this.#writing = this.#write(batch)
  }

  async #write(batch: Waiter<Hit, Counted>[]): Promise<void> {
    try {
      const counted = await this.#writeBatch(batch.map(({ hit }) => hit))
      for (const [index, { resolve, reject }] of batch.entries()) {
        const answer = counted[index] as Counted | Error
        if (answer instanceof Error) reject(answer)
        else resolve(answer)
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
    this.#next()
  }
}
