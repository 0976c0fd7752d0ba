import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import type { Answer, Counter } from '../counter.ts'
import type { Span } from '../hours.ts'
import type { PageKey } from '../page.ts'
import type { Asked, Calendar } from '../period.ts'
import { explain } from '../visit.ts'
import { answerSender } from './answer.ts'
import { acceptBodies, bodyOf } from './body.ts'
import { wantsJson } from './form.ts'
import { checkedOptions } from './options.ts'
import { answerRoute } from './routes.ts'
import { type Query, type VisitReader, windowCookies } from './visits.ts'

export interface CountParts {
  counter: Counter
  badges: Badges
  visits: VisitReader
  calendar: Calendar
  /** Milliseconds since 1970, UTC. */
  now: () => number
}

/** What is shown: the number that was asked for, and whence it comes. */
interface Shown {
  page: PageKey
  number: number
  answer: Answer
  asked: Asked
}

/** A form that an answer can have. */
interface Form {
  send: ReturnType<typeof answerSender>
  draw: (shown: Shown) => string
  /** It shows the hits of today too. */
  today?: true
}

const TEXT: Form = {
  send: answerSender('text/plain; charset=utf-8'),
  draw: ({ number }) => String(number),
}
const JSON_FORM: Form = {
  send: answerSender('application/json; charset=utf-8'),
  draw: inJson,
  today: true,
}
const sendBadge = answerSender('image/svg+xml; charset=utf-8')
const NO_SPANS: readonly Span[] = []

/** /count and /nocount, each as a badge, as plain text and as JSON. */
export function countRoutes(
  app: FastifyInstance,
  { counter, badges, visits, calendar, now }: CountParts,
): void {
  const windowCookie = windowCookies(app, counter.windowSeconds)

  for (const [path, counts] of [
    ['/count', true],
    ['/nocount', false],
  ] as const) {
    const textOrJson = (request: FastifyRequest, reply: FastifyReply) => {
      const form = wantsJson(request) ? JSON_FORM : TEXT
      answer(request, reply, request.query as Query, counts, form)
    }
    answerRoute(app, path, textOrJson)
    answerRoute(app, `${path}.json`, textOrJson)
    answerRoute(app, `${path}/tag.svg`, (request, reply) => {
      // Options are read before the visit is counted: a refused request leaves nothing half-done.
      const options = checkedOptions(request.query as Query, badges.defaults)
      answer(request, reply, request.query as Query, counts, {
        send: sendBadge,
        draw: ({ number, page }) => badges.number(number, options, page),
      })
    })
  }

  app.register(async (posts) => {
    acceptBodies(posts)
    for (const path of ['/count', '/count.json']) {
      posts.post(path, (request, reply) => {
        const query = { ...(request.query as Query), ...bodyOf(request) }
        answer(request, reply, query, true, wantsJson(request) ? JSON_FORM : TEXT)
      })
    }
  })

  function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    query: Query,
    counts: boolean,
    { send, draw, today }: Form,
  ): void {
    const at = now()
    const asked = calendar.read(query, at)
    const named = visits.identify(query, request.headers.referer)
    const { page } = named
    const spans = asked.span === null && !today ? NO_SPANS : spansOf(asked, today, at)
    counter
      .count(visits.read(request, named, counts, spans, at))
      .then((counted) => {
        const number = asked.span === null ? counted.count : (counted.sums[0] as number)
        const body = draw({ page, number, answer: counted, asked })
        send(request, reply, body, windowCookie(request, named, counted.token))
      })
      .catch((error) => reply.send(error))
  }

  function spansOf(asked: Asked, today: true | undefined, at: number): Span[] {
    const day = today ? calendar.span('today', asked.timeZone, at) : null
    return [asked.span, day].filter((span) => span !== null)
  }
}

function inJson({ page, number, answer: { sums, decision }, asked }: Shown): string {
  return JSON.stringify({
    page,
    count: number,
    today: sums.at(-1),
    counted: decision.outcome === 'counted',
    outcome: decision.outcome,
    message: explain(decision),
    // Where a part of time was asked for, they say what the numbers are of.
    ...(asked.named && { period: asked.period, timeZone: asked.timeZone }),
  })
}
