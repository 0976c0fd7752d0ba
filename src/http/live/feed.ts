import type { FastifyBaseLogger } from 'fastify'
import { Cache } from '../../cache.ts'
import { type LiveVisits, type VisitEvent, VisitLog } from '../../live.ts'
import { hostOf, type PageKey } from '../../page.ts'
import { listFilter } from '../../pattern.ts'
import type { Rulebook } from '../../rules.ts'
import type { Store, VisitExchange } from '../../store.ts'

/** Events that are kept for clients that connect again. */
const LOG_EVENTS = 1000
/** How often services that share a database exchange visits, in ms. */
const EXCHANGE_MS = 500
/** For how long visits are kept for clients that connect again, after the last one has gone, in ms. */
const LINGER_MS = 30_000
/** Bytes of the cache of pages. */
const MAX_KNOWN_BYTES = 16_000_000
const KNOWN_BYTES = 100
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
  readonly #parts: FeedParts
  readonly #known = new Cache<KnownPage, PageKey>(MAX_KNOWN_BYTES, ({ page }) =>
    Math.max(KNOWN_BYTES, page.length),
  )
  /** Visits that the log has not got yet. */
  #arrived: VisitEvent[] = []
  /** Visits of this service that others have not got yet. */
  #unshared = new Map<PageKey, VisitEvent>()
  #isLookingUp = false
  #isExchanging = false
  #failed = false
  #exchangedAt = Number.NEGATIVE_INFINITY
  #listenedAt = Number.NEGATIVE_INFINITY

  constructor(parts: FeedParts) {
    this.#parts = parts
  }

  /**
   * Must be called often while it returns true: brings the visits since the last call into the log; those of unknown pages a
   * moment later.
   * @param hasStreams whether this service has listeners
   * @returns whether anybody listens, to this service or to another one
   */
  tick(hasStreams: boolean, now: number): boolean {
    const { live, store } = this.#parts
    if (hasStreams) this.#listenedAt = now
    const isListening = Math.abs(now - this.#listenedAt) < LINGER_MS
    live.isOn = isListening || (store.exchange?.isWanted ?? false)
    const own = live.take()
    if (live.isOn && store.exchange) {
      for (const visit of own) this.#unshared.set(visit.page, visit)
      this.#exchange(store.exchange, isListening, now)
    }
    if (isListening) this.#collect(own)
    else this.forget()
    return live.isOn
  }

  #collect(own: readonly VisitEvent[]): void {
    this.#arrived.push(...own)
    if (this.#isLookingUp) return
    const visits = this.#arrived.splice(0)
    if (visits.every(({ page }) => this.#known.get(page) !== undefined)) this.#add(visits)
    else void this.#lookUp(visits)
  }

  /** Forgets everything, because pages or lists have changed. */
  forget(): void {
    this.#known.clear()
    this.#arrived = []
    this.events.clear()
  }

  async #lookUp(visits: VisitEvent[]): Promise<void> {
    this.#isLookingUp = true
    try {
      const unknown = visits.map(({ page }) => page).filter((page) => !this.#known.get(page))
      const { store, book, ignore } = this.#parts
      for (let at = 0; at < unknown.length; at += SLICE) {
        const slice = unknown.slice(at, at + SLICE)
        const pages = await store.replica.resolve(slice)
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
      if (known?.isServed) {
        const { page, host, isListed } = known
        this.events.add({ page, host, isListed, count, outcome, at })
      }
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
