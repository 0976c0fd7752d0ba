import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { ANSWER_HEADERS, allowOrigin } from './headers.ts'

/** GET with its HEAD, and a CORS preflight that touches nothing. */
export function answerRoute(
  app: FastifyInstance,
  url: string,
  handler: (request: FastifyRequest, reply: FastifyReply) => void,
): void {
  app.get(url, handler)
  app.options(url, (request, reply) => {
    const methods = methodsOf(app, url)
    reply.code(204).headers(ANSWER_HEADERS).header('allow', methods.join(', '))
    allowOrigin(request, reply)
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

/** Characters of the longest path that is looked for. The router reads all of it once for each method. */
const MAX_PATH = 200

/** The methods that a path takes; none where there is no such route. */
export function methodsOf(app: FastifyInstance, url: string): HTTPMethods[] {
  if (url.length > MAX_PATH) return []
  return (['GET', 'HEAD', 'POST', 'OPTIONS'] as const).filter((method) =>
    app.hasRoute({ method, url }),
  )
}
