import type { CountedHit, NewHit, Store } from '../store.ts'
import { GroupCommit } from './group-commit.ts'
import { Notes } from './notes.ts'
import { STORE_DEFAULTS, type StoreOptions } from './options.ts'
import { hitWriter } from './postgres/hits.ts'
import { Link } from './postgres/link.ts'
import { connectKysely, DURABLE, migrate, NOT_DURABLE, READING, WRITING } from './postgres/open.ts'
import { Pages } from './postgres/pages.ts'
import { createReader } from './postgres/reader.ts'
import { housekeeping } from './postgres/tidy.ts'
import { BLOCK, TokenBlocks } from './postgres/tokens.ts'
import { Transactions } from './postgres/transaction.ts'
import { Guard, unavailable } from './refusals.ts'

/** Connections that write hits in turn: one batch is made ready while the other is on its way to the disk. */
const LANES = 2

/**
 * Opens the store on a PostgreSQL database, which any number of services may share.
 * @param url such as `postgres://user:password@host/database`
 * @param readUrl of a replica, for those who only look
 * @throws when the database cannot be reached, or brought up to date
 */
export async function openPostgresStore(
  url: string,
  { readUrl, ...given }: Partial<StoreOptions> & { readUrl?: string | undefined } = {},
): Promise<Store> {
  const options = { ...STORE_DEFAULTS, ...given }
  const { durability, maxWaiting, activeMs } = options
  const db = connectKysely(url)
  await migrate(db).catch(async (error) => {
    await db.destroy()
    throw error
  })
  const limits = { pages: options.maxPages, pagesPerHost: options.maxPagesPerHost }
  const setup = WRITING + (durability === 'full' ? DURABLE : NOT_DURABLE)
  const pages = new Pages(limits)
  const link = new Link(url, READING)
  const writers = Array.from({ length: LANES }, () => new Transactions(url, setup))
  const transactions = new Transactions(url, setup)
  const writeHits = hitWriter(pages, new TokenBlocks(), link)
  const hits = new GroupCommit<NewHit, CountedHit>(
    (batch, lane) => writeHits(batch, writers[lane] as Transactions),
    maxWaiting,
    () => unavailable(new Error(`${maxWaiting} hits are waiting for the database`)),
    { lanes: LANES, largest: BLOCK },
  )
  const { writeNotes, ...chores } = housekeeping({
    link,
    transactions,
    capAll: (end) =>
      db.updateTable('token').set({ ends_at: end }).where('ends_at', '>', end).execute(),
    writers: () => writers.map(({ writer }) => writer),
    pages,
    activeMs,
  })
  const notes = new Notes(writeNotes)
  const guard = new Guard()
  const guarded = guard.around
  const shared = { pages, guard, maxWaiting, activeMs }
  const primary = createReader({ ...shared, link, db, beforeHistory: () => notes.write() })
  const replicaDb = readUrl === undefined ? null : connectKysely(readUrl)
  const replicaLink = readUrl === undefined ? null : new Link(readUrl, READING)
  const replica =
    replicaDb === null || replicaLink === null
      ? primary
      : createReader({ ...shared, link: replicaLink, db: replicaDb, beforeHistory: async () => {} })
  let closed: Promise<void> | null = null

  async function end(): Promise<void> {
    await hits.drain()
    try {
      await notes.write()
    } finally {
      await Promise.all([...writers, transactions, link, replicaLink].map((each) => each?.close()))
      await db.destroy()
      await replicaDb?.destroy()
    }
  }

  return {
    ...primary,
    replica,
    count: guarded((hit) => hits.add(hit)),
    capWindows: guarded(chores.capWindows),
    sweep: guarded(chores.sweep),
    tidy: guarded(chores.tidy),
    foldHours: guarded(chores.foldHours),
    prune: guarded(chores.prune),
    claim: guarded(async (chore, everyMs, now) => {
      // A little early is early enough: who asks every second is late by some ms.
      const since = Math.floor(now - everyMs * 0.9)
      const [claimed = []] = await link.run(['claim', chore, now, since, now + 2 * everyMs])
      return claimed.length > 0
    }),
    note: (page, outcome, at) => notes.add(page, outcome, at),
    writeNotes: guarded(() => notes.write()),
    ping: guarded(async () => void (await link.run(['answers']))),
    close() {
      guard.closed = true
      closed ??= end()
      return closed
    },
  }
}
