import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import type { Numbers } from '../badge/numbers.ts'
import type { PageKey } from '../page.ts'
import type { Calendar } from '../period.ts'
import type { Store, Tally } from '../store.ts'
import { type Day, daysOf } from '../time-zone.ts'
import { UNCOUNTED_OUTCOMES } from '../visit.ts'
import { answerSender } from './answer.ts'
import { readAppearance } from './appearance.ts'
import { sendSvg } from './card.ts'
import { type PngQueue, readScale, sendPng } from './png.ts'
import { answerRoute } from './routes.ts'
import type { Query, VisitReader } from './visits.ts'

export interface StatisticsParts {
  store: Store
  badges: Badges
  visits: Pick<VisitReader, 'identify'>
  calendar: Calendar
  activeMinutes: number
  pngs: PngQueue
  now: () => number
}

/** The span of /why.json where none is asked for. */
const WHY_PERIOD = '30d'
/** Days that it tells of at most, the last ones of the span. */
const MAX_DAYS = 366
const KINDS = ['counted', ...UNCOUNTED_OUTCOMES] as const

type Told = { day: string } & Record<Tally['outcome'], number>

const sendText = answerSender('text/plain; charset=utf-8')
const sendJson = answerSender('application/json; charset=utf-8')

/** What became of a page's visits, and who is here now. None of it leaves a trace. */
export function statisticsRoutes(app: FastifyInstance, parts: StatisticsParts): void {
  const { store, badges, visits, calendar, activeMinutes, pngs, now } = parts

  answerRoute(app, '/why.json', (request, reply) => {
    const query = request.query as Query
    const at = now()
    const { page } = visits.identify(query, request.headers.referer)
    const { period, timeZone, span } = calendar.read(
      query.period || query.within ? query : { ...query, period: WHY_PERIOD },
      at,
    )
    const days = daysOf(span ?? calendar.ever(at), timeZone, at, MAX_DAYS)
    store.replica
      .history(
        page,
        days.map((day) => day.span),
      )
      .then((tallies) => {
        const told = byDay(days, tallies)
        const body = JSON.stringify({ page, period, timeZone, total: total(told), days: told })
        sendJson(request, reply, body, null)
      })
      .catch((error) => reply.send(error))
  })

  answerRoute(app, '/active', (request, reply) => {
    active(request, reply, (_page, many) => sendText(request, reply, String(many), null))
  })
  answerRoute(app, '/active.json', (request, reply) => {
    active(request, reply, (page, many) => {
      const body = JSON.stringify({ page, active: many, minutes: activeMinutes })
      sendJson(request, reply, body, null)
    })
  })
  const toDraw = (many: number): Numbers => ({ numbers: [many], captions: [''], sparkline: null })
  answerRoute(app, '/active/tag.svg', (request, reply) => {
    const appearance = readAppearance(request.query as Query, '/active', badges)
    active(request, reply, (page, many) =>
      sendSvg(request, reply, badges.draw(appearance, toDraw(many), page ?? ''), null),
    )
  })
  answerRoute(app, '/active/tag.png', (request, reply) => {
    const { query, scale } = readScale(request.query as Query)
    const appearance = readAppearance(query, '/active', badges)
    pngs
      .enqueue(request, appearance, scale, (draw) =>
        active(request, reply, async (page, many) => {
          const png = await draw(badges.draw(appearance, toDraw(many), page ?? ''))
          sendPng(request, reply, png, null)
        }),
      )
      .catch((error) => reply.send(error))
  })

  /** Of a page only where one is named: a Referer would make the instance's number hard to ask for. */
  function active(
    request: FastifyRequest,
    reply: FastifyReply,
    send: (page: PageKey | null, many: number) => void | Promise<void>,
  ): Promise<void> {
    const query = request.query as Query
    const page = query.url ? visits.identify(query, undefined).page : null
    return store.replica
      .active(page, now())
      .then((many) => send(page, many))
      .catch((error) => void reply.send(error))
  }
}

/** The days on which anything happened. */
function byDay(days: readonly Day[], tallies: readonly Tally[][]): Told[] {
  return days.flatMap(({ day }, at) => {
    const told: Told = { day, ...NOTHING }
    for (const { outcome, visits } of tallies[at] ?? []) told[outcome] += visits
    return KINDS.some((kind) => told[kind] > 0) ? [told] : []
  })
}

const NOTHING = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Omit<Told, 'day'>

function total(days: readonly Told[]): Omit<Told, 'day'> {
  const sum = { ...NOTHING }
  for (const day of days) for (const kind of KINDS) sum[kind] += day[kind]
  return sum
}
