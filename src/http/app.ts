import cookie from '@fastify/cookie'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Config } from '../../config.ts'
import { parseRanges } from '../address.ts'
import { agentReader } from '../agent.ts'
import type { Badges } from '../badge/badge.ts'
import { loadIcons } from '../badge/options/logo.ts'
import type { Counter } from '../counter.ts'
import { pageFilter, pageMatcher } from '../pattern.ts'
import { createCalendar } from '../period.ts'
import { recognises, recognitionOptions } from '../recognition.ts'
import type { Store } from '../store.ts'
import { cardRoute } from './card.ts'
import { countRoutes } from './count.ts'
import { warnOfUntrustedProxy } from './forwarded.ts'
import { serveLocalhost } from './localhost.ts'
import { openapiRoute } from './openapi.ts'
import { PngBadges } from './png.ts'
import { banAddresses, limitRequests } from './rate-limits.ts'
import { Refuser, unmatched } from './refuse.ts'
import { parseQuery } from './request.ts'
import { sampleRoutes } from './samples.ts'
import { httpServer, readForwardedHead, readHead, refuseConnection } from './server.ts'
import { type Files, readFiles } from './site/files.ts'
import { siteRoutes } from './site/home.ts'
import { SparklineReader } from './sparklines.ts'
import { statisticsRoutes } from './statistics.ts'
import { VisitReader } from './visit.ts'

export interface AppParts {
  config: Config
  store: Store
  counter: Counter
  badges: Badges
  /** The clock: milliseconds since 1970, UTC. */
  now: () => number
}

/** Builds the web service, ready to listen. */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const { config, badges, now } = parts
  const app: FastifyInstance = Fastify({
    // Pino's own stream would retry a full disk for ever, and block everything.
    logger: { level: config.LOG_LEVEL, stream: process.stdout },
    // A log line for each request would hold the addresses and pages of visitors, and cost more than the answer.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: config.TRUST_PROXY,
    serverFactory: (handler) =>
      httpServer(handler, (err) => app.log.error({ err }, 'connections cannot be accepted')),
    rewriteUrl: config.TRUST_PROXY === false ? readHead : readForwardedHead,
    // Requests that arrive while the service stops are still answered.
    return503OnClosing: false,
    routerOptions: { querystringParser: parseQuery },
    // Such an early error comes before the hooks, so bans are looked at here.
    frameworkErrors: (error, request, reply) =>
      refuser.refuse(banned(request) ?? error, request, reply),
    clientErrorHandler: refuseConnection,
  })
  // A logger of its own for each request would only add a number, and cost as much as reading its cookies.
  app.setChildLoggerFactory((logger) => logger)
  const pngs = new PngBadges(badges, config.FONTS_DIR, now, (problem) => app.log.warn(problem))
  const files = await readFiles()
  const errorPage = await files.readPage('error.html')
  const refuser = new Refuser(badges, pngs, errorPage)
  app.setErrorHandler((error: Error, request, reply) => refuser.refuse(error, request, reply))
  // Before anything is refused: a ban that hits the proxy would hide what is wrong.
  warnOfUntrustedProxy(app, config.TRUST_PROXY)
  const banned = banAddresses(app, parseRanges(config.BAN_ADDRESSES))
  // A route reads no body, of whatever type and length, unless it says otherwise.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  await app.register(cookie, { hook: false })
  app.addHook('onListen', async () => loadIcons())
  app.addHook('onClose', () => pngs.close())
  if (config.HOST === 'localhost') serveLocalhost(app)
  closeConnectionsAtEnd(app)
  const preHandler = await limitRequests(app, {
    requests: config.RATE_LIMIT,
    notFound: config.RATE_LIMIT_NOT_FOUND,
  })
  app.setNotFoundHandler({ preHandler }, (request, reply) =>
    refuser.refuse(unmatched(request), request, reply),
  )
  await addRoutes(app, parts, pngs, files)
  return app
}

/** A connection that is kept open after its last answer would delay the end of the service. */
function closeConnectionsAtEnd(app: FastifyInstance): void {
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close')
    done(null, payload)
  })
}

async function addRoutes(
  app: FastifyInstance,
  parts: AppParts,
  pngs: PngBadges,
  files: Files,
): Promise<void> {
  const { config, store, counter, badges, now } = parts
  const rules = { allow: config.ALLOW_PAGES, deny: config.DENY_PAGES }
  const visits = new VisitReader({
    pages: { keepQuery: config.KEEP_QUERY, isServed: pageFilter(rules) },
    isUntracked: pageMatcher(config.UNTRACKED_PAGES, config.KEEP_QUERY),
    readAgent: agentReader(config.BOTS, config.UNTRACKED_AGENTS),
    excluded: parseRanges(config.EXCLUDE_ADDRESSES),
    recognises: recognises(recognitionOptions(config)),
  })
  const calendar = createCalendar(config.TIME_ZONE, config.KEEP_HISTORY_DAYS)
  const sparklines = new SparklineReader(store, calendar)
  countRoutes(app, { counter, badges, visits, calendar, sparklines, pngs, now })
  const activeMinutes = config.ACTIVE_MINUTES
  statisticsRoutes(app, { store, badges, visits, calendar, activeMinutes, pngs, now })
  cardRoute(app, { store, badges, visits, calendar, now })
  sampleRoutes(app, { badges, calendar, now })
  openapiRoute(app, { schema: badges.schema, publicUrl: config.PUBLIC_URL })
  app.get('/healthz', async (_request, reply) => {
    await store.ping()
    return reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8').send('ok\n')
  })
  await app.register(async (site) =>
    siteRoutes(site, {
      files,
      store,
      badges,
      visits,
      calendar,
      windowSeconds: counter.windowSeconds,
      keepQuery: config.KEEP_QUERY,
      publicUrl: config.PUBLIC_URL,
      timeZone: config.TIME_ZONE,
      privacy: config,
      top: { hosts: config.TOP_HOSTS, pages: config.TOP_PAGES, rules, ignore: config.TOP_IGNORE },
      now,
    }),
  )
}
