import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Appearance } from '../badge/appearance.ts'
import type { Badges } from '../badge/badge.ts'
import type { Numbers } from '../badge/numbers.ts'
import type { Drawing } from '../badge/png/pngs.ts'
import type { Counter } from '../counter.ts'
import type { PageKey } from '../page.ts'
import { type Calendar, describePeriods, type RequestedPeriod } from '../period.ts'
import type { Span } from '../time.ts'
import { type Decision, explain, OUTCOMES } from '../visit.ts'
import {
  type Content,
  jsonOf,
  LINE,
  objectOf,
  operation,
  optionParameters,
  PAGE_PARAMETERS,
  PNG,
  SVG,
  TEXT,
  WHOLE,
} from './openapi.ts'
import { type PngBadges, readScale, SCALE_PARAMETER } from './png.ts'
import { answerRoute, type Send, sendJson, sendPng, sendSvg, sendText } from './reply.ts'
import { acceptBodies, bodyOf, type Query, readAppearance } from './request.ts'
import type { SparklineReader } from './sparklines.ts'
import { type VisitReader, windowCookies } from './visit.ts'

export interface CountParts {
  counter: Counter
  badges: Badges
  visits: VisitReader
  calendar: Calendar
  sparklines: SparklineReader
  pngs: PngBadges
  /** Milliseconds since 1970, UTC. */
  now: () => number
}

/** What an answer shows: the numbers of a badge, and more. */
interface Shown extends Numbers {
  page: PageKey
  /** The period of each number. */
  periods: readonly RequestedPeriod[]
  /** The hits of today, if the form shows them. */
  today: number | null
  decision: Decision
}

/** A form of answer. */
interface Form {
  send: Send
  write: (shown: Shown) => string | Promise<Drawing>
  /** Whether it shows the hits of today too. */
  today?: true
  /** How its badge looks, if it is one. */
  appearance?: Appearance
}

/** Forms that are not drawn, by the end of the path. Accept does not decide: `$.getJSON` reads a bare number. */
const PLAIN_FORMS: readonly {
  end: string
  form: Form
  content: Content
  id: string
  what: string
}[] = [
  {
    end: '',
    form: { send: sendText, write: ({ numbers }) => String(numbers[0]) },
    content: LINE,
    id: '',
    what: 'the number',
  },
  {
    end: '.json',
    form: { send: sendJson, write: writeJson, today: true },
    content: jsonOf({ $ref: 'Count#' }),
    id: 'AsJson',
    what: 'the number, and why the visit counts or not',
  },
]
const COUNT = {
  $id: 'Count',
  ...objectOf(
    {
      page: TEXT,
      count: WHOLE,
      today: WHOLE,
      counted: { type: 'boolean' },
      outcome: { enum: OUTCOMES },
      message: TEXT,
    },
    { period: TEXT, timeZone: TEXT },
  ),
}
/** https://shields.io/badges/endpoint-badge */
const ENDPOINT = objectOf(
  { schemaVersion: { const: 1 }, label: TEXT, message: TEXT, color: TEXT, style: TEXT },
  { labelColor: TEXT, namedLogo: TEXT, logoColor: TEXT, logoWidth: { type: 'number' } },
)
const POSTED = {
  $id: 'Posted',
  ...objectOf({}, { url: TEXT, tz: TEXT, period: TEXT, within: TEXT }),
}
const BODY = {
  content: {
    'application/json': { schema: { $ref: 'Posted#' } },
    'application/x-www-form-urlencoded': { schema: { $ref: 'Posted#' } },
    'multipart/form-data': { schema: { $ref: 'Posted#' } },
    'text/plain': { schema: { ...TEXT, description: 'The page' } },
  },
}
const NO_SPANS: readonly Span[] = []
const NO_CAPTIONS = ['']
/** The options of a form that is not a badge. */
const PLAIN: Partial<Appearance['options']> = {}

/** /count and /nocount as a badge, as plain text and as JSON; and /shields.json. */
export function countRoutes(app: FastifyInstance, parts: CountParts): void {
  app.addSchema(COUNT)
  app.addSchema(POSTED)
  const handler = new CountHandler(app, parts)
  getRoutes(app, parts, handler, '/count', true)
  getRoutes(app, parts, handler, '/nocount', false)
  app.register(async (posts) => {
    acceptBodies(posts)
    for (const { end, form, content, id, what } of PLAIN_FORMS) {
      const about = operation(
        'Count',
        `postVisit${id}`,
        `Counts a visit; ${what}`,
        PAGE_PARAMETERS,
        content,
      )
      const openapi = { ...about, body: BODY }
      posts.post(`/count${end}`, { config: { openapi } }, (request, reply) => {
        const query = { ...(request.query as Query), ...bodyOf(request) }
        return handler.answer(request, reply, query, true, form)
      })
    }
  })
}

