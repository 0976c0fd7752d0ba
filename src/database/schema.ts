import type { Generated } from 'kysely'
import type { PageKey } from '../page.ts'

/**
 * The tables. Times are milliseconds since 1970 UTC unless a column says hours. Every hit touches only the
 * narrow tables; `page`, with its long keys, is written once a page.
 */
export interface Schema {
  page: { id: Generated<number>; key: PageKey; host: string }
  /** A page's number: all its hits, imported ones too. */
  tally: { page_id: number; hits: number }
  /** Hits by page and hour, in whole hours since 1970 UTC. Imported hits have no hour. */
  page_hour: { page_id: number; hour: number; hits: number }
  /** Live windows. Rows append, so that they expire by a range of ids; nothing in them links two pages. */
  token: { id: Generated<number>; page_id: number; secret: string; ends_at: number }
  /** How many hits of a page came from which other counter, so that importing again adds only the rest. */
  imported: { source: string; page_id: number; hits: number }
}

export const HOUR_MS = 3_600_000
