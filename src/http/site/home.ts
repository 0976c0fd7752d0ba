import { hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { PRESETS } from '../../badge/examples.ts'
import { STYLES } from '../../badge/options/options.ts'
import type { Ranked, Store, TopQuery } from '../../store.ts'
import type { AppParts } from '../app.ts'
import { ANY_OBJECT, describe, objectOf, TEXT, WHOLE } from '../openapi.ts'
import { galleryPage } from './gallery.ts'
import { pageRoute } from './html.ts'
import { meRoutes } from './me.ts'
import { privacyPage } from './privacy.ts'

const PUBLIC = join(import.meta.dirname, '../../../public')

/** On every page that people open, and on the files that it loads. */
export const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  // The live badge of the home page learns which page it is on; other sites learn nothing.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
} as const

/** The pages from public/, the files that they load, and the JSON that their scripts read. */
export async function siteRoutes(app: FastifyInstance, parts: AppParts): Promise<void> {
  const { settings, store, badges, now } = parts
  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) {
      if (!reply.hasHeader(name)) reply.header(name, value)
    }
  })

  // The folder's name holds a hash of all its files, so scripts import each other by relative names, and a page never
  // mixes two versions.
  const root = join(PUBLIC, 'assets')
  const folder = `assets/${await contentHash(root)}/`
  const readPage = async (name: string) =>
    (await readFile(join(PUBLIC, name), 'utf8')).replaceAll('"assets/', `"${folder}`)
  const options = { root, index: false as const, acceptRanges: false }
  await app.register(fastifyStatic, {
    ...options,
    prefix: `/${folder}`,
    maxAge: '365d',
    immutable: true,
  })
  const short = { prefix: '/assets/', maxAge: '5m', decorateReply: false }
  await app.register(fastifyStatic, { ...options, ...short })

  pageRoute(app, '/', await readPage('index.html'))
  meRoutes(app, await readPage('me.html'), settings.http.publicUrl)
  pageRoute(app, '/gallery', galleryPage(await readPage('gallery.html'), badges))
  pageRoute(app, '/privacy', privacyPage(await readPage('privacy.html'), settings))
  app.get('/favicon.ico', (_request, reply) => reply.redirect(`${folder}icon.svg`, 302))
  app.get('/robots.txt', (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('User-agent: *\nDisallow: /count\n'),
  )
  const aboutInstance = describe(
    'Service',
    'Settings of this instance that the tag builder needs',
    {},
    ANY_OBJECT,
  )
  app.get('/instance.json', { config: { openapi: aboutInstance } }, (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(describeInstance(parts)),
  )
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
  const aboutTop = describe(
    'Statistics',
    'Hosts and pages with the most hits',
    {},
    objectOf({ hosts: ranked, pages: ranked }),
  )
  app.get('/top.json', { config: { openapi: aboutTop } }, async (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(await lists.read()),
  )
}

/** All that the tag builder has to know of this instance. */
function describeInstance({ settings: { http, pages, visits }, badges }: AppParts) {
  return {
    publicUrl: http.publicUrl ?? null,
    windowSeconds: visits.windowMs / 1000,
    keepQuery: pages.keepQuery,
    ownBadge: badges.own,
    badge: { label: badges.label, color: badges.color, style: 'flat' },
    styles: STYLES,
    presets: PRESETS,
    options: Object.entries(badges.schema).map(([name, { group, field, wanted, examples }]) => ({
      name,
      group,
      field,
      wanted,
      examples,
    })),
  }
}

/** How old the top lists may be, in ms: each reading passes over every page. */
const TOP_MS = 15_000
/** Reading them takes at most one part in this many of the time: it takes longer the more pages there are. */
const TOP_SHARE = 50
/** How often they are read without a request, in ms, so that the first request in a while does not get old ones. */
const KEEP_FRESH_MS = 60_000

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

async function contentHash(folder: string): Promise<string> {
  const names = (await readdir(folder)).sort()
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))
  return hash(
    'sha256',
    contents.map((text, at) => `${names[at]}\n${text.length}\n${text}`).join(''),
  ).slice(0, 16)
}
