import type { Ranked, Store, TopQuery } from '../../store.ts'
import { escapeHtml } from './html.ts'
import { asWritten, figure, linkTo } from './written.ts'

/** How old the top lists may be, in ms: each reading passes over every page. */
const TOP_MS = 15_000
/** Reading them takes at most one part in this many of the time: it takes longer the more pages there are. */
const TOP_SHARE = 50

export interface Lists {
  hosts: Ranked[]
  pages: Ranked[]
}

/** Reads the hosts and pages with the most hits, and caches them. */
export class TopLists {
  readonly #store: Store
  readonly #query: TopQuery
  readonly #now: () => number
  #cached: Lists | null = null
  #freshUntil = Number.NEGATIVE_INFINITY
  #reading: Promise<Lists> | null = null

  constructor(store: Store, query: TopQuery, now: () => number) {
    this.#store = store
    this.#query = query
    this.#now = now
  }

  /** Resolves at once if there are cached lists. If those are old, it has them read again for the next request. */
  async read(): Promise<Lists> {
    const cached = this.#cached
    if (cached && this.#now() < this.#freshUntil) return cached
    this.#reading ??= this.#readAgain()
    if (!cached) return this.#reading
    // A failure empties the cache, so the next request tries again and gets the error.
    this.#reading.catch(() => {})
    return cached
  }

  /** The cached lists, or null before the first reading. It has old ones read again, and waits for nothing. */
  latest(): Lists | null {
    // A failure is logged where the lists are read in the background.
    this.read().catch(() => {})
    return this.#cached
  }

  async #readAgain(): Promise<Lists> {
    const begin = this.#now()
    try {
      const lists = await this.#store.replica.top(this.#query)
      this.#cached = lists
      this.#freshUntil = begin + Math.max(TOP_MS, TOP_SHARE * (this.#now() - begin))
      return lists
    } catch (error) {
      this.#cached = null
      throw error
    } finally {
      this.#reading = null
    }
  }
}

/** A list as HTML: each name stands with its number and its bar. */
export function listHtml(ranked: readonly Ranked[], linked: boolean): string {
  const [first] = ranked
  const rows = ranked.map(({ name, hits }) => {
    const title = linked ? linkTo(name) : `<span>${escapeHtml(asWritten(name))}</span>`
    const bar = `<progress max="${first?.hits}" value="${hits}" aria-hidden="true"></progress>`
    return `<li>${title}<b>${figure(hits)}</b>${bar}</li>`
  })
  return rows.length === 0 ? '' : `<ol class="ranks">${rows.join('\n            ')}</ol>`
}
