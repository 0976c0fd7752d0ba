import type { Database } from 'better-sqlite3'
import type { PageKey } from '../../page.ts'
import type { IdleRule, Ranked, Slice } from '../../store.ts'
import { DAY_HOURS } from '../../time.ts'
import type { HitTable } from './hits.ts'
import { Journal } from './journal.ts'
import { QUERIES } from './queries.ts'
import { openToRead } from './readable.ts'

const EVER = Number.POSITIVE_INFINITY

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
function idleFinder(driver: Database, waiting: Pick<HitTable, 'waitingHits' | 'waitingHours'>) {
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
  const newestPage = driver.prepare<[], number | null>(QUERIES.newestPage).pluck()
  const findIdle = idleFinder(driver, hits)
  const removeHistory = [QUERIES.removeHours, QUERIES.removeDays, QUERIES.removeOutcomes].map(
    (sql) => driver.prepare<[page: number, before: number]>(sql),
  )
  const removeTally = driver.prepare<[number]>(QUERIES.removeTally)
  const removePage = driver.prepare<[number]>(QUERIES.removePage)
  const takeFromHost = driver.prepare<[number]>(QUERIES.takeFromHost)
  const removeEmptyHost = driver.prepare<[number]>(QUERIES.removeEmptyHost)
  const addToRemoved = driver.prepare<[number]>(QUERIES.addToRemoved)

  function remove(rule: IdleRule, first: number, last: number): number {
    // Otherwise a later roll-up of a hit in the journal would create a tally of the removed page.
    hits.rollUpOld(first, last, rule.beforeHour)
    const idle = findIdle(rule, first, last)
    for (const { id, host } of idle) {
      for (const statement of removeHistory) statement.run(id, Number.MAX_SAFE_INTEGER)
      removeTally.run(id)
      removePage.run(id)
      takeFromHost.run(host)
      removeEmptyHost.run(host)
    }
    addToRemoved.run(idle.length)
    hits.forget()
    return idle.length
  }

  return (rule: IdleRule, { after, pages }: Slice): { next: string | null; removed: number } => {
    const first = Number(after) + 1
    const { newest, isAny } = hits.reading(() => {
      const newest = newestPage.get() ?? 0
      return { newest, isAny: findIdle(rule, first, first + pages - 1).length > 0 }
    })
    const last = Math.min(first + pages - 1, newest)
    // Hits need not wait if there is nothing to remove.
    const removed = isAny ? hits.writing(() => remove(rule, first, last)) : 0
    return { next: last < newest ? String(last) : null, removed }
  }
}

/**
 * The idle pages of a database file, which is opened only for reading.
 * @param slice how many pages are read at a time
 * @throws Error if the file is missing, or was made by another version
 */
export function* eachIdle(file: string, rule: IdleRule, slice: number): Generator<Ranked> {
  const { driver, close } = openToRead(file)
  try {
    driver.exec('begin')
    const journal = new Journal(driver)
    journal.load()
    const newest = driver.prepare<[], number | null>(QUERIES.newestPage).pluck().get() ?? 0
    const findIdle = idleFinder(driver, journal)
    for (let first = 1; first <= newest; first += slice) {
      for (const { key, hits } of findIdle(rule, first, first + slice - 1))
        yield { name: key, hits }
    }
  } finally {
    close()
  }
}
