import type { Generated } from 'kysely'
import type { PageKey } from '../../page.ts'
import type { UncountedOutcome } from '../../visit.ts'

/**
 * The tables. Times are milliseconds since 1970 UTC unless a column says hours or days. A hit only appends, to
 * `journal` and to `token`. The journal is rolled up into `tally` and `page_hour` later, many hits at once.
 */
export interface Schema {
  /** One row: how many pages have been removed since the file was made. */
  file: { removed_pages: number }
  host: { id: Generated<number>; name: string; pages: number }
  /** Ids are given in order. None is given twice, because the newest page is never removed. */
  page: { id: Generated<number>; key: PageKey; host_id: number }
  /** A page's hits, including imported ones, without those that are still in the journal. */
  tally: { page_id: number; hits: number }
  /** Hits by page and hour, in whole hours since 1970 UTC, without those in the journal. Imported hits have no hour. */
  page_hour: { page_id: number; hour: number; hits: number }
  /** Hits by page and day, in whole days since 1970 UTC: old hours are rolled up into days. */
  page_day: { page_id: number; day: number; hits: number }
  /**
   * Visits that did not count, by page, hour and outcome. Old hours are rolled up into the noon of their day, UTC: in nearly
   * every time zone it has the same date.
   */
  page_outcome: { page_id: number; hour: number; outcome: UncountedOutcome; visits: number }
  /** Hits in the order of their commits; see journal.ts. */
  journal: {
    id: Generated<number>
    hour: number
    /** The number of hits of each of the pages. */
    hits: number
    /** A JSON array of page ids. */
    pages: string
    /** A part of the pages whose hits up to this row are rolled up; null in rows of hits. */
    folded: number | null
  }
  /** Live windows. Rows are only appended, so that they end in the order of their ids. Nothing in them links two pages. */
  token: { id: Generated<number>; page_id: number; secret: string; ends_at: number }
  /** Imported hits of a page by the counter they came from, so that a repeated import adds only what is new. */
  imported: { source: string; page_id: number; hits: number }
  /** Identifies an imported database: `marks` is a JSON array of hashes of its first rows. */
  imported_source: { name: string; marks: string }
}
