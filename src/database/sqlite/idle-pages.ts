// Apart from idle.ts, which the thread that has the database loads: this builds its queries with Kysely.
import type { IdleRule, Ranked } from '../../store.ts'
import { idleFinder } from './idle.ts'
import { Journal } from './journal.ts'
import { buildQueries } from './queries.ts'
import { openToRead } from './readable.ts'

/**
 * The idle pages of a database file, which is only read; so many pages are looked at together.
 * @throws Error where the file is missing, or was not made by this version
 */
export function* eachIdle(file: string, rule: IdleRule, slice: number): Generator<Ranked> {
  const { driver, close } = openToRead(file)
  try {
    driver.exec('begin')
    const queries = buildQueries()
    const journal = new Journal(driver, queries)
    journal.load()
    const newest = driver.prepare<[], number | null>(queries.newestPage).pluck().get() ?? 0
    const findIdle = idleFinder(driver, queries, journal)
    for (let first = 1; first <= newest; first += slice) {
      for (const { key, hits } of findIdle(rule, first, first + slice - 1))
        yield { name: key, hits }
    }
  } finally {
    close()
  }
}
