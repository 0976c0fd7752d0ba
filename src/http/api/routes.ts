import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RouteParts } from '../app.ts'
import type { Description } from '../openapi.ts'
import { handleErrors, problemHandler } from '../problem.ts'
import { limitFurther } from '../rate-limits.ts'
import { type Refuser, unmatched } from '../refuse.ts'
import { ANSWER_HEADERS, allowOrigin, preflightRoute } from '../reply.ts'
import { sendFile } from '../site/files.ts'
import { acceptJson, check } from '../validate.ts'
import { readAbout, readQuery } from './query.ts'
import type { ApiParts, Call, Resource } from './resource.ts'

/** Bytes of the largest body: 100 addresses of more than ordinary length. */
const MAX_BODY = 256_000
const PREFIX = '/api/v1'
const JSON_TYPE = 'application/json; charset=utf-8'

type Load = () => Promise<Resource>

// TypeBox takes 90 ms and 24 MB to load. So a resource is loaded at the first request for it, or for the document.
const READ: Readonly<Record<string, Load>> = {
  '/pages': async () => (await import('./pages.ts')).pages,
  '/hosts': async () => (await import('./hosts.ts')).hosts,
  '/numbers': async () => (await import('./numbers.ts')).numbers,
  '/series': async () => (await import('./series.ts')).series,
  '/outcomes': async () => (await import('./outcomes.ts')).outcomes,
  '/top': async () => (await import('./top.ts')).top,
  '/active': async () => (await import('./active.ts')).active,
}
const POSTED: Readonly<Record<string, Load>> = {
  '/pages/count': async () => (await import('./many.ts')).countMany,
  '/pages/read': async () => (await import('./many.ts')).readMany,
}

/** `/api/v1`: what programs read and count. docs/api.md says what it promises to keep. */
export function apiRoutes(app: FastifyInstance, routeParts: RouteParts, refuser: Refuser): void {
  const { http } = routeParts.settings
  const { caching } = routeParts.statistics
  const parts: ApiParts = { ...routeParts, refuser, limitFurther: limitFurther(app, http) }
  app.register(
    async (api) => {
      // A page can send plain text to another origin without a preflight.
      acceptJson(api, { types: ['application/json', 'text/plain'], bodyLimit: MAX_BODY })
      handleErrors(api, problemHandler(refuser), unmatched)
      api.addHook('onSend', async (request, reply) => {
        for (const [name, value] of Object.entries(HEADERS)) {
          if (!reply.hasHeader(name)) reply.header(name, value)
        }
        // Only answers to GET may be kept, to be asked for again with their ETag.
        if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
        if (!reply.hasHeader('access-control-allow-origin')) allow(request, reply)
      })
      for (const [path, load] of Object.entries(READ)) {
        api.get(path, { config: { openapi: described(load, parts) } }, async (request, reply) => {
          const answer = await answerOf(await load(), request, reply, parts)
          const content = JSON.stringify({ ...answer, at: undefined })
          return sendFile(request, reply, JSON_TYPE, JSON.stringify(answer), caching, content)
        })
        preflightRoute(api, path, allow)
      }
      for (const [path, load] of Object.entries(POSTED)) {
        api.post(path, { config: { openapi: described(load, parts) } }, async (request, reply) => {
          const answer = await answerOf(await load(), request, reply, parts)
          return reply.type(JSON_TYPE).send(JSON.stringify(answer))
        })
        preflightRoute(api, path, allow)
      }
    },
    { prefix: PREFIX },
  )
}

/** On every answer. */
const HEADERS = {
  'content-security-policy': ANSWER_HEADERS['content-security-policy'],
  'cross-origin-resource-policy': ANSWER_HEADERS['cross-origin-resource-policy'],
  'x-content-type-options': ANSWER_HEADERS['x-content-type-options'],
  vary: ANSWER_HEADERS.vary,
  // So that pages of other sites can read them.
  'access-control-expose-headers': 'ETag, Retry-After',
}

/**
 * Lets any page read. Only what counts sets cookies, so only that lets browsers send them: see `allowOrigin`. What a session
 * may read with STATS=private stays closed to other sites.
 */
function allow(request: FastifyRequest, reply: FastifyReply): void {
  const path = request.routeOptions.url?.slice(PREFIX.length) ?? ''
  if (Object.hasOwn(POSTED, path)) allowOrigin(request, reply)
  else reply.header('access-control-allow-origin', '*')
}

/** Checks a request, and has its resource answer it. @throws Refusal */
async function answerOf(
  resource: Resource,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: ApiParts,
): Promise<object> {
  const query = readQuery(request, resource.query)
  const body = resource.body && check(request, resource.body, request.body ?? {})
  const subject = readAbout(resource.about, parts.visits, query)
  if (resource.about !== 'open') await parts.statistics.check(request, subject?.key ?? null)
  const call: Call<unknown, unknown> = {
    ...{ query, body, subject, parts, request, reply },
    now: parts.now(),
  }
  return resource.read(call as Parameters<Resource['read']>[0]) as Promise<object>
}

function described(load: Load, { statistics }: ApiParts): () => Promise<Description> {
  return async () => {
    const { summary, about, query, body, answer, example } = await load()
    return {
      tag: 'API',
      summary,
      parameters: query.properties,
      answer,
      example,
      problems: about === 'open' ? 'open' : 'guarded',
      isPrivate: about !== 'open' && !statistics.isPublic,
      ...(body && { body: { 'application/json': { schema: body } } }),
    }
  }
}
