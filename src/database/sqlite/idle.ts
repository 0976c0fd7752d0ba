import type { Database } from 'better-sqlite3'
import { DAY_HOURS } from '../../hours.ts'
import type { PageKey } from '../../page.ts'
import type { IdleRule, Slice } from '../../store.ts'
import type { HitTable } from './hits.ts'
import type { Queries } from './queries.ts'

const EVER = Number.POSITIVE_INFINITY

export interface IdlePage {
  id: number
  key: PageKey
  host: number
  hits: number
}

/**
 * Finds pages that have few hits and were not visited for a while, by their ids from first to last; for use while
 * reading.
 * @param waiting hits that are not in the tables yet
 */
export function idleFinder(
  driver: Database,
  queries: Queries,
  waiting: Pick<HitTable, 'waitingHits' | 'waitingHours'>,
) {
  const find = driver.prepare<
    [first: number, last: number, below: number, hour: number, day: number, hour: number],
    IdlePage
  >(queries.findIdle)
  return ({ below, beforeHour }: IdleRule, first: number, last: number): IdlePage[] =>
    find
      .all(first, last, below, beforeHour, beforeHour / DAY_HOURS, beforeHour)
      .map((page) => ({ ...page, hits: page.hits + waiting.waitingHits(page.id) }))
      .filter(({ id, hits }) => {
        const [recent] = waiting.waitingHours(id, { from: beforeHour, to: EVER })
        return hits < below && recent === undefined
      })
}

/** Removes such pages, with all that is known of them; see `Store`. */
export function idleRemover(driver: Database, queries: Queries, hits: HitTable) {
  const newestPage = driver.prepare<[], number | null>(queries.newestPage).pluck()
  const findIdle = idleFinder(driver, queries, hits)
  const removeHistory = [queries.removeHours, queries.removeDays, queries.removeOutcomes].map(
    (sql) => driver.prepare<[page: number, before: number]>(sql),
  )
  const removeTally = driver.prepare<[number]>(queries.removeTally)
  const removePage = driver.prepare<[number]>(queries.removePage)
  const takeFromHost = driver.prepare<[number]>(queries.takeFromHost)
  const removeEmptyHost = driver.prepare<[number]>(queries.removeEmptyHost)
  const addToRemoved = driver.prepare<[number]>(queries.addToRemoved)

  function remove(rule: IdleRule, first: number, last: number): number {
    // A hit that is in the journal alone would make a tally again when it is folded.
    hits.foldOld(first, last, rule.beforeHour)
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
    // Nobody is held up where there is nothing to remove.
    const removed = isAny ? hits.writing(() => remove(rule, first, last)) : 0
    return { next: last < newest ? String(last) : null, removed }
  }
}
