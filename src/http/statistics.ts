import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Tally } from '../store.ts'
import { type ByOutcome, byOutcome, TALLIED_OUTCOMES } from '../tallies.ts'
import { MINUTE_MS } from '../time.ts'
import { type Day, daysOf } from '../time-zone.ts'
import type { RouteParts } from './app.ts'
import {
  describe,
  objectOf,
  optionParameters,
  PAGE_PARAMETERS,
  TALLIES,
  TEXT,
  WHOLE,
} from './openapi.ts'
import { readScale, SCALE } from './png.ts'
import { answerRoute, sendJson, sendPng, sendSvg, sendText } from './reply.ts'
import { type Query, readAppearance } from './request.ts'
import type { Subject } from './visit.ts'

/** The period of /why.json if the request names none. */
const WHY_PERIOD = '30d'
/** Days that /why.json lists at most, the last ones of the period. */
const MAX_DAYS = 366

const DAYS = {
  type: 'array',
  items: objectOf({ day: { ...TEXT, format: 'date' }, ...TALLIES.properties }),
}
const PAGE_OR_NONE = { type: ['string', 'null'] }
const WHY = objectOf(
  {
    page: PAGE_OR_NONE,
    period: TEXT,
    timeZone: TEXT,
    total: TALLIES,
    days: DAYS,
  },
  { site: TEXT },
)
const ACTIVE = objectOf(
  { page: PAGE_OR_NONE, active: WHOLE, minutes: { ...WHOLE, minimum: 1 } },
  { site: TEXT },
)

/** /why.json and /active: what became of a page's visits, and how many are active. All of it is read-only. */
export function statisticsRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { settings, badges, pngs } = parts
  const { url, site } = PAGE_PARAMETERS
  const minutes = settings.history.activeMs / MINUTE_MS

  const summary = 'What became of visits, by day; 30 days by default'
  const outcomes = describe('Statistics', summary, PAGE_PARAMETERS, WHY)
  answerRoute(app, '/why.json', outcomes, async (request, reply) => {
    const why = await readWhy(parts, request)
    sendJson(request, reply, JSON.stringify(why))
  })
  const text = describe(
    'Statistics',
    'Active visits, to a page or host or in all',
    { url, site },
    'text',
  )
  answerRoute(app, '/active', text, async (request, reply) => {
    const { active } = await readActive(parts, request.query as Query, request)
    sendText(request, reply, String(active))
  })
  const json = describe('Statistics', 'Active visits as JSON', { url, site }, ACTIVE)
  answerRoute(app, '/active.json', json, async (request, reply) => {
    const { subject, active } = await readActive(parts, request.query as Query, request)
    const about = subject ? aboutOf(subject) : { page: null }
    sendJson(request, reply, JSON.stringify({ ...about, active, minutes }))
  })
  const ofSvg = { url, site, ...optionParameters(badges.schema, 'active') }
  const svg = describe('Statistics', 'Active visits as a badge', ofSvg, 'svg')
  answerRoute(app, '/active/tag.svg', svg, async (request, reply) => {
    const query = request.query as Query
    const appearance = readAppearance(query, badges, 'active')
    const { subject, active } = await readActive(parts, query)
    sendSvg(request, reply, badges.draw(appearance, numbersOf(active), subject?.name ?? ''))
  })
  const ofPng = { scale: SCALE, url, site, ...optionParameters(badges.schema, 'active', 'png') }
  const png = describe('Statistics', 'That badge as PNG', ofPng, 'png')
  answerRoute(app, '/active/tag.png', png, (request, reply) => {
    const { query, scale } = readScale(request.query as Query)
    const appearance = readAppearance(query, badges, 'active')
    return pngs.draw(request, appearance, scale, async (toPng) => {
      const { subject, active } = await readActive(parts, query)
      const svg = badges.draw(appearance, numbersOf(active), subject?.name ?? '')
      const drawing = await toPng(svg)
      sendPng(request, reply, drawing)
    })
  })
}

const numbersOf = (active: number) => ({ numbers: [active], captions: [''], sparkline: null })

/**
 * Counts active visits, of the page in `url`, of the host in `site`, or of all pages. The Referer is ignored: otherwise almost
 * every request from a web page would get that page's number, not the number of all pages.
 * @param request decides whether the number may be seen; without it, as for a badge, everybody may see it
 */
async function readActive(
  { store, visits, statistics, now }: RouteParts,
  query: Query,
  request?: FastifyRequest,
): Promise<{ subject: Subject | null; active: number }> {
  const subject = query.url || query.site ? visits.identifySubject(query, undefined) : null
  if (request) await statistics.check(request, subject?.key ?? null)
  return { subject, active: await store.replica.active(subject?.key ?? null, now()) }
}

/** What an answer as JSON is about. */
const aboutOf = ({ page, name }: Subject) => (page === null ? { page, site: name } : { page })

/** The outcomes of a page's visits, in all and by day. */
async function readWhy(
  { store, visits, calendar, statistics, now }: RouteParts,
  request: FastifyRequest,
) {
  const at = now()
  const query = request.query as Query
  const subject = visits.identifySubject(query, request.headers.referer)
  await statistics.check(request, subject.key)
  const { period, timeZone, span } = calendar.read(
    query.period || query.within ? query : { ...query, period: WHY_PERIOD },
    at,
  )
  const days = daysOf(span ?? calendar.ever(at), timeZone, at, MAX_DAYS)
  const spans = days.map((day) => day.span)
  const tallies = await store.replica.history(subject.key, spans)
  const eventful = byDay(days, tallies)
  return { ...aboutOf(subject), period, timeZone, total: sumOf(eventful), days: eventful }
}

/** The days that had a visit, each with its visits by outcome. */
function byDay(days: readonly Day[], tallies: readonly Tally[][]): ({ day: string } & ByOutcome)[] {
  return days.flatMap(({ day }, at) => {
    const ofDay = byOutcome(tallies[at])
    return TALLIED_OUTCOMES.some((outcome) => ofDay[outcome] > 0) ? [{ day, ...ofDay }] : []
  })
}

function sumOf(days: readonly ByOutcome[]): ByOutcome {
  const sum = byOutcome()
  for (const day of days) for (const outcome of TALLIED_OUTCOMES) sum[outcome] += day[outcome]
  return sum
}
