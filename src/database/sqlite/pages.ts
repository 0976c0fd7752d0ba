import type { Database } from 'better-sqlite3'
import { hostOf, type PageKey } from '../../page.ts'
import { type FullLimit, type PageLimits, reachedLimit } from '../options.ts'
import { QUERIES } from './queries.ts'

/** Finds and makes pages. Both functions are for use within a transaction. */
export function pageWriter(driver: Database, limits: PageLimits) {
  const findPage = driver.prepare<[PageKey], number>(QUERIES.findPage).pluck()
  const countPages = driver.prepare<[], number>(QUERIES.countPages).pluck()
  const pagesOfHost = driver.prepare<[string], number>(QUERIES.pagesOfHost).pluck()
  const addToHost = driver.prepare<[string, number], number>(QUERIES.addToHost).pluck()
  const addPage = driver.prepare<[PageKey, number]>(QUERIES.addPage)

  return {
    findPage: (page: PageKey): number | undefined => findPage.get(page),
    /**
     * Makes a new page, unless a limit is reached.
     * @param counted whether it is made for a hit, not for a visit that did not count
     */
    makePage(page: PageKey, counted = true): number | FullLimit {
      const host = hostOf(page)
      const limit = reachedLimit(limits, counted, {
        all: () => countPages.get() ?? 0,
        ofHost: () => pagesOfHost.get(host) ?? 0,
      })
      if (limit) return limit
      const hostId = addToHost.get(host, 1) as number
      return Number(addPage.run(page, hostId).lastInsertRowid)
    },
  }
}
