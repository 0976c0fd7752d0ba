import type { Database } from 'better-sqlite3'
import { hostOf, type PageKey } from '../../page.ts'
import type { IdleRule, Ranked, Slice } from '../../store.ts'
import { DAY_HOURS } from '../../time.ts'
import { type FullLimit, type PageLimits, reachedLimit } from '../options.ts'
import type { HitTable } from './hits.ts'
import type { Journal } from './journal.ts'
import { QUERIES } from './queries.ts'
import { readSnapshot } from './readable.ts'

/** Pages that a search for idle ones reads at a time. */
const SLICE = 1000
const EVER = Number.POSITIVE_INFINITY

/** Finds and makes pages. All functions are for use within a transaction. */
export function pageWriter(driver: Database, limits: PageLimits) {
  const findPage = driver.prepare<[PageKey], number>(QUERIES.findPage).pluck()
  const findAlias = driver.prepare<[PageKey], number>(QUERIES.findAlias).pluck()
  const readKey = driver.prepare<[number], PageKey>(QUERIES.readKey).pluck()
  const isRemoved = driver.prepare<[number], number>(QUERIES.isRemoved).pluck()
  const countPages = driver.prepare<[], number>(QUERIES.countPages).pluck()
  const pagesOfHost = driver.prepare<[string], number>(QUERIES.pagesOfHost).pluck()
  const addToHost = driver.prepare<[string, number], number>(QUERIES.addToHost).pluck()
  const findHost = driver.prepare<[string], number>(QUERIES.findHost).pluck()
  const addPage = driver.prepare<[PageKey, number]>(QUERIES.addPage)
  const addHost = (name: string) => addToHost.get(name, 1) as number

  return {
    findPage: (page: PageKey): number | undefined => findPage.get(page),
    /** The id of the page of an alias. */
    findAlias: (alias: PageKey): number | undefined => findAlias.get(alias),
    readKey: (id: number): PageKey => readKey.get(id) as PageKey,
    /** The page that an address stands for: of an alias its page, else the address. */
    pageOf(address: PageKey): PageKey {
      const id = findAlias.get(address)
      return id === undefined ? address : (readKey.get(id) as PageKey)
    },
    /** The id of a page by its key or an alias. */
    resolve: (page: PageKey): number | undefined => findPage.get(page) ?? findAlias.get(page),
    isRemoved: (id: number): boolean => isRemoved.get(id) !== undefined,
    /**
     * Makes a new page, unless a limit is reached.
     * @param counted whether it is made for a hit, not for a visit that did not count
     */
    makePage(page: PageKey, counted: boolean): number | FullLimit {
      const host = hostOf(page)
      const limit = reachedLimit(limits, counted, {
        all: () => countPages.get() ?? 0,
        ofHost: () => pagesOfHost.get(host) ?? 0,
      })
      if (limit) return limit
      return Number(addPage.run(page, addHost(host)).lastInsertRowid)
    },
    /** Adds a page to its host's number of pages. @returns the id of the host */
    addHost: (page: PageKey) => addHost(hostOf(page)),
    /** The id of a host. */
    findHost: (name: string): number | undefined => findHost.get(name),
  }
}

interface IdlePage {
  id: number
  key: PageKey
  host: number
  hits: number
}

/**
 * @returns a function that finds the idle pages between two ids, for use within a transaction
 * @param waiting the hits that are not in the tables yet
 */
function idleFinder(driver: Database, waiting: Journal) {
  const find = driver.prepare<
    [first: number, last: number, below: number, hour: number, day: number, hour: number],
    IdlePage
  >(QUERIES.findIdle)
  return ({ below, beforeHour }: IdleRule, first: number, last: number): IdlePage[] =>
    find
      .all(first, last, below, beforeHour, beforeHour / DAY_HOURS, beforeHour)
      .map((page) => ({ ...page, hits: page.hits + waiting.waitingHits(page.id) }))
      .filter(({ id, hits }) => {
        const [recent] = waiting.waitingHours(id, { from: beforeHour, to: EVER })
        return hits < below && recent === undefined
      })
}

/** `removeIdle` of `Store`. */
export function idleRemover(driver: Database, hits: HitTable) {
  const findIdle = idleFinder(driver, hits.journal)
  const removeHistory = [QUERIES.removeHours, QUERIES.removeDays, QUERIES.removeOutcomes].map(
    (sql) => driver.prepare<[page: number, before: number]>(sql),
  )
  const removeTally = driver.prepare<[number]>(QUERIES.removeTally)
  const removePage = driver.prepare<[number]>(QUERIES.removePage)
  const addToRemoved = driver.prepare<[number]>(QUERIES.addToRemoved)

  function remove(rule: IdleRule, first: number, last: number): number {
    // Otherwise a later roll-up of a hit in the journal would create a tally of the removed page.
    hits.journal.rollUpOld(first, last, rule.beforeHour)
    const idle = findIdle(rule, first, last)
    for (const { id, host, hits: pageHits } of idle) {
      hits.hosts.takeHistory(host, id)
      hits.hosts.addHits(host, -BigInt(pageHits))
      for (const statement of removeHistory) statement.run(id, Number.MAX_SAFE_INTEGER)
      removeTally.run(id)
      removePage.run(id)
      hits.hosts.leaveHost(host)
    }
    hits.hosts.settle()
    addToRemoved.run(idle.length)
    hits.forget()
    return idle.length
  }

  return (rule: IdleRule, slice: Slice): { next: string | null; removed: number } => {
    const { first, last, next } = hits.idsOf(slice)
    const isAny = hits.reading(() => findIdle(rule, first, last).length > 0)
    // Hits need not wait if there is nothing to remove.
    const removed = isAny ? hits.writing(() => remove(rule, first, last)) : 0
    return { next, removed }
  }
}

/**
 * Finds the idle pages of a database file, which is opened only for reading.
 * @throws Error if the file is missing, or was made by another version
 */
export function findIdlePages(file: string, rule: IdleRule, onFound: (page: Ranked) => void): void {
  readSnapshot(file, (driver, journal, newest) => {
    const findIdle = idleFinder(driver, journal)
    for (let first = 1; first <= newest; first += SLICE) {
      for (const { key, hits } of findIdle(rule, first, first + SLICE - 1))
        onFound({ name: key, hits })
    }
  })
}
