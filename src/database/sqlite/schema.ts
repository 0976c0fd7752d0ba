import type { Generated } from 'kysely'
import type { PageKey } from '../../page.ts'
import type { UncountedOutcome } from '../../visit.ts'

/**
 * The tables. Times are milliseconds since 1970 UTC unless a column says hours or days. A hit only appends, to
 * `journal` and to `token`; what the journal holds is rolled up into `tally` and `page_hour` later, many hits at once.
 */
export interface Schema {
  /** One row about the file as a whole: how many pages were ever removed. */
  file: { removed_pages: number }
  host: { id: Generated<number>; name: string; pages: number }
  /** Ids are given in order, and none is given twice: the newest page is never removed. */
  page: { id: Generated<number>; key: PageKey; host_id: number }
  /** A page's hits, imported ones too, but for those that are still in the journal. */
  tally: { page_id: number; hits: number }
  /** Hits by page and hour, in whole hours since 1970 UTC, as far as rolled up. Imported hits have no hour. */
  page_hour: { page_id: number; hour: number; hits: number }
  /** Hits by page and day, in whole days since 1970 UTC: hours that have grown old. */
  page_day: { page_id: number; day: number; hits: number }
  /**
   * Visits that did not count, by page, hour and outcome. Old hours are rolled up into the twelfth of their day, UTC: in
   * nearly every time zone it belongs to the same date.
   */
  page_outcome: { page_id: number; hour: number; outcome: UncountedOutcome; visits: number }
  /** Hits in the order of their commits; see journal.ts. */
  journal: {
    id: Generated<number>
    hour: number
    /** How many hits each of the pages had. */
    hits: number
    /** A JSON array of page ids. */
    pages: string
    /** The part whose pages were rolled up in the same transaction, all rows up to this one. */
    folded: number | null
  }
  /** Live windows. Rows append, so that they expire by a range of ids; nothing in them links two pages. */
  token: { id: Generated<number>; page_id: number; secret: string; ends_at: number }
  /** How many hits of a page came from which other counter, so that importing again adds only the rest. */
  imported: { source: string; page_id: number; hits: number }
  /** By what an imported database is known again: a JSON array of hashes of its first rows. */
  imported_source: { name: string; marks: string }
}
