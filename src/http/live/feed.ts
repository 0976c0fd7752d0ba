import type { FastifyBaseLogger } from 'fastify'
import { Cache } from '../../cache.ts'
import { type Interest, type LiveVisits, type VisitEvent, VisitLog } from '../../live.ts'
import { hostOf, type PageKey } from '../../page.ts'
import { listFilter } from '../../pattern.ts'
import type { Rulebook } from '../../rules.ts'
import { siteKey } from '../../site.ts'
import type { Store, VisitExchange } from '../../store.ts'
import { Wants } from './wants.ts'

/** Events that are kept for clients that connect again. */
const LOG_EVENTS = 1000
/** How often services that share a database exchange visits, in ms. */
const EXCHANGE_MS = 500
/** Visits that may wait while pages are looked up, and for the next exchange. */
const MAX_ARRIVED = 5000
/** How often numbers of hosts are read, in ms, and how many each time: with more, they take turns. */
const HOSTS_MS = 500
const HOSTS_AT_A_TIME = 100
/** Bytes of the cache of pages. */
const MAX_KNOWN_BYTES = 16_000_000
const KNOWN_BYTES = 100
/** Characters of the addresses whose interest is kept. Then they are forgotten. */
const MAX_INTERESTS = 8_000_000
/** Pages that are looked up at a time, between two batches of hits. */
const SLICE = 200

interface FeedParts {
  live: LiveVisits
  store: Store
  /** The lists that hold now. */
  book: () => Rulebook
  /** Patterns of hosts that are not listed. */
  ignore: readonly string[]
  log: FastifyBaseLogger
}

/** What the log has to know of a page, by an address of it. */
interface KnownPage {
  page: PageKey
  host: string
  isServed: boolean
  isListed: boolean
}

