import type { PageKey } from './page.ts'
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

export interface Ranked {
  name: string
  hits: number
}

export interface TopQuery {
  hosts: number
  pages: number
  /** Whether a page may be listed. */
  showsPage(page: PageKey): boolean
  /** Whether a host, and pages on it, may be listed. */
  showsHost(host: string): boolean
}

/**
 * Where the numbers are kept. An engine may answer a read at once or by a promise.
 * A method that cannot reach the database throws or rejects with Refusal `unavailable`.
 */
export interface Store {
  /**
   * Adds a hit to the page and to its UTC hour, and stores its token. Resolves once all of it is on disk;
   * when it rejects, nothing of it is.
   */
  count(hit: NewHit): Promise<CountedHit>
  /** The page's number; 0 for a page never counted. Leaves no trace. */
  read(page: PageKey): number | Promise<number>
  /** Whether the token was given for this page and its window has not ended at `now`. */
  isLive(page: PageKey, token: Token, now: number): boolean | Promise<boolean>
  /** The hosts and pages with the most hits, most first. */
  top(query: TopQuery): Promise<{ hosts: Ranked[]; pages: Ranked[] }>
  /** Lets no window end later than `latestEnd`, for when WINDOW_SECONDS was made shorter. */
  capWindows(latestEnd: number): Promise<void>
  /**
   * Removes at most `limit` tokens whose windows ended by `now`; resolves with how many it removed. A window that
   * would last longer than `windowMs` from `now` was opened before the clock was set back, and is capped.
   */
  sweep(now: number, limit: number, windowMs: number): Promise<number>
  /** Resolves when the database answers. */
  ping(): Promise<void>
  /** Writes what waits, then closes. Hits that come later are refused. */
  close(): Promise<void>
}
