import type { Span } from './hours.ts'
import type { PageKey, PageLists } from './page.ts'
import type { Token } from './token.ts'
import type { Noted } from './visit.ts'

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
  /** When the token's window ends; null where the token is none of this page, or its window has ended. */
  liveUntil: number | null
}

export interface Tally {
  outcome: 'counted' | Noted
  visits: number
}

/** Visits of an hour that did not count. */
export interface Note {
  page: PageKey
  /** Whole hours since 1970, UTC. */
  hour: number
  outcome: Noted
  visits: number
}

/** Pages to be worked on at once: so many, after where the last slice ended, which only the store can read. */
export interface Slice {
  /** Empty to begin. */
  after: string
  pages: number
}

/** What was removed: rows of each kind, and the pages that they were of. */
export interface Removed {
  pages: number
  hours: number
  days: number
  outcomes: number
}

/** Pages with fewer than so many hits, and without a visit from an hour on, whether it counted or not. */
export interface IdleRule {
  below: number
  /** Whole hours since 1970, UTC; the first of a day. */
  beforeHour: number
}

export interface Ranked {
  name: string
  hits: number
}

export interface TopQuery {
  hosts: number
  pages: number
  /** A page that these refuse is not listed, nor a host that `deny` refuses: an allow list may name paths. */
  rules: PageLists
  /** A host that matches one of these is not listed, nor are its pages. */
  ignore: readonly string[]
}

/** What leaves no trace. A method that cannot reach the database throws or rejects with Refusal `unavailable`. */
export interface Reader {
  /**
   * The page's number, 0 for a page never counted; and until when the token, if there is one and it was given for this
   * page, keeps a visit from counting.
   */
  look(page: PageKey, token: Token | null, now: number): Promise<Look>
  /** The page's hits in spans of time, all of one moment; null stands for all of its hits. Imported hits have no time. */
  sums(page: PageKey, spans: readonly (Span | null)[]): Promise<number[]>
  /**
   * The page's visits in spans of time, by outcome: a list for each span, without the outcomes that had none. With many
   * spans it takes a while, so one is answered at a time.
   */
  history(page: PageKey, spans: readonly Span[]): Promise<Tally[][]>
  /**
   * Hits of the last `activeMs` that this store was opened with, of a page or of all together. Where several services
   * share a database, those of up to a minute before are among them.
   */
  active(page: PageKey | null, now: number): Promise<number>
  /** The hosts and pages with the most hits, most first. */
  top(query: TopQuery): Promise<{ hosts: Ranked[]; pages: Ranked[] }>
}

/** Work that only one service needs to do, of those that share a database. */
export type Chore = 'sweep' | 'tidy'

/** Where the numbers are kept. Its methods fail as those of `Reader` do. */
export interface Store extends Reader {
  /** The same numbers for those who only look; where the database has replicas, a moment behind. */
  readonly replica: Reader
  /**
   * Adds a hit to the page and to its UTC hour, and stores its token. Resolves once all of it is on disk;
   * when it rejects, nothing of it is.
   */
  count(hit: NewHit): Promise<CountedHit>
  /**
   * Notes a visit that did not count. It waits in memory for `writeNotes`, and is lost by a crash; where very many
   * wait, or the page cannot be made, it is lost too.
   */
  note(page: PageKey, outcome: Noted, at: number): void
  /** Writes what was noted. Where it rejects, it waits on. */
  writeNotes(): Promise<void>
  /**
   * Lets no window end later than `latestEnd`, for when WINDOW_SECONDS was made shorter. Where services share a
   * database, whose clocks may differ, one may end a minute later.
   */
  capWindows(latestEnd: number): Promise<void>
  /**
   * Removes at most `limit` tokens whose windows ended by `now`, more where some are kept together; resolves with how
   * many it removed. A window that would last longer than `windowMs` from `now` was opened before the clock was set
   * back, and is capped.
   */
  sweep(now: number, limit: number, windowMs: number): Promise<number>
  /**
   * Adds what is kept by the hour from before `beforeHour` (whole hours since 1970, UTC; the first of a day) to its
   * days, for a slice of pages. Resolves with where to go on, null where that was the end.
   */
  foldHours(beforeHour: number, slice: Slice): Promise<string | null>
  /**
   * Removes what is known of the time before `beforeHour`, likewise. The pages' numbers stay as they are. `next` says
   * where to go on, null where that was the end.
   */
  prune(beforeHour: number, slice: Slice): Promise<{ next: string | null; removed: Removed }>
  /**
   * Removes idle pages, likewise, with all that is known of them; a later visit to one makes it again, from 1. A page of
   * which hits were imported stays, since nobody knows when those were. `removed` says how many pages it was.
   */
  removeIdle(rule: IdleRule, slice: Slice): Promise<{ next: string | null; removed: number }>
  /** Puts in order what the store keeps for itself; called every second or so. */
  tidy(now: number): Promise<void>
  /** Whether this service shall do a chore now: of those that share a database, one is told so in `everyMs`. */
  claim(chore: Chore, everyMs: number, now: number): Promise<boolean>
  /** Resolves when the database answers. */
  ping(): Promise<void>
  /**
   * Writes what waits, then closes. What comes later is refused. It rejects where it could not tidy up; no hit that was
   * answered is lost by that.
   */
  close(): Promise<void>
}
