import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AuditEntry } from '../admin.ts'
import { Refusal } from '../refusal.ts'
import { allowedFor, notFound, type Refuser } from './refuse.ts'
import { badRequest } from './validate.ts'

const { STATUS_CODES } = process.getBuiltinModule('node:http')

/** Seconds after which a client that has tried too often may try again. */
const RETRY_SECONDS = 60

type ErrorHandler = (error: Error, request: FastifyRequest, reply: FastifyReply) => unknown

/**
 * Has this handler answer every error of a scope, and every request that no route of the scope takes.
 * @param unmatched the refusal of such a request
 */
export function handleErrors(
  app: FastifyInstance,
  handle: ErrorHandler,
  unmatched: (request: FastifyRequest) => Refusal = () => notFound(),
): void {
  app.setErrorHandler(handle)
  app.setNotFoundHandler((request, reply) => handle(unmatched(request), request, reply))
}

/** Reads an error as a refusal, and gives the answer its status and headers, whether a program or a person reads it. */
export function refuseBy(refuser: Refuser, error: Error, reply: FastifyReply): Refusal {
  const refusal = refuser.read(explained(error), reply.request)
  const { status } = refusal
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  if (status === 429) reply.header('retry-after', RETRY_SECONDS)
  reply.code(status)
  return refusal
}

/** Gives errors of the plugins that only administration uses the sentence that a person can act on. */
function explained(error: Error & { code?: string; statusCode?: number }): Error {
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

/** The refusal of a change of an old version, with what was changed meanwhile. */
export class Meanwhile extends Refusal {
  /** The page's latest changes, newest first. */
  readonly changes: readonly AuditEntry[]
  /** The page's version now. */
  readonly version: number

  constructor(refusal: Refusal, changes: readonly AuditEntry[], version: number) {
    super('changed', refusal.brief, refusal.message)
    this.changes = changes
    this.version = version
  }
}

/** What is wrong, for programs: https://www.rfc-editor.org/rfc/rfc9457 */
export function problemOf({ status, code, message: detail, field }: Refusal) {
  const title = STATUS_CODES[status] as string
  const about = field === null ? {} : { field }
  return { type: 'about:blank', title, status, detail, code, ...about }
}

/** @returns an error handler that sends problem details */
export function problemHandler(refuser: Refuser): ErrorHandler {
  return (error, request, reply) => {
    const refusal = refuseBy(refuser, error, reply)
    const problem = problemOf(refusal)
    reply.type('application/problem+json; charset=utf-8')
    if (refusal.code === 'method_not_allowed') reply.header('allow', allowedFor(request))
    if (!(refusal instanceof Meanwhile)) return reply.send(JSON.stringify(problem))
    const { changes, version } = refusal
    reply.header('etag', `"${version}"`)
    return reply.send(JSON.stringify({ ...problem, changes, version }))
  }
}
