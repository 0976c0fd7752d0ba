import type { Database } from 'better-sqlite3'
import { Cache } from '../../cache.ts'
import { hourOf, type Span } from '../../hours.ts'
import type { PageKey } from '../../page.ts'
import type { Full, PageLimits } from '../page-limits.ts'
import type { Active } from './active.ts'
import { addTo, type Hours, Journal } from './journal.ts'
import { pageWriter } from './pages.ts'
import { QUERIES } from './queries.ts'
import { tokenWriter } from './tokens.ts'

/** Bytes for what is known of pages, some 150,000 of ordinary length; and those of each. */
const KNOWN_PAGES = 32_000_000
const KNOWN_PAGE = 60

interface KnownPage {
  readonly id: number
  /** The page's number. */
  hits: number
}

/** Hits as they go from thread to thread, which costs less the fewer objects there are. `secrets` may be empty. */
export interface PackedHits {
  pages: PageKey[]
  /** Each hit's time and the end of its window, two numbers a hit. */
  times: number[]
  secrets: string[]
}

/** Stands for a hit's number where its page could not be made. */
export const REFUSED: Record<Full, number> = { all: -1, host: -2 }

export type HitTable = ReturnType<typeof hitTable>

/**
 * The hot path: writes hits, a batch in a transaction, and reads pages' numbers with hits that are not rolled up yet.
 * @param driver the connection that only this writes through
 * @param active told of every hit that is on disk
 */
export function hitTable(driver: Database, limits: PageLimits, active?: Active) {
  const begin = driver.prepare('begin')
  const beginWriting = driver.prepare('begin immediate')
  const commit = driver.prepare('commit')
  const rollback = driver.prepare('rollback')
  const { findPage, makePage } = pageWriter(driver, limits)
  const newTokens = tokenWriter(driver)
  const journal = new Journal(driver)
  const known = new Cache<KnownPage, PageKey>(KNOWN_PAGES, () => KNOWN_PAGE)
  const readTally = driver.prepare<[number], number>(QUERIES.readTally).pluck()
  // Differs from before when another connection has committed since, and only then.
  const dataVersion = driver.prepare<[], number>('pragma data_version').pluck()
  let version: number | undefined

  /** What is kept in memory is true as long as nobody else writes. Such as an import, or a second server. */
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

  function find(page: PageKey): KnownPage | undefined {
    const remembered = known.get(page)
    if (remembered) return remembered
    const id = findPage(page)
    return id === undefined ? undefined : remember(page, id)
  }

  function remember(page: PageKey, id: number): KnownPage {
    const entry = { id, hits: (readTally.get(id) ?? 0) + journal.waitingHits(id) }
    known.add(page, entry)
    return entry
  }

  function findOrMake(page: PageKey, counted: boolean): KnownPage | Full {
    const found = find(page)
    if (found) return found
    const made = makePage(page, counted)
    return typeof made === 'number' ? remember(page, made) : made
  }

  function write({ pages, times, secrets }: PackedHits, ids: number[]): number[] {
    catchUp()
    const hours: Hours = new Map()
    const tokens = newTokens()
    const written: number[] = []
    for (const [index, page] of pages.entries()) {
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
      const result = run()
      commit.run()
      known.trim()
      return result
    } catch (error) {
      // What is in memory is ahead of the disk now.
      forget()
      throw error
    } finally {
      // SQLite itself rolls back on some failures, such as a full disk, and then has nothing left to undo.
      if (driver.inTransaction) rollback.run()
    }
  }

  return {
    /**
     * Writes hits and gives each two numbers: its own, and its token's row, 0 where it opened no window. It throws if
     * they were not committed; then none of them is stored.
     */
    writeHits(batch: PackedHits): number[] {
      const ids: number[] = []
      const written = transaction(beginWriting, () => write(batch, ids))
      active?.add(ids, batch.times.at(-2) ?? 0)
      return written
    },
    find,
    /** The id of a page that was seen, but not counted. It is made if there is room for it. For use while writing. */
    idOf(page: PageKey): number | Full {
      const entry = findOrMake(page, false)
      return typeof entry === 'string' ? entry : entry.id
    },
    /** Runs reads together, which see each other's moment. */
    reading: <Result>(run: () => Result): Result =>
      transaction(begin, () => {
        catchUp()
        return run()
      }),
    /** Runs writes together: all are committed, or none. */
    writing: <Result>(run: () => Result): Result =>
      transaction(beginWriting, () => {
        catchUp()
        return run()
      }),
    /** A page's hits that are not in its tally yet, for use while reading. */
    waitingHits: (page: number): number => journal.waitingHits(page),
    /** The same by hour. */
    waitingHours: (page: number, span: Span) => journal.waitingHours(page, span),
    /** Rolls up what waits of these pages, if some of it is from before an hour. For use while writing. */
    rollUpOld: (first: number, last: number, beforeHour: number) =>
      journal.rollUpOld(first, last, beforeHour),
    /** What is in memory is read again, since pages were removed. */
    forget,
    /** Leaves the tables complete, with an empty journal. */
    rollUp(): void {
      this.writing(() => journal.rollUpAll())
    },
  }
}
