import type { FastifyInstance } from 'fastify'
import type { Ranked, Store, TopQuery } from '../../store.ts'
import type { AppParts } from '../app.ts'
import { describe, objectOf, TEXT, WHOLE } from '../openapi.ts'

/** How old the top lists may be, in ms: each reading passes over every page. */
const TOP_MS = 15_000
/** Reading them takes at most one part in this many of the time: it takes longer the more pages there are. */
const TOP_SHARE = 50
/** How often they are read without a request, in ms, so that the first request in a while does not get old ones. */
const KEEP_FRESH_MS = 60_000

/** `/top.json`: the hosts and pages with the most hits. */
export function topRoute(app: FastifyInstance, { settings, store, now }: AppParts): void {
  const lists = new TopLists(store, settings.top, now)
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

interface Lists {
  hosts: Ranked[]
  pages: Ranked[]
}

/** Reads the hosts and pages with the most hits, and caches them. */
class TopLists {
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
