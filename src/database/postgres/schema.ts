import type { PageKey } from '../../page.ts'
import type { UncountedOutcome } from '../../visit.ts'

/** A page's name in every table: the first 128 bits of its key's SHA-256, as a uuid. Databases are cut up by it. */
export type PageHash = string & { readonly hash: unique symbol }

/**
 * The tables. Times are milliseconds since 1970 UTC unless a column says minutes, hours or days. All that is of a page
 * goes by its hash, which every service works out for itself: none has to ask for the number of a page.
 */
export interface PostgresSchema {
  page: { hash: PageHash; key: PageKey }
  /** How many pages a host has; the one without a name has all of them. */
  host: { name: string; pages: number }
  /** A page's hits, imported ones too. */
  tally: { page: PageHash; hits: number }
  /**
   * Batches of hits that are not in their minutes yet: lists of pages, of minutes and of hits. To add each hit to its
   * minute at once would cost as much as to count it.
   */
  journal: { writer: string; batch: number; pages: PageHash[]; minutes: number[]; hits: number[] }
  /** Hits of the last minutes, in whole minutes since 1970 UTC, until they are added to their hours. */
  page_minute: { page: PageHash; minute: number; hits: number }
  /** Whole hours since 1970 UTC. Imported hits have no time. */
  page_hour: { page: PageHash; hour: number; hits: number }
  /** Whole days since 1970 UTC: hours that have grown old. */
  page_day: { page: PageHash; day: number; hits: number }
  /** Visits that did not count; old hours are added to the twelfth of their day, UTC. */
  page_outcome: { page: PageHash; hour: number; outcome: UncountedOutcome; visits: number }
  /**
   * Live windows, those that a batch opened in one row: lists of their pages, their secrets, and of how many ms before
   * `ends_at` each ends. Blocks grow with time. See tokens.ts.
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
   * of their hashes: so it can be asked whether it was committed, and what was to be answered. One that is fenced
   * writes no more.
   */
  writer: { id: string; batch: number; numbers: number[] | null; fenced: boolean; at: number }
  /** When a chore was last begun by one of the services. */
  chore: { name: string; at: number }
  /** How many hits of a page came from which other counter, so that importing again adds only the rest. */
  imported: { source: string; page: PageHash; hits: number }
  /** By what an imported database is known again: a JSON array of hashes of its first rows. */
  imported_source: { name: string; marks: string }
}
