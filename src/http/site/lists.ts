import type { FastifyInstance } from 'fastify'
import type { PageKey } from '../../page.ts'
import type { Ranked, Store, TopQuery } from '../../store.ts'
import { describe, objectOf, TEXT, WHOLE } from '../openapi.ts'
import { escapeHtml } from './html.ts'
import { asWritten, figure, linkTo } from './written.ts'

/** How old the top lists may be, in ms: each reading passes over every page. */
const TOP_MS = 15_000
/** The service spends at most one part in this many of its time on reading them: the more pages, the longer it takes. */
const TOP_SHARE = 50
/** How often they are read without a request, in ms, so that the first request in a while does not get old ones. */
const KEEP_FRESH_MS = 60_000

export interface Lists {
  hosts: Ranked[]
  pages: Ranked[]
}

/** Reads the hosts and pages with the most hits, and caches them. */
export class TopLists {
  readonly #store: Store
  readonly #query: () => TopQuery
  readonly #now: () => number
  #cached: Lists | null = null
  #freshUntil = Number.NEGATIVE_INFINITY
  #reading: Promise<Lists> | null = null
  #isShown: (page: PageKey) => boolean = () => true

  /** @param query what to list, which may change while the service runs; see `filter` */
  constructor(store: Store, query: () => TopQuery, now: () => number) {
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

  /** Leaves out pages that may not be shown any more, and has the lists read again. */
  filter(isShown: (page: PageKey) => boolean): void {
    this.#isShown = isShown
    this.#cached &&= this.#shown(this.#cached)
    this.#freshUntil = Number.NEGATIVE_INFINITY
    this.latest()
  }

  #shown({ hosts, pages }: Lists): Lists {
    return { hosts, pages: pages.filter(({ name }) => this.#isShown(name as PageKey)) }
  }

  async #readAgain(): Promise<Lists> {
    const begin = this.#now()
    const isShown = this.#isShown
    try {
      const lists = this.#shown(await this.#store.replica.top(this.#query()))
      this.#cached = lists
      const lasts = Math.max(TOP_MS, TOP_SHARE * (this.#now() - begin))
      this.#freshUntil = isShown === this.#isShown ? begin + lasts : Number.NEGATIVE_INFINITY
      return lists
    } catch (error) {
      this.#cached = null
      throw error
    } finally {
      this.#reading = null
    }
  }
}

/** `/top.json`: the hosts and pages with the most hits. It keeps the lists fresh, too. */
export function topRoute(app: FastifyInstance, lists: TopLists): void {
  const keepFresh = () =>
    lists.read().catch((error) => app.log.error({ err: error }, 'the top lists could not be read'))
  let timer: NodeJS.Timeout | undefined
  app.addHook('onListen', async () => {
    void keepFresh()
    timer = setInterval(keepFresh, KEEP_FRESH_MS)
  })
  app.addHook('onClose', async () => clearInterval(timer))
  const ranked = { type: 'array', items: objectOf({ name: TEXT, hits: WHOLE }) }
  const openapi = describe(
    'Statistics',
    'Hosts and pages with the most hits',
    {},
    objectOf({ hosts: ranked, pages: ranked }),
  )
  app.get('/top.json', { config: { openapi } }, async (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(await lists.read()),
  )
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
