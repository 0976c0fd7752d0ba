import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Appearance } from '../badge/appearance.ts'
import type { Numbers } from '../badge/numbers.ts'
import type { Drawing } from '../badge/png/pngs.ts'
import type { PageKey } from '../page.ts'
import { describePeriods, type RequestedPeriod } from '../period.ts'
import { hostOfSite } from '../site.ts'
import type { Span } from '../time.ts'
import { type Decision, explain, OUTCOMES } from '../visit.ts'
import type { RouteParts } from './app.ts'
import { acceptBodies, bodyOf } from './bodies.ts'
import { describe, objectOf, optionParameters, PAGE_PARAMETERS, TEXT, WHOLE } from './openapi.ts'
import { readScale, SCALE } from './png.ts'
import { answerRoute, type Send, sendJson, sendPng, sendSvg, sendText } from './reply.ts'
import { type Query, readAppearance } from './request.ts'
import { windowCookies } from './visit.ts'

/** What an answer shows: the numbers of a badge, and more. */
interface Shown extends Numbers {
  /** Null for a request that is only about a host. */
  page: PageKey | null
  /** The host whose numbers these are; null if they are the page's. */
  site: string | null
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

/** What `writeJson` writes. */
const COUNT = {
  $id: 'Count',
  ...objectOf(
    {
      page: { type: ['string', 'null'] },
      count: WHOLE,
      today: WHOLE,
      counted: { type: 'boolean' },
      outcome: { enum: OUTCOMES },
      message: TEXT,
    },
    { site: TEXT, period: TEXT, timeZone: TEXT },
  ),
}
/** https://shields.io/badges/endpoint-badge */
const ENDPOINT = objectOf(
  { schemaVersion: { const: 1 }, label: TEXT, message: TEXT, color: TEXT, style: TEXT },
  { labelColor: TEXT, namedLogo: TEXT, logoColor: TEXT, logoWidth: { type: 'number' } },
)
const FIELDS = {
  $id: 'Posted',
  ...objectOf({}, { url: TEXT, site: TEXT, tz: TEXT, period: TEXT, within: TEXT }),
}
const POSTED = { schema: { $ref: 'Posted#' } }
/** What `acceptBodies` accepts. */
const BODY = {
  'application/json': POSTED,
  'application/x-www-form-urlencoded': POSTED,
  'multipart/form-data': POSTED,
  'text/plain': { schema: { ...TEXT, description: 'The page' } },
}

const AS_TEXT: Form = { send: sendText, write: ({ numbers }) => String(numbers[0]) }
const AS_JSON: Form = { send: sendJson, write: writeJson, today: true }
/** Forms that are not drawn, by the end of the path. Accept does not decide: `$.getJSON` reads a bare number. */
const PLAIN_FORMS = [
  ['', AS_TEXT, 'the number', 'text'],
  ['.json', AS_JSON, 'the number, and why the visit counts or not', { $ref: 'Count#' }],
] as const
const NO_SPANS: readonly Span[] = []
const NO_CAPTIONS = ['']
/** The options of a form that is not a badge. */
const PLAIN: Partial<Appearance['options']> = {}

/** /count and /nocount as a badge, as plain text and as JSON; and /shields.json. */
export function countRoutes(app: FastifyInstance, parts: RouteParts): void {
  app.addSchema(COUNT)
  app.addSchema(FIELDS)
  const { badges, pngs } = parts
  const handler = new CountHandler(app, parts)
  const svg = { ...PAGE_PARAMETERS, ...optionParameters(badges.schema, 'svg') }
  const png = { scale: SCALE, ...PAGE_PARAMETERS, ...optionParameters(badges.schema, 'png') }
  const shields = { ...PAGE_PARAMETERS, ...optionParameters(badges.schema, 'shields') }

  for (const [path, counts, begin] of [
    ['/count', true, 'Counts a visit'],
    ['/nocount', false, 'Counts nothing'],
  ] as const) {
    for (const [end, form, what, answer] of PLAIN_FORMS) {
      const aboutForm = describe('Count', `${begin}; ${what}`, PAGE_PARAMETERS, answer)
      answerRoute(app, `${path}${end}`, aboutForm, (request, reply) =>
        handler.answer(request, reply, request.query as Query, counts, form),
      )
    }
    const aboutSvg = describe('Count', `${begin}; the number as a badge`, svg, 'svg')
    answerRoute(app, `${path}/tag.svg`, aboutSvg, (request, reply) => {
      const query = request.query as Query
      const appearance = readAppearance(query, badges)
      const write = (shown: Shown) => badges.draw(appearance, shown, nameOf(shown))
      return handler.answer(request, reply, query, counts, { send: sendSvg, write, appearance })
    })
    const aboutPng = describe('Count', `${begin}; the badge as PNG`, png, 'png')
    answerRoute(app, `${path}/tag.png`, aboutPng, (request, reply) => {
      const { query, scale } = readScale(request.query as Query)
      const appearance = readAppearance(query, badges)
      return pngs.draw(request, appearance, scale, (toPng) => {
        const write = (shown: Shown) => toPng(badges.draw(appearance, shown, nameOf(shown)))
        return handler.answer(request, reply, query, counts, { send: sendPng, write, appearance })
      })
    })
  }
  const aboutShields = describe('Count', 'The number for shields.io', shields, ENDPOINT)
  answerRoute(app, '/shields.json', aboutShields, (request, reply) => {
    const query = request.query as Query
    const appearance = readAppearance(query, badges)
    const write = (shown: Shown) => JSON.stringify(badges.endpoint(appearance, shown))
    return handler.answer(request, reply, query, false, { send: sendJson, write, appearance })
  })

  app.register(async (posts) => {
    acceptBodies(posts)
    for (const [end, form, what, answer] of PLAIN_FORMS) {
      const description = describe('Count', `Counts a visit; ${what}`, PAGE_PARAMETERS, answer)
      const config = { openapi: { ...description, body: BODY } }
      posts.post(`/count${end}`, { config }, (request, reply) => {
        const query = { ...(request.query as Query), ...bodyOf(request) }
        return handler.answer(request, reply, query, true, form)
      })
    }
  })
}

/** Answers each request for a page's number, in whatever form. */
class CountHandler {
  readonly #parts: RouteParts
  readonly #windowCookie: ReturnType<typeof windowCookies>

