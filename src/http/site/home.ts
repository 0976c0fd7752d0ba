import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GROUPS } from '../../badge/options/schema.ts'
import { Cache } from '../../cache.ts'
import type { PageKey } from '../../page.ts'
import { Refusal } from '../../refusal.ts'
import { referenceRoute } from '../api/reference.ts'
import type { RouteParts } from '../app.ts'
import { ANY_OBJECT, describe } from '../openapi.ts'
import type { Query } from '../request.ts'
import { compressTexts } from './compress.ts'
import { type Files, fileRoutes, sendFile } from './files.ts'
import { galleryPage } from './gallery.ts'
import { PAGE_HEADERS } from './headers.ts'
import { baseOf, escapeHtml, fill, jsonInHtml } from './html.ts'
import { describeInstance } from './instance.ts'
import { type Lists, listHtml, topRoute } from './lists.ts'
import { logoRoutes } from './logos.ts'
import { drawLooks } from './looks.ts'
import { meRoutes } from './me.ts'
import { nowRoutes } from './now.ts'
import { previewRoute } from './preview.ts'
import { duration, privacyPage } from './privacy.ts'
import { statisticsPages } from './statistics/routes.ts'

/** Bytes of home pages that are kept as they were written: a stranger can name any host, and there are some 20 kB of each. */
const MAX_WRITTEN = 500_000

/** The pages from public/, the files that they load, and the JSON that their scripts read. */
export async function siteRoutes(
  app: FastifyInstance,
  parts: RouteParts,
  files: Files,
): Promise<void> {
  const { settings, badges } = parts
  const { publicUrl } = settings.http
  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) {
      if (!reply.hasHeader(name)) reply.header(name, value)
    }
  })
  compressTexts(app)
  fileRoutes(app, files)

  homeRoutes(app, parts, await files.readPage('index.html'))
  previewRoute(app, parts)
  logoRoutes(app)
  statisticsPages(app, await files.readPage('page.html'), parts)
  nowRoutes(app, await files.readPage('now.html'), parts)
  meRoutes(app, await files.readPage('me.html'), publicUrl)
  referenceRoute(app, await files.readPage('api.html'), parts)
  pageRoute(app, '/gallery', galleryPage(await files.readPage('gallery.html'), badges, publicUrl))
  pageRoute(app, '/privacy', privacyPage(await files.readPage('privacy.html'), settings))
  app.get('/favicon.ico', (_request, reply) =>
    reply.redirect(`assets/${files.version}/icon.svg`, 302),
  )
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
  topRoute(app, parts.lists, parts.statistics)
}

/** Adds a page that is the same for everybody. */
function pageRoute(app: FastifyInstance, path: string, html: string): void {
  app.get(path, (request, reply) => sendPage(request, reply, html))
}

/** Sends a page. A cached one would load the files of an older version of the service. */
function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  html: string,
  caching = 'no-cache',
): FastifyReply {
  return sendFile(request, reply, 'text/html; charset=utf-8', html, caching)
}

/** The home page, and the drawing of its looks. */
function homeRoutes(app: FastifyInstance, parts: RouteParts, html: string): void {
  const { settings, badges, visits, lists, statistics } = parts
  const { http, pages: rules, history, top } = settings
  const { publicUrl } = http
  const { keepQuery } = rules
  const { timeZone } = history
  const { windowMs } = settings.visits
  const looks = badges.own
    ? { svg: '<svg xmlns="http://www.w3.org/2000/svg"/>', html: '' }
    : drawLooks(badges)
  const kept = keepQuery.length === 0 ? '' : ` (except for ${escapeHtml(keepQuery.join(', '))})`
  const constant = {
    instance: `<script type="application/json" id="instance">${jsonInHtml({ ...describeInstance(parts), timeZone })}</script>`,
    looks: looks.html,
    groups: GROUPS.map(groupHtml).join('\n              '),
    kept,
    window: duration(windowMs),
  }
  const always = [badges.own ? 'own' : 'looks', windowMs === 0 ? 'nowindow' : 'window']

  /** The instance's own page; null if its lists refuse it. */
  const ownPage = (base: string): PageKey | null => {
    try {
      return visits.identify(base, undefined).page
    } catch (error) {
      if (error instanceof Refusal) return null
      throw error
    }
  }

  /** @param maySee whether the lists, and how numbers move, may be seen */
  const write = (base: string, isNamed: boolean, latest: Lists | null, maySee: boolean): string => {
    const { hosts, pages } = (maySee && latest) || { hosts: [], pages: [] }
    const isFresh = maySee && latest !== null && hosts.length + pages.length === 0
    const shown = new Set(always)
    // The badge of a page that the address names is drawn once its number is known.
    shown.add(isNamed ? 'named' : 'sample')
    const own = ownPage(base)
    if (own !== null) shown.add('live')
    if (hosts.length > 0) shown.add('hosts')
    if (pages.length > 0) shown.add('pages')
    if (isFresh && top.hosts + top.pages > 0) shown.add('fresh')
    if (publicUrl !== undefined || !isLocal(base)) shown.add('nolocal')
    return fill(html, shown, {
      ...constant,
      base: escapeHtml(base),
      own: escapeHtml((maySee && own) || ''),
      hosts: listHtml(hosts, 'site'),
      pages: listHtml(pages, 'page'),
    })
  }

  /** The page as it was last written: by its address, whether a page is named, and whether the lists may be seen. */
  const written = new Cache<string>(MAX_WRITTEN, ({ length }) => 2 * length)
  let writtenWith: Lists | null = null
  app.get('/', async (request, reply) => {
    const maySee = statistics.isPublic || (await statistics.allows(request, null))
    const latest = lists.latest()
    if (latest !== writtenWith) written.clear()
    writtenWith = latest
    const base = baseOf(request, publicUrl)
    const isNamed = Boolean((request.query as Query).url)
    const name = `${isNamed} ${maySee} ${base}`
    let page = written.get(name)
    if (page === undefined) {
      page = write(base, isNamed, latest, maySee)
      written.set(name, page)
    }
    return sendPage(request, reply, page, statistics.caching)
  })
  const about = describe('Samples', 'The looks to begin with, in one drawing', {}, 'svg')
  app.get('/sample/looks.svg', { config: { openapi: about } }, (request, reply) =>
    sendFile(request, reply, 'image/svg+xml', looks.svg, 'no-cache'),
  )
}

/** The fold of a group of options. A script fills it when it opens. */
function groupHtml(name: string): string {
  return `<details data-group="${name}"><summary>${name} <span class="mark"></span></summary><div class="form"></div></details>`
}

/** Whether only this machine reaches an address. */
function isLocal(base: string): boolean {
  return /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\]|.*\.localhost)(:\d+)?$/i.test(base)
}
