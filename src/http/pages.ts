import { hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import { STYLES } from '../badge/options.ts'
import type { Ranked, Store, TopQuery } from '../store.ts'
import { PAGE_HEADERS } from './headers.ts'

const PUBLIC = join(import.meta.dirname, '../../public')
const YEAR_SECONDS = 31_536_000
const SHORT_SECONDS = 300
/** How old the top lists may be, in ms: each reading of them passes over every page. */
const TOP_MS = 15_000

export interface PageParts {
  store: Store
  badges: Badges
  windowSeconds: number
  keepQuery: readonly string[]
  publicUrl: string | undefined
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
  const index = (await readFile(join(PUBLIC, 'index.html'), 'utf8')).replaceAll(
    '"assets/',
    `"assets/${version}/`,
  )
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
      badge: badges.defaults,
      styles: STYLES,
    }),
  )
  const topLists = remembered(parts)
  app.get('/top.json', async (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(await topLists()),
  )
}

/** Reads the top lists once for all who ask within TOP_MS. */
function remembered({ store, top, now }: PageParts) {
  let lists: Promise<{ hosts: Ranked[]; pages: Ranked[] }> | null = null
  let readAt = Number.NEGATIVE_INFINITY
  return () => {
    if (lists === null || now() - readAt >= TOP_MS) {
      readAt = now()
      lists = store.top(top)
      lists.catch(() => {
        lists = null
      })
    }
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
