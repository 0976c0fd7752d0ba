import cookie from '@fastify/cookie'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Config } from '../../config.ts'
import { parseRanges } from '../address.ts'
import { agentReader } from '../agent.ts'
import type { Badges } from '../badge/badge.ts'
import { loadLogos } from '../badge/logos.ts'
import type { Counter } from '../counter.ts'
import { pageFilter, pageMatcher } from '../page.ts'
import { createCalendar } from '../period.ts'
import { recognises, recognitionOptions } from '../recognition.ts'
import type { Store } from '../store.ts'
import { countRoutes } from './count.ts'
import { warnOfUntrustedProxy } from './forwarded.ts'
import { graphRoute } from './graph.ts'
import { healthRoute } from './health.ts'
import { banAddresses, limitRequests } from './limits.ts'
import { serveLocalhost } from './localhost.ts'
import { openapiRoute } from './openapi.ts'
import { pageRoutes } from './pages.ts'
import { pngDesk } from './png.ts'
import { parseQuery } from './query.ts'
import { refuseConnection, refuseWith, unmatched } from './refuse.ts'
import { readRequest } from './request.ts'
import { sampleRoutes } from './samples.ts'
import { httpServer } from './server.ts'
import { statisticsRoutes } from './statistics.ts'
import { trendReader } from './trends.ts'
import { visitReader } from './visits.ts'

export interface AppParts {
  config: Config
  store: Store
  counter: Counter
  badges: Badges
  /** The clock: milliseconds since 1970, UTC. */
  now: () => number
}

/** The web service, ready to listen or to be injected into. */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const { config, store, counter, badges, now } = parts
  const app: FastifyInstance = Fastify({
    // Not pino's own stream: on a full disk it tries again for ever, and holds all up.
    logger: { level: config.LOG_LEVEL, stream: process.stdout },
    // A line a request would hold the addresses and pages of visitors, and cost more than the answer.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: config.TRUST_PROXY,
    serverFactory: (handler) =>
      httpServer(handler, (err) => app.log.error({ err }, 'connections cannot be accepted')),
    rewriteUrl: (request) => readRequest(request, config.TRUST_PROXY !== false),
    // What is on its way when the service is told to stop is still answered.
    return503OnClosing: false,
    routerOptions: { querystringParser: parseQuery },
    // What is refused so early has not been through the hooks.
    frameworkErrors: (error, request, reply) => refuse(banned(request) ?? error, request, reply),
    clientErrorHandler: refuseConnection,
  })
  const desk = pngDesk(app, badges, config.FONTS_DIR, now)
  const refuse = refuseWith(badges, desk, (request) => unmatched(app, request))
  app.setErrorHandler(refuse)
  // Before anything is refused: a ban of the proxy itself would hide what is wrong.
  warnOfUntrustedProxy(app, config.TRUST_PROXY)
  const banned = banAddresses(app, parseRanges(config.BAN_ADDRESSES))
  // Where no route says otherwise, no body is read, whatever its type or length claim to be.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  await app.register(cookie, { hook: false })
  app.addHook('onListen', async () => loadLogos())
  if (config.HOST === 'localhost') serveLocalhost(app)
  // A connection that is kept after the last answer would hold up the end of the service.
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close')
    done(null, payload)
  })
  const rules = { allow: config.ALLOW_PAGES, deny: config.DENY_PAGES }
  const limits = { requests: config.RATE_LIMIT, notFound: config.RATE_LIMIT_NOT_FOUND }
  const preHandler = await limitRequests(app, limits)
  app.setNotFoundHandler({ preHandler }, (request, reply) =>
    refuse(unmatched(app, request), request, reply),
  )
  const calendar = createCalendar(config.TIME_ZONE, config.KEEP_HISTORY_DAYS)
  const visits = visitReader({
    pages: { keepQuery: config.KEEP_QUERY, isServed: pageFilter(rules) },
    isUntracked: pageMatcher(config.UNTRACKED_PAGES, config.KEEP_QUERY),
    readAgent: agentReader(config.BOTS, config.UNTRACKED_AGENTS),
    excluded: parseRanges(config.EXCLUDE_ADDRESSES),
    recognises: recognises(recognitionOptions(config)),
  })
  const trends = trendReader(store, calendar)
  countRoutes(app, { counter, badges, visits, calendar, trends, desk, now })
  const activeMinutes = config.ACTIVE_MINUTES
  statisticsRoutes(app, { store, badges, visits, calendar, activeMinutes, desk, now })
  graphRoute(app, { store, badges, visits, calendar, now })
  sampleRoutes(app, { badges, calendar, now })
  openapiRoute(app, { schema: badges.schema, publicUrl: config.PUBLIC_URL })
  healthRoute(app, store)
  await app.register(async (pages) =>
    pageRoutes(pages, {
      store,
      badges,
      windowSeconds: counter.windowSeconds,
      keepQuery: config.KEEP_QUERY,
      publicUrl: config.PUBLIC_URL,
      privacy: config,
      top: {
        hosts: config.TOP_HOSTS,
        pages: config.TOP_PAGES,
        rules,
        ignore: config.TOP_IGNORE,
      },
      now,
    }),
  )
  return app
}
