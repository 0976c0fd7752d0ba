import type { FastifyInstance, FastifyRequest } from 'fastify'
import { GROUPS } from '../../badge/options/schema.ts'
import { Refusal } from '../../refusal.ts'
import type { TopQuery } from '../../store.ts'
import type { Query } from '../request.ts'
import { compressTexts } from './compress.ts'
import { type Files, fileRoutes, sendFile } from './files.ts'
import { galleryRoute } from './gallery.ts'
import { PAGE_HEADERS } from './headers.ts'
import { baseOf, escapeHtml, fill, jsonInHtml } from './html.ts'
import { describeInstance, type InstanceParts } from './instance.ts'
import { listHtml, TopLists } from './lists.ts'
import { logoRoutes } from './logos.ts'
import { drawLooks } from './looks.ts'
import { meRoutes } from './me.ts'
import { numbersRoute } from './numbers.ts'
import { type PreviewParts, previewRoute } from './preview.ts'
import { type PrivacySettings, privacyRoute } from './privacy.ts'

export interface SiteParts extends PreviewParts, InstanceParts {
  files: Files
  privacy: PrivacySettings
  /** Where days begin if a tag says nothing else. */
  timeZone: string
  top: TopQuery
}

/** How often the top lists are read without a request, in ms, so that the first request in a while does not get old ones. */
const KEEP_FRESH_MS = 60_000

/** The pages from public/, the files that they load, and the JSON that their scripts read. */
export async function siteRoutes(app: FastifyInstance, parts: SiteParts): Promise<void> {
  const { files, store, publicUrl, top, now } = parts
  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) {
      if (!reply.hasHeader(name)) reply.header(name, value)
    }
  })
  compressTexts(app)
  fileRoutes(app, files)

  const lists = new TopLists(store, top, now)
  const keepFresh = () =>
    lists.read().catch((error) => app.log.error({ err: error }, 'the top lists could not be read'))
  let timer: NodeJS.Timeout | undefined
  app.addHook('onListen', async () => {
    void keepFresh()
    timer = setInterval(keepFresh, KEEP_FRESH_MS)
  })
  app.addHook('onClose', async () => clearInterval(timer))

  await homeRoutes(app, parts, lists)
  previewRoute(app, parts)
  logoRoutes(app)
  numbersRoute(app, await files.readPage('page.html'), parts)
  meRoutes(app, await files.readPage('me.html'), publicUrl)
  galleryRoute(app, await files.readPage('gallery.html'), parts)
  privacyRoute(app, await files.readPage('privacy.html'), parts.privacy)
  app.get('/favicon.ico', (_request, reply) =>
    reply.redirect(`assets/${files.version}/icon.svg`, 302),
  )
  app.get('/robots.txt', (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('User-agent: *\nDisallow: /count\n'),
  )
  app.get('/instance.json', (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(describeInstance(parts)),
  )
  app.get('/top.json', async (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(await lists.read()),
  )
}

/** The home page, and the drawing of its looks. */
async function homeRoutes(app: FastifyInstance, parts: SiteParts, lists: TopLists): Promise<void> {
  const { files, badges, visits, publicUrl, timeZone, keepQuery } = parts
  const looks = badges.own
    ? { svg: '<svg xmlns="http://www.w3.org/2000/svg"/>', html: '' }
    : drawLooks(badges)
  const kept = keepQuery.length === 0 ? '' : ` (except for ${escapeHtml(keepQuery.join(', '))})`
  const constant = {
    instance: `<script type="application/json" id="instance">${jsonInHtml({ ...describeInstance(parts), timeZone })}</script>`,
    looks: looks.html,
    groups: GROUPS.map(groupHtml).join('\n              '),
    kept,
    window: duration(parts.windowSeconds),
  }
  const always = [badges.own ? 'own' : 'looks', parts.windowSeconds === 0 ? 'nowindow' : 'window']
  const html = await files.readPage('index.html')

  /** Whether this instance serves its own page: its lists may refuse it. */
  const isServed = (request: FastifyRequest): boolean => {
    try {
      visits.identify(baseOf(request, publicUrl), undefined)
      return true
    } catch (error) {
      if (error instanceof Refusal) return false
      throw error
    }
  }

  app.get('/', (request, reply) => {
    const latest = lists.latest()
    const { hosts, pages } = latest ?? { hosts: [], pages: [] }
    const isFresh = latest !== null && hosts.length + pages.length === 0
    const base = baseOf(request, publicUrl)
    const shown = new Set(always)
    // The badge of a page that the address names is drawn once its number is known.
    shown.add((request.query as Query).url ? 'named' : 'sample')
    if (isServed(request)) shown.add('live')
    if (hosts.length > 0) shown.add('hosts')
    if (pages.length > 0) shown.add('pages')
    if (isFresh && parts.top.hosts + parts.top.pages > 0) shown.add('fresh')
    if (publicUrl !== undefined || !isLocal(request.hostname)) shown.add('nolocal')
    const values = {
      ...constant,
      base: escapeHtml(base),
      hosts: listHtml(hosts, false),
      pages: listHtml(pages, true),
    }
    // A cached page would ask a newer version of the service for the files of an older one.
    return sendFile(
      request,
      reply,
      'text/html; charset=utf-8',
      fill(html, shown, values),
      'no-cache',
    )
  })
  app.get('/sample/looks.svg', (request, reply) =>
    sendFile(request, reply, 'image/svg+xml', looks.svg, 'no-cache'),
  )
}

/** The fold of a group of options. A script fills it when it opens. */
function groupHtml(name: string): string {
  return `<details data-group="${name}"><summary>${name} <span class="mark"></span></summary><div class="form"></div></details>`
}

/** Whether only this machine reaches a host by this name. */
function isLocal(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$|\.localhost$/i.test(host)
}

/** A time such as `1 day` or `90 seconds`. */
function duration(seconds: number): string {
  const units = [
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ] as const
  const [size, unit] = units.find(([size]) => seconds % size === 0) ?? units[3]
  const count = seconds / size
  return `${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`
}
