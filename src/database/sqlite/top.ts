import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import type { PageKey } from '../../page.ts'
import { listFilter } from '../../pattern.ts'
import type { Ranked, TopQuery } from '../../store.ts'
import type { Active } from './active.ts'
import type { HitTable } from './hits.ts'
import { counterOf } from './host-counters.ts'
import { QUERIES } from './queries.ts'

/** Rows read at a time, between two batches of hits. */
const SLICE = 1000

/** The lists of the home page: reads all tallies once, a slice at a time, so that hits can be written in between. */
export function topLists(driver: Database, { reading, journal }: HitTable) {
  const readSlice = driver
    .prepare<[after: number, limit: number], [page: number, hits: number]>(QUERIES.readTallies)
    .raw()
  const readHosts = driver.prepare<
    [after: number, limit: number],
    { id: number; name: string; hits: number }
  >(QUERIES.readHosts)
  const readKey = driver.prepare<[number], PageKey>(QUERIES.readKey).pluck()

  return async function top(query: TopQuery): Promise<{ hosts: Ranked[]; pages: Ranked[] }> {
    const { showsHost, showsPage } = listFilter(query)
    const pages = new Ranking<number>(query.pages, (id) => {
      const page = readKey.get(id)
      return page && showsPage(page) ? page : null
    })
    const hosts = new Ranking<string>(query.hosts, (name) => (showsHost(name) ? name : null))
    /** Offers a slice. @returns the last id; undefined after all */
    function offerPages(after: number): number | undefined {
      const rows = readSlice.all(after, SLICE)
      for (const [page, hits] of rows) pages.offer(page, hits + journal.waitingHits(page))
      return rows.at(-1)?.[0]
    }
    function offerHosts(after: number): number | undefined {
      const rows = readHosts.all(after, SLICE)
      for (const { id, name, hits } of rows)
        hosts.offer(name, hits + journal.waitingHits(counterOf(id)))
      return rows.at(-1)?.id
    }
    let page: number | undefined = 0
    let host: number | undefined = 0
    for (; page !== undefined || host !== undefined; await nextTurn()) {
      // In one transaction, so that no hit is rolled up between reading its tally and the journal.
      reading(() => {
        if (page !== undefined) page = offerPages(page)
        if (host !== undefined) host = offerHosts(host)
      })
    }
    return { hosts: hosts.best, pages: pages.best }
  }
}

/** The pages with the most active visits. It looks at all pages with any, a slice at a time as well. */
export function activePages({ reading, pages }: HitTable, active: Active) {
  return async (query: Omit<TopQuery, 'hosts'>, now: number): Promise<Ranked[]> => {
    const { showsPage } = listFilter(query)
    const ranking = new Ranking<number>(query.pages, (id) => {
      if (pages.isRemoved(id)) return null
      const page = pages.readKey(id)
      return page && showsPage(page) ? page : null
    })
    const ids = active.pages(now)
    for (let at = 0; at < ids.length; at += SLICE) {
      const slice = ids.slice(at, at + SLICE)
      reading(() => {
        for (const id of slice) ranking.offer(id, active.visits(id, now))
      })
      await nextTurn()
    }
    return ranking.best
  }
}

/** The entries with the most hits of all that are offered. */
class Ranking<Id> {
  readonly best: Ranked[] = []
  readonly #length: number
  readonly #nameOf: (id: Id) => string | null

  /** @param nameOf the name to list; null if it must not be listed */
  constructor(length: number, nameOf: (id: Id) => string | null) {
    this.#length = length
    this.#nameOf = nameOf
  }

  offer(id: Id, hits: number): void {
    const last = this.best.length < this.#length ? 0 : (this.best.at(-1)?.hits ?? Number.MAX_VALUE)
    if (hits <= last) return
    const name = this.#nameOf(id)
    if (name === null) return
    const place = this.best.findIndex((other) => other.hits < hits)
    this.best.splice(place < 0 ? this.best.length : place, 0, { name, hits })
    this.best.length = Math.min(this.best.length, this.#length)
  }
}
