import type { Database } from 'better-sqlite3'
import { Cache } from '../../cache.ts'
import type { PageKey } from '../../page.ts'
import { Refusal } from '../../refusal.ts'
import { hostOfSite } from '../../site.ts'
import type { Slice } from '../../store.ts'
import { hourOf } from '../../time.ts'
import { removedPage } from '../failures.ts'
import type { FullLimit, PageLimits } from '../options.ts'
import type { Active } from './active.ts'
import { counterOf, hostCounters } from './host-counters.ts'
import { addTo, type Hours, Journal } from './journal.ts'
import { pageWriter } from './pages.ts'
import { QUERIES } from './queries.ts'
import { tokenWriter } from './tokens.ts'

/** Bytes of the cache, enough for some 150,000 pages of ordinary length; and bytes of an entry. */
const MAX_KNOWN_BYTES = 32_000_000
const KNOWN_BYTES = 60

/** Hosts whose numbers are in memory between two transactions. */
const MAX_KNOWN_HOSTS = 100_000

/** A counter: a page's, or a whole host's. */
interface Known {
  readonly id: number
  /** Its number. */
  hits: number
}

interface KnownPage extends Known {
  /** The id of its host's counter. */
  readonly host: number
}

/** A batch of hits in few objects, because each object makes it slower to copy between threads. */
export interface PackedHits {
  pages: PageKey[]
  /** Each hit's time and the end of its window, two numbers a hit. */
  times: number[]
  /** Empty for a hit that opens no window. */
  secrets: string[]
  /** The host whose number is asked for with each hit, as the key of its counter; empty for none. Null if no hit has any. */
  sites: (PageKey | '')[] | null
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
  const hosts = hostCounters(driver, journal)
  /** By the ids of their counters. */
  const knownHosts = new Map<number, Known>()
  // An alias has the key of its page. A page thus has one entry, however many addresses it has.
  const known = new Cache<KnownPage | PageKey, PageKey>(MAX_KNOWN_BYTES, (entry) =>
    typeof entry === 'string' ? entry.length : KNOWN_BYTES,
  )
  const newestPage = driver.prepare<[], number | null>(QUERIES.newestPage).pluck()
  const newestHost = driver.prepare<[], number | null>(QUERIES.newestHost).pluck()
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

  function forgetPages(): void {
    known.clear()
    knownHosts.clear()
  }

  function forget(): void {
    forgetPages()
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
    const entry = { id, hits: readHits(id), host: counterOf(hosts.hostOf(id) as number) }
    known.add(page, entry)
    return entry
  }

  const readHits = (id: number) => (readTally.get(id) ?? 0) + journal.waitingHits(id)

  function hostBy(id: number): Known {
    let host = knownHosts.get(id)
    if (host === undefined) {
      host = { id, hits: readHits(id) }
      knownHosts.set(id, host)
    }
    return host
  }

  function findHost(name: string): Known | undefined {
    const id = pages.findHost(name)
    return id === undefined ? undefined : hostBy(counterOf(id))
  }

  function findOrMake(page: PageKey, counted: boolean): KnownPage | Reason {
    const found = find(page)
    if (found) return found
    const made = pages.makePage(page, counted)
    return typeof made === 'number' ? remember(page, made) : made
  }

  function write(batch: PackedHits, ids: number[], ofHosts: number[]): number[] {
    const { pages: keys, times, secrets, sites } = batch
    const hours: Hours = new Map()
    const tokens = newTokens()
    const written: number[] = []
    for (const [index, page] of keys.entries()) {
      const entry = findOrMake(page, true)
      if (typeof entry === 'string') {
        written.push(REFUSED[entry], 0)
        if (sites !== null) written.push(0)
        continue
      }
      const host = hostBy(entry.host)
      const hour = hourOf(times[2 * index] as number)
      addTo(hours, hour, entry.id, 1)
      addTo(hours, hour, host.id, 1)
      entry.hits += 1
      host.hits += 1
      ids.push(entry.id)
      ofHosts.push(host.id)
      const secret = secrets[index] as string
      const ends = times[2 * index + 1] as number
      written.push(entry.hits, secret === '' ? 0 : tokens.add(entry.id, secret, ends))
      if (sites !== null)
        written.push(findHost(hostOfSite(sites[index] as PageKey) ?? '')?.hits ?? 0)
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
      if (knownHosts.size > MAX_KNOWN_HOSTS) knownHosts.clear()
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
     * window; and as the third that of a host, if the batch asks for any. If it throws, none of the hits is stored.
     */
    writeHits(batch: PackedHits): number[] {
      const ids: number[] = []
      const ofHosts: number[] = []
      const written = transaction(beginWriting, () => write(batch, ids, ofHosts))
      active.add(ids, ofHosts, batch.times.at(-2) ?? 0)
      return written
    },
    /** A page by its key or an alias, or a host by the key of its counter. @throws Refusal `removed` */
    find(page: PageKey): Known | undefined {
      const host = hostOfSite(page)
      if (host !== null) return findHost(host)
      const found = find(page)
      if (found === 'removed') throw removedPage()
      return found
    },
    /**
     * The ids of a page and of its host's counter, for a visit that did not count; none if the page is removed, or there is no
     * room to make it. For use within `writing`.
     */
    idsFor(page: PageKey): number[] {
      const entry = findOrMake(page, false)
      return typeof entry === 'string' ? [] : [entry.id, entry.host]
    },
    pages,
    hosts,
    /** Runs reads in one transaction, so that they see the same state. */
    reading: <Result>(run: () => Result): Result => transaction(begin, run),
    /** Runs writes in one transaction. Work that throws a Refusal must not have changed what is in memory before. */
    writing: <Result>(run: () => Result): Result => transaction(beginWriting, run),
    /** The hits that are not in the tables yet. For use within `reading` or `writing`. */
    journal,
    /**
     * The ids of a slice of pages, and where the next slice begins; null after the last one. The hosts with these ids belong
     * to the slice, too.
     */
    idsOf({ after, pages }: Slice): { first: number; last: number; next: string | null } {
      const newest = Math.max(newestPage.get() ?? 0, newestHost.get() ?? 0)
      const first = Number(after) + 1
      const last = Math.min(first + pages - 1, newest)
      return { first, last, next: last < newest ? String(last) : null }
    },
    /** Discards what is in memory, after pages were removed. */
    forget,
    /** Discards the numbers of a page and of hosts, after they were changed other than by hits. */
    forgetPage(page: PageKey): void {
      known.delete(page)
      knownHosts.clear()
    },
    /** Discards all pages, after the addresses of some were changed. */
    forgetPages,
    /** Rolls up everything, which leaves the journal empty. */
    rollUp(): void {
      this.writing(() => journal.rollUpAll())
    },
  }
}
