import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import type { PageKey } from '../../page.ts'
import { listFilter } from '../../pattern.ts'
import type { Ranked, TopQuery } from '../../store.ts'
import type { HitTable } from './hits.ts'
import { QUERIES } from './queries.ts'

/** Rows read at a time, between two batches of hits. */
const SLICE = 1000

/** The lists of the home page: reads all tallies once, a slice at a time, so that hits can be written in between. */
export function topLists(driver: Database, { reading, journal }: HitTable) {
  const readSlice = driver
    .prepare<[after: number, limit: number], [page: number, host: number, hits: number]>(
      QUERIES.readTallies,
    )
    .raw()
  const readKey = driver.prepare<[number], PageKey>(QUERIES.readKey).pluck()
  const readHost = driver.prepare<[number], string>(QUERIES.readHost).pluck()

  return async function top(query: TopQuery): Promise<{ hosts: Ranked[]; pages: Ranked[] }> {
    const { showsHost, showsPage } = listFilter(query)
    const pages = new Ranking(query.pages, (id) => {
      const page = readKey.get(id)
      return page && showsPage(page) ? page : null
    })
    const hosts = new Ranking(query.hosts, (id) => {
      const host = readHost.get(id)
      return host && showsHost(host) ? host : null
    })
    const hitsOfHosts: number[] = []
    const addSlice = (after: number): number | undefined => {
      const rows = readSlice.all(after, SLICE)
      for (const [page, host, rolledUp] of rows) {
        const hits = rolledUp + journal.waitingHits(page)
        pages.offer(page, hits)
        while (hitsOfHosts.length <= host) hitsOfHosts.push(0)
        hitsOfHosts[host] = (hitsOfHosts[host] as number) + hits
      }
      return rows.at(-1)?.[0]
    }
    for (let last: number | undefined = 0; last !== undefined; await nextTurn()) {
      const after: number = last
      // In one transaction, so that no hit is rolled up between reading its tally and the journal.
      last = reading(() => addSlice(after))
    }
    for (let host = 0; host < hitsOfHosts.length; host++) {
      hosts.offer(host, hitsOfHosts[host] as number)
      if (host % SLICE === 0) await nextTurn()
    }
    return { hosts: hosts.best, pages: pages.best }
  }
}

/** The entries with the most hits of all that are offered. */
class Ranking {
  readonly best: Ranked[] = []
  readonly #length: number
  readonly #nameOf: (id: number) => string | null

  /** @param nameOf the name to list; null if it must not be listed */
  constructor(length: number, nameOf: (id: number) => string | null) {
    this.#length = length
    this.#nameOf = nameOf
  }

  offer(id: number, hits: number): void {
    const last = this.best.length < this.#length ? 0 : (this.best.at(-1)?.hits ?? Number.MAX_VALUE)
    if (hits <= last) return
    const name = this.#nameOf(id)
    if (name === null) return
    const place = this.best.findIndex((other) => other.hits < hits)
    this.best.splice(place < 0 ? this.best.length : place, 0, { name, hits })
    this.best.length = Math.min(this.best.length, this.#length)
  }
}
