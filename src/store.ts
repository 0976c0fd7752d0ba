import type { Administration } from './admin.ts'
import type { VisitEvent } from './live.ts'
import type { PageKey } from './page.ts'
import type { PageLists } from './pattern.ts'
import type { Span } from './time.ts'
import type { Token } from './token.ts'
import type { UncountedOutcome } from './visit.ts'

/** A visit that counts. Times are milliseconds since 1970, UTC. */
export interface NewHit {
  page: PageKey
  at: number
  /** The window that it opens; null if it opens none. */
  window: { secret: string; endsAt: number } | null
  /** The key of the counter of a host whose number is asked for, too: see `siteKey`. */
  site?: PageKey | null
}

export interface CountedHit {
  /** The page's number including this hit: no two hits of a page have the same. */
  count: number
  token: Token | null
  /** The number of the hit's `site`: including this hit, if the page is of that host. */
  ofSite?: number
}

export interface PageState {
  count: number
  /** When the token's window ends; null if it has ended, or the token belongs to another page. */
  liveUntil: number | null
}

/** Visits with one outcome. */
export interface Tally {
  outcome: 'counted' | UncountedOutcome
  visits: number
}

/** Visits of one hour to one page that did not count, for one reason. */
export interface UncountedVisits {
  page: PageKey
  /** Whole hours since 1970, UTC. */
  hour: number
  outcome: UncountedOutcome
  visits: number
}

/** Pages for one step of a long job: the next `pages` pages after a position. */
export interface Slice {
  /** Where the last slice ended, in a form that only the store understands; empty at the beginning. */
  after: string
  pages: number
}

/** Rows that were removed, by kind, and the number of pages that they belonged to. */
export interface Removed {
  pages: number
  hours: number
  days: number
  outcomes: number
}

/** A page is idle if it has few hits and no recent visit, counted or not. */
export interface IdleRule {
  /** An idle page has fewer hits than this. */
  below: number
  /** An idle page has had no visit since this hour began. In whole hours since 1970, UTC; always the first of a day. */
  beforeHour: number
}

export interface Ranked {
  name: string
  hits: number
}

/** How many hosts and pages to list, and which not to list. */
export interface TopQuery {
  hosts: number
  pages: number
  /** Pages that these refuse are not listed. Hosts are checked against `deny` alone: an allow list can name paths. */
  rules: PageLists
  /** Patterns; hosts that match one are not listed, nor are their pages. */
  ignore: readonly string[]
}

/** A page in a list. */
export interface ListedPage extends Ranked {
  name: PageKey
  /** Its hits of today. */
  today: number
  /** When the last visit counted, as `Seen` has it. */
  lastSeen: number | null
}

/** A host in a list. */
export interface ListedHost extends Ranked {
  /** How many pages it has. Those that an operator has removed are included until they are purged. */
  pages: number
}

/**
 * Characters of the longest `part`. Up to 250, searching takes time in proportion to the names. With 1,000 it took 300 times as
 * long, half a second, in a list of 1,000 pages whose names were made for it.
 */
export const MAX_PART = 200

/** Which part of a list to read. */
export interface ListQuery extends Pick<TopQuery, 'rules' | 'ignore'> {
  /** Text that the page's key or the host contains, in any case, of at most `MAX_PART` characters; empty for all. */
  part: string
  /** `next` of the last answer; empty at the beginning. Any other place is refused with `bad_request`. */
  after: string
  /** An answer may have fewer entries than this although the list goes on. */
  limit: number
}

export interface PageListQuery extends ListQuery {
  /** The host of the pages; null for all. */
  host: string | null
  /** Descending. `recent` is by the last visit that counted. */
  sort: 'hits' | 'today' | 'recent'
  today: Span
}

/** Where a list goes on, null at its end; and when it was read, in ms since 1970: the order is that of then. */
interface ListEnd {
  next: string | null
  at: number
}

/**
 * When the first and the last visit that counted came, in ms since 1970, UTC; null if there was none of which the time is
 * known. Each is the beginning of the period by which hits are stored: a minute, an hour or a day.
 */
export interface Seen {
  first: number | null
  last: number | null
}

/**
 * Reads, which leave no trace. Every method rejects with Refusal `unavailable` if the database cannot be reached. An alias
 * stands for its page; a removed page, or an alias of one, is refused with `removed`. A `page` may also be the key of the
 * counter of a host, see `siteKey`: its number and visits are the sums of those of the host's pages that are not removed.
 */
