import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import { readOptions } from '../badge/options.ts'
import type { Answer, Counter } from '../counter.ts'
import { identifyPage, type PageKey, type PageRules } from '../page.ts'
import { Refusal } from '../refusal.ts'
import { cookieName, formatToken, parseToken, type Token } from '../token.ts'
import { ANSWER_HEADERS, allowOrigin } from './headers.ts'

export interface CountParts {
  counter: Counter
  badges: Badges
  rules: PageRules
  /** Milliseconds since 1970, UTC. */
  now: () => number
}

type Query = Record<string, unknown>

/** /count and /nocount, each as a badge and as plain text. */
export function countRoutes(
  app: FastifyInstance,
  { counter, badges, rules, now }: CountParts,
): void {
  for (const [path, counts] of [
    ['/count', true],
    ['/nocount', false],
  ] as const) {
    route(app, path, async (request, reply) => {
      const page = identify(request)
      const { count } = await answer(page, counts, request, reply)
      return reply.type('text/plain; charset=utf-8').send(String(count))
    })
    route(app, `${path}/tag.svg`, async (request, reply) => {
      // Options are read before the visit is counted: a refused request leaves nothing half-done.
      const { options, problem } = readOptions(request.query as Query, badges.defaults)
      if (problem) throw new Refusal('bad_option', `bad ${problem.option}`, problem.sentence)
      const page = identify(request)
      const { count } = await answer(page, counts, request, reply)
      return reply.type('image/svg+xml; charset=utf-8').send(badges.number(count, options, page))
    })
  }

  function identify(request: FastifyRequest): PageKey {
    return identifyPage((request.query as Query).url, request.headers.referer, rules)
  }

  async function answer(
    page: PageKey,
    counts: boolean,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Answer> {
    const readOnly = !counts || onlyAsks(request)
    const token = readOnly ? null : sentToken(request, page)
    const answered = await counter.count({ page, readOnly, token, now: now() })
    reply.headers(ANSWER_HEADERS)
    allowOrigin(request, reply)
    if (answered.token) {
      reply.header('set-cookie', windowCookie(request, page, answered.token, counter.windowSeconds))
    }
    return answered
  }
}

/** GET with its HEAD, and a CORS preflight that touches nothing. */
function route(
  app: FastifyInstance,
  url: string,
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
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

function sentToken(request: FastifyRequest, page: PageKey): Token | null {
  const { cookie } = request.headers
  if (cookie === undefined) return null
  return parseToken(request.server.parseCookie(cookie)[cookieName(page)])
}

function windowCookie(
  request: FastifyRequest,
  page: PageKey,
  token: Token,
  seconds: number,
): string {
  const shared = { path: '/', httpOnly: true, maxAge: seconds }
  return request.server.serializeCookie(cookieName(page), formatToken(token), {
    ...shared,
    // On a page of another site only the first set comes back, and only over a connection that counts as safe.
    ...(keepsSecureCookies(request)
      ? { sameSite: 'none', secure: true, partitioned: true }
      : { sameSite: 'lax' }),
  })
}

/** Browsers take Secure cookies over HTTPS and from http://localhost. */
function keepsSecureCookies(request: FastifyRequest): boolean {
  return request.protocol === 'https' || /^([^:]+\.)?localhost$/i.test(request.hostname)
}
