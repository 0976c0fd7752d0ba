import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { mayHaveCommitted, retrying } from './failures.ts'
import { all, type Client, Link, type Row, run, type Statement } from './link.ts'

/** How long it is tried to learn what became of a batch, in ms, and how often. */
const SETTLE_MS = 10_000
const SETTLE_EVERY_MS = 100

/** It could not be found out whether a batch was committed: it is counted once, or not at all. */
export class UnknownOutcome extends Error {}

/**
 * A connection that writes, a batch at a time, each in a transaction of its own.
 *
 * Each batch leaves its number in the row that this connection has in `writer`. Where the connection is lost while a
 * commit is on its way, another asks for that row: the question waits for the transaction to end, if it has not, and
 * the number tells how it ended. So what was committed is answered, what was not is refused, and nothing is ever
 * written a second time.
 */
export class Transactions {
  readonly #link: Link
  #id = randomUUID()
  #number = 0

  constructor(url: string, setup: string) {
    this.#link = new Link(url, setup)
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
    return retrying(async () => {
      const client = await this.#link.connected()
      const batch = this.#next()
      const begun = client.query('begin')
      const [, result] = await all<unknown>([
        begun,
        work(client),
        run(client, ['markBatch', this.#id, batch, now]),
      ]).catch(async (error) => {
        // Where this fails, the connection is lost, and the server rolls back by itself.
        await client.query('rollback').catch(() => {})
        throw error
      })
      await client.query('commit').catch((error) => this.#settle(batch, now, error))
      return result as Result
    })
  }

  /**
   * Runs `addHits`, which is a transaction by itself; the same holds.
   * @param columns its parameters after the first three
   * @returns what it returns
   */
  addHits(now: number, columns: readonly (string | number)[]): Promise<string> {
    return retrying(async () => {
      const client = await this.#link.connected()
      const batch = this.#next()
      const [[numbers] = []] = await run(client, [
        'addHits',
        this.#id,
        batch,
        now,
        ...columns,
      ]).catch(async (error) => [[await this.#settle(batch, now, error)]])
      return numbers as string
    })
  }

  async close(): Promise<void> {
    await this.#link.close()
  }

  #next(): number {
    this.#number += 1
    return this.#number
  }

  /**
   * After a failure that may have come after the commit: finds out.
   * @returns the numbers that the batch was given
   * @throws the failure, where nothing was committed
   */
  async #settle(batch: number, now: number, failure: unknown): Promise<string> {
    if (!mayHaveCommitted(failure)) throw failure
    const until = performance.now() + SETTLE_MS
    let row: Row | undefined
    while (row === undefined) {
      if (performance.now() > until) {
        // A commit that comes late must not be taken for that of a later batch.
        this.#id = randomUUID()
        throw new UnknownOutcome('whether a batch was committed is not known', { cause: failure })
      }
      try {
        row = (await this.#link.run(['lastBatch', this.#id, now]))[0]?.[0]
      } catch {
        // The database is not back yet. What is wrong with it is told by the first failure.
        await pause(SETTLE_EVERY_MS)
      }
    }
    if (row[0] !== batch) throw failure
    return String(row[1])
  }
}

export type { Statement }
