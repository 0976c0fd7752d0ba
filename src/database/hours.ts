import type { Database } from 'better-sqlite3'
import type { Queries } from './queries.ts'

/** What keeps the hours of a page from growing without end; see `Store`. */
export function hourFolding(driver: Database, queries: Queries) {
  const newestPage = driver.prepare<[], number | null>(queries.newestPage).pluck()
  const addDays = driver.prepare<[page: number, hour: number]>(queries.addDays)
  const removeHours = driver.prepare<[page: number, hour: number]>(queries.removeHours)
  const foldPages = driver.transaction((beforeHour: number, first: number, last: number) => {
    for (let page = first; page <= last; page++) {
      if (addDays.run(page, beforeHour).changes > 0) removeHours.run(page, beforeHour)
    }
  }).immediate

  return {
    foldHours(beforeHour: number, afterPage: number, pages: number): number | null {
      const newest = newestPage.get() ?? 0
      const last = Math.min(afterPage + pages, newest)
      if (last > afterPage) foldPages(beforeHour, afterPage + 1, last)
      return last < newest ? last : null
    },
  }
}
