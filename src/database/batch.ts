import type { PageKey } from '../page.ts'
import type { Store, Tally, UncountedVisits } from '../store.ts'
import { hourOf } from '../time.ts'
import type { UncountedOutcome } from '../visit.ts'
import { unavailable } from './failures.ts'

interface Waiting<Item, Answer> {
  item: Item
  resolve(answer: Answer | Promise<Answer>): void
  reject(reason: unknown): void
}

/** One for each item of a batch, in order. An Error rejects that item alone. */
type Answers<Answer> = (Answer | Error | Promise<Answer>)[]

export interface BatchOptions {
  /** Items that may wait while batches are running. A further item is refused at once. */
  maxWaiting: number
  /** The end of that refusal's message, after the number, such as `hits are waiting for the disk`. */
  waitingMessage: string
  /** Batches that may run at once. */
  connections?: number
  /** Items in the largest batch. */
  maxBatch?: number
  /**
   * Whether a batch that fails also rejects the items that wait. Set this if the next batch would fail in the same way after
   * the same wait.
   */
  failTogether?: boolean
}

/**
 * Group commit: the items of one turn of the event loop, and those that arrive while a batch is running, become one
 * batch and are answered together. A commit costs one sync of the disk whatever it contains, so the busier the service,
 * the cheaper a visit. Reads are batched too, because each batch costs a message to a thread or a server.
 */
export class BatchQueue<Item, Answer> {
  readonly #waiting: Waiting<Item, Answer>[] = []
  readonly #running = new Set<Promise<void>>()
  readonly #freeConnections: number[]
  readonly #runBatch: (items: Item[], connection: number) => Promise<Answers<Answer>>
  readonly #options: BatchOptions
  #isScheduled = false
  #itemsRunning = 0

  /**
   * @param runBatch answers each item of a batch, in order. If it rejects, all of them are rejected. The number of a
   *   connection is given to one batch at a time
   */
  constructor(
    runBatch: (items: Item[], connection: number) => Promise<Answers<Answer>>,
    options: BatchOptions,
  ) {
    this.#runBatch = runBatch
    this.#options = options
    this.#freeConnections = Array.from({ length: options.connections ?? 1 }, (_, index) => index)
  }

  /** @throws Refusal `unavailable` if too many items wait, and what the item's batch rejects with */
  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { maxWaiting, waitingMessage } = this.#options
      if (this.#waiting.length >= maxWaiting) {
        reject(unavailable(new Error(`${maxWaiting} ${waitingMessage}`)))
        return
      }
      this.#waiting.push({ item, resolve, reject })
      if (this.#isScheduled || this.#freeConnections.length === 0) return
      this.#isScheduled = true
      setImmediate(() => {
        this.#isScheduled = false
        this.#runNext()
      })
    })
  }

  /** Resolves when no items wait and no batches run. */
  async drain(): Promise<void> {
    for (this.#runNext(); this.#running.size > 0; this.#runNext()) await Promise.all(this.#running)
  }

  #runNext(): void {
    // A small batch costs nearly as much as a large one. A second batch therefore waits until it is as large as those
    // that are running.
    if (this.#waiting.length === 0 || this.#waiting.length < this.#itemsRunning) return
    const connection = this.#freeConnections.shift()
    if (connection === undefined) return
    const batch = this.#waiting.splice(0, this.#options.maxBatch ?? this.#waiting.length)
    this.#itemsRunning += batch.length
    const running = this.#run(batch, connection).then(() => {
      this.#itemsRunning -= batch.length
      this.#running.delete(running)
      this.#freeConnections.push(connection)
      this.#runNext()
    })
    this.#running.add(running)
    // Items that exceed a full batch can use another connection.
    this.#runNext()
  }

  async #run(batch: Waiting<Item, Answer>[], connection: number): Promise<void> {
    try {
      const answers = await this.#runBatch(
        batch.map(({ item }) => item),
        connection,
      )
      for (const [index, { resolve, reject }] of batch.entries()) {
        const answer = answers[index] as Answers<Answer>[number]
        if (answer instanceof Error) reject(answer)
        else resolve(answer)
      }
    } catch (error) {
      const waiting = this.#options.failTogether ? this.#waiting.splice(0) : []
      for (const { reject } of [...batch, ...waiting]) reject(error)
    }
  }
}

/** Histories that may wait to be read. */
const MAX_HISTORIES = 100

/**
 * Reads histories, which take some ms each, one at a time, so that hits can be written in between.
 * @param uncounted is written before each read
 */
export function historyQueue(read: Store['history'], uncounted?: UncountedQueue) {
  type Query = Parameters<Store['history']>
  return new BatchQueue<Query, Tally[][]>(
    async ([query]) => {
      await uncounted?.write()
      return [await read(...(query as Query))]
    },
    { maxWaiting: MAX_HISTORIES, waitingMessage: 'histories are waiting', maxBatch: 1 },
  )
}

/**
 * Entries that may wait, each for one page, hour and outcome. When the queue is full, a new visit is dropped unless its
 * entry is already there.
 */
const MAX_UNCOUNTED = 10_000
/** Entries written at a time, between two batches of hits: some ms of work. */
const MAX_SLICE = 500

/** Visits that did not count, until they are written together. They may wait, because nobody was shown their number. */
export class UncountedQueue {
  readonly #writeSlice: (uncounted: UncountedVisits[]) => Promise<unknown>
  #waiting = new Map<string, UncountedVisits>()
  #writing: Promise<void> = Promise.resolve()

  /** @param writeSlice writes a slice, or rejects and writes nothing */
  constructor(writeSlice: (uncounted: UncountedVisits[]) => Promise<unknown>) {
    this.#writeSlice = writeSlice
  }

  add(page: PageKey, outcome: UncountedOutcome, at: number): void {
    this.#add({ page, outcome, hour: hourOf(at), visits: 1 })
  }

  /**
   * Writes the whole queue. Visits that cannot be written stay in it. Calls run one after the other.
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
    else if (this.#waiting.size < MAX_UNCOUNTED) this.#waiting.set(key, visits)
  }
}
