import type { FastifyInstance } from 'fastify'
import type { PageKey } from '../../page.ts'
import type { Ranked, Store, TopQuery } from '../../store.ts'
import type { RouteParts } from '../app.ts'
import { describe, objectOf, TEXT, WHOLE } from '../openapi.ts'
import type { StatisticsAccess } from '../statistics-access.ts'
import { escapeHtml } from './html.ts'
import { asWritten, figure } from './written.ts'

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
  /** How often an operator has changed pages. */
  #changes = 0
  /** When the lists may be read again, however old they are: see `TOP_SHARE`. */
  #readAgainFrom = Number.NEGATIVE_INFINITY

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

  /**
   * Leaves out pages that an operator has removed, or made the alias of another one, and has the lists read again. To read
   * them may take many seconds, but to look up those that are listed does not.
   */
  async recheck(): Promise<void> {
    this.#changes += 1
    this.#freshUntil = Math.min(this.#freshUntil, this.#readAgainFrom)
    const cached = this.#cached
    if (cached === null) return
    const existing = await this.#existing(cached)
    if (this.#cached === cached) this.#cached = existing
    this.latest()
  }

  /** The lists without removed pages and aliases. */
  async #existing({ hosts, pages }: Lists): Promise<Lists> {
    const { admin } = this.#store
    const find = ({ name }: Ranked) => admin.page(name as PageKey, { from: 0, to: 0 })
    const [ofHosts, ofPages] = await Promise.all(
      [hosts, pages].map((ranked) => Promise.all(ranked.map(find))),
    )
    return {
      // The name of a host is also that of a page, if the page has no path.
      hosts: hosts.filter((_host, at) => !ofHosts?.[at]?.removed),
      pages: pages.filter(({ name }, at) => {
        const known = ofPages?.[at]
        return known?.page === name && known.removed === null
      }),
    }
  }

  #shown({ hosts, pages }: Lists): Lists {
    return { hosts, pages: pages.filter(({ name }) => this.#isShown(name as PageKey)) }
  }

  async #readAgain(): Promise<Lists> {
    const begin = this.#now()
    const isShown = this.#isShown
    const changes = this.#changes
    try {
      const read = await this.#store.replica.top(this.#query())
      this.#readAgainFrom = begin + TOP_SHARE * (this.#now() - begin)
      // A replica may not have the changes yet, and some may have been made since the reading began.
      const lists = this.#shown(this.#changes === 0 ? read : await this.#existing(read))
      this.#cached = lists
      const lasts = Math.max(begin + TOP_MS, this.#readAgainFrom)
      const isOld = isShown !== this.#isShown || changes !== this.#changes
      this.#freshUntil = isOld ? Number.NEGATIVE_INFINITY : lasts
      return lists
    } catch (error) {
      this.#cached = null
      throw error
    } finally {
      this.#reading = null
    }
  }
}

/** The lists of a service, which follow what operators change. */
export function topLists(
  app: FastifyInstance,
  { settings, store, watcher, now }: Pick<RouteParts, 'settings' | 'store' | 'watcher' | 'now'>,
): TopLists {
  const lists = new TopLists(store, () => ({ ...settings.top, rules: watcher.book.served }), now)
  watcher.on('rules', ({ pages }) => lists.filter(pages.isServed))
  watcher.on('pages', () => {
    lists.recheck().catch((err) => app.log.error({ err }, 'the top lists could not be read'))
  })
  return lists
}

/** `/top.json`: the hosts and pages with the most hits. It keeps the lists fresh, too. */
export function topRoute(
  app: FastifyInstance,
  lists: TopLists,
  statistics: StatisticsAccess,
): void {
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
  app.get('/top.json', { config: { openapi } }, async (request, reply) => {
    await statistics.check(request, null)
    return reply.header('cache-control', statistics.caching).send(await lists.read())
  })
}

/** A list as HTML: each name stands with its number and its bar, and leads to its statistics. */
export function listHtml(ranked: readonly Ranked[], kind: 'page' | 'site'): string {
  const [first] = ranked
  const begin = kind === 'page' ? 'page?url=' : 'site?host='
  const rows = ranked.map(({ name, hits }) => {
    const link = `<a href="${begin}${encodeURIComponent(name)}" rel="nofollow" title="${escapeHtml(name)}">${escapeHtml(asWritten(name))}</a>`
    const bar = `<progress max="${first?.hits}" value="${hits}" aria-hidden="true"></progress>`
    return `<li>${link}<b>${figure(hits)}</b>${bar}</li>`
  })
  return rows.length === 0 ? '' : `<ol class="ranks">${rows.join('\n            ')}</ol>`
}
