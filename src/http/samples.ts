import type { FastifyInstance } from 'fastify'
import { drawCard } from '../badge/card/card.ts'
import {
  createSparkline,
  SPARKLINE_PERIODS,
  type Sparkline,
  type SparklinePeriod,
} from '../badge/sparkline.ts'
import { describePeriods } from '../period.ts'
import { Refusal } from '../refusal.ts'
import type { RouteParts } from './app.ts'
import { days, readCardAppearance, readDays } from './card.ts'
import { describe, optionParameters, WHOLE } from './openapi.ts'
import { answerRoute, sendSvg } from './reply.ts'
import { type Query, readAppearance } from './request.ts'

/** The numbers of the samples' page, which does not exist: in total, in the periods that are often shown, and in any other. */
export const TOTAL = 1234
const HITS_BY_PERIOD = new Map([
  ['7d', 312],
  ['30d', 1184],
  ['90d', 1214],
  ['365d', TOTAL],
  ['last-week', 301],
  ['last-month', 1121],
])
const HITS_OF_OTHERS = 56
/** Its parameter, for /openapi.json. */
const count = {
  ...WHOLE,
  description: "The page's number",
  maximum: 1e15 - 1,
  default: TOTAL,
}

/** /sample/tag.svg and /sample/graph.svg: badges and cards with made-up numbers, to see how they look. */
export function sampleRoutes(app: FastifyInstance, { badges, calendar, now }: RouteParts): void {
  const aboutBadge = describe(
    'Samples',
    'A badge with made-up numbers, to see how it looks',
    { count, ...optionParameters(badges.schema, 'svg') },
    'svg',
  )
  answerRoute(app, '/sample/tag.svg', aboutBadge, (request, reply) => {
    const query = request.query as Query
    const appearance = readAppearance(query, badges)
    const { show, base, trend } = appearance.options
    // A wrong period is refused, as it is for a tag.
    if (show) calendar.readAll(show, query, now())
    const total = readCount(query) + base
    const sparkline = trend && sampleSparkline(trend)
    const numbers = show?.map((period) =>
      period === 'total' ? total : (HITS_BY_PERIOD.get(period) ?? HITS_OF_OTHERS),
    ) ?? [total]
    const captions = show === null ? [''] : describePeriods(show)
    sendSvg(
      request,
      reply,
      badges.draw(appearance, { numbers, captions, sparkline }, 'example.com'),
    )
  })
  const ofCard = { count, days, ...optionParameters(badges.schema, 'card') }
  const aboutCard = describe('Samples', 'A card with made-up numbers', ofCard, 'svg')
  answerRoute(app, '/sample/graph.svg', aboutCard, (request, reply) => {
    const query = request.query as Query
    const appearance = readCardAppearance(query, badges)
    const days = calendar.latest(readDays(query), 'days', 'UTC', now())
    const hits = likelyHits(days.length)
    const hitsByDay = days.map(({ day }, at) => ({ day, hits: hits[at] as number }))
    const total = readCount(query) + appearance.base
    const title = 'example.com/my-page'
    sendSvg(
      request,
      reply,
      drawCard({ ...appearance, title, total, days: hitsByDay, unfinished: true }),
    )
  })
}

/** @throws Refusal `bad_option` */
function readCount({ count }: Query): number {
  if (count === undefined || count === '') return TOTAL
  if (typeof count === 'string' && /^\d{1,15}$/.test(count)) return Number(count)
  throw new Refusal('bad_option', 'bad count', 'count must be a whole number of at most 15 digits.')
}

/** The sparkline of made-up hits. */
export function sampleSparkline(trend: SparklinePeriod): Sparkline {
  return createSparkline(trend, likelyHits(SPARKLINE_PERIODS[trend].points))
}

/** Hits that grow slowly and change over the week, as those of a real page do. They are the same each time. */
function likelyHits(points: number): number[] {
  return Array.from({ length: points }, (_, at) => {
    const week = Math.sin(((points - at) / 7) * 2 * Math.PI)
    return Math.round(24 + (18 * at) / points + 11 * week + ((at * 37) % 13))
  })
}
