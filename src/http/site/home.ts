import { hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { PRESETS } from '../../badge/examples.ts'
import { STYLES } from '../../badge/options/options.ts'
import type { AppParts } from '../app.ts'
import { ANY_OBJECT, describe } from '../openapi.ts'
import { galleryPage } from './gallery.ts'
import { pageRoute } from './html.ts'
import { meRoutes } from './me.ts'
import { privacyPage } from './privacy.ts'
import { topRoute } from './top.ts'

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
  const { settings, badges } = parts
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
  topRoute(app, parts)
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

async function contentHash(folder: string): Promise<string> {
  const names = (await readdir(folder)).sort()
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))
  return hash(
    'sha256',
    contents.map((text, at) => `${names[at]}\n${text.length}\n${text}`).join(''),
  ).slice(0, 16)
}