  constructor(app: FastifyInstance, parts: RouteParts) {
    this.#parts = parts
    this.#windowCookie = windowCookies(app, parts.settings.visits.windowMs)
  }

  /**
   * Reads everything that can be refused, then counts the visit, then answers. So a refused request does not count.
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
    const shown = visit.site ?? visit.page
    const sparkline = trend ? await sparklines.read(shown, trend, timeZone, now) : null

    const { count, sums, token, decision } = await counter.count({ ...visit, spans, now })

    const hitsIn = (span: Span) => sums[spans.indexOf(span)] as number
    const body = write({
      page: visit.page === visit.site ? null : visit.page,
      site: visit.site && hostOfSite(visit.site),
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

/** What an operator's own badge may show. */
const nameOf = ({ page, site }: Shown) => site ?? page ?? ''

/** The spans whose hits have to be read. */
function spansOf(periods: readonly RequestedPeriod[], ofToday: Span | null): readonly Span[] {
  if (periods.length === 1 && periods[0]?.span === null && ofToday === null) return NO_SPANS
  return [...periods.map(({ span }) => span), ofToday].filter((span) => span !== null)
}

function writeJson({ page, site, numbers, today, decision, periods: [period] }: Shown): string {
  return JSON.stringify({
    page,
    ...(site !== null && { site }),
    count: numbers[0],
    today,
    counted: decision.outcome === 'counted',
    outcome: decision.outcome,
    message: explain(decision),
    // If the request names a period, these say which one the count is of.
    ...(period?.named && { period: period.period, timeZone: period.timeZone }),
  })
}
