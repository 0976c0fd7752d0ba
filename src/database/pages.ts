import type { Database } from 'better-sqlite3'
import { hostOf, type PageKey } from '../page.ts'
import type { Queries } from './queries.ts'

/** How many pages there may be; 0 for as many as come. */
export interface PageLimits {
  pages: number
  pagesPerHost: number
}

/** The part of the limits that pages may take that were never counted. */
const UNCOUNTED_SHARE = 0.9

/** Why a page that is not known yet cannot be made. */
export type Full = 'all' | 'host'

/** Finds and makes the pages that hits go to. Run both inside a transaction. */
export function pageWriter(driver: Database, queries: Queries, limits: PageLimits) {
  const findPage = driver.prepare<[PageKey], number>(queries.findPage).pluck()
  const newestPage = driver.prepare<[], number | null>(queries.newestPage).pluck()
  const pagesOfHost = driver.prepare<[string], number>(queries.pagesOfHost).pluck()
  const addToHost = driver.prepare<[string, number], number>(queries.addToHost).pluck()
  const addPage = driver.prepare<[PageKey, number]>(queries.addPage)

  function full(host: string, share: number): Full | null {
    const pages = limits.pages * share
    if (pages > 0 && (newestPage.get() ?? 0) >= pages) return 'all'
    const pagesPerHost = limits.pagesPerHost * share
    if (pagesPerHost > 0 && (pagesOfHost.get(host) ?? 0) >= pagesPerHost) return 'host'
    return null
  }

  return {
    findPage: (page: PageKey): number | undefined => findPage.get(page),
    /**
     * Makes a page that is not there yet, where no limit forbids it.
     * @param counted whether it is counted just now; crawlers alone shall not use the limits up
     */
    makePage(page: PageKey, counted = true): number | Full {
      const host = hostOf(page)
      const why = full(host, counted ? 1 : UNCOUNTED_SHARE)
      if (why) return why
      const hostId = addToHost.get(host, 1) as number
      return Number(addPage.run(page, hostId).lastInsertRowid)
    },
  }
}
