import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../refusal.ts'
import { parseQuery } from './query.ts'

/** Bytes: as much as a request line can hold. */
const MOST = 16_384

/** What a body holds: names and values, all of them text. */
export type Body = Readonly<Record<string, string>>

/** Lets the routes of this scope take a body: JSON, or a form as browsers send it. */
export function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const options = { parseAs: 'string', bodyLimit: MOST } as const
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', options, (request, body, done) =>
    parseJson(request, String(body), (error, value) => done(error && malformed(), value)),
  )
  app.addContentTypeParser('application/x-www-form-urlencoded', options, (_request, body, done) =>
    done(null, parseQuery(String(body))),
  )
  app.addContentTypeParser('*', (_request, _payload, done) => done(malformed(), undefined))
}

/**
 * The body of a request that may have one; nothing where it has none.
 * @throws Refusal `bad_request`
 */
export function bodyOf({ body }: FastifyRequest): Body {
  if (body === undefined || body === null) return {}
  const isBody = typeof body === 'object' && !Array.isArray(body)
  if (!isBody || Object.values(body).some((value) => typeof value !== 'string')) throw malformed()
  return body as Body
}

function malformed(): Refusal {
  return new Refusal(
    'bad_request',
    'bad request',
    'Send JSON such as {"url": "https://example.com/page"}, or a form with a field url; values are text, each given once.',
  )
}
