import type { FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'

/**
 * Whether an answer is wanted as JSON: by the path, or where Accept prefers it to plain text. Where both are as welcome,
 * as some libraries say of themselves, it is plain text; but who posts gets JSON then.
 */
export function wantsJson(request: FastifyRequest): boolean {
  const { accept } = request.headers
  const posted = request.method === 'POST' && pathOf(request).startsWith('/count')
  // Hardly any request names such a type, and looking closer takes longer.
  if (posted || accept?.includes('application/')) {
    const types = ['text/plain', 'application/json']
    if (posted) types.reverse()
    const preferred = (list: string | undefined) =>
      new Negotiator({ headers: { accept: list } }).mediaTypes(types)[0]
    // Of equals, the first that the list names is preferred.
    const lists = [accept, accept?.split(',').reverse().join()]
    const json = lists.map((list) => preferred(list) === 'application/json')
    if (posted ? json.includes(true) : !json.includes(false)) return true
  }
  return pathOf(request).endsWith('.json')
}

export function pathOf({ url }: FastifyRequest): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}
