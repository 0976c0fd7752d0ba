import type { FastifyInstance } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import { type CardOptions, drawCard } from '../badge/card/card.ts'
import { Refusal } from '../refusal.ts'
import { visitsIn } from '../tallies.ts'
import type { RouteParts } from './app.ts'
import { describe, optionParameters, PAGE_PARAMETERS, WHOLE } from './openapi.ts'
import { answerRoute, sendSvg } from './reply.ts'
import { type Query, readAppearance } from './request.ts'

/** Days that a card shows: by default, and at most. */
const DAYS = 30
const MAX_DAYS = 366
/** Its parameter, for /openapi.json. */
export const days = {
  ...WHOLE,
  description: 'Days up to now',
  minimum: 1,
  maximum: MAX_DAYS,
  default: DAYS,
}

/** /graph.svg: the history of a page or host as a card. It is read-only. */
export function cardRoute(app: FastifyInstance, parts: RouteParts): void {
  const { store, badges, visits, calendar, now } = parts
  const { url, site, tz } = PAGE_PARAMETERS
  const parameters = { url, site, days, tz, ...optionParameters(badges.schema, 'card') }
  const about = describe('Statistics', 'Hits by day as a card', parameters, 'svg')
  answerRoute(app, '/graph.svg', about, async (request, reply) => {
    const query = request.query as Query
    const appearance = readCardAppearance(query, badges)
    const at = now()
    const { timeZone } = calendar.read({ tz: query.tz }, at)
    const { key, name } = visits.identifySubject(query, request.headers.referer)
    const days = calendar.latest(readDays(query), 'days', timeZone, at)
    const spans = days.map(({ span }) => span)
    const [{ count }, tallies] = await Promise.all([
      store.replica.readPage(key, null, at),
      store.replica.history(key, spans),
    ])
    const hits = days.map(({ day }, index) => ({ day, hits: visitsIn(tallies[index], 'counted') }))
    const total = count + appearance.base
    sendSvg(
      request,
      reply,
      drawCard({ ...appearance, title: name, total, days: hits, unfinished: true }),
    )
  })
}

/** Reads how a card shall look, by those options of badges that cards have too. @throws Refusal `bad_option` */
export function readCardAppearance(
  query: Query,
  badges: Badges,
): Pick<CardOptions, 'color' | 'theme' | 'label' | 'scale'> & { base: number } {
  const { options, theme } = readAppearance(query, badges)
  const { color, label, scale, base } = options
  // People read a card on its own page, so without the option it follows the viewer's theme.
  return { color, label, scale, base, theme: options.theme === null ? 'auto' : theme }
}

/** @throws Refusal `bad_option` */
export function readDays({ days }: Query): number {
  if (days === undefined || days === '') return DAYS
  const given = typeof days === 'string' && /^\d{1,3}$/.test(days) ? Number(days) : 0
  if (given >= 1 && given <= MAX_DAYS) return given
  throw new Refusal('bad_option', 'bad days', `days must be a whole number from 1 to ${MAX_DAYS}.`)
}
