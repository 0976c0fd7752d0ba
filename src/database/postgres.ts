import type { CountedHit, NewHit, Store } from '../store.ts'
import { BatchQueue } from './batch.ts'
import { guarded, type StoreMethods, type StoreState } from './failures.ts'
import { STORE_DEFAULTS, type StoreOptions } from './options.ts'
import { Connection, within } from './postgres/connection.ts'
import { hitWriter } from './postgres/hits.ts'
import { idleRemover } from './postgres/idle.ts'
import { connectKysely, fillPool, openMigrated, readerSetup, writerSetup } from './postgres/open.ts'
import { Pages } from './postgres/pages.ts'
import { createReader } from './postgres/reader.ts'
import { housekeeping } from './postgres/rollup.ts'
import { BLOCK, TokenBlocks } from './postgres/tokens.ts'
import { Transactions } from './postgres/transaction.ts'
import { UncountedQueue } from './uncounted.ts'

/** Connections that write hits: while the server commits one batch, the next is prepared and sent. */
const WRITERS = 2
/**
 * How long the database may take to answer before it counts as unreachable, in ms. Visitors do not wait longer for a badge.
 */
const ANSWER_MS = 5000
/** How long each step of closing may take, in ms. */
const CLOSE_MS = 1000

export interface PostgresOptions extends StoreOptions {
  /** The address of a replica, for requests that only read. */
  readUrl: string | undefined
}

/**
 * Opens the store on a PostgreSQL database, which any number of services can share.
 * @param url such as `postgres://user:password@host/database`
 * @throws if the database cannot be reached, or brought up to date
 */
export async function openPostgresStore(
  url: string,
  { readUrl, ...given }: Partial<PostgresOptions> = {},
): Promise<Store> {
  const options = { ...STORE_DEFAULTS, ...given }
  const { durability, maxWaiting, activeMs } = options
  const db = await openMigrated(url)
  const waits = { answerMs: ANSWER_MS }
  const pages = new Pages(options)
  const connectReader = (to: string) => new Connection(to, readerSetup(ANSWER_MS), waits)
  const link = connectReader(url)
  const slowLink = connectReader(url)
  // A new connection may be to a standby that has taken over, which may lack some pages.
  const writerOptions = { ...waits, onConnect: () => pages.forget() }
  const connectWriter = () =>
    new Transactions(url, writerSetup(ANSWER_MS, durability), writerOptions, link)
  const writers = Array.from({ length: WRITERS }, connectWriter)
  const transactions = connectWriter()
  const writeHits = hitWriter(pages, new TokenBlocks(), link)
  const hits = new BatchQueue<NewHit, CountedHit>(
    (batch, writer) => writeHits(batch, writers[writer] as Transactions),
    {
      maxWaiting,
      waitingMessage: 'hits are waiting for the database',
      connections: WRITERS,
      maxBatch: BLOCK,
      failTogether: true,
    },
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
  const state: StoreState = { closed: false, lost: null }
  const common = { pages, state, maxWaiting, activeMs }
  const primary = createReader({
    ...common,
    link,
    slowLink,
    db,
    beforeHistory: () => uncounted.write(),
  })
  const links = [link, slowLink]
  const databases = [db]
  let replica = primary
  if (readUrl !== undefined) {
    const ofReplica = {
      link: connectReader(readUrl),
      slowLink: connectReader(readUrl),
      db: connectKysely(readUrl),
    }
    links.push(ofReplica.link, ofReplica.slowLink)
    databases.push(ofReplica.db)
    replica = createReader({ ...common, ...ofReplica, beforeHistory: async () => {} })
  }
  // All connections are made now, so that a server that allows too few refuses the start and not visits under load.
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
  let closing: Promise<void> | null = null

  async function disconnect(): Promise<void> {
    // First, because they may still ask through `link` whether a batch was committed.
    await Promise.all([...writers, transactions].map((each) => each.close()))
    await Promise.all(links.map((each) => each.close()))
    await within(CLOSE_MS, Promise.all(databases.map((each) => each.destroy())))
  }

  /** Ends in bounded time, whatever the database does. */
  async function close(): Promise<void> {
    await hits.drain()
    try {
      if (!(await within(CLOSE_MS, uncounted.write())))
        throw new Error('visits that did not count were not written in time')
    } finally {
      await disconnect()
    }
  }

  const methods = guarded<StoreMethods>(state, {
    ...chores,
    count: (hit) => hits.add(hit),
    removeIdle: idleRemover({ link, transactions, pages, rollUpOrphans }),
    async claim(chore, everyMs, now) {
      // A tenth of the time is allowed for timers that are early.
      const since = Math.floor(now - everyMs * 0.9)
      const [claimed = []] = await link.run(['claim', chore, now, since, now + 2 * everyMs])
      return claimed.length > 0
    },
    writeUncounted: () => uncounted.write(),
    ping: async () => void (await link.run(['answers'])),
  })
  return {
    ...primary,
    ...methods,
    replica,
    recordUncounted: (page, outcome, at) => uncounted.add(page, outcome, at),
    close() {
      state.closed = true
      closing ??= close()
      return closing
    },
  }
}
