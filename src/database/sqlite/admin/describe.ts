import type { Database } from 'better-sqlite3'
import type { AdminPage, Deed } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { HOUR_MS, type Span } from '../../../time.ts'
import { answerOf } from '../../make-changes.ts'
import { spanReader } from '../history.ts'
import type { Journal } from '../journal.ts'
import type { Statements } from './statements.ts'

const EVER = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

/** What the tables know about a page, without its history. */
export interface PageRow {
  key: PageKey
  /** Without those in the journal. */
  hits: number
  version: number
  removed: Deed | null
}

/** @param id of a page that exists */
export function readPage(sql: Statements, id: number): PageRow {
  const row = sql.get<Omit<PageRow, 'removed'>>('readRow', id) as PageRow
  return { ...row, removed: sql.get<Deed>('readRemoved', id) ?? null }
}

/**
 * @returns a function that describes a page by its id, without its aliases. For use within a transaction
 * @param journal the hits that are not in the tables yet
 */
export function pageDescriber(driver: Database, sql: Statements, journal: Journal) {
  const sum = spanReader(driver, journal)

  function seenHours(id: number): number[] {
    const seen = sql.get<Record<'first' | 'last', number | null>>('readSeen', { page: id })
    const hours = [seen?.first ?? [], seen?.last ?? []].flat()
    for (const [hour] of journal.waitingHours(id, EVER)) hours.push(hour)
    return hours
  }

  return (id: number, today: Span): AdminPage => {
    const page = readPage(sql, id)
    const seen = seenHours(id)
    return {
      ...answerOf({ ...page, hits: page.hits + journal.waitingHits(id) }),
      today: sum(id, today),
      firstSeen: seen.length > 0 ? Math.min(...seen) * HOUR_MS : null,
      lastSeen: seen.length > 0 ? Math.max(...seen) * HOUR_MS : null,
      aliases: [],
    }
  }
}
