import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AuditEntry } from '../../admin.ts'
import { Refusal } from '../../refusal.ts'
import type { Refuser } from '../refuse.ts'
import { badRequest } from './validate.ts'

const { STATUS_CODES } = process.getBuiltinModule('node:http')

/** Seconds after which a client that has tried too often may try again. */
const RETRY_SECONDS = 60

/** Gives errors of the plugins that only administration uses the sentence that a person can act on. */
export function explained(error: Error & { code?: string; statusCode?: number }): Error {
  if (error instanceof Refusal) return error
  if (error.code?.startsWith('FST_CSRF_')) {
    return new Refusal(
      'forbidden',
      'old form',
      'This form is too old, or does not come from this page. Open the page again, and send it from there.',
    )
  }
  if (error.statusCode === 413) return badRequest('This is too long: send it in parts.')
  return error
}

/** Headers that belong to a refusal, whether a program or a person reads it. */
export function refusalHeaders({ status }: Refusal): Record<string, string | number> {
  if (status === 401) return { 'www-authenticate': 'Bearer' }
  return status === 429 ? { 'retry-after': RETRY_SECONDS } : {}
}

/** The refusal of a change of an old version, with what was changed meanwhile. */
export class Meanwhile extends Refusal {
  readonly changes: readonly AuditEntry[]
  readonly version: number

  /**
   * @param changes the page's latest changes, newest first
   * @param version the page's version now
   */
  constructor(refusal: Refusal, changes: readonly AuditEntry[], version: number) {
    super('changed', refusal.brief, refusal.message)
    this.changes = changes
    this.version = version
  }
}

/** @returns an error handler that sends problem details: https://www.rfc-editor.org/rfc/rfc9457 */
export function problemHandler(refuser: Refuser) {
  return (error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = refuser.read(explained(error), request)
    const { status, code, message: detail } = refusal
    const problem = { type: 'about:blank', title: STATUS_CODES[status], status, detail, code }
    reply
      .code(status)
      .headers(refusalHeaders(refusal))
      .type('application/problem+json; charset=utf-8')
    if (!(refusal instanceof Meanwhile)) return reply.send(JSON.stringify(problem))
    const { changes, version } = refusal
    return reply
      .header('etag', `"${version}"`)
      .send(JSON.stringify({ ...problem, changes, version }))
  }
}
