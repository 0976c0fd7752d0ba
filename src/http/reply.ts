import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Drawing } from '../badge/png/pngs.ts'
import type { Description } from './openapi.ts'

/**
 * The headers of every answer that shows a number. GitHub's image proxy would cache an answer without Cache-Control for a
 * year; it and browsers respect these values. The policy stops an SVG from running or loading anything, even if it is
 * opened as a page.
 */
export const ANSWER_HEADERS = {
  'cache-control': 'max-age=0, no-cache, no-store, must-revalidate',
  pragma: 'no-cache',
  expires: '0',
  'content-security-policy':
    "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
  vary: 'Origin',
} as const

export const sendText = sender('text/plain; charset=utf-8')
export const sendJson = sender('application/json; charset=utf-8')
export const sendSvg = sender('image/svg+xml; charset=utf-8')
export const sendCsv = sender('text/csv; charset=utf-8', {
  'content-disposition': 'attachment; filename="tallymark.csv"',
})
export const sendPng = sender('image/png')

export type Send = ReturnType<typeof sender>

/**
 * A function that sends an answer of one type, with status 200. It writes past Fastify's own reply, which would gather the
 * same headers one by one, look each up again, and run hooks that have nothing to add: see docs/decisions.md.
 */
function sender(contentType: string, more: Readonly<Record<string, string>> = {}) {
  /** Node's flat list of names and values. */
  const constant: string[] = Object.entries({
    ...ANSWER_HEADERS,
    'content-type': contentType,
    ...more,
  }).flat()

  /** @param cookie the value of Set-Cookie, if a cookie is to be set */
  return function send(
    request: FastifyRequest,
    reply: FastifyReply,
    answer: string | Drawing,
    cookie: string | null = null,
  ): void {
    const body = typeof answer === 'string' ? answer : answer.png
    const headers = constant.slice()
    headers.push('content-length', String(Buffer.byteLength(body)))
    if (typeof answer !== 'string') headers.push(...Object.entries(missingGlyphs(answer)).flat())
    if (cookie !== null) headers.push('set-cookie', cookie)
    const { origin } = request.headers
    headers.push('access-control-allow-origin', origin ?? '*')
    if (origin !== undefined) headers.push('access-control-allow-credentials', 'true')
    reply.hijack()
    const { raw } = reply
    // A connection that is kept open after its last answer would delay the end of the service.
    if (!request.server.server.listening) raw.shouldKeepAlive = false
    raw.writeHead(200, headers)
    raw.end(body)
  }
}

/**
 * Lets any page read the number and send its window cookie along. Browsers refuse a wildcard for requests with credentials,
 * so the answer repeats the Origin. That is safe, because these answers hold only a page's numbers and the outcome of this
 * one visit. Browsers keep the cookies of each site apart, so no site learns which pages of another were visited.
 * docs/privacy.md says what a site can learn. A request without Origin gets the wildcard, as hit-counter's did: a cache may
 * give its answer to any page.
 */
export function allowOrigin(request: FastifyRequest, reply: FastifyReply): void {
  const { origin } = request.headers
  reply.header('access-control-allow-origin', origin ?? '*')
  if (origin !== undefined) reply.header('access-control-allow-credentials', 'true')
}

/** Characters that the header names at most. */
const MAX_NAMED = 20

/** A header that names the characters of a PNG which no font has, such as `U+8BBF U+95EE`. */
export function missingGlyphs({ missing }: Drawing): Record<string, string> {
  if (missing === '') return {}
  const codes = Array.from(missing, (character) => character.codePointAt(0) as number)
  const names = codes.map((code) => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`)
  return { 'x-missing-glyphs': names.slice(0, MAX_NAMED).join(' ') }
}

/**
 * Adds a route for programs. It answers GET, HEAD and a CORS preflight, which changes nothing.
 * @param openapi what /openapi.json says about it
 * @param handler sends its answer itself; what it throws or rejects with is answered as a refusal
 */
export function answerRoute(
  app: FastifyInstance,
  url: string,
  openapi: Description,
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<void> | void,
): void {
  app.get(url, { config: { openapi } }, handler)
  preflightRoute(app, url)
}

/** Answers the CORS preflight of a path, which changes nothing. @param allow allows the origin */
export function preflightRoute(app: FastifyInstance, url: string, allow = allowOrigin): void {
  app.options(url, (request, reply) => {
    const methods = methodsOf(app, `${app.prefix}${url}`)
    reply.code(204).headers(ANSWER_HEADERS).header('allow', methods.join(', '))
    allow(request, reply)
    reply.header(
      'access-control-allow-methods',
      methods.filter((method) => method !== 'OPTIONS').join(', '),
    )
    reply.header('access-control-max-age', 86_400)
    const wanted = request.headers['access-control-request-headers']
    if (wanted !== undefined) reply.header('access-control-allow-headers', wanted)
    return reply.send()
  })
}

/** Characters of the longest path that is looked up. The router reads the whole path once for each method. */
const MAX_PATH = 200

/** The methods that a path takes; none if there is no such route. */
export function methodsOf(app: FastifyInstance, url: string): HTTPMethods[] {
  if (url.length > MAX_PATH) return []
  return (['GET', 'HEAD', 'POST', 'OPTIONS'] as const).filter((method) =>
    app.hasRoute({ method, url }),
  )
}
