interface Waiter<Hit, Counted> {
  hit: Hit
  resolve(counted: Counted | Promise<Counted>): void
  reject(reason: unknown): void
}

/** One for each hit: an Error is for that hit alone. */
type Answers<Counted> = (Counted | Error | Promise<Counted>)[]

/**
 * Group commit: the hits of one turn of the event loop, and those that come while a batch is being written, are
 * written together and answered only when they are on disk. A commit costs one sync of the disk whatever it holds,
 * so the busier the service, the cheaper a visit.
 */
export class GroupCommit<Hit, Counted> {
  readonly #waiting: Waiter<Hit, Counted>[] = []
  readonly #writing = new Set<Promise<void>>()
  readonly #free: number[]
  #scheduled = false
  #onTheirWay = 0
  readonly #writeBatch: (hits: Hit[], connection: number) => Promise<Answers<Counted>>
  readonly #most: number
  readonly #largest: number
  readonly #together: boolean
  readonly #busy: () => Error

  /**
   * @param writeBatch makes the hits durable and resolves with an answer for each, in order. Where it rejects, none of them is stored. Each connection is told of one batch at a time.
   * @param most hits that may wait while batches are being written; what comes then is refused at once
   * @param busy the refusal
   * @param connections batches that may be written at once; another has as many hits as are on their way, or waits
   * @param largest hits that a batch may have
   * @param together whether those who wait are refused along with a batch that fails: where it took long to fail,
   *   they would have to wait as long for the same
   */
  constructor(
    writeBatch: (hits: Hit[], connection: number) => Promise<Answers<Counted>>,
    most: number,
    busy: () => Error,
    { connections = 1, largest = Number.POSITIVE_INFINITY, together = false } = {},
  ) {
    this.#largest = largest
    this.#together = together
    this.#writeBatch = writeBatch
    this.#most = most
    this.#busy = busy
    this.#free = Array.from({ length: connections }, (_, connection) => connection)
  }

  add(hit: Hit): Promise<Counted> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= this.#most) {
        reject(this.#busy())
        return
      }
      this.#waiting.push({ hit, resolve, reject })
      if (this.#scheduled || this.#free.length === 0) return
      this.#scheduled = true
      setImmediate(() => {
        this.#scheduled = false
        this.#next()
      })
    })
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    for (this.#next(); this.#writing.size > 0; this.#next()) await Promise.all(this.#writing)
  }

  #next(): void {
    // A small batch costs nearly as much as a large one, so a further one waits until it is worth it.
    if (this.#waiting.length === 0 || this.#waiting.length < this.#onTheirWay) return
    const connection = this.#free.shift()
    if (connection === undefined) return
    const batch = this.#waiting.splice(0, this.#largest)
    this.#onTheirWay += batch.length
    const writing = this.#write(batch, connection).then(() => {
      this.#onTheirWay -= batch.length
      this.#writing.delete(writing)
      this.#free.push(connection)
      this.#next()
    })
    this.#writing.add(writing)
    // What is more than a batch goes another way, if there is one.
    this.#next()
  }

  async #write(batch: Waiter<Hit, Counted>[], connection: number): Promise<void> {
    try {
      const hits = batch.map(({ hit }) => hit)
      const counted = await this.#writeBatch(hits, connection)
      for (const [index, { resolve, reject }] of batch.entries()) {
        const answer = counted[index] as Answers<Counted>[number]
        if (answer instanceof Error) reject(answer)
        else resolve(answer)
      }
    } catch (error) {
      const waiting = this.#together ? this.#waiting.splice(0) : []
      for (const { reject } of [...batch, ...waiting]) reject(error)
    }
  }
}
