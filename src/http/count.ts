import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import { readOptions } from '../badge/options.ts'
import { BoundedMap } from '../bounded-map.ts'
import type { Answer, Counter } from '../counter.ts'
import { identifyPage, type PageKey, type PageRules } from '../page.ts'
import { Refusal } from '../refusal.ts'
import { cookieName, formatToken, parseToken, type Token } from '../token.ts'
import { answerSender } from './answer.ts'
import { ANSWER_HEADERS, allowOrigin } from './headers.ts'

export interface CountParts {
  counter: Counter
  badges: Badges
  rules: PageRules
  /** Milliseconds since 1970, UTC. */
  now: () => number
}

type Query = Record<string, unknown>

/** A page, and the name of its window cookie. */
interface NamedPage {
  page: PageKey
  cookie: string
}

/** Bytes for pages by what was asked for, some 50,000 of ordinary length; and those of each beside its text. */
const NAMED = 32_000_000
const NAMED_PAGE = 250

/** /count and /nocount, each as a badge and as plain text. */
export function countRoutes(
  app: FastifyInstance,
  { counter, badges, rules, now }: CountParts,
): void {
  const sendText = answerSender('text/plain; charset=utf-8')
  const sendBadge = answerSender('image/svg+xml; charset=utf-8')
  const windowCookie = windowCookies(app, counter.windowSeconds)
  const identify = pageFinder(rules)

  for (const [path, counts] of [
    ['/count', true],
    ['/nocount', false],
  ] as const) {
    route(app, path, (request, reply) => {
      const named = identify(request)
      ask(named, counts, request)
        .then(({ count, token }) => {
          sendText(request, reply, String(count), windowCookie(request, named, token))
        })
        .catch((error) => reply.send(error))
    })
    route(app, `${path}/tag.svg`, (request, reply) => {
      // Options are read before the visit is counted: a refused request leaves nothing half-done.
      const { options, problem } = readOptions(request.query as Query, badges.defaults)
      if (problem) throw new Refusal('bad_option', `bad ${problem.option}`, problem.sentence)
      const named = identify(request)
      ask(named, counts, request)
        .then(({ count, token }) => {
          const badge = badges.number(count, options, named.page)
          sendBadge(request, reply, badge, windowCookie(request, named, token))
        })
        .catch((error) => reply.send(error))
    })
  }

  function ask(
    { page, cookie }: NamedPage,
    counts: boolean,
    request: FastifyRequest,
  ): Promise<Answer> {
    const readOnly = !counts || onlyAsks(request)
    const token = readOnly ? null : sentToken(request, cookie)
    return counter.count({ page, readOnly, token, now: now() })
  }
}

/** The same text in one piece: what was put together or cut keeps the pieces, or all it was cut from, in memory. */
function flat<Text extends string>(text: Text): Text {
  return Buffer.from(text, 'latin1').toString('latin1') as Text
}

/** Finds the page that a request is about. What people ask for, they ask for again in the same words. */
function pageFinder(rules: PageRules) {
  const known = new BoundedMap<string, NamedPage>(NAMED, NAMED_PAGE)

  return function identify(request: FastifyRequest): NamedPage {
    const { url = '' } = request.query as Query
    const { referer } = request.headers
    const asked = url === '' ? referer : url
    const before = typeof asked === 'string' ? known.get(asked) : undefined
    if (before) return before
    const page = identifyPage(url, referer, rules)
    const named = { page: flat(page), cookie: flat(cookieName(page)) }
    known.add(String(asked), named)
    known.trim()
    return named
  }
}

/** GET with its HEAD, and a CORS preflight that touches nothing. */
function route(
  app: FastifyInstance,
  url: string,
  handler: (request: FastifyRequest, reply: FastifyReply) => void,
): void {
  app.get(url, handler)
  app.options(url, (request, reply) => {
    reply.code(204).headers(ANSWER_HEADERS).header('allow', 'GET, HEAD, OPTIONS')
    allowOrigin(request, reply)
    reply.header('access-control-allow-methods', 'GET, HEAD')
    reply.header('access-control-max-age', 86_400)
    const wanted = request.headers['access-control-request-headers']
    if (wanted !== undefined) reply.header('access-control-allow-headers', wanted)
    return reply.send()
  })
}

/** HEAD, and what a browser fetches before anybody has opened the page. */
function onlyAsks({ method, headers }: FastifyRequest): boolean {
  if (method === 'HEAD') return true
  return [headers['sec-purpose'], headers.purpose, headers['x-moz']].some(
    (purpose) => purpose !== undefined && /\b(prefetch|prerender|preview)\b/i.test(String(purpose)),
  )
}

function sentToken(request: FastifyRequest, name: string): Token | null {
  const { cookie } = request.headers
  if (cookie === undefined) return null
  return parseToken(request.server.parseCookie(cookie)[name])
}

/** What Set-Cookie says after an answer that opened a window. All but name and value is the same each time. */
function windowCookies(app: FastifyInstance, seconds: number) {
  const attributes = (more: object) =>
    app
      .serializeCookie('n', '', { path: '/', httpOnly: true, maxAge: seconds, ...more })
      .slice('n='.length)
  // On a page of another site only the first set comes back, and only over a connection that counts as safe.
  const secure = attributes({ sameSite: 'none', secure: true, partitioned: true })
  const plain = attributes({ sameSite: 'lax' })

  return (request: FastifyRequest, { cookie }: NamedPage, token: Token | null): string | null =>
    token && `${cookie}=${formatToken(token)}${keepsSecureCookies(request) ? secure : plain}`
}

/** Browsers take Secure cookies over HTTPS and from http://localhost. */
function keepsSecureCookies(request: FastifyRequest): boolean {
  return request.protocol === 'https' || /^([^:]+\.)?localhost$/i.test(request.hostname)
}
