import type { CountedHit, NewHit, Store } from '../store.ts'
import { GroupCommit } from './group-commit.ts'
import { Connection } from './postgres/connection.ts'
import { within } from './postgres/deadline.ts'
import { hitWriter } from './postgres/hits.ts'
import { idleRemover } from './postgres/idle.ts'
import { connectKysely, fillPool, migrate, reading, writing } from './postgres/open.ts'
import { Pages } from './postgres/pages.ts'
import { createReader } from './postgres/reader.ts'
import { housekeeping } from './postgres/rollup.ts'
import { BLOCK, TokenBlocks } from './postgres/tokens.ts'
import { Transactions } from './postgres/transaction.ts'
import { Guard, unavailable } from './refusals.ts'
import { STORE_DEFAULTS, type StoreOptions } from './store-options.ts'
import { UncountedQueue } from './uncounted.ts'

/** Connections that write hits in turn: one batch is made ready while the other is on its way to the disk. */
const CONNECTIONS = 2
/** As long as people wait for a badge. */
const ANSWER_MS = 5000
/** How long each part of the end may take, in ms. */
const END_MS = 1000

export interface PostgresOptions extends StoreOptions {
  /** Of a replica, for those who only look. */
  readUrl: string | undefined
  /** How long the database may take to answer, in ms, before it counts as away. */
  answerMs: number
}

/**
 * Opens the store on a PostgreSQL database, which any number of services may share.
 * @param url such as `postgres://user:password@host/database`
 * @throws when the database cannot be reached, or brought up to date
 */
export async function openPostgresStore(
  url: string,
  { readUrl, answerMs = ANSWER_MS, ...given }: Partial<PostgresOptions> = {},
): Promise<Store> {
  const options = { ...STORE_DEFAULTS, ...given }
  const { durability, maxWaiting, activeMs } = options
  const db = connectKysely(url)
  await migrate(db).catch(async (error) => {
    await db.destroy()
    throw error
  })
  const limits = { pages: options.maxPages, pagesPerHost: options.maxPagesPerHost }
  const waits = { answerMs }
  const pages = new Pages(limits)
  const connectReading = (from: string) => new Connection(from, reading(answerMs), waits)
  const link = connectReading(url)
  // Of a standby that has taken over, it is not known which pages it has.
  const forgetting = { ...waits, onConnect: () => pages.forget() }
  const connect = () => new Transactions(url, writing(answerMs, durability), forgetting, link)
  const writers = Array.from({ length: CONNECTIONS }, connect)
  const transactions = connect()
  const writeHits = hitWriter(pages, new TokenBlocks(), link)
  const hits = new GroupCommit<NewHit, CountedHit>(
    (batch, connection) => writeHits(batch, writers[connection] as Transactions),
    maxWaiting,
    () => unavailable(new Error(`${maxWaiting} hits are waiting for the database`)),
    { connections: CONNECTIONS, largest: BLOCK, together: true },
  )
  const { writeUncounted, rollUpOrphans, ...chores } = housekeeping({
    link,
    transactions,
    capAll: (end) =>
      db.updateTable('token').set({ ends_at: end }).where('ends_at', '>', end).execute(),
    writers: () => writers.map(({ writer }) => writer),
    pages,
    activeMs,
  })
  const uncounted = new UncountedQueue(writeUncounted)
  const guard = new Guard()
  const guarded = guard.around
  const parts = { pages, guard, maxWaiting, activeMs }
  const slowLink = connectReading(url)
  const primary = createReader({
    ...parts,
    link,
    slowLink,
    db,
    beforeHistory: () => uncounted.write(),
  })
  const links = [link, slowLink]
  const databases = [db]
  let replica = primary
  if (readUrl !== undefined) {
    const [quick, slow, replicaDb] = [
      connectReading(readUrl),
      connectReading(readUrl),
      connectKysely(readUrl),
    ]
    links.push(quick, slow)
    databases.push(replicaDb)
    const beforeHistory = async () => {}
    replica = createReader({ ...parts, link: quick, slowLink: slow, db: replicaDb, beforeHistory })
  }
  // All at once, as they will be under load: where the server lets a user have fewer, it is found out now.
  try {
    await fillPool(db)
    await Promise.all([
      link.connected(),
      slowLink.connected(),
      ...[...writers, transactions].map((each) => each.connect()),
    ])
  } catch (error) {
    await disconnect()
    throw error
  }
  let closed: Promise<void> | null = null

  async function disconnect(): Promise<void> {
    // These may have something left to ask the others.
    await Promise.all([...writers, transactions].map((each) => each.close()))
    await Promise.all(links.map((each) => each.close()))
    await within(END_MS, Promise.all(databases.map((each) => each.destroy())))
  }

  /** In bounded time, whatever the database does. */
  async function end(): Promise<void> {
    await hits.drain()
    try {
      if (!(await within(END_MS, uncounted.write())))
        throw new Error('visits were not noted in time')
    } finally {
      await disconnect()
    }
  }

  return {
    ...primary,
    replica,
    count: guarded((hit) => hits.add(hit)),
    capWindows: guarded(chores.capWindows),
    sweep: guarded(chores.sweep),
    maintain: guarded(chores.maintain),
    rollUpHours: guarded(chores.rollUpHours),
    prune: guarded(chores.prune),
    removeIdle: guarded(idleRemover({ link, transactions, pages, rollUpOrphans })),
    claim: guarded(async (chore, everyMs, now) => {
      // A little early is early enough: who asks every second is late by some ms.
      const since = Math.floor(now - everyMs * 0.9)
      const [claimed = []] = await link.run(['claim', chore, now, since, now + 2 * everyMs])
      return claimed.length > 0
    }),
    recordUncounted: (page, outcome, at) => uncounted.add(page, outcome, at),
    writeUncounted: guarded(() => uncounted.write()),
    ping: guarded(async () => void (await link.run(['answers']))),
    close() {
      guard.closed = true
      closed ??= end()
      return closed
    },
  }
}
