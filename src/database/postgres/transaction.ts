import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { UnknownOutcome } from '../refusals.ts'
import {
  all,
  type Client,
  Connection,
  type ConnectionOptions,
  type Row,
  run,
} from './connection.ts'
import { within } from './deadline.ts'
import { mayHaveCommitted, retrying, Unmarked } from './failures.ts'

/** How long it is tried to learn what became of a batch: as long as so many answers may take. */
const SETTLE_ANSWERS = 2
const SETTLE_EVERY_MS = 100
/** The same when the service ends, in ms: nobody waits for the answer any more. */
const SETTLE_AT_END_MS = 1000

/**
 * A connection that writes, a batch at a time, each in a transaction of its own.
 *
 * Each batch leaves its number in the row that this connection has in `writer`. Where the connection is lost while a
 * commit is on its way, another one fences that row: it waits for the transaction, if that has come so far, and reads
 * how it ended; a transaction that has not come so far finds the fence, and fails. So what was committed is answered,
 * what was not is refused, and nothing is ever written a second time.
 */
export class Transactions {
  readonly #link: Connection
  readonly #others: Connection
  readonly #settleMs: number
  #id: string = randomUUID()
  #isKnown = false
  #number = 0
  #settleUntil = Number.POSITIVE_INFINITY
  readonly #settling = new Set<Promise<unknown>>()
  #turn: Promise<unknown> = Promise.resolve()

  /** @param others a connection that asks what became of a batch */
  constructor(url: string, setup: string, options: ConnectionOptions, others: Connection) {
    this.#link = new Connection(url, setup, options)
    this.#others = others
    this.#settleMs = SETTLE_ANSWERS * options.answerMs
  }

  /** Makes its connection. */
  async connect(): Promise<void> {
    await this.#link.connected()
  }

  /** The rows of `journal` that came this way say so. */
  get writer(): string {
    return this.#id
  }

  /**
   * Runs work in a transaction; more than once, where others are in its way. Resolves when it is on disk.
   * @throws what the driver throws; then nothing of it is stored, but for UnknownOutcome
   */
  run<Result>(now: number, work: (client: Client) => Promise<Result>): Promise<Result> {
    return this.#inTurn(async () => {
      const client = await this.#known(now)
      const batch = this.#next()
      const begun = client.query('begin')
      const [, result] = await all<unknown>([
        begun,
        work(client),
        run(client, ['markBatch', batch, now, this.#id]).then((marked) => {
          if (marked.length === 0) throw new Unmarked()
        }),
      ]).catch(async (error) => {
        if (error instanceof Unmarked) this.#rename()
        // Where this fails, the connection is lost, and the server rolls back by itself.
        await client.query('rollback').catch(() => {})
        throw error
      })
      try {
        const { command } = await client.query('commit')
        if (command !== 'COMMIT') throw new Error(`the server answered a commit with ${command}`)
      } catch (error) {
        if (!mayHaveCommitted(error)) throw error
        await this.#settle(batch, error)
      }
      return result as Result
    })
  }

  /**
   * Runs `addHits`, which is a transaction by itself; the same holds.
   * @param columns its parameters after the first three
   * @returns what it returns: later, where the connection was lost and it has to be found out
   */
  addHits(
    now: number,
    columns: readonly (string | number)[],
  ): Promise<{ numbers: string | Promise<string> }> {
    return this.#inTurn(async () => {
      const client = await this.#known(now)
      const batch = this.#next()
      try {
        const [row] = await run(client, ['addHits', this.#id, batch, now, ...columns])
        if (row === undefined) throw new Unmarked()
        return { numbers: String(row[0]) }
      } catch (error) {
        if (error instanceof Unmarked) this.#rename()
        if (!mayHaveCommitted(error)) throw error
        return { numbers: this.#settle(batch, error) }
      }
    })
  }

  /** Ends when nothing is to be found out any more, or it takes too long. */
  async close(): Promise<void> {
    this.#settleUntil = performance.now() + SETTLE_AT_END_MS
    await within(2 * SETTLE_AT_END_MS, Promise.all(this.#settling))
    await this.#link.close()
  }

  /** One after the other: a connection has one transaction at a time. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = () => retrying(work)
    const done = this.#turn.then(run, run)
    this.#turn = done
    return done
  }

  async #known(now: number): Promise<Client> {
    const client = await this.#link.connected()
    if (!this.#isKnown) {
      await run(client, ['addWriter', this.#id, now])
      this.#isKnown = true
    }
    return client
  }

  #next(): number {
    this.#number += 1
    return this.#number
  }

  #rename(): void {
    this.#id = randomUUID()
    this.#isKnown = false
  }

  /**
   * After a failure that may have come after the commit: finds out. Meanwhile others may be written.
   * @returns the numbers that the batch was given
   * @throws the failure, where nothing was committed
   */
  #settle(batch: number, failure: unknown): Promise<string> {
    const writer = this.#id
    this.#rename()
    const settled = this.#ask(writer, batch, failure)
    const done = settled.catch(() => {}).then(() => void this.#settling.delete(done))
    this.#settling.add(done)
    return settled
  }

  async #ask(writer: string, batch: number, failure: unknown): Promise<string> {
    const until = performance.now() + this.#settleMs
    let row: Row | undefined
    while (row === undefined) {
      try {
        row = (await this.#others.run(['fence', writer]))[0]?.[0] ?? []
      } catch {
        // The database is not back yet. What is wrong with it is told by the first failure.
        if (performance.now() > Math.min(until, this.#settleUntil)) {
          throw new UnknownOutcome('whether a batch was committed is not known', { cause: failure })
        }
        await pause(SETTLE_EVERY_MS)
      }
    }
    const [last, numbers] = row
    if (last !== batch) throw failure
    return String(numbers)
  }
}
