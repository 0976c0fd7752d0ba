import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import { HOUR_MS, type Span } from '../hours.ts'
import type { PageKey } from '../page.ts'
import { type Calendar, dayOf, spanOf } from '../period.ts'
import type { HistoryRow, Store } from '../store.ts'
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
const KINDS = ['counted', ...NOTED] as const

type Day = { day: string } & Record<HistoryRow['outcome'], number>

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
    store
      .history(page, span ?? calendar.ever(at))
      .then((rows) => {
        const days = byDay(rows, timeZone)
        const body = JSON.stringify({ page, period, timeZone, total: total(days), days })
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
    store
      .active(page, now())
      .then((many) => send(page, many))
      .catch((error) => reply.send(error))
  }
}

/** The days on which anything happened, in order. */
function byDay(rows: HistoryRow[], timeZone: string): Day[] {
  const days: Day[] = []
  let nextDay = Number.NEGATIVE_INFINITY
  for (const { hour, outcome, visits } of rows.toSorted((a, b) => a.hour - b.hour)) {
    if (hour >= nextDay) {
      // An hour in which a day begins belongs to that day.
      const day = dayOf((hour + 1) * HOUR_MS - 1, timeZone)
      days.push({ day, ...NOTHING })
      nextDay = (spanOf(day, timeZone, 0) as Span).to
    }
    const day = days.at(-1) as Day
    day[outcome] += visits
  }
  return days
}

const NOTHING = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Omit<Day, 'day'>

function total(days: readonly Day[]): Omit<Day, 'day'> {
  const sum = { ...NOTHING }
  for (const day of days) for (const kind of KINDS) sum[kind] += day[kind]
  return sum
}
