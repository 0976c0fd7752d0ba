import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Badges } from '../badge/badge.ts'
import { readOptions } from '../badge/options.ts'
import { Refusal } from '../refusal.ts'
import { ANSWER_HEADERS, allowOrigin } from './headers.ts'

/** Seconds after which a client that was told `unavailable` may try again. */
const RETRY_SECONDS = 5

/** A handler that answers any error as a refusal, in the form that was asked for. */
export function refuseWith(badges: Badges) {
  return function refuse(error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const refusal = asRefusal(error)
    if (refusal.status >= 500) {
      request.log.error({ err: refusal.cause ?? error, code: refusal.code }, 'request failed')
    }
    return send(refusal, request, reply, badges)
  }
}

export function notFound(): Refusal {
  return new Refusal(
    'not_found',
    'not found',
    'There is nothing here; the tag builder is at the root.',
  )
}

export function methodNotAllowed(): Refusal {
  return new Refusal(
    'method_not_allowed',
    'use GET',
    'Ask with GET; other methods do nothing here.',
  )
}

/** Errors of the framework that a client made become refusals, others are hidden. */
function asRefusal(error: Error & { statusCode?: number }): Refusal {
  if (error instanceof Refusal) return error
  const status = error.statusCode ?? 500
  // 403 is how a folder of static files is refused.
  if (status === 403 || status === 404) return notFound()
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

/** A refusal as a badge where an image was asked for, else as one plain line: `Accept: text/plain` asks for that. */
function send(
  refusal: Refusal,
  request: FastifyRequest,
  reply: FastifyReply,
  badges: Badges,
): FastifyReply {
  reply.code(refusal.status).headers(ANSWER_HEADERS)
  allowOrigin(request, reply)
  if (refusal.code === 'unavailable') reply.header('retry-after', RETRY_SECONDS)
  if (refusal.code === 'method_not_allowed') reply.header('allow', 'GET, HEAD, OPTIONS')
  const [path = ''] = request.url.split('?', 1)
  if (path.endsWith('.svg') && request.headers.accept !== 'text/plain') {
    const query = request.query as Record<string, unknown> | undefined
    const { options } = readOptions(query ?? {}, badges.defaults)
    return reply.type('image/svg+xml; charset=utf-8').send(badges.refusal(refusal.brief, options))
  }
  return reply.type('text/plain; charset=utf-8').send(`${refusal.message}\n`)
}
