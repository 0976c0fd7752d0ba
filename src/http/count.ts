import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Appearance } from '../badge/appearance.ts'
import type { Badges } from '../badge/badge.ts'
import type { Numbers } from '../badge/numbers.ts'
import type { Drawing } from '../badge/png/pngs.ts'
import type { Sparkline } from '../badge/sparkline.ts'
import type { Answer, Counter } from '../counter.ts'
import type { PageKey } from '../page.ts'
import { type RequestedPeriod as Asked, type Calendar, describePeriods } from '../period.ts'
import type { Span } from '../time.ts'
import { explain } from '../visit.ts'
import { answerSender } from './answer.ts'
import { readAppearance } from './appearance.ts'
import { acceptBodies, bodyOf } from './body.ts'
import { sendSvg } from './card.ts'
import { type PngQueue, readScale, sendPng } from './png.ts'
import { answerRoute } from './routes.ts'
import type { LiveSparkline, SparklineReader } from './sparklines.ts'
import { type Query, type VisitReader, windowCookies } from './visits.ts'

export interface CountParts {
  counter: Counter
  badges: Badges
  visits: VisitReader
  calendar: Calendar
  trends: SparklineReader
  pngs: PngQueue
  /** Milliseconds since 1970, UTC. */
  now: () => number
}

/** What is shown: the numbers that were asked for, one or two, and whence they come. */
interface Shown {
  page: PageKey
  numbers: readonly number[]
  answer: Answer
  asked: readonly Asked[]
  history: Sparkline | null
}

/** A form that an answer can have. */
interface Form {
  send: ReturnType<typeof answerSender>
  draw: (shown: Shown) => string | Promise<Drawing>
  /** It shows the hits of today too. */
  today?: true
  /** What a badge asks for beside the number. */
  appearance?: Appearance
}

const TEXT: Form = {
  send: answerSender('text/plain; charset=utf-8'),
  draw: ({ numbers }) => String(numbers[0]),
}
const JSON_FORM: Form = {
  send: answerSender('application/json; charset=utf-8'),
  draw: inJson,
  today: true,
}
/** Forms without a drawing, by the end of the path: `Accept` decides nothing, so that `$.getJSON` reads a bare number. */
const PLAIN_FORMS = [
  ['', TEXT],
  ['.json', JSON_FORM],
] as const
const NO_SPANS: readonly Span[] = []
const ALONE = ['']

/** /count and /nocount, each as a badge, as plain text and as JSON. */
export function countRoutes(
  app: FastifyInstance,
  { counter, badges, visits, calendar, trends, pngs, now }: CountParts,
): void {
  const windowCookie = windowCookies(app, counter.windowSeconds)

  for (const [path, counts] of [
    ['/count', true],
    ['/nocount', false],
  ] as const) {
    for (const [end, form] of PLAIN_FORMS) {
      answerRoute(app, `${path}${end}`, (request, reply) => {
        answer(request, reply, request.query as Query, counts, form)
      })
    }
    answerRoute(app, `${path}/tag.svg`, (request, reply) => {
      const query = request.query as Query
      // Options are read before the visit is counted: a refused request leaves nothing half-done.
      const appearance = readAppearance(query, path, badges)
      const draw = (shown: Shown) => inBadge(shown, appearance, badges)
      answer(request, reply, query, counts, { send: sendSvg, draw, appearance })
    })
    answerRoute(app, `${path}/tag.png`, (request, reply) => {
      const { query, scale } = readScale(request.query as Query)
      const appearance = readAppearance(query, path, badges)
      pngs
        .enqueue(request, appearance, scale, (toPng) => {
          const draw = (shown: Shown) => toPng(inBadge(shown, appearance, badges))
          return answer(request, reply, query, counts, { send: sendPng, draw, appearance })
        })
        .catch((error) => reply.send(error))
    })
  }
  answerRoute(app, '/shields.json', (request, reply) => {
    const query = request.query as Query
    const appearance = readAppearance(query, '/shields.json', badges)
    const draw = (shown: Shown) =>
      JSON.stringify(badges.endpoint(appearance, toDraw(shown, appearance)))
    answer(request, reply, query, false, { send: JSON_FORM.send, draw, appearance })
  })

  app.register(async (posts) => {
    acceptBodies(posts)
    for (const [end, form] of PLAIN_FORMS) {
      posts.post(`/count${end}`, (request, reply) => {
        answer(request, reply, { ...(request.query as Query), ...bodyOf(request) }, true, form)
      })
    }
  })

  function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    query: Query,
    counts: boolean,
    form: Form,
  ): Promise<void> {
    const { appearance, today } = form
    const at = now()
    const asked = appearance?.options.show
      ? calendar.readAll(appearance.options.show, query, at)
      : [calendar.read(query, at)]
    const named = visits.identify(query, request.headers.referer)
    const { timeZone } = asked[0] as Asked
    const visit = visits.read(request, named, counts, spansOf(asked, today, at), at)
    // Read before the visit is counted: when it cannot be, nothing was.
    const line = appearance?.options.trend
      ? trends(named.page, appearance.options.trend, timeZone, at)
      : null
    const finish = async (line: LiveSparkline | null) => {
      const answer = await counter.count(visit)
      const sums = answer.sums.values()
      const numbers = asked.map(({ span }) =>
        span === null ? answer.count : (sums.next().value as number),
      )
      const counted = answer.decision.outcome === 'counted'
      const history = line?.upTo(answer.count, counted) ?? null
      const drawn = form.draw({ page: named.page, numbers, answer, asked, history })
      const body = typeof drawn === 'string' ? drawn : await drawn
      form.send(request, reply, body, windowCookie(request, named, answer.token))
    }
    const done = line instanceof Promise ? line.then(finish) : finish(line)
    return done.catch((error) => void reply.send(error))
  }

  function spansOf(asked: readonly Asked[], today: true | undefined, at: number): readonly Span[] {
    const [first] = asked as [Asked]
    if (asked.length === 1 && first.span === null && !today) return NO_SPANS
    const spans = asked.map(({ span }) => span)
    if (today) spans.push(calendar.span('today', first.timeZone, at))
    return spans.filter((span) => span !== null)
  }
}

function inBadge(shown: Shown, appearance: Appearance, badges: Badges): string {
  return badges.draw(appearance, toDraw(shown, appearance), shown.page)
}

/** What a badge shows: the total with its base, and of what the numbers are. */
function toDraw(
  { numbers, asked, history }: Shown,
  { options: { base, show } }: Appearance,
): Numbers {
  const own =
    base === 0 ? numbers : numbers.map((n, at) => (asked[at]?.span === null ? n + base : n))
  return {
    numbers: own,
    captions: show === null ? ALONE : describePeriods(show),
    sparkline: history,
  }
}

function inJson({ page, numbers, answer: { sums, decision }, asked: [asked] }: Shown): string {
  return JSON.stringify({
    page,
    count: numbers[0],
    today: sums.at(-1),
    counted: decision.outcome === 'counted',
    outcome: decision.outcome,
    message: explain(decision),
    // Where a part of time was asked for, they say what the numbers are of.
    ...(asked?.named && { period: asked.period, timeZone: asked.timeZone }),
  })
}
