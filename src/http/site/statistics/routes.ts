import type { FastifyInstance, FastifyRequest } from 'fastify'
import { UNITS } from '../../../series.ts'
import type { RouteParts } from '../../app.ts'
import { describe, objectOf, PAGE_PARAMETERS, TALLIES, TEXT, WHOLE } from '../../openapi.ts'
import { answerRoute, sendCsv, sendJson } from '../../reply.ts'
import type { Query } from '../../request.ts'
import { csvOf, jsonOf } from './downloads.ts'
import { type Asked, drawStatistics, subjectOf } from './page.ts'

const SERIES_PARAMETERS = {
  unit: { ...TEXT, enum: UNITS, description: 'What a point of the series is; else `day`' },
  from: { ...TEXT, description: 'A day, month or time in the first point', examples: ['2026-01'] },
  to: { ...TEXT, description: 'The same of the last point; else now', examples: ['2026-01-15'] },
  tz: PAGE_PARAMETERS.tz,
}
const ABOUT = {
  page: { url: PAGE_PARAMETERS.url },
  site: { host: { ...TEXT, description: 'A host', examples: ['example.com'] } },
}

const PERIOD = objectOf({ hits: WHOLE, before: { type: ['integer', 'null'], minimum: 0 } })
const TIME = { type: ['string', 'null'], format: 'date-time' }
/** What `jsonOf` answers. */
const STATISTICS = objectOf(
  {
    count: WHOLE,
    periods: objectOf({ today: PERIOD, '7d': PERIOD, '30d': PERIOD }),
    active: WHOLE,
    minutes: { ...WHOLE, minimum: 1 },
    firstSeen: TIME,
    lastSeen: TIME,
    outcomes: TALLIES,
    unit: { enum: UNITS },
    timeZone: TEXT,
    keptFrom: TIME,
    series: { type: 'array', items: objectOf({ name: TEXT, ...TALLIES.properties }) },
  },
  { page: TEXT, site: TEXT },
)

/**
 * `/page` and `/site`: the statistics of a page or of a whole host, for people, and as CSV and JSON. The pages work without a
 * script, all of it is read-only, and the addresses can be shared.
 */
export function statisticsPages(app: FastifyInstance, html: string, parts: RouteParts): void {
  const { statistics } = parts
  for (const kind of ['page', 'site'] as const) {
    app.get(`/${kind}`, async (request, reply) => {
      reply.type('text/html; charset=utf-8')
      reply.header('cache-control', statistics.isPublic ? 'no-cache' : 'no-store')
      const { status, page } = await drawStatistics(request, html, parts, askedBy(request, kind))
      return reply.code(status).send(page)
    })

    const parameters = { ...ABOUT[kind], ...SERIES_PARAMETERS }
    const what = kind === 'page' ? 'a page' : 'a host'
    const read = async (request: FastifyRequest) => {
      const asked = askedBy(request, kind)
      const subject = subjectOf(parts, asked)
      await statistics.check(request, subject.key)
      return { subject, query: asked.query }
    }
    const aboutCsv = describe('Statistics', `Visits of ${what} over time as CSV`, parameters, 'csv')
    answerRoute(app, `/${kind}.csv`, aboutCsv, async (request, reply) => {
      const { subject, query } = await read(request)
      sendCsv(request, reply, await csvOf(parts, subject, query))
    })
    const aboutJson = describe(
      'Statistics',
      `What the page of ${what} shows, as JSON`,
      parameters,
      STATISTICS,
    )
    answerRoute(app, `/${kind}.json`, aboutJson, async (request, reply) => {
      const { subject, query } = await read(request)
      sendJson(request, reply, JSON.stringify(await jsonOf(parts, subject, query)))
    })
  }
}

function askedBy(request: FastifyRequest, kind: Asked['kind']): Asked {
  const query = request.query as Query
  const { url, host, site, done } = query
  return { kind, address: kind === 'page' ? url : (host ?? site ?? url), query, done }
}
