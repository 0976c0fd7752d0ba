import type { PageKey } from './page.ts'
import type { Outcome } from './visit.ts'

/** A visit, as anybody may see it while it happens. It says nothing about the visitor. */
export interface VisitEvent {
  page: PageKey
  /** The page's number after the visit. */
  count: number
  outcome: LiveOutcome
  /** Milliseconds since 1970, UTC. */
  at: number
}

/** A read leaves no trace, so nobody is told of it. */
export type LiveOutcome = Exclude<Outcome, 'read'>

/**
 * How much listeners want of the visits to a page: `each`, because one of them names the page or its host; `some`, because they
 * want those of all pages, of which they get a few; `unknown` until the page is looked up, since its address may be an alias; or
 * `none`.
 */
export type Interest = 'each' | 'some' | 'unknown' | 'none'

/** Pages whose visits may wait to be taken, by interest. Beyond that, visits to further pages are dropped. */
const MAX_WAITING = { each: 1000, some: 32, unknown: 100 } as const

/** The visits that listeners have not been told of yet: the newest of each page. */
export class LiveVisits {
  /** Whether anybody listens. Visits are added only then, so that otherwise a visit costs one look at this. */
  isOn = false
  /** How much listeners want of a page's visits. It is asked for each visit while somebody listens. */
  interestIn: (page: PageKey) => Interest = () => 'each'
  readonly #waiting = new Map<PageKey, VisitEvent>()
  #pages = { each: 0, some: 0, unknown: 0 }

  /** Whether a visit to the page would be added. */
  wants(page: PageKey): boolean {
    return this.isOn && this.interestIn(page) !== 'none'
  }

  add(page: PageKey, count: number, outcome: LiveOutcome, at: number): void {
    const interest = this.interestIn(page)
    if (interest === 'none') return
    const waiting = this.#waiting.get(page)
    if (waiting === undefined) {
      if (this.#pages[interest] >= MAX_WAITING[interest]) return
      this.#pages[interest] += 1
      this.#waiting.set(page, { page, count, outcome, at })
      return
    }
    // Answers can overtake each other. The larger number is the newer one.
    waiting.count = Math.max(waiting.count, count)
    waiting.outcome = outcome
    waiting.at = at
  }

  /** The visits since the last call, one a page. */
  take(): VisitEvent[] {
    if (this.#waiting.size === 0) return []
    const visits = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#pages = { each: 0, some: 0, unknown: 0 }
    return visits
  }
}

/** An event in the log: a visit, or the number of a host, whose `page` is the key of its counter (see `siteKey`). */
export interface LoggedVisit extends VisitEvent {
  /** Grows by 1 with each event. */
  id: number
  host: string
  /** Whether it is shown to listeners that do not name its page or host. */
  isListed: boolean
}

/** Which events a listener wants: those of some pages and hosts, or all that are listed. */
export interface Wanted {
  pages: ReadonlySet<PageKey>
  hosts: ReadonlySet<string>
}

/** The last events, a bounded number, of which the newest of each page can be read. */
export class VisitLog {
  readonly #capacity: number
  #events: LoggedVisit[] = []
  readonly #newest = new Map<PageKey, LoggedVisit>()
  /** The id of the newest event; 0 before the first. */
  lastId = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  add(visit: Omit<LoggedVisit, 'id'>): void {
    this.lastId += 1
    const event = { ...visit, id: this.lastId }
    this.#events.push(event)
    this.#newest.set(event.page, event)
    // Twice the capacity, so that the list is cut once for many events.
    if (this.#events.length >= 2 * this.#capacity) this.#forget(this.#capacity)
  }

  /**
   * The newest event of each page that is wanted, after an event, in the order of their ids: at most `limit`, the newest.
   * @param after the id of an event
   */
  since(after: number, { pages, hosts }: Wanted, limit: number): LoggedVisit[] {
    if (after >= this.lastId || limit <= 0) return []
    const found: LoggedVisit[] = []
    if (pages.size > 0 && hosts.size === 0) {
      for (const page of pages) {
        const event = this.#newest.get(page)
        if (event !== undefined && event.id > after) found.push(event)
      }
      return found.sort((a, b) => a.id - b.id).slice(-limit)
    }
    const wantsAll = pages.size + hosts.size === 0
    for (let at = this.#events.length - 1; at >= 0 && found.length < limit; at--) {
      const event = this.#events[at] as LoggedVisit
      if (event.id <= after) break
      const isWanted = wantsAll ? event.isListed : hosts.has(event.host) || pages.has(event.page)
      if (isWanted && this.#newest.get(event.page) === event) found.push(event)
    }
    return found.reverse()
  }

  /** Forgets all events. Ids go on. */
  clear(): void {
    this.#forget(0)
  }

  #forget(kept: number): void {
    const forgotten = this.#events.splice(0, this.#events.length - kept)
    for (const event of forgotten)
      if (this.#newest.get(event.page) === event) this.#newest.delete(event.page)
  }
}
