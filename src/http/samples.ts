import type { FastifyInstance } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import { drawCard } from '../badge/card/card.ts'
import { createSparkline, SPARKLINE_PERIODS } from '../badge/sparkline.ts'
import { type Calendar, describePeriods } from '../period.ts'
import { Refusal } from '../refusal.ts'
import { readAppearance } from './appearance.ts'
import { readCardAppearance, readDays, sendSvg } from './card.ts'
import { answerRoute } from './routes.ts'
import type { Query } from './visits.ts'

/** The numbers of a page that does not exist: in all, in a part of time, and in those that are shown side by side. */
const TOTAL = 1234
const PART = 56
const PARTS = new Map([
  ['7d', 312],
  ['30d', 1184],
  ['90d', 1214],
  ['365d', TOTAL],
  ['last-week', 301],
  ['last-month', 1121],
])

/** Badges and cards of a page that does not exist, to see how they look. Nothing is counted or read. */
export function sampleRoutes(
  app: FastifyInstance,
  { badges, calendar, now }: { badges: Badges; calendar: Calendar; now: () => number },
): void {
  answerRoute(app, '/sample/tag.svg', (request, reply) => {
    const query = request.query as Query
    const appearance = readAppearance(query, '/sample/tag.svg', badges)
    const { show, base, trend } = appearance.options
    // Shows what is wrong with it, as a tag would.
    if (show) calendar.readAll(show, query, now())
    const total = readCount(query) + base
    const sparkline = trend && createSparkline(trend, likely(SPARKLINE_PERIODS[trend].points))
    const numbers = show?.map((period) => (period === 'total' ? total : partOf(period))) ?? [total]
    const captions = show === null ? [''] : describePeriods(show)
    sendSvg(
      request,
      reply,
      badges.draw(appearance, { numbers, captions, sparkline }, 'example.com'),
      null,
    )
  })
  answerRoute(app, '/sample/graph.svg', (request, reply) => {
    const query = request.query as Query
    const appearance = readCardAppearance(query, badges)
    const days = calendar.latest(readDays(query), 'days', 'UTC', now())
    const hits = likely(days.length)
    const told = days.map(({ day }, at) => ({ day, hits: hits[at] as number }))
    const total = readCount(query) + appearance.base
    const card = drawCard({ ...appearance, title: 'example.com/my-page', total, days: told })
    sendSvg(request, reply, card, null)
  })
}

const partOf = (period: string) => PARTS.get(period) ?? PART

/** @throws Refusal `bad_option` */
function readCount({ count }: Query): number {
  if (count === undefined || count === '') return TOTAL
  if (typeof count === 'string' && /^\d{1,15}$/.test(count)) return Number(count)
  throw new Refusal('bad_option', 'bad count', 'count must be a whole number of at most 15 digits.')
}

/** Numbers that rise and fall as those of a page do: by week, and upwards. Always the same. */
function likely(many: number): number[] {
  return Array.from({ length: many }, (_, at) => {
    const week = Math.sin(((many - at) / 7) * 2 * Math.PI)
    return Math.round(24 + (18 * at) / many + 11 * week + ((at * 37) % 13))
  })
}
