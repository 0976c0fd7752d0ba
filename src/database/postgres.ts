import type { CountedHit, NewHit, Store } from '../store.ts'
import { BatchQueue, UncountedQueue } from './batch.ts'
import { guardedStore } from './failures.ts'
import { expiring, openLists } from './lists/open-lists.ts'
import { STORE_DEFAULTS, type StoreOptions } from './options.ts'
import { administration } from './postgres/admin/administration.ts'
import { CLOSE_MS, Connection, within } from './postgres/connection.ts'
import { PostgresExchange } from './postgres/exchange.ts'
import { housekeeping } from './postgres/history.ts'
import { BLOCK, hitWriter, TokenBlocks } from './postgres/hits.ts'
import { presentEntries } from './postgres/list-rows.ts'
import { connectKysely, fillPool, openMigrated } from './postgres/open.ts'
import { Pages } from './postgres/pages.ts'
import { createReader } from './postgres/reader.ts'
import { replicaReader } from './postgres/replica.ts'
import { Transactions } from './postgres/transaction.ts'

/** Connections that write hits: while the server commits one batch, the next is prepared and sent. */
const WRITERS = 2
/**
 * How long the database may take to answer before it counts as unreachable, in ms. Visitors do not wait longer for a badge.
 */
const ANSWER_MS = 5000

export interface PostgresOptions extends StoreOptions {
  /** The address of a replica, for requests that only read. */
  readUrl: string | undefined
  /** How long the database may take to answer, in ms, before it counts as unreachable. */
  answerMs: number
  /** The clock by which other services see that this one is running: milliseconds since 1970, UTC. */
  now: () => number
}

/**
 * Opens the store on a PostgreSQL database, which any number of services can share.
 * @throws if the database cannot be reached, or brought up to date
 */
export async function openPostgresStore(
  url: string,
  { readUrl, answerMs = ANSWER_MS, now = Date.now, ...given }: Partial<PostgresOptions> = {},
): Promise<Store> {
  const options = { ...STORE_DEFAULTS, ...given }
  const { durability, maxWaiting, activeMs } = options
  const connectReader = (to: string, db = connectKysely(to)) => {
    const link = new Connection(to, { answerMs })
    const slowLink = new Connection(to, { answerMs })
    const source = new URL('./postgres/list-source.ts', import.meta.url)
    return { link, slowLink, db, lists: openLists(source, to, presentEntries(slowLink)) }
  }
  const ofPrimary = connectReader(url, await openMigrated(url))
  const ofReplica = readUrl === undefined ? null : connectReader(readUrl)
  const readers = ofReplica ? [ofPrimary, ofReplica] : [ofPrimary]
  const { link, slowLink, db } = ofPrimary
  const expireLists = () => {
    for (const { lists } of readers) lists.expire()
  }
  const pages = new Pages(options, expireLists)
  // After a failover, the new server may lack pages that are cached here.
  const writerOptions = {
    answerMs,
    durability,
    onConnect: () => pages.forget(),
    onRegister: (removals: number) => pages.notice(removals),
  }
  const connectWriter = () => new Transactions(url, writerOptions, link)
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
  const exchange = new PostgresExchange(link)
  const ofHousekeeping = { link, db, transactions, writers, pages, exchange, activeMs, clock: now }
  const chores = housekeeping(ofHousekeeping)
  const uncounted = new UncountedQueue(chores.writeUncounted)
  const common = { pages, maxWaiting, activeMs }
  const reader = createReader({ ...common, ...ofPrimary, uncounted })
  const replica = ofReplica
    ? replicaReader({
        link: ofReplica.link,
        reader: createReader({ ...common, ...ofReplica }),
        primary: reader,
        pages,
      })
    : null

  async function disconnect(): Promise<void> {
    // First, because they may still ask through `link` whether a batch was committed.
    await Promise.all([...writers, transactions].map((each) => each.close()))
    await Promise.all(readers.flatMap((each) => [each.link.close(), each.slowLink.close()]))
    await within(CLOSE_MS, Promise.all(readers.map((each) => each.db.destroy())))
  }

  // All connections to the primary are opened now, so that a low limit fails the start, not visits.
  try {
    await fillPool(db)
    await Promise.all([link, slowLink, ...writers, transactions].map((each) => each.connected()))
  } catch (error) {
    await disconnect()
    throw error
  }

  /** Ends in bounded time, whatever the database does. */
  async function close(): Promise<void> {
    await hits.drain()
    await Promise.all(readers.map(({ lists }) => lists.close()))
    try {
      if (!(await within(CLOSE_MS, uncounted.write())))
        throw new Error('visits that did not count were not written in time')
    } finally {
      await disconnect()
    }
  }

  return guardedStore(
    { closed: false, lost: null },
    {
      reader,
      replica: replica?.reader,
      admin: expiring(
        administration({ ...ofPrimary, transactions, pages, limits: options, uncounted }),
        expireLists,
      ),
      methods: {
        ...chores,
        maintain(at) {
          replica?.look()
          return chores.maintain(at)
        },
        count: (hit) => hits.add(hit),
        ping: async () => void (await link.run(['ping'])),
      },
      exchange,
      uncounted,
      close,
    },
  )
}
