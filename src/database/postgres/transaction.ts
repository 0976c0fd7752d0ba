import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { UnknownOutcome } from '../failures.ts'
import {
  all,
  type Client,
  Connection,
  type ConnectionOptions,
  type Row,
  run,
  type Statement,
  within,
} from './connection.ts'
import { mayHaveCommitted, retrying, WriterGone } from './failures.ts'

/** How long to ask whether a batch was committed, in multiples of `answerMs`; and how often, in ms. */
const SETTLE_ANSWERS = 2
const SETTLE_EVERY_MS = 100
/** How long to ask when the store is closed, in ms. */
const SETTLE_AT_CLOSE_MS = 1000

export interface TransactionsOptions extends ConnectionOptions {
  /** Called with the result of `removals` whenever this connection is registered, before anything is looked up. */
  onRegister?: (removals: number) => void
}

interface RunOptions {
  /** The writer as which the work must be done. Without it, the work looks up itself what it writes. */
  writer?: string
  /** Runs before everything else: the lock of a transaction that fences writers. */
  lock?: Statement
}

/**
 * A connection that writes batches, one at a time, each in its own transaction.
 *
 * Each batch writes its number into this connection's row of `writer`. If the connection is lost during a commit, another
 * connection fences that row. If the transaction has locked the row, the fence waits until it ends and reads its result;
 * otherwise the transaction will find the fence and fail. A batch that was committed is therefore answered, one that was
 * not is refused, and none is written twice.
 *
 * An operator's action that changes which page an address stands for fences all rows in the same way; see admin/changes.ts.
 * Whoever has looked up pages may write them only as the writer that `register` gave before the look-up.
 */
export class Transactions {
  readonly #link: Connection
  readonly #onRegister: (removals: number) => void
  readonly #otherConnection: Connection
  readonly #settleMs: number
  #id: string = randomUUID()
  #isRegistered = false
  #number = 0
  #settleUntil = Number.POSITIVE_INFINITY
  readonly #settling = new Set<Promise<unknown>>()
  #turn: Promise<unknown> = Promise.resolve()

  /** @param otherConnection the one that asks whether a batch was committed */
  constructor(
    url: string,
    { onRegister = () => {}, ...options }: TransactionsOptions,
    otherConnection: Connection,
  ) {
    this.#link = new Connection(url, options)
    this.#onRegister = onRegister
    this.#otherConnection = otherConnection
    this.#settleMs = SETTLE_ANSWERS * options.answerMs
  }

  connected(): Promise<Client> {
    return this.#link.connected()
  }

  /** Identifies this connection in `writer` and `journal`. */
  get writer(): string {
    return this.#id
  }

  /**
   * Registers this connection in the database, unless it is registered. If an operator's action is under way, it waits for
   * that.
   * @returns the writer. What is looked up from now on may be written as this writer: if an action changes it meanwhile,
   *   the writing fails with WriterGone
   */
  async register(now: number): Promise<string> {
    const client = await this.#link.connected()
    const writer = this.#id
    if (this.#isRegistered) return writer
    let [row] = await run(client, ['addWriter', writer, now])
    if (row === undefined) {
      await run(client, ['addRemovals'])
      ;[row] = await run(client, ['addWriter', writer, now])
    }
    this.#onRegister(Number(row?.[0]))
    if (writer === this.#id) this.#isRegistered = true
    return writer
  }

  /**
   * Runs work in a transaction. Resolves when the result is on disk. Runs it again if another transaction blocks it, or if
   * the writer is fenced and none was given.
   * @throws WriterGone if the given writer is fenced, and nothing was stored; UnknownOutcome if it is not known whether it
   *   was stored; else what the driver throws, and nothing was stored
   */
  run<Result>(
    now: number,
    work: (client: Client) => Promise<Result>,
    { writer, lock }: RunOptions = {},
  ): Promise<Result> {
    return this.#inTurn(now, writer, async (client, batch) => {
      const steps: Promise<unknown>[] = [client.query('begin')]
      if (lock) steps.push(run(client, lock))
      // First, because a fence waits for the transactions that have locked their rows.
      const marked = run(client, ['markBatch', batch, now, this.#id]).then((rows) => {
        if (rows.length === 0) throw new WriterGone()
      })
      steps.push(marked)
      // Work that keeps others waiting is not begun in vain.
      const working = lock ? marked.then(() => work(client)) : work(client)
      await all([...steps, working]).catch(async (error) => {
        // If this fails, the connection is lost, and the server rolls back.
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
      return working
    })
  }

  /**
   * Runs the statement `addHits`, which is a transaction by itself, in the same way.
   * @param columns its parameters after the first three
   * @returns its result: a promise if the connection was lost and the result has to be looked up
   */
  addHits(
    now: number,
    columns: readonly (string | number)[],
    writer: string,
  ): Promise<{ numbers: string | Promise<string> }> {
    return this.#inTurn(now, writer, async (client, batch) => {
      try {
        const [row] = await run(client, ['addHits', writer, batch, now, ...columns])
        if (row === undefined) throw new WriterGone()
        return { numbers: String(row[0]) }
      } catch (error) {
        if (!mayHaveCommitted(error)) throw error
        return { numbers: this.#settle(batch, error) }
      }
    })
  }

  /** Resolves when the outcome of every batch is known, or it takes too long to find out. */
  async close(): Promise<void> {
    this.#settleUntil = performance.now() + SETTLE_AT_CLOSE_MS
    await within(2 * SETTLE_AT_CLOSE_MS, Promise.all(this.#settling))
    await this.#link.close()
  }

  /**
   * Writes one batch after the other, and again if it failed for a temporary reason.
   * @param given the writer as which to write
   * @param write is given the connected client, with this writer's row in the database, and the number of the batch
   */
  #inTurn<Result>(
    now: number,
    given: string | undefined,
    write: (client: Client, batch: number) => Promise<Result>,
  ): Promise<Result> {
    const tryToWrite = async () => {
      const client = await this.#link.connected()
      // A given writer is registered; another one would not do.
      if (given === undefined) await this.register(now)
      else if (given !== this.#id) throw new WriterGone()
      this.#number += 1
      try {
        return await write(client, this.#number)
      } catch (error) {
        if (error instanceof WriterGone) this.#beginNewWriter()
        throw error
      }
    }
    // The caller looks up again what it writes.
    const next = given === undefined ? () => retrying(tryToWrite) : tryToWrite
    const done = this.#turn.then(next, next)
    this.#turn = done
    return done
  }

  #beginNewWriter(): void {
    this.#id = randomUUID()
    this.#isRegistered = false
  }

  /**
   * Finds out whether a batch was committed before the failure. Meanwhile other batches can be written.
   * @returns the numbers of the batch's pages
   * @throws the failure if the batch was not committed, or UnknownOutcome
   */
  #settle(batch: number, failure: unknown): Promise<string> {
    const writer = this.#id
    this.#beginNewWriter()
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
        row = (await this.#otherConnection.run(['fence', writer]))[0]?.[0] ?? []
      } catch {
        // The database is still unreachable. The first failure says why.
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
