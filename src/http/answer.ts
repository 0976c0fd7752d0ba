import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Drawing } from '../badge/png/pngs.ts'
import { ANSWER_HEADERS, missingGlyphs } from './headers.ts'

/** Node's flat list of names and values. */
type HeaderList = string[]

/**
 * A function that sends a number, drawn or plain. It writes past Fastify's own reply, which would gather the same
 * headers one by one, look each up again, and run hooks that have nothing to add: see docs/decisions.md.
 */
export function answerSender(contentType: string) {
  const constant: HeaderList = Object.entries({
    ...ANSWER_HEADERS,
    'content-type': contentType,
  }).flat()

  /** @param cookie what Set-Cookie says, if there is one */
  return function send(
    request: FastifyRequest,
    reply: FastifyReply,
    answer: string | Drawing,
    cookie: string | null,
  ) {
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
    // A connection that is kept after the last answer would hold up the end of the service.
    if (!request.server.server.listening) raw.shouldKeepAlive = false
    raw.writeHead(200, headers)
    raw.end(body)
  }
}
