import type { PageKey, PageRules } from './page.ts'
import type { Token } from './token.ts'

/** A visit to be counted. Times are milliseconds since 1970, UTC. */
export interface NewHit {
  page: PageKey
  at: number
  /** The window it opens, or null where windows are off. */
  window: { secret: string; endsAt: number } | null
}

export interface CountedHit {
  /** The page's number with this hit in it: no two hits of a page are given the same. */
  count: number
  token: Token | null
}

export interface Look {
  count: number
  live: boolean
}

export interface Ranked {
  name: string
  hits: number
}

export interface TopQuery {
  hosts: number
  pages: number
  /** A page that these refuse is not listed, nor a host that `deny` refuses: an allow list may name paths. */
  rules: Pick<PageRules, 'allow' | 'deny'>
  /** A host that matches one of these is not listed, nor are its pages. */
  ignore: readonly RegExp[]
}

/**
 * Where the numbers are kept.
 * A method that cannot reach the database throws or rejects with Refusal `unavailable`.
 */
export interface Store {
  /**
   * Adds a hit to the page and to its UTC hour, and stores its token. Resolves once all of it is on disk;
   * when it rejects, nothing of it is.
   */
  count(hit: NewHit): Promise<CountedHit>
  /**
   * The page's number, 0 for a page never counted; and whether the token, if there is one, was given for this page
   * and its window has not ended at `now`. Leaves no trace.
   */
  look(page: PageKey, token: Token | null, now: number): Promise<Look>
  /** The hosts and pages with the most hits, most first. */
  top(query: TopQuery): Promise<{ hosts: Ranked[]; pages: Ranked[] }>
  /** Lets no window end later than `latestEnd`, for when WINDOW_SECONDS was made shorter. */
  capWindows(latestEnd: number): Promise<void>
  /**
   * Removes at most `limit` tokens whose windows ended by `now`; resolves with how many it removed. A window that
   * would last longer than `windowMs` from `now` was opened before the clock was set back, and is capped.
   */
  sweep(now: number, limit: number, windowMs: number): Promise<number>
  /**
   * Adds the hits of hours before `beforeHour` (whole hours since 1970, UTC; the first of a day) to their days, for
   * the next `pages` pages after `afterPage`. Resolves with where to go on, null where that was the end.
   */
  foldHours(beforeHour: number, afterPage: number, pages: number): Promise<number | null>
  /** Resolves when the database answers. */
  ping(): Promise<void>
  /**
   * Writes what waits, then closes. What comes later is refused. It rejects where it could not tidy up; nothing is
   * lost by that.
   */
  close(): Promise<void>
}