/** Brings the visits of all services on the database into one log, while somebody listens. */
export class VisitFeed {
  readonly events = new VisitLog(LOG_EVENTS)
  readonly wants = new Wants()
  readonly #parts: FeedParts
  readonly #known = new Cache<KnownPage, PageKey>(MAX_KNOWN_BYTES, ({ page }) =>
    Math.max(KNOWN_BYTES, page.length),
  )
  /**
   * The interest in known pages, by address. It is asked for each visit, and one Map that is read with the very text that it
   * was filled with takes half the time of a look at `KnownPage`.
   */
  readonly #interests = new Map<PageKey, Interest>()
  #interestsLength = 0
  /** The version of the wants of which these are true. */
  #version = 0
  /** Whether another service wants the visits of this one. */
  #isShared = false
  /** Visits that the log has not got yet. */
  #arrived: VisitEvent[] = []
  /** Visits of this service that others have not got yet. */
  #unshared = new Map<PageKey, VisitEvent>()
  #isLookingUp = false
  #isExchanging = false
  #failed = false
  #exchangedAt = Number.NEGATIVE_INFINITY
  /** Wanted hosts that have got hits since their number was read; those that have waited longest come first. */
  readonly #moved = new Set<string>()
  #isReadingHosts = false
  /** How often everything was forgotten: what was read before is not right any more. */
  #forgotten = 0
  #readHostsAt = Number.NEGATIVE_INFINITY

  constructor(parts: FeedParts) {
    this.#parts = parts
    parts.live.interestIn = (page) => this.#interestIn(page)
  }

  /**
   * Must be called often while it returns true: brings the visits since the last call into the log; those of unknown pages a
   * moment later.
   * @returns whether anybody listens, to this service or to another one
   */
  tick(now: number): boolean {
    const { live, store } = this.#parts
    this.wants.tick(now)
    const isListening = !this.wants.isEmpty
    this.#isShared = store.exchange?.isWanted ?? false
    live.isOn = isListening || this.#isShared
    const own = live.take()
    if (live.isOn && store.exchange) {
      if (this.#isShared) this.#keepForOthers(own)
      this.#exchange(store.exchange, isListening, now)
    }
    if (isListening) {
      this.#collect(own)
      void this.#readHosts(now)
    } else this.forget()
    return live.isOn
  }

  #interestIn(address: PageKey): Interest {
    // What listeners of other services want is not known here.
    if (this.#isShared) return 'each'
    if (this.#version !== this.wants.version) this.#forgetInterests()
    return this.#interests.get(address) ?? this.#findInterest(address)
  }

  #findInterest(address: PageKey): Interest {
    const known = this.#known.get(address)
    if (known === undefined) return this.#isNamed(address, hostOf(address)) ? 'each' : 'unknown'
    const interest = this.#interestInKnown(known)
    this.#interestsLength += address.length
    if (this.#interestsLength > MAX_INTERESTS) this.#forgetInterests()
    this.#interests.set(address, interest)
    return interest
  }

  #forgetInterests(): void {
    this.#interests.clear()
    this.#interestsLength = 0
    this.#version = this.wants.version
  }

  #interestInKnown({ page, host, isServed, isListed }: KnownPage): Interest {
    if (!isServed) return 'none'
    if (this.#isNamed(page, host)) return 'each'
    return isListed && this.wants.hasAll ? 'some' : 'none'
  }

  #isNamed(page: PageKey, host: string): boolean {
    return this.wants.hasPage(page) || this.wants.hasHost(host)
  }

  #collect(own: readonly VisitEvent[]): void {
    this.#arrived.push(...own)
    if (this.#isLookingUp) {
      this.#arrived.splice(MAX_ARRIVED)
      return
    }
    const visits = this.#arrived.splice(0)
    if (visits.every(({ page }) => this.#known.get(page) !== undefined)) this.#add(visits)
    else void this.#lookUp(visits)
  }

  /** Forgets everything, because pages or lists have changed. */
  forget(): void {
    this.#forgotten += 1
    this.#known.clear()
    this.#forgetInterests()
    this.#arrived = []
    this.#moved.clear()
    this.events.clear()
  }

  async #lookUp(visits: VisitEvent[]): Promise<void> {
    this.#isLookingUp = true
    const forgotten = this.#forgotten
    try {
      const unknown = visits.map(({ page }) => page).filter((page) => !this.#known.get(page))
      const { store, book, ignore } = this.#parts
      for (let at = 0; at < unknown.length; at += SLICE) {
        const slice = unknown.slice(at, at + SLICE)
        const pages = await store.replica.resolve(slice)
        if (this.#forgotten !== forgotten) return
        const { pages: rules, served } = book()
        const { showsPage } = listFilter({ rules: served, ignore })
        for (const [index, address] of slice.entries()) {
          const page = pages[index] as PageKey
          const isServed = rules.isServed(page)
          const isListed = isServed && showsPage(page)
          this.#known.add(address, { page, host: hostOf(page), isServed, isListed })
        }
      }
      this.#add(visits)
      this.#known.trim()
    } catch {
      // The database is away, so nothing is counted either. These visits are not shown.
    } finally {
      this.#isLookingUp = false
    }
  }

  #add(visits: readonly VisitEvent[]): void {
    for (const { page: address, count, outcome, at } of visits) {
      const known = this.#known.get(address)
      if (known === undefined || this.#interestInKnown(known) === 'none') continue
      const { page, host, isListed } = known
      this.events.add({ page, host, isListed, count, outcome, at })
      if (outcome === 'counted' && this.wants.hasHost(host)) this.#moved.add(host)
    }
  }

  /** Adds the numbers of wanted hosts to the log, soon after visits to their pages. */
  async #readHosts(now: number): Promise<void> {
    if (this.#moved.size === 0 || this.#isReadingHosts) return
    if (Math.abs(now - this.#readHostsAt) < HOSTS_MS) return
    this.#readHostsAt = now
    this.#isReadingHosts = true
    const forgotten = this.#forgotten
    const hosts = [...this.#moved].slice(0, HOSTS_AT_A_TIME)
    for (const host of hosts) this.#moved.delete(host)
    const { store } = this.#parts
    // Not from a replica: it may not have these visits yet, and perhaps none follows after which to look again.
    const reads = hosts.map((host) => store.readPage(siteKey(host), null, now))
    const results = await Promise.allSettled(reads)
    this.#isReadingHosts = false
    if (this.#forgotten !== forgotten) return
    for (const [index, result] of results.entries()) {
      // If the database is away, nothing is counted either.
      if (result.status === 'rejected') continue
      const [host, { count }] = [hosts[index] as string, result.value]
      const page = siteKey(host)
      this.events.add({ page, host, isListed: false, count, outcome: 'counted', at: now })
    }
  }

  #keepForOthers(visits: readonly VisitEvent[]): void {
    for (const visit of visits) {
      if (this.#unshared.size < MAX_ARRIVED || this.#unshared.has(visit.page))
        this.#unshared.set(visit.page, visit)
    }
  }

  #exchange(exchange: VisitExchange, listens: boolean, now: number): void {
    if (this.#isExchanging) return
    if (Math.abs(now - this.#exchangedAt) < EXCHANGE_MS) return
    this.#exchangedAt = now
    this.#isExchanging = true
    const visits = [...this.#unshared.values()]
    this.#unshared = new Map()
    exchange
      .swap(visits, listens)
      .then((others) => {
        this.#arrived.push(...others)
        this.#failed = false
      })
      .catch((err) => {
        const problem = 'live visits could not be exchanged with other services'
        if (!this.#failed) this.#parts.log.error({ err }, problem)
        this.#failed = true
      })
      .finally(() => {
        this.#isExchanging = false
      })
  }
}
