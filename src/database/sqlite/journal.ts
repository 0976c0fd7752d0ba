import type { Database } from 'better-sqlite3'
import type { Span } from '../../time.ts'
import { QUERIES } from './queries.ts'

/** Parts of the pages, which are rolled up in turn. Pages with neighbouring ids are in the same part. */
const PARTS = 1024
const NEIGHBOURS = 64
/** One part is rolled up for every so many hits, which bounds the journal however large batches are. */
const HITS_A_PART = 64
/** The journal is trimmed whenever so many parts were rolled up. */
const PARTS_A_TRIM = 128

/** A host's counter, whose id is negative, is in the part of the page with the same id. */
const partOf = (page: number) => Math.floor(Math.abs(page) / NEIGHBOURS) % PARTS

/** Hits that are not rolled up yet, by hour and page. */
export type Hours = Map<number, Map<number, number>>

/**
 * Hits that are on disk in the order in which they came, before they are rolled up into `tally` and `page_hour`. In
 * those tables, a batch of hits to many pages would change one block for each page; in the journal, it appends one row.
 * For every 64 hits, one part of the pages is rolled up: all its hits in the journal are added to the tables, and a row
 * records that. Each page is therefore rolled up once in 65,536 hits, together with its neighbours.
 *
 * The same hits are kept in memory. They are read from the rows after a start, after a failure, and when another
 * process has written: in order, and a row that records a roll-up discards the hits of its part in the rows before.
 *
 * All methods are for use within a transaction.
 */
export class Journal {
  readonly #waiting: Hours[] = []
  readonly #statements: ReturnType<typeof statements>
  /** The first row with hits that wait, by part; 0 if the part has none. */
  readonly #oldest: number[] = []
  // Random, so that all parts are rolled up in the end, even if no run of the service lasts long enough for a round.
  #nextPart = Math.floor(Math.random() * PARTS)

  constructor(driver: Database) {
    this.#statements = statements(driver)
  }

  /** Reads the rows into memory. */
  load(): void {
    for (let part = 0; part < PARTS; part++) this.#empty(part)
    for (const { id, hour, hits, pages, rolledUp } of this.#statements.read.iterate()) {
      for (const page of JSON.parse(pages)) this.#wait(id, page, hour, hits)
      if (rolledUp !== null) this.#empty(rolledUp)
    }
  }

  /** Adds a batch of hits. */
  append(batch: Hours): void {
    let total = 0
    for (const [hour, pages] of batch) {
      // Pages with equal numbers of hits share a row.
      const byHits = new Map<number, number[]>()
      for (const [page, hits] of pages) {
        // A hit is one to its page and one to its host.
        if (page > 0) total += hits
        const sharing = byHits.get(hits)
        if (sharing) sharing.push(page)
        else byHits.set(hits, [page])
      }
      for (const [hits, sharing] of byHits) {
        const row = this.#statements.append.run(hour, hits, `[${sharing.join()}]`).lastInsertRowid
        for (const page of sharing) this.#wait(Number(row), page, hour, hits)
      }
    }
    for (let parts = Math.ceil(total / HITS_A_PART); parts > 0; parts--) this.#rollUpNext()
  }

  /** Rolls up all parts and empties the journal. */
  rollUpAll(): void {
    for (let part = 0; part < PARTS; part++) this.#rollUpPart(part)
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

  /** All hits that are not in the tables yet. */
  *waitingRows(): Generator<[page: number, hour: number, hits: number]> {
    for (const part of this.#waiting) {
      for (const [hour, pages] of part) for (const [page, hits] of pages) yield [page, hour, hits]
    }
  }

  /** Rolls up the parts of these pages that have hits from before an hour. */
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

  /** Rolls up the part of a page. */
  rollUpPage(page: number): void {
    const part = partOf(page)
    if (this.#rollUpPart(part)) this.#statements.markRolledUp.run(part)
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

  /** Removes the rows before the first one with hits that wait. */
  #trim(): void {
    let first = Number.MAX_SAFE_INTEGER
    for (const row of this.#oldest) if (row > 0 && row < first) first = row
    this.#statements.removeBefore.run(first)
  }

  /** @returns whether the part had any hits */
  #rollUpPart(part: number): boolean {
    const { addToTally, addToHour } = this.#statements
    const waiting = this.#waiting[part] as Hours
    for (const [hour, pages] of waiting) {
      for (const [page, hits] of pages) {
        addToHour.run(page, hour, hits)
        addToTally.run(page, hits)
      }
    }
    this.#empty(part)
    return waiting.size > 0
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
  rolledUp: number | null
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
