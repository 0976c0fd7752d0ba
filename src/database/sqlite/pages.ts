import type { Database } from 'better-sqlite3'
import { hostOf, type PageKey } from '../../page.ts'
import { type Full, type PageLimits, whyFull } from '../page-limits.ts'
import { QUERIES } from './queries.ts'

/** Finds and makes the pages that hits go to. Run both inside a transaction. */
export function pageWriter(driver: Database, limits: PageLimits) {
  const findPage = driver.prepare<[PageKey], number>(QUERIES.findPage).pluck()
  const countPages = driver.prepare<[], number>(QUERIES.countPages).pluck()
  const pagesOfHost = driver.prepare<[string], number>(QUERIES.pagesOfHost).pluck()
  const addToHost = driver.prepare<[string, number], number>(QUERIES.addToHost).pluck()
  const addPage = driver.prepare<[PageKey, number]>(QUERIES.addPage)

  return {
    findPage: (page: PageKey): number | undefined => findPage.get(page),
    /**
     * Makes a page that is not there yet, where no limit forbids it.
     * @param counted whether it is counted just now
     */
    makePage(page: PageKey, counted = true): number | Full {
      const host = hostOf(page)
      const why = whyFull(limits, counted, {
        all: () => countPages.get() ?? 0,
        ofHost: () => pagesOfHost.get(host) ?? 0,
      })
      if (why) return why
      const hostId = addToHost.get(host, 1) as number
      return Number(addPage.run(page, hostId).lastInsertRowid)
    },
  }
}
