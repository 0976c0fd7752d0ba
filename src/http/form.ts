import type { FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import type { Badges } from '../badge/badge.ts'
import type { BadgeOptions } from '../badge/options.ts'

/**
 * Whether an answer is wanted as JSON: by the path, or where Accept prefers it to plain text. Who sends a body gets
 * JSON unless plain text is preferred.
 */
export function wantsJson(request: FastifyRequest): boolean {
  const { accept } = request.headers
  const posted = request.method === 'POST'
  // Hardly any request names it, and looking closer takes longer.
  if (posted || accept?.includes('application/json')) {
    const types = ['text/plain', 'application/json']
    const [wanted] = new Negotiator(request.raw).mediaTypes(posted ? types.reverse() : types)
    if (wanted === 'application/json') return true
  }
  return pathOf(request).endsWith('.json')
}

export function pathOf({ url }: FastifyRequest): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

/** What a badge gets that names no options, by what its route shows. */
export function defaultsFor(path: string, { defaults }: Badges): BadgeOptions {
  return path.startsWith('/active') ? { ...defaults, label: 'active' } : defaults
}