/** @param counts whether visits count on these routes */
function getRoutes(
  app: FastifyInstance,
  { badges, pngs }: CountParts,
  handler: CountHandler,
  path: string,
  counts: boolean,
): void {
  const about = (id: string, what: string, options: object, content: Content) =>
    operation(
      'Count',
      `${counts ? 'countVisit' : 'readCount'}${id}`,
      `${counts ? 'Counts a visit' : 'Counts nothing'}; ${what}`,
      { ...PAGE_PARAMETERS, ...options },
      content,
    )
  for (const { end, form, content, id, what } of PLAIN_FORMS) {
    answerRoute(app, `${path}${end}`, about(id, what, {}, content), (request, reply) =>
      handler.answer(request, reply, request.query as Query, counts, form),
    )
  }
  const svg = about('AsSvg', 'the number as a badge', optionParameters(badges.schema, 'svg'), SVG)
  answerRoute(app, `${path}/tag.svg`, svg, (request, reply) => {
    const query = request.query as Query
    const appearance = readAppearance(query, badges)
    const write = (shown: Shown) => badges.draw(appearance, shown, shown.page)
    return handler.answer(request, reply, query, counts, { send: sendSvg, write, appearance })
  })
  const ofPng = { scale: SCALE_PARAMETER, ...optionParameters(badges.schema, 'png') }
  const png = about('AsPng', 'the badge as PNG', ofPng, PNG)
  answerRoute(app, `${path}/tag.png`, png, (request, reply) => {
    const { query, scale } = readScale(request.query as Query)
    const appearance = readAppearance(query, badges)
    return pngs.draw(request, appearance, scale, (toPng) => {
      const write = (shown: Shown) => toPng(badges.draw(appearance, shown, shown.page))
      return handler.answer(request, reply, query, counts, { send: sendPng, write, appearance })
    })
  })
  if (counts) return
  const endpoint = about(
    'ForShields',
    'the number for shields.io',
    optionParameters(badges.schema, 'shields'),
    jsonOf(ENDPOINT),
  )
  answerRoute(app, '/shields.json', endpoint, (request, reply) => {
    const query = request.query as Query
    const appearance = readAppearance(query, badges)
    const write = (shown: Shown) => JSON.stringify(badges.endpoint(appearance, shown))
    return handler.answer(request, reply, query, false, { send: sendJson, write, appearance })
  })
}

/** Answers each request for a page's number, in whatever form. */
class CountHandler {
  readonly #parts: CountParts
  readonly #windowCookie: ReturnType<typeof windowCookies>

  constructor(app: FastifyInstance, parts: CountParts) {
    this.#parts = parts
    this.#windowCookie = windowCookies(app, parts.counter.windowSeconds)
  }

  /**
   * Reads all that may be refused, then counts the visit, then answers: a refused request counts nothing.
   * @throws Refusal
   */
  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    query: Query,
    counts: boolean,
    { send, write, today, appearance }: Form,
  ): Promise<void> {
    const { counter, visits, calendar, sparklines } = this.#parts
    const now = this.#parts.now()
    const { show = null, trend = null, base = 0 } = appearance?.options ?? PLAIN
    const periods = show ? calendar.readAll(show, query, now) : [calendar.read(query, now)]
    const { timeZone } = periods[0] as RequestedPeriod
    const ofToday = today ? calendar.span('today', timeZone, now) : null
    const spans = spansOf(periods, ofToday)
    const visit = visits.read(request, query, counts)
    const sparkline = trend ? await sparklines.read(visit.page, trend, timeZone, now) : null

    const { count, sums, token, decision } = await counter.count({ ...visit, spans, now })

    const hitsIn = (span: Span) => sums[spans.indexOf(span)] as number
    const body = write({
      page: visit.page,
      numbers: periods.map(({ span }) => (span === null ? count + base : hitsIn(span))),
      captions: show === null ? NO_CAPTIONS : describePeriods(show),
      periods,
      today: ofToday && hitsIn(ofToday),
      decision,
      sparkline: sparkline?.upTo(count, decision.outcome === 'counted') ?? null,
    })
    const cookie = token && this.#windowCookie(request, visit.cookie, token)
    send(request, reply, typeof body === 'string' ? body : await body, cookie)
  }
}

/** The spans whose hits have to be read. */
function spansOf(periods: readonly RequestedPeriod[], ofToday: Span | null): readonly Span[] {
  if (periods.length === 1 && periods[0]?.span === null && ofToday === null) return NO_SPANS
  return [...periods.map(({ span }) => span), ofToday].filter((span) => span !== null)
}

function writeJson({ page, numbers, today, decision, periods: [period] }: Shown): string {
  return JSON.stringify({
    page,
    count: numbers[0],
    today,
    counted: decision.outcome === 'counted',
    outcome: decision.outcome,
    message: explain(decision),
    // If the request names a period, these say which one the count is of.
    ...(period?.named && { period: period.period, timeZone: period.timeZone }),
  })
}
