import type { PageKey } from '../../page.ts'
import type { UncountedOutcome } from '../../visit.ts'

/** A page's name in every table: the first 128 bits of its key's SHA-256, as a uuid. Citus distributes tables by it. */
export type PageHash = string & { readonly hash: unique symbol }

/**
 * The tables. Times are milliseconds since 1970 UTC unless a column says minutes, hours or days. Tables refer to a page
 * by its hash, which every service can calculate without asking the database.
 */
export interface PostgresSchema {
  page: { hash: PageHash; key: PageKey }
  /** The number of pages of each host. The row with an empty name counts all pages. */
  host: { name: string; pages: number }
  /** A page's hits, including imported ones. */
  tally: { page: PageHash; hits: number }
  /**
   * Batches of hits that are not in `page_minute` yet: parallel lists of pages, minutes and hits. To update
   * `page_minute` with every batch would double the cost of a hit.
   */
  journal: { writer: string; batch: number; pages: PageHash[]; minutes: number[]; hits: number[] }
  /** Hits of the last minutes, in whole minutes since 1970 UTC, until they are rolled up into hours. */
  page_minute: { page: PageHash; minute: number; hits: number }
  /** Whole hours since 1970 UTC. Imported hits have no time. */
  page_hour: { page: PageHash; hour: number; hits: number }
  /** Whole days since 1970 UTC: old hours are rolled up into days. */
  page_day: { page: PageHash; day: number; hits: number }
  /** Visits that did not count. Old hours are rolled up into the noon of their day, UTC. */
  page_outcome: { page: PageHash; hour: number; outcome: UncountedOutcome; visits: number }
  /**
   * Live windows, one row for those that a batch opened: parallel lists of their pages, their secrets, and how many ms
   * before `ends_at` each ends. See tokens.ts.
   */
  token: {
    block: number
    owner: string
    pages: PageHash[]
    secrets: string[]
    early: number[]
    ends_at: number
  }
  /**
   * Connections that write, each with the number of its last batch, and the numbers of that batch's pages in the order
   * of their hashes. After a lost connection, these say whether the batch was committed and how to answer it. A fenced
   * connection can write no more.
   */
  writer: { id: string; batch: number; numbers: number[] | null; fenced: boolean; at: number }
  /** When one of the services last began a chore. */
  chore: { name: string; at: number }
  /** Imported hits of a page by the counter they came from, so that a repeated import adds only what is new. */
  imported: { source: string; page: PageHash; hits: number }
  /** Identifies an imported database: `marks` is a JSON array of hashes of its first rows. */
  imported_source: { name: string; marks: string }
}
