import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import { PngsFull } from '../badge/png/pngs.ts'
import { Refusal } from '../refusal.ts'
import type { PngBadges } from './png.ts'
import { ANSWER_HEADERS, allowOrigin, methodsOf, missingGlyphs } from './reply.ts'
import { pathOf, type Query } from './request.ts'
import { PAGE_HEADERS } from './site/headers.ts'
import { escapeHtml, fill } from './site/html.ts'

/** Seconds after which a client that was answered 503 may try again. */
const RETRY_SECONDS = 5
/** While the database fails, every visit is refused. This is logged at most once in this time, in ms. */
const LOG_MS = 1000

/** Answers every error as a refusal, in the form that the request wants. */
export class Refuser {
  readonly #badges: Badges
  readonly #pngs: PngBadges
  readonly #page: string
  #quietUntil = 0
  #unlogged = 0

  /** @param page the HTML of the page that says what went wrong */
  constructor(badges: Badges, pngs: PngBadges, page: string) {
    this.#badges = badges
    this.#pngs = pngs
    this.#page = page
  }

  refuse(
    error: Error,
    request: FastifyRequest,
    reply: FastifyReply,
  ): FastifyReply | Promise<FastifyReply> {
    // Fastify reads the type of a body before it looks for the route.
    const isUnmatched =
      !(error instanceof Refusal) &&
      !/^(GET|HEAD|OPTIONS)$/.test(request.method) &&
      !methodsOf(request.server, pathOf(request)).includes(request.method as HTTPMethods)
    const refusal = this.read(isUnmatched ? unmatched(request) : error, request)
    return this.#send(refusal, request, reply)
  }

  /** The refusal for an error, which is logged if it is the service's own fault. */
  read(error: Error, request: FastifyRequest): Refusal {
    const refusal = asRefusal(error)
    // Strangers can cause this one as often as they like.
    if (refusal.status >= 500 && refusal.code !== 'too_many_streams')
      this.#log(refusal.cause ?? error, refusal, request)
    return refusal
  }

  #log(err: unknown, { code }: Refusal, request: FastifyRequest): void {
    if (code === 'unavailable') {
      const now = performance.now()
      if (now < this.#quietUntil) {
        this.#unlogged += 1
        return
      }
      this.#quietUntil = now + LOG_MS
    }
    const unlogged = this.#unlogged
    request.log.error({ err, code, ...(unlogged > 0 && { unlogged }) }, 'request failed')
    this.#unlogged = 0
  }

  /** Sends a refusal as a badge, as JSON, as a page for people, or as one plain line: see docs/usage.md. */
  #send(
    refusal: Refusal,
    request: FastifyRequest,
    reply: FastifyReply,
  ): FastifyReply | Promise<FastifyReply> {
    const { code, message } = refusal
    const path = pathOf(request)
    reply.code(refusal.status).headers(ANSWER_HEADERS)
    allowOrigin(request, reply)
    if (refusal.status === 503) reply.header('retry-after', RETRY_SECONDS)
    if (refusal.status === 401) reply.header('www-authenticate', 'Bearer')
    if (code === 'method_not_allowed') {
      reply.header('allow', allowedFor(request))
    }
    const image = /\.(svg|png)$/.exec(path)?.[1]
    if (image && request.headers.accept !== 'text/plain') {
      const svg = this.#draw(refusal, request, image)
      if (image === 'png') return this.#sendPng(svg, message, request, reply)
      return reply.type('image/svg+xml; charset=utf-8').send(svg)
    }
    if (path.endsWith('.json')) {
      return reply.type('application/json; charset=utf-8').send({ error: { code, message } })
    }
    if (wantsPage(refusal, request)) {
      return reply
        .headers(PAGE_HEADERS)
        .type('text/html; charset=utf-8')
        .send(errorPage(this.#page, refusal, path))
    }
    return sendLine(reply, message)
  }

  #draw({ brief }: Refusal, request: FastifyRequest, image: string): string {
    const query = (request.query ?? {}) as Query
    // PNGs have scales of their own, and a wrong one may be the reason for the refusal.
    const scale = image === 'png' ? undefined : query.scale
    // A refusal shows no logo, and a drawing takes some ms to read.
    const options = { ...query, scale, logo: undefined }
    const kind = pathOf(request).startsWith('/active') ? 'active' : 'hits'
    return this.#badges.refusal(brief, this.#badges.read(options, kind).appearance)
  }

  async #sendPng(
    svg: string,
    message: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    try {
      const drawing = await this.#pngs.drawRefusal(request, svg)
      return reply.type('image/png').headers(missingGlyphs(drawing)).send(drawing.png)
    } catch (error) {
      // If a fault prevented the badge from being drawn, the refusal may fail for the same reason. A full queue is not a fault:
      // if it were logged, strangers could fill the log.
      if (!(error instanceof PngsFull)) {
        request.log.error({ err: error }, 'a refusal could not be drawn')
      }
      return sendLine(reply, message)
    }
  }
}

