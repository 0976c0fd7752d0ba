import type { Database } from 'better-sqlite3'
import type { AdminPage, Deed } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { HOUR_MS, type Span } from '../../../time.ts'
import { spanReader } from '../history.ts'
import type { Journal } from '../journal.ts'
import { ADMIN_QUERIES } from './queries.ts'

const EVER = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

/** What the tables know about a page, without its history. */
export interface PageRow {
  key: PageKey
  /** Without those in the journal. */
  hits: number
  version: number
  isRemoved: 0 | 1
}

/**
 * @returns a function that describes a page by its id, without its aliases. For use within a transaction
 * @param journal the hits that are not in the tables yet
 */
export function pageDescriber(driver: Database, journal: Journal) {
  type Seen = { first: number | null; last: number | null }
  const readRow = driver.prepare<[number], PageRow>(ADMIN_QUERIES.readRow)
  const readRemoved = driver.prepare<[number], Deed>(ADMIN_QUERIES.readRemoved)
  const readSeen = driver.prepare<[{ page: number }], Seen>(ADMIN_QUERIES.readSeen)
  const sum = spanReader(driver, journal)

  function seenHours(id: number): number[] {
    const { first, last } = readSeen.get({ page: id }) as Seen
    const hours = first === null || last === null ? [] : [first, last]
    for (const [hour] of journal.waitingHours(id, EVER)) hours.push(hour)
    return hours
  }

  return (id: number, today: Span): AdminPage => {
    const { key, hits, version } = readRow.get(id) as PageRow
    const seen = seenHours(id)
    return {
      page: key,
      hits: hits + journal.waitingHits(id),
      today: sum(id, today),
      firstSeen: seen.length > 0 ? Math.min(...seen) * HOUR_MS : null,
      lastSeen: seen.length > 0 ? Math.max(...seen) * HOUR_MS : null,
      aliases: [],
      removed: readRemoved.get(id) ?? null,
      version,
    }
  }
}
