import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import type { PageKey } from '../page.ts'
import { type Calendar, type Day, daysOf } from '../period.ts'
import type { Store, Tally } from '../store.ts'
import { NOTED } from '../visit.ts'
import { answerSender } from './answer.ts'
import { defaultsFor, pathOf, wantsJson } from './form.ts'
import { checkedOptions } from './options.ts'
import { answerRoute } from './routes.ts'
import type { Query, VisitReader } from './visits.ts'

export interface StatisticsParts {
  store: Store
  badges: Badges
  visits: Pick<VisitReader, 'identify'>
  calendar: Calendar
  activeMinutes: number
  now: () => number
}

/** The span of /why.json where none is asked for. */
const WHY_PERIOD = '30d'
/** Days that it tells of at most, the last ones of the span. */
const MOST_DAYS = 366
const KINDS = ['counted', ...NOTED] as const

type Told = { day: string } & Record<Tally['outcome'], number>

const sendText = answerSender('text/plain; charset=utf-8')
const sendJson = answerSender('application/json; charset=utf-8')
const sendBadge = answerSender('image/svg+xml; charset=utf-8')

/** What became of a page's visits, and who is here now. None of it leaves a trace. */
export function statisticsRoutes(app: FastifyInstance, parts: StatisticsParts): void {
  const { store, badges, visits, calendar, activeMinutes, now } = parts

  answerRoute(app, '/why.json', (request, reply) => {
    const query = request.query as Query
    const at = now()
    const { page } = visits.identify(query, request.headers.referer)
    const { period, timeZone, span } = calendar.read(
      query.period || query.within ? query : { ...query, period: WHY_PERIOD },
      at,
    )
    const days = daysOf(span ?? calendar.ever(at), timeZone, at, MOST_DAYS)
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

  const activeNumber = (request: FastifyRequest, reply: FastifyReply) => {
    const json = wantsJson(request)
    active(request, reply, (page, many) =>
      json
        ? sendJson(
            request,
            reply,
            JSON.stringify({ page, active: many, minutes: activeMinutes }),
            null,
          )
        : sendText(request, reply, String(many), null),
    )
  }
  answerRoute(app, '/active', activeNumber)
  answerRoute(app, '/active.json', activeNumber)
  answerRoute(app, '/active/tag.svg', (request, reply) => {
    const options = checkedOptions(request.query as Query, defaultsFor(pathOf(request), badges))
    active(request, reply, (page, many) =>
      sendBadge(request, reply, badges.number(many, options, page ?? ''), null),
    )
  })

  /** Of a page only where one is named: a Referer would make the instance's number hard to ask for. */
  function active(
    request: FastifyRequest,
    reply: FastifyReply,
    send: (page: PageKey | null, many: number) => void,
  ): void {
    const query = request.query as Query
    const page = query.url ? visits.identify(query, undefined).page : null
    store.replica
      .active(page, now())
      .then((many) => send(page, many))
      .catch((error) => reply.send(error))
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
