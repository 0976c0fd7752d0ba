import type { Database } from 'better-sqlite3'
import type { Span } from '../../hours.ts'
import { QUERIES } from './queries.ts'

/** Parts that pages are rolled up by, in turn. Neighbours in the tables are of one part. */
const PARTS = 1024
const NEIGHBOURS = 64
/** Hits of a batch for which one part is rolled up: so there is a bound to what waits, however large batches are. */
const HITS_A_PART = 64
/** Parts after which the journal is trimmed. */
const PARTS_A_TRIM = 128

const partOf = (page: number) => Math.floor(page / NEIGHBOURS) % PARTS

/** Hits that are not rolled up yet, by hour and page. */
export type Hours = Map<number, Map<number, number>>

/**
 * Hits that are on disk in the order they came, and not yet in the tables that they belong in. A batch of hits to
 * many pages would change a block of those tables for each; here it appends one row. For every 64 hits it also rolls up
 * one part of the pages: all that waits of them goes into `tally` and `page_hour`, and a row says so. So each page is
 * rolled up once in 65,536 hits, with all its own, and its neighbours along with it.
 *
 * What waits is kept in memory too. After a start, after a failure, and when another process has written, it is read
 * again: rows in order, where each row that says that a part was rolled up ends what waited of that part.
 *
 * All methods are for use within a transaction.
 */
export class Journal {
  readonly #waiting: Hours[] = []
  readonly #statements: ReturnType<typeof statements>
  /** The first row that holds something that waits, by part; 0 where nothing does. */
  readonly #oldest: number[] = []
  // Anywhere, so that every part is rolled up in the end even if no run of the service is long enough to roll up all.
  #nextPart = Math.floor(Math.random() * PARTS)

  constructor(driver: Database) {
    this.#statements = statements(driver)
  }

  /** Reads again what waits. */
  load(): void {
    for (let part = 0; part < PARTS; part++) this.#empty(part)
    for (const { id, hour, hits, pages, folded } of this.#statements.read.iterate()) {
      for (const page of JSON.parse(pages)) this.#wait(id, page, hour, hits)
      if (folded !== null) this.#empty(folded)
    }
  }

  /** Adds a batch. */
  append(batch: Hours): void {
    let total = 0
    for (const [hour, pages] of batch) {
      // Pages with as many hits share a row.
      const byHits = new Map<number, number[]>()
      for (const [page, hits] of pages) {
        total += hits
        const alike = byHits.get(hits)
        if (alike) alike.push(page)
        else byHits.set(hits, [page])
      }
      for (const [hits, alike] of byHits) {
        const row = this.#statements.append.run(hour, hits, `[${alike.join()}]`).lastInsertRowid
        for (const page of alike) this.#wait(Number(row), page, hour, hits)
      }
    }
    for (let parts = Math.ceil(total / HITS_A_PART); parts > 0; parts--) this.#rollUpNext()
  }

  /** Rolls up everything. */
  rollUpAll(): void {
    for (let parts = 0; parts < PARTS; parts++) this.#rollUpPart(parts)
    this.#statements.removeAll.run()
  }

  /** A page's hits that are not in `tally` yet. */
  waitingHits(page: number): number {
    let sum = 0
    for (const pages of this.#waiting[partOf(page)]?.values() ?? []) sum += pages.get(page) ?? 0
    return sum
  }

  /** A page's hits that are not in `page_hour` yet, by hour, within a span. */
  *waitingHours(page: number, { from, to }: Span): Generator<[hour: number, hits: number]> {
    for (const [hour, pages] of this.#waiting[partOf(page)] ?? []) {
      const hits = pages.get(page)
      if (hits !== undefined && hour >= from && hour < to) yield [hour, hits]
    }
  }

  /** What waits from before an hour. */
  *waitingBefore(beforeHour: number): Generator<[page: number, hour: number]> {
    for (const hours of this.#waiting) {
      for (const [hour, pages] of hours) {
        if (hour < beforeHour) for (const page of pages.keys()) yield [page, hour]
      }
    }
  }

  /** Rolls up the parts of these pages, first to last, of which something waits from before an hour. */
  rollUpOld(first: number, last: number, beforeHour: number): void {
    const parts = new Set<number>([partOf(last)])
    for (let page = first; page <= last; page += NEIGHBOURS) parts.add(partOf(page))
    for (const part of parts) {
      const hours = [...(this.#waiting[part] as Hours).keys()]
      if (!hours.some((hour) => hour < beforeHour)) continue
      this.#rollUpPart(part)
      this.#statements.markRolledUp.run(part)
    }
  }

  #wait(row: number, page: number, hour: number, hits: number): void {
    const part = partOf(page)
    addTo(this.#waiting[part] as Hours, hour, page, hits)
    if (this.#oldest[part] === 0) this.#oldest[part] = row
  }

  #empty(part: number): void {
    this.#waiting[part] = new Map()
    this.#oldest[part] = 0
  }

  #rollUpNext(): void {
    if (this.#rollUpPart(this.#nextPart)) this.#statements.markRolledUp.run(this.#nextPart)
    if (this.#nextPart % PARTS_A_TRIM === 0) this.#trim()
    this.#nextPart = (this.#nextPart + 1) % PARTS
  }

  /** Removes the rows of which nothing waits any more, but for those that came after one of which something does. */
  #trim(): void {
    let first = Number.MAX_SAFE_INTEGER
    for (const row of this.#oldest) if (row > 0 && row < first) first = row
    this.#statements.removeBefore.run(first)
  }

  /** @returns whether there was anything to roll up */
  #rollUpPart(part: number): boolean {
    const { addToTally, addToHour } = this.#statements
    const waiting = this.#waiting[part] as Hours
    for (const [hour, pages] of waiting) {
      for (const [page, hits] of pages) {
        addToHour.run(page, hour, hits)
        addToTally.run(page, hits)
      }
    }
    const folded = waiting.size > 0
    this.#empty(part)
    return folded
  }
}

export function addTo(hours: Hours, hour: number, page: number, hits: number): void {
  const pages = hours.get(hour)
  if (pages) pages.set(page, (pages.get(page) ?? 0) + hits)
  else hours.set(hour, new Map([[page, hits]]))
}

interface Row {
  id: number
  hour: number
  hits: number
  pages: string
  folded: number | null
}

function statements(driver: Database) {
  return {
    read: driver.prepare<[], Row>(QUERIES.readJournal),
    append: driver.prepare<[number, number, string]>(QUERIES.appendToJournal),
    markRolledUp: driver.prepare<[number]>(QUERIES.markRolledUp),
    removeBefore: driver.prepare<[number]>(QUERIES.trimJournal),
    removeAll: driver.prepare<[]>(QUERIES.emptyJournal),
    addToTally: driver.prepare<[number, number]>(QUERIES.addToTally),
    addToHour: driver.prepare<[number, number, number]>(QUERIES.addToHour),
  }
}
