import type { Database } from 'better-sqlite3'
import { Cache } from '../../cache.ts'
import type { PageKey } from '../../page.ts'
import { Refusal } from '../../refusal.ts'
import type { Slice } from '../../store.ts'
import { hourOf } from '../../time.ts'
import { removedPage } from '../failures.ts'
import type { FullLimit, PageLimits } from '../options.ts'
import type { Active } from './active.ts'
import { addTo, type Hours, Journal } from './journal.ts'
import { pageWriter } from './pages.ts'
import { QUERIES } from './queries.ts'
import { tokenWriter } from './tokens.ts'

/** Bytes of the cache, enough for some 150,000 pages of ordinary length; and bytes of an entry. */
const MAX_KNOWN_BYTES = 32_000_000
const KNOWN_BYTES = 60

interface KnownPage {
  readonly id: number
  /** The page's number. */
  hits: number
}

/** A batch of hits in few objects, because each object makes it slower to copy between threads. */
export interface PackedHits {
  pages: PageKey[]
  /** Each hit's time and the end of its window, two numbers a hit. */
  times: number[]
  /** Empty for a hit that opens no window. */
  secrets: string[]
}

/** Why a hit is not stored: its page cannot be made, or an operator has removed it. */
type Reason = FullLimit | 'removed'
/** Returned instead of the number of a hit that is not stored. */
export const REFUSED: Record<Reason, number> = { all: -1, host: -2, removed: -3 }

export type HitTable = ReturnType<typeof hitTable>

/**
 * The hot path: writes batches of hits, each in one transaction, and reads pages' numbers.
 * @param driver a connection through which nothing else writes
 * @param active every hit is added to it once it is on disk
 */
export function hitTable(driver: Database, limits: PageLimits, active: Active) {
  const begin = driver.prepare('begin')
  const beginWriting = driver.prepare('begin immediate')
  const commit = driver.prepare('commit')
  const rollback = driver.prepare('rollback')
  const pages = pageWriter(driver, limits)
  const newTokens = tokenWriter(driver)
  const journal = new Journal(driver)
  // An alias has the key of its page. A page thus has one entry, however many addresses it has.
  const known = new Cache<KnownPage | PageKey, PageKey>(MAX_KNOWN_BYTES, (entry) =>
    typeof entry === 'string' ? entry.length : KNOWN_BYTES,
  )
  const newestPage = driver.prepare<[], number | null>(QUERIES.newestPage).pluck()
  const readTally = driver.prepare<[number], number>(QUERIES.readTally).pluck()
  // Changes if and only if another connection has committed.
  const dataVersion = driver.prepare<[], number>('pragma data_version').pluck()
  let version: number | undefined

  /** Discards what is in memory if another process has written, such as an import or a second service. */
  function catchUp(): void {
    const current = dataVersion.get()
    if (version === current) return
    forget()
    journal.load()
    version = current
  }

  function forget(): void {
    known.clear()
    version = undefined
  }

  function find(page: PageKey): KnownPage | 'removed' | undefined {
    const found = known.get(page)
    if (typeof found === 'object') return found
    if (found !== undefined) return find(found)
    const id = pages.findPage(page)
    if (id !== undefined) return pages.isRemoved(id) ? 'removed' : remember(page, id)
    const target = pages.findAlias(page)
    if (target === undefined) return undefined
    const key = pages.readKey(target)
    known.add(page, key)
    return find(key)
  }

  function remember(page: PageKey, id: number): KnownPage {
    const entry = { id, hits: (readTally.get(id) ?? 0) + journal.waitingHits(id) }
    known.add(page, entry)
    return entry
  }

  function findOrMake(page: PageKey, counted: boolean): KnownPage | Reason {
    const found = find(page)
    if (found) return found
    const made = pages.makePage(page, counted)
    return typeof made === 'number' ? remember(page, made) : made
  }

  function write({ pages: keys, times, secrets }: PackedHits, ids: number[]): number[] {
    const hours: Hours = new Map()
    const tokens = newTokens()
    const written: number[] = []
    for (const [index, page] of keys.entries()) {
      const entry = findOrMake(page, true)
      if (typeof entry === 'string') {
        written.push(REFUSED[entry], 0)
        continue
      }
      addTo(hours, hourOf(times[2 * index] as number), entry.id, 1)
      entry.hits += 1
      ids.push(entry.id)
      const secret = secrets[index] as string
      const ends = times[2 * index + 1] as number
      written.push(entry.hits, secret === '' ? 0 : tokens.add(entry.id, secret, ends))
    }
    tokens.write()
    journal.append(hours)
    return written
  }

  function transaction<Result>(start: { run(): unknown }, run: () => Result): Result {
    start.run()
    try {
      catchUp()
      const result = run()
      commit.run()
      known.trim()
      return result
    } catch (error) {
      // Memory now contains changes that are not on disk, unless the work was refused.
      if (!(error instanceof Refusal)) forget()
      throw error
    } finally {
      // After some failures, such as a full disk, SQLite has already rolled back.
      if (driver.inTransaction) rollback.run()
    }
  }

  return {
    /**
     * Writes a batch of hits. Returns two numbers for each: the page's number, and the id of its token, 0 if it opens no
     * window. If it throws, none of the hits is stored.
     */
    writeHits(batch: PackedHits): number[] {
      const ids: number[] = []
      const written = transaction(beginWriting, () => write(batch, ids))
      active.add(ids, batch.times.at(-2) ?? 0)
      return written
    },
    /** A page by its key or an alias. @throws Refusal `removed` */
    find(page: PageKey): KnownPage | undefined {
      const found = find(page)
      if (found === 'removed') throw removedPage()
      return found
    },
    /**
     * The id of a page for a visit that did not count; null if it is removed, or there is no room to make it. For use within
     * `writing`.
     */
    idOf(page: PageKey): number | null {
      const entry = findOrMake(page, false)
      return typeof entry === 'string' ? null : entry.id
    },
    pages,
    /** Runs reads in one transaction, so that they see the same state. */
    reading: <Result>(run: () => Result): Result => transaction(begin, run),
    /** Runs writes in one transaction. Work that throws a Refusal must not have changed what is in memory before. */
    writing: <Result>(run: () => Result): Result => transaction(beginWriting, run),
    /** The hits that are not in the tables yet. For use within `reading` or `writing`. */
    journal,
    /** The ids of a slice of pages, and where the next slice begins; null after the last page. */
    idsOf({ after, pages }: Slice): { first: number; last: number; next: string | null } {
      const newest = newestPage.get() ?? 0
      const first = Number(after) + 1
      const last = Math.min(first + pages - 1, newest)
      return { first, last, next: last < newest ? String(last) : null }
    },
    /** Discards what is in memory, after pages were removed. */
    forget,
    /** Discards the number of a page, after it was changed other than by hits. */
    forgetPage: (page: PageKey) => known.delete(page),
    /** Discards all pages, after the addresses of some were changed. */
    forgetPages: () => known.clear(),
    /** Rolls up everything, which leaves the journal empty. */
    rollUp(): void {
      this.writing(() => journal.rollUpAll())
    },
  }
}
