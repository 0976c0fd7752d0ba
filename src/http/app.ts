import cookie from '@fastify/cookie'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Settings } from '../../config.ts'
import { agentReader } from '../agent.ts'
import type { Badges } from '../badge/badge.ts'
import { loadIcons } from '../badge/options/logo.ts'
import type { LiveVisits } from '../live.ts'
import { Calendar } from '../period.ts'
import { recognises } from '../recognition.ts'
import type { Rulebook } from '../rules.ts'
import type { Store } from '../store.ts'
import type { Counter } from '../visit.ts'
import { Access } from './admin/access.ts'
import { Tries } from './admin/tries.ts'
import { apiRoutes } from './api/routes.ts'
import { cardRoute } from './card.ts'
import { countRoutes } from './count.ts'
import { openapiRoute, type ReadDocument } from './document.ts'
import { warnOfUntrustedProxy } from './forwarded.ts'
import { ListReader } from './list-reader.ts'
import type { VisitFeed } from './live/feed.ts'
import { liveRoute } from './live/live.ts'
import { serveLocalhost } from './localhost.ts'
import { describe } from './openapi.ts'
import { PngBadges } from './png.ts'
import { banAddresses, limitRequests } from './rate-limits.ts'
import { Refuser, unmatched } from './refuse.ts'
import { parseQuery } from './request.ts'
import { sampleRoutes } from './samples.ts'
import { httpServer, readForwardedHead, readHead, refuseConnection } from './server.ts'
import { type Files, readFiles } from './site/files.ts'
import { siteRoutes } from './site/home.ts'
import { type TopLists, topLists } from './site/lists.ts'
import { ActiveVisits } from './site/now.ts'
import { SparklineReader } from './sparklines.ts'
import { statisticsRoutes } from './statistics.ts'
import { StatisticsAccess } from './statistics-access.ts'
import { VisitReader } from './visit.ts'
import { Watcher } from './watcher.ts'

export interface AppParts {
  settings: Settings
  store: Store
  counter: Counter
  live: LiveVisits
  badges: Badges
  /** The clock: milliseconds since 1970, UTC. */
  now: () => number
}

/** What the handlers of routes use. */
export interface RouteParts extends AppParts {
  watcher: Watcher
  visits: VisitReader
  calendar: Calendar
  sparklines: SparklineReader
  pngs: PngBadges
  /** Who asks for what is not public. */
  access: Access
  statistics: StatisticsAccess
  feed: VisitFeed
  lists: TopLists
  listReader: ListReader
  active: ActiveVisits
  /** `/openapi.json`. */
  document: ReadDocument
}

/** Builds the web service, ready to listen. */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const { badges, now } = parts
  const { http, badge } = parts.settings
  const app: FastifyInstance = Fastify({
    // Pino's own stream would retry a full disk for ever, and block everything.
    logger: { level: http.logLevel, stream: process.stdout },
    // A log line for each request would hold the addresses and pages of visitors, and cost more than the answer.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: http.trustProxy,
    serverFactory: (handler) =>
      httpServer(handler, (err) => app.log.error({ err }, 'connections cannot be accepted')),
    rewriteUrl: http.trustProxy === false ? readHead : readForwardedHead,
    // Requests that arrive while the service stops are still answered.
    return503OnClosing: false,
    // What programs send is checked as it is. Only the routes of administration have schemas to check by.
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        discriminator: true,
        allowUnionTypes: true,
      },
    },
    routerOptions: { querystringParser: parseQuery },
    // Such an error occurs before the hooks run, so bans are checked here too.
    frameworkErrors: (error, request, reply) =>
      refuser.refuse(banned(request) ?? error, request, reply),
    clientErrorHandler: refuseConnection,
  })
  // A logger of its own for each request would only add a number, and cost as much as reading its cookies.
  app.setChildLoggerFactory((logger) => logger)
  const pngs = new PngBadges(badges, badge.fonts, now, (problem) => app.log.warn(problem))
  const files = await readFiles()
  const refuser = new Refuser(badges, pngs, await files.readPage('error.html'))
  app.setErrorHandler((error: Error, request, reply) => refuser.refuse(error, request, reply))
  // This hook runs before bans. If the proxy's own address were banned, the operator would not see this warning.
  warnOfUntrustedProxy(app, http.trustProxy)
  const watcher = await Watcher.start({ ...parts, log: app.log })
  app.addHook('onListen', async () => watcher.begin())
  app.addHook('onClose', async () => watcher.end())
  const banned = banAddresses(app, () => watcher.book.banned)
  // A route reads no body, of whatever type and length, unless it says otherwise.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  await app.register(cookie, { hook: false })
  app.addHook('onListen', async () => void loadIcons())
  app.addHook('onClose', () => pngs.close())
  if (http.host === 'localhost') serveLocalhost(app)
  app.addHook('onSend', (_request, reply, payload, done) => {
    // A connection that is kept open after its last answer would delay the end of the service.
    if (!app.server.listening) reply.header('connection', 'close')
    done(null, payload)
  })
  const preHandler = await limitRequests(app, http)
  app.setNotFoundHandler({ preHandler }, (request, reply) =>
    refuser.refuse(unmatched(request), request, reply),
  )
  await addRoutes(app, { ...parts, watcher, pngs }, files, refuser)
  return app
}

async function addRoutes(
  app: FastifyInstance,
  parts: AppParts & Pick<RouteParts, 'watcher' | 'pngs'>,
  files: Files,
  refuser: Refuser,
): Promise<void> {
  const { settings, store, watcher } = parts
  const { http, visits: rules, history } = settings
  const visitRules = ({ pages, isUntracked, excluded, untrackedAgents }: Rulebook) => ({
    ...{ pages, isUntracked, excluded },
    readAgent: agentReader(rules.bots, untrackedAgents),
    recognises: recognises(rules),
  })
  const visits = new VisitReader(visitRules(watcher.book))
  watcher.on('rules', (book) => visits.follow(visitRules(book)))
  const calendar = new Calendar(history.timeZone, history.keepHistoryDays)
  const sparklines = new SparklineReader(store, calendar)
  watcher.on('pages', () => sparklines.forget())
  const document = openapiRoute(app, http.publicUrl)
  const tries = new Tries(parts.now, (tries) =>
    app.log.warn({ tries }, 'a wrong token, key or link was tried'),
  )
  const access = new Access(parts, tries)
  const statistics = new StatisticsAccess(parts, access)
  const common = { ...parts, visits, calendar, sparklines, access, statistics, document }
  const feed = liveRoute(app, common)
  const lists = topLists(app, common)
  const active = new ActiveVisits({ ...common, feed })
  const listReader = new ListReader(store.replica)
  const routeParts: RouteParts = { ...common, feed, lists, listReader, active }
  countRoutes(app, routeParts)
  statisticsRoutes(app, routeParts)
  cardRoute(app, routeParts)
  sampleRoutes(app, routeParts)
  const openapi = describe('Service', '`ok` while the database answers', {}, 'text')
  app.get('/healthz', { config: { openapi } }, async (_request, reply) => {
    await store.ping()
    return reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8').send('ok\n')
  })
  await app.register(async (site) => siteRoutes(site, routeParts, files))
  apiRoutes(app, routeParts, refuser)
  // Loaded only when it is on: most of it is of use to nobody else.
  if (settings.admin.isOn) {
    const { adminRoutes } = await import('./admin/routes.ts')
    await adminRoutes(app, routeParts, files, refuser)
  }
}
