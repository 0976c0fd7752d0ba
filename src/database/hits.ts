import type { Database } from 'better-sqlite3'
import type { Kysely } from 'kysely'
import { hostOf, type PageKey } from '../page.ts'
import type { CountedHit, NewHit } from '../store.ts'
import { KnownPages } from './known-pages.ts'
import { pageStatements } from './pages.ts'
import { HOUR_MS, type Schema } from './schema.ts'
import { prepare } from './statement.ts'

/** Bytes for the ids of known pages: some 250,000 pages of ordinary length. */
const KNOWN_PAGES = 32_000_000

/** What a batch holds of one page: its hits, by hour, and the number that its last hit was given. */
interface PageHits {
  hits: number
  hours: Map<number, number>
  lastGiven: number
  id: number
}

/**
 * The hot path: a function that writes a batch of hits in one transaction and gives each its number. It throws
 * if the transaction did not commit, and then nothing of the batch is stored.
 * @param driver the connection that only this function writes through
 * @param db builds the statements, once
 */
export function hitWriter(driver: Database, db: Kysely<Schema>) {
  const begin = driver.prepare('begin immediate')
  const commit = driver.prepare('commit')
  const rollback = driver.prepare('rollback')
  const { addPage, addHits } = pageStatements(driver, db)
  const addHour = prepare<[number, number, number]>(
    driver,
    db
      .insertInto('page_hour')
      .values({ page_id: 0, hour: 0, hits: 0 })
      .onConflict((conflict) =>
        conflict
          .columns(['page_id', 'hour'])
          .doUpdateSet((eb) => ({ hits: eb('page_hour.hits', '+', eb.ref('excluded.hits')) })),
      ),
  )
  const addToken = prepare<[number, string, number]>(
    driver,
    db.insertInto('token').values({ page_id: 0, secret: '', ends_at: 0 }),
  )

  const known = new KnownPages(KNOWN_PAGES)

  function write(batch: NewHit[]): CountedHit[] {
    const pages = byPage(batch)
    for (const [page, entry] of pages) {
      // Inside the transaction, `get` runs the whole statement and a failure of the commit still throws.
      entry.id = known.id(page) ?? (addPage.get(page, hostOf(page)) as { id: number }).id
      const { hits } = addHits.get(entry.id, entry.hits) as { hits: number }
      entry.lastGiven = hits - entry.hits
      for (const [hour, hoursHits] of entry.hours) addHour.run(entry.id, hour, hoursHits)
    }
    const counted = batch.map(({ page, window }) => {
      const entry = pages.get(page) as PageHits
      entry.lastGiven += 1
      if (!window) return { count: entry.lastGiven, token: null }
      const { lastInsertRowid } = addToken.run(entry.id, window.secret, window.endsAt)
      const token = { id: Number(lastInsertRowid), secret: window.secret }
      return { count: entry.lastGiven, token }
    })
    commit.run()
    // Only now: a page that a failed transaction made has no id to remember.
    for (const [page, { id }] of pages) known.remember(page, id)
    return counted
  }

  return function writeBatch(batch: NewHit[]): CountedHit[] {
    begin.run()
    try {
      return write(batch)
    } finally {
      // SQLite itself rolls back on some failures, such as a full disk, and then has nothing left to undo.
      if (driver.inTransaction) rollback.run()
    }
  }
}

/** Merges a batch, so that a hot page costs one row a batch and not one a hit. */
function byPage(batch: NewHit[]): Map<PageKey, PageHits> {
  const pages = new Map<PageKey, PageHits>()
  for (const { page, at } of batch) {
    let entry = pages.get(page)
    if (!entry) {
      entry = { hits: 0, hours: new Map(), lastGiven: 0, id: 0 }
      pages.set(page, entry)
    }
    const hour = Math.floor(at / HOUR_MS)
    entry.hits += 1
    entry.hours.set(hour, (entry.hours.get(hour) ?? 0) + 1)
  }
  return pages
}
