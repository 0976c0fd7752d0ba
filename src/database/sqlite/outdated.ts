import { DAY_HOURS } from '../../hours.ts'
import type { Removed } from '../../store.ts'
import { Journal } from './journal.ts'
import { QUERIES } from './queries.ts'
import { openToRead } from './readable.ts'

/**
 * What `prune` would remove of a database, and how many tokens have ended. The file is opened read-only.
 * @param beforeHour the first hour that is kept; null where all is
 * @throws Error where the file is missing, or was not made by this version
 */
export function findOutdated(
  file: string,
  beforeHour: number | null,
  now: number,
): { removed: Removed; tokens: number } {
  const { driver, close } = openToRead(file)
  try {
    driver.exec('begin')
    const tokens = driver.prepare<[number], number>(QUERIES.countEnded).pluck().get(now) ?? 0
    const none = { pages: 0, hours: 0, days: 0, outcomes: 0 }
    if (beforeHour === null) return { removed: none, tokens }
    const pages = new Set<number>()
    const count = (sql: string, before: number) => {
      let rows = 0
      for (const page of driver.prepare<[number], number>(sql).pluck().iterate(before)) {
        pages.add(page)
        rows += 1
      }
      return rows
    }
    let hours = count(QUERIES.oldHours, beforeHour)
    const days = count(QUERIES.oldDays, beforeHour / DAY_HOURS)
    const outcomes = count(QUERIES.oldOutcomes, beforeHour)
    // What waits in the journal comes to rows of hours first.
    const isRow = driver.prepare<[number, number]>(QUERIES.readHour)
    const journal = new Journal(driver)
    journal.load()
    for (const [page, hour] of journal.waitingBefore(beforeHour)) {
      pages.add(page)
      if (isRow.get(page, hour) === undefined) hours += 1
    }
    return { removed: { pages: pages.size, hours, days, outcomes }, tokens }
  } finally {
    close()
  }
}
