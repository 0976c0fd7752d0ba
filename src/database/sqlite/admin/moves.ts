import type { Database } from 'better-sqlite3'
import type { PageKey } from '../../../page.ts'
import type { HitTable } from '../hits.ts'
import { QUERIES } from '../queries.ts'
import { ADMIN_QUERIES } from './queries.ts'

/** After every hour and day. */
const END = Number.MAX_SAFE_INTEGER

/** Moves and removes everything that belongs to a page. For use within a transaction, with the page rolled up. */
export function pageMover(driver: Database, { pages }: HitTable) {
  type Pair = [into: number, page: number]
  const mergeHistory = ['mergeHours', 'mergeDays', 'mergeOutcomes'] as const
  const merges = mergeHistory.map((name) => driver.prepare<Pair>(ADMIN_QUERIES[name]))
  const removals = (['removeHours', 'removeDays', 'removeOutcomes'] as const).map((name) =>
    driver.prepare<[page: number, before: number]>(QUERIES[name]),
  )
  const readSources = driver.prepare<[], string>(ADMIN_QUERIES.readSources).pluck()
  const mergeImported = driver.prepare<[number, string, number]>(ADMIN_QUERIES.mergeImported)
  const removeImported = driver.prepare<[string, number]>(ADMIN_QUERIES.removeImported)
  const addToTally = driver.prepare<Pair>(QUERIES.addToTally)
  const removeTally = driver.prepare<[number]>(QUERIES.removeTally)
  const setTally = driver.prepare<[number, number]>(ADMIN_QUERIES.setTally)
  const readHostOf = driver.prepare<[number], number>(ADMIN_QUERIES.readHostOf).pluck()
  const renamePage = driver.prepare<[PageKey, number, number]>(ADMIN_QUERIES.renamePage)
  const removePage = driver.prepare<[number]>(QUERIES.removePage)
  const removeRemoved = driver.prepare<[number]>(ADMIN_QUERIES.removeRemoved)
  const removeVersion = driver.prepare<[number]>(ADMIN_QUERIES.removeVersion)
  const countPurged = driver.prepare<[number]>(ADMIN_QUERIES.countPurged)
  const addAlias = driver.prepare<[PageKey, number, number | null]>(ADMIN_QUERIES.addAlias)
  const moveAliases = driver.prepare<Pair>(ADMIN_QUERIES.moveAliases)
  const removeAliases = driver.prepare<[number]>(ADMIN_QUERIES.removeAliases)

  function removeHistory(id: number): void {
    for (const statement of removals) statement.run(id, END)
  }

  function remove(id: number): void {
    removeHistory(id)
    for (const source of readSources.all()) removeImported.run(source, id)
    removeTally.run(id)
    pages.leaveHost(readHostOf.get(id) as number)
    removePage.run(id)
    removeRemoved.run(id)
    removeVersion.run(id)
    countPurged.run(id)
  }

  return {
    /** Removes the page's number and history. */
    reset(id: number): void {
      removeHistory(id)
      setTally.run(id, 0)
    },
    rename(id: number, from: PageKey, to: PageKey, alias: boolean): void {
      pages.leaveHost(readHostOf.get(id) as number)
      renamePage.run(to, pages.addHost(to), id)
      if (alias) addAlias.run(from, id, null)
    },
    /** Adds everything about a page to another. Its key becomes an alias of that. */
    merge(id: number, key: PageKey, hits: number, into: number): void {
      for (const statement of merges) statement.run(into, id)
      for (const source of readSources.all()) mergeImported.run(into, source, id)
      addToTally.run(into, hits)
      remove(id)
      moveAliases.run(into, id)
      addAlias.run(key, into, id)
    },
    /** Removes everything about a page, and its aliases. */
    purge(id: number): void {
      remove(id)
      removeAliases.run(id)
    },
  }
}
