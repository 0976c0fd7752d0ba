import type { FastifyRequest } from 'fastify'

/** Whether an answer is JSON. The path alone says so: people read the number of `/count` with what asks for JSON, too. */
export function wantsJson(request: FastifyRequest): boolean {
  return pathOf(request).endsWith('.json')
}

export function pathOf({ url }: FastifyRequest): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}
