import type { PageKey } from '../../page.ts'
import { Connection } from './connection.ts'
import { connectKysely, type Database, migrate, reading, writing } from './open.ts'
import { type Names, Pages } from './pages.ts'
import type { PageHash } from './schema.ts'
import { Transactions } from './transaction.ts'

/** How long a slice may take, in ms: nobody waits for its answer. */
const ANSWER_MS = 60_000
const WAITS = { answerMs: ANSWER_MS }

/** What a command of the operator writes through. */
export interface Operator {
  db: Database
  transactions: Transactions
  /** Makes the pages that are not there yet, as many as there are: the limits are there for strangers. */
  pages(keys: Iterable<PageKey>, now: number): Promise<Map<PageKey, PageHash>>
  close(): Promise<void>
}

/**
 * Opens a database for a command of the operator, and brings its schema up to date.
 * @throws what the driver throws
 */
export async function openForOperator(url: string): Promise<Operator> {
  const db = connectKysely(url)
  await migrate(db).catch(async (error) => {
    await db.destroy()
    throw error
  })
  const link = new Connection(url, reading(ANSWER_MS), WAITS)
  const transactions = new Transactions(url, writing(ANSWER_MS, 'full'), WAITS, link)
  const made = new Pages({ pages: 0, pagesPerHost: 0 })
  return {
    db,
    transactions,
    async pages(keys, now) {
      const { names }: Names = await made.names(keys, true, { link, transactions, now })
      return names
    },
    async close() {
      await transactions.close()
      await link.close()
      await db.destroy()
    },
  }
}
