import { hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import { PRESETS } from '../badge/examples.ts'
import { STYLES } from '../badge/options/options.ts'
import type { Ranked, Store, TopQuery } from '../store.ts'
import { galleryRoute } from './gallery.ts'
import { PAGE_HEADERS } from './headers.ts'
import { meRoutes } from './me.ts'
import { type PrivacySettings, privacyRoute } from './privacy.ts'

const PUBLIC = join(import.meta.dirname, '../../public')
const YEAR_SECONDS = 31_536_000
const SHORT_SECONDS = 300
/** How old the top lists may be, in ms: each reading of them passes over every page. */
const TOP_MS = 15_000
/** Readings take one part in so many of the time. */
const TOP_SHARE = 50
/** How often they are read without being asked for, so that who comes first in a while finds no old ones. */
const TOP_UNASKED_MS = 60_000

export interface PageParts {
  store: Store
  badges: Badges
  windowSeconds: number
  keepQuery: readonly string[]
  publicUrl: string | undefined
  privacy: PrivacySettings
  top: TopQuery
  now: () => number
}

/** The home page from public/, its files, and what its scripts ask for. */
export async function pageRoutes(app: FastifyInstance, parts: PageParts): Promise<void> {
  const { badges, windowSeconds, keepQuery, publicUrl } = parts
  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) {
      if (!reply.hasHeader(name)) reply.header(name, value)
    }
  })

  // The folder's name carries a hash of all that is in it, so scripts find each other by relative names and a
  // page never mixes two versions.
  const version = await contentHash(join(PUBLIC, 'assets'))
  const readPage = async (name: string) =>
    (await readFile(join(PUBLIC, name), 'utf8')).replaceAll('"assets/', `"assets/${version}/`)
  const index = await readPage('index.html')
  await app.register(fastifyStatic, {
    root: join(PUBLIC, 'assets'),
    prefix: `/assets/${version}/`,
    index: false,
    maxAge: YEAR_SECONDS * 1000,
    acceptRanges: false,
    immutable: true,
  })
  await app.register(fastifyStatic, {
    root: join(PUBLIC, 'assets'),
    prefix: '/assets/',
    index: false,
    maxAge: SHORT_SECONDS * 1000,
    acceptRanges: false,
    decorateReply: false,
  })

  app.get('/', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      // Kept, it would ask a newer version for files of the older one.
      .header('cache-control', 'no-cache')
      .send(index),
  )
  meRoutes(app, await readPage('me.html'), publicUrl)
  galleryRoute(app, await readPage('gallery.html'), badges)
  privacyRoute(app, await readPage('privacy.html'), parts.privacy)
  app.get('/favicon.ico', (_request, reply) => reply.redirect(`assets/${version}/icon.svg`, 302))
  app.get('/robots.txt', (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('User-agent: *\nDisallow: /count\n'),
  )
  app.get('/instance.json', (_request, reply) =>
    reply.header('cache-control', 'no-cache').send({
      publicUrl: publicUrl ?? null,
      windowSeconds,
      keepQuery,
      ownBadge: badges.own,
      badge: { label: badges.label, color: badges.color, style: 'flat' },
      styles: STYLES,
      presets: PRESETS,
      // From the schema that reads them; see docs/usage.md.
      options: Object.entries(badges.schema).map(([name, { group, field, wanted, examples }]) => ({
        name,
        group,
        field,
        wanted,
        examples,
      })),
    }),
  )
  const topLists = remembered(parts)
  const read = () =>
    topLists().catch((error) => app.log.error({ err: error }, 'the top lists could not be read'))
  let timer: NodeJS.Timeout | undefined
  app.addHook('onListen', async () => {
    void read()
    timer = setInterval(read, TOP_UNASKED_MS)
  })
  app.addHook('onClose', async () => clearInterval(timer))
  app.get('/top.json', async (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(await topLists()),
  )
}

/**
 * The top lists as they were lately, at once: those that are older than TOP_MS are read again behind the answer. Only
 * who asks before there are any waits for them. Reading takes longer the more pages there are, so it also happens
 * less often.
 */
function remembered({ store, top, now }: PageParts) {
  type Lists = { hosts: Ranked[]; pages: Ranked[] }
  let lists: Lists | null = null
  let reading: Promise<Lists> | null = null
  let freshUntil = Number.NEGATIVE_INFINITY

  async function read(): Promise<Lists> {
    const began = now()
    try {
      lists = await store.replica.top(top)
      freshUntil = began + Math.max(TOP_MS, TOP_SHARE * (now() - began))
      return lists
    } catch (error) {
      lists = null
      throw error
    } finally {
      reading = null
    }
  }

  return async function ask(): Promise<Lists> {
    if (lists && now() < freshUntil) return lists
    reading ??= read()
    if (!lists) return reading
    // Its failure is told to who asks next, when there is no list any more.
    reading.catch(() => {})
    return lists
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
