import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import { PngsFull } from '../badge/png/pngs.ts'
import { Refusal } from '../refusal.ts'
import { pathOf, wantsJson } from './form.ts'
import { ANSWER_HEADERS, allowOrigin, missingGlyphs } from './headers.ts'
import { STATUS_CODES } from './node-http.ts'
import { kindOf } from './options.ts'
import type { PngDesk } from './png.ts'
import { methodsOf } from './routes.ts'

/** Seconds after which a client that was told `unavailable` may try again. */
const RETRY_SECONDS = 5

/** While the database cannot be reached or keep up, every visit is refused: one line in so many ms says so. */
const LOG_MS = 1000

/**
 * A handler that answers any error as a refusal, in the form that was asked for.
 * @param unmatched the refusal of a request that no route takes
 */
export function refuseWith(
  badges: Badges,
  desk: Pick<PngDesk, 'drawRefusal'>,
  unmatched: (request: FastifyRequest) => Refusal,
) {
  let quietUntil = 0
  let unlogged = 0

  function logFailure(err: unknown, { code }: Refusal, request: FastifyRequest): void {
    if (code === 'unavailable') {
      const now = performance.now()
      if (now < quietUntil) {
        unlogged += 1
        return
      }
      quietUntil = now + LOG_MS
    }
    request.log.error({ err, code, ...(unlogged > 0 && { unlogged }) }, 'request failed')
    unlogged = 0
  }

  return function refuse(
    error: Error,
    request: FastifyRequest,
    reply: FastifyReply,
  ): FastifyReply | Promise<FastifyReply> {
    // The framework looks at a body's type before it looks for a route.
    const early =
      !(error instanceof Refusal) &&
      !/^(GET|HEAD|OPTIONS)$/.test(request.method) &&
      !methodsOf(request.server, pathOf(request)).includes(request.method as HTTPMethods)
    const refusal = early ? unmatched(request) : asRefusal(error)
    if (refusal.status >= 500) logFailure(refusal.cause ?? error, refusal, request)
    return send(refusal, request, reply, badges, desk)
  }
}

/** How bytes that are no request are refused, by Node's code of the fault. */
const FAULTS: Readonly<Record<string, readonly [status: number, line: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The extensions of a chunk are too long.'],
  MANY_CHUNKS: [413, 'The body comes in too many chunks.'],
  HPE_HEADER_OVERFLOW: [431, 'The address and headers are too long.'],
}
const EARLY_HEADERS = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  connection: 'close',
}

/** Refuses bytes that are no request. Nothing of them is logged: they may hold anything. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET') return
  closeWith(socket, ...(FAULTS[error.code ?? ''] ?? ([400, 'This request is malformed.'] as const)))
}

/** Refuses to be a proxy. */
export function refuseTunnel(_request: unknown, socket: Duplex): void {
  closeWith(socket as Socket, 405, 'This counter is no proxy; use GET.', { allow: 'GET' })
}

function closeWith(socket: Socket, status: number, line: string, more: object = {}): void {
  if (socket.destroyed) return
  if (socket.writable) {
    const headers = { ...EARLY_HEADERS, 'content-length': line.length + 1, ...more }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${line}\n`)
  }
  socket.destroySoon()
}

/** Refuses a request before it reaches a route, and closes its connection. */
export function refuseEarly(response: ServerResponse, status: number, line: string): void {
  response.writeHead(status, { ...EARLY_HEADERS, 'content-length': line.length + 1 })
  response.end(`${line}\n`)
}

/** Why no route takes a request: there is none at its path, or only one for other methods. */
export function unmatched(app: FastifyInstance, request: FastifyRequest): Refusal {
  const methods = methodsOf(app, pathOf(request))
  const known = methods.includes('GET') && !/^(GET|HEAD)$/.test(request.method)
  if (!known) return notFound()
  const names = methods.includes('POST') ? 'GET or POST' : 'GET'
  return new Refusal(
    'method_not_allowed',
    'use GET',
    `Ask with ${names}; other methods do nothing here.`,
  )
}

function notFound(): Refusal {
  return new Refusal(
    'not_found',
    'not found',
    'There is nothing here; the tag builder is at the root.',
  )
}

/** Errors of the framework that a client made become refusals, others are hidden. */
function asRefusal(error: Error & { statusCode?: number }): Refusal {
  if (error instanceof Refusal) return error
  const status = error.statusCode ?? 500
  // 403 is how a folder of static files is refused.
  if (status === 403 || status === 404) return notFound()
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
    {
      cause: error,
    },
  )
}

/**
 * A refusal as a badge where an image was asked for, as JSON where that was, else as one plain line: `Accept: text/plain`
 * asks for that.
 */
function send(
  refusal: Refusal,
  request: FastifyRequest,
  reply: FastifyReply,
  badges: Badges,
  desk: Pick<PngDesk, 'drawRefusal'>,
): FastifyReply | Promise<FastifyReply> {
  reply.code(refusal.status).headers(ANSWER_HEADERS)
  allowOrigin(request, reply)
  if (refusal.code === 'unavailable') reply.header('retry-after', RETRY_SECONDS)
  const path = pathOf(request)
  if (refusal.code === 'method_not_allowed') {
    reply.header('allow', methodsOf(request.server, path).join(', '))
  }
  const image = /\.(svg|png)$/.exec(path)?.[1]
  const inLine = () => reply.type('text/plain; charset=utf-8').send(`${refusal.message}\n`)
  if (image && request.headers.accept !== 'text/plain') {
    const query = request.query as Record<string, unknown> | undefined
    // Pixels have a scale of their own, and it may be what was wrong.
    const own = image === 'png' ? { ...query, scale: undefined } : query
    const { look } = badges.read(own ?? {}, kindOf(path))
    const svg = badges.refusal(refusal.brief, look)
    if (image === 'svg') return reply.type('image/svg+xml; charset=utf-8').send(svg)
    return desk.drawRefusal(request, svg).then(
      (drawing) => reply.type('image/png').headers(missingGlyphs(drawing)).send(drawing.png),
      // What keeps one badge from being drawn may keep this one too; the refusal itself is not lost.
      (error) => {
        // A full queue is no fault, and strangers could fill the log with it.
        if (!(error instanceof PngsFull)) {
          request.log.error({ err: error }, 'a refusal could not be drawn')
        }
        return inLine()
      },
    )
  }
  if (!image && wantsJson(request)) {
    const { code, message } = refusal
    return reply.type('application/json; charset=utf-8').send({ error: { code, message } })
  }
  return inLine()
}