export interface Reader {
  /** The page's number, 0 for an unknown page, and when the window of the token ends. */
  readPage(page: PageKey, token: Token | null, now: number): Promise<PageState>
  /** The page's hits in each span, at one moment; null means all hits. Imported hits have no time, so they are in no span. */
  sums(page: PageKey, spans: readonly (Span | null)[]): Promise<number[]>
  /**
   * The page's visits in each span, by outcome; outcomes without visits are left out. Many spans take long to read, so
   * these requests are handled one at a time.
   */
  history(page: PageKey, spans: readonly Span[]): Promise<Tally[][]>
  /**
   * Hits within the last `activeMs`, an option of the store, of one page or of all pages. PostgreSQL counts whole
   * minutes, so there the result may include up to a minute more.
   */
  active(page: PageKey | null, now: number): Promise<number>
  /** When the page, or any of the host's pages, was visited first and last. */
  seen(page: PageKey): Promise<Seen>
  /**
   * Pages that are not removed, in order; the 2,000,000 with the most hits, if there are more. With many pages, the order may be
   * some minutes old, as `at` says, but not the numbers.
   */
  pages(query: PageListQuery): Promise<{ pages: ListedPage[] } & ListEnd>
  /** The hosts that have hits, those with the most first. Their order may be as old. */
  hosts(query: ListQuery): Promise<{ hosts: ListedHost[] } & ListEnd>
  /** The pages with the most active visits, in descending order; see `active`. */
  activePages(query: Omit<TopQuery, 'hosts'>, now: number): Promise<Ranked[]>
  /** The pages that addresses stand for: of an alias its page, else the address. Removed pages are not refused. */
  resolve(addresses: readonly PageKey[]): Promise<PageKey[]>
  /** The hosts and the pages with the most hits, in descending order. */
  top(query: TopQuery): Promise<{ hosts: Ranked[]; pages: Ranked[] }>
}

/** Regular work that one of the services on a database does for all of them. */
type Chore = 'sweep' | 'roll-up' | 'purge'

/** Tells the services that share a database of each other's visits. */
export interface VisitExchange {
  /** Whether another service wants the visits of this one. It is read again with each `maintain`. */
  readonly isWanted: boolean
  /**
   * Gives visits to the other services.
   * @param wants whether this service wants theirs
   * @returns their visits since the last call, if it wanted them then
   */
  swap(visits: readonly VisitEvent[], wants: boolean): Promise<VisitEvent[]>
}

/** Where the numbers are kept. Its methods reject as those of `Reader` do. */
export interface Store extends Reader {
  /** What operators do. */
  readonly admin: Administration
  /** For requests that only read: a replica of the database if there is one, which may lag behind; else the store. */
  readonly replica: Reader
  /** Null if other services on the database learn nothing of this one's visits while they happen. */
  readonly exchange: VisitExchange | null
  /**
   * Adds a hit to the page and to its UTC hour, and stores its token. Resolves once all of it is on disk;
   * when it rejects, nothing of it is. An alias stands for its page; a removed page is refused with `removed`.
   */
  count(hit: NewHit): Promise<CountedHit>
  /**
   * Records a visit that did not count. It waits in memory until `writeUncounted`, so a crash loses it. It is also lost
   * if the queue is full, there is no room for its page, or that is removed.
   */
  recordUncounted(page: PageKey, outcome: UncountedOutcome, at: number): void
  /** Writes what `recordUncounted` has recorded. If it rejects, the rest stays in the queue. */
  writeUncounted(): Promise<void>
  /**
   * Shortens windows that end after `latestEnd` to that time, which is needed after WINDOW_SECONDS was reduced.
   * PostgreSQL leaves windows that end up to a minute later, because the clocks of its services may differ.
   */
  capWindows(latestEnd: number): Promise<void>
  /**
   * Removes up to `limit` tokens whose windows have ended and resolves with their number; PostgreSQL, which keeps tokens
   * in blocks, may remove more. A window that would last longer than `windowMs` was opened before the clock was set
   * back, and is shortened to that.
   */
  sweep(now: number, limit: number, windowMs: number): Promise<number>
  /**
   * Adds hits from before `beforeHour` that are kept by the hour to their days, for a slice of pages.
   * @param beforeHour whole hours since 1970, UTC; the first of a day
   * @returns where the next slice begins; null after the last page
   */
  rollUpHours(beforeHour: number, slice: Slice): Promise<string | null>
  /** Removes the history from before `beforeHour`, by slices as `rollUpHours` does. The pages' numbers stay. */
  prune(beforeHour: number, slice: Slice): Promise<{ next: string | null; removed: Removed }>
  /**
   * Removes idle pages with everything about them, by slices. A later visit to such a page begins again with 1. Pages
   * with imported hits stay, because the time of those hits is unknown. Pages that an operator has changed stay, too.
   */
  removeIdle(rule: IdleRule, slice: Slice): Promise<{ next: string | null; removed: number }>
  /** The store's own regular work, such as rolling up; called about once a second. */
  maintain(now: number): Promise<void>
  /** Of all services on one database, only one gets true in each period of `everyMs`. That service does the chore. */
  claim(chore: Chore, everyMs: number, now: number): Promise<boolean>
  /** Resolves when the database answers. */
  ping(): Promise<void>
  /**
   * Writes what waits, then closes; later calls are refused. If it rejects, some cleaning up was not done, but no hit
   * that was answered is lost.
   */
  close(): Promise<void>
}