function sendLine(reply: FastifyReply, message: string): FastifyReply {
  return reply.type('text/plain; charset=utf-8').send(`${message}\n`)
}

/** The methods that the path of a request takes, as the header Allow names them. */
export function allowedFor(request: FastifyRequest): string {
  return methodsOf(request.server, pathOf(request)).join(', ')
}

/** The refusal of a request that matches no route: its path is unknown, or its method is wrong for that path. */
export function unmatched(request: FastifyRequest): Refusal {
  const methods = methodsOf(request.server, pathOf(request))
  const names = ['GET', 'POST'].filter((name) => methods.includes(name as HTTPMethods))
  const asked = request.method === 'HEAD' ? 'GET' : request.method
  if (names.length === 0 || names.includes(asked)) {
    return pathOf(request).startsWith('/api/')
      ? notFound('There is nothing here; /api lists the routes for programs.')
      : notFound()
  }
  return new Refusal(
    'method_not_allowed',
    `use ${names[0]}`,
    `Ask with ${names.join(' or ')}; other methods do nothing here.`,
  )
}

/** Whether a browser has opened one of the pages, or an address that does not exist. */
function wantsPage({ code }: Refusal, request: FastifyRequest): boolean {
  if (!request.headers.accept?.includes('text/html')) return false
  return code === 'not_found' || /^\/(page|site|now|api|me|gallery|privacy)?$/.test(pathOf(request))
}

/** How many folders deep an address may be for its page to find the files: each folder adds to every link. */
const MAX_DEPTH = 20

/** The page for a refusal. Its links are relative, since a proxy may serve all under a prefix. */
function errorPage(html: string, { status, message }: Refusal, path: string): string {
  const depth = Math.min(MAX_DEPTH, path.split('/').length - 2)
  const root = '../'.repeat(depth) || './'
  const title = status === 404 ? 'There is no such page' : 'That did not work'
  return fill(html, new Set(status === 401 ? ['signin'] : []), {
    status: String(status),
    title,
    message: escapeHtml(message),
  })
    .replaceAll('"assets/', `"${root}assets/`)
    .replaceAll(/href="(?:\.\/)?(page|now|api|me|gallery|privacy)?"/g, `href="${root}$1"`)
}

export function notFound(
  sentence = 'There is nothing here; the tag builder is at the root.',
): Refusal {
  return new Refusal('not_found', 'not found', sentence)
}

/** The refusal for an error. Fastify's errors that a client caused become refusals; all other errors are hidden. */
function asRefusal(error: Error & { statusCode?: number }): Refusal {
  if (error instanceof Refusal) return error
  const status = error.statusCode ?? 500
  if (status === 404) return notFound()
  if (status === 413) {
    return new Refusal('bad_request', 'too long', 'What you post may have at most 16 kB.')
  }
  if (status < 500) {
    return new Refusal('bad_request', 'bad request', 'This request is malformed.', { cause: error })
  }
  return new Refusal(
    'internal',
    'server error',
    'Something went wrong here; nothing was counted.',
    { cause: error },
  )
}
