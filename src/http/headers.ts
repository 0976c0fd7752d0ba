import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Drawing } from '../badge/png/pngs.ts'

/**
 * On every answer that shows a number. GitHub's image proxy caches an answer without Cache-Control for a year;
 * this set is what it and browsers honour. Nothing in an SVG may run, or load anything, even when it is opened
 * by itself.
 */
export const ANSWER_HEADERS = {
  'cache-control': 'max-age=0, no-cache, no-store, must-revalidate',
  pragma: 'no-cache',
  expires: '0',
  'content-security-policy':
    "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
  vary: 'Origin',
} as const

/** On every page that people open, and what it loads. */
export const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  // The live badge of the home page learns which page it is on; other sites learn nothing.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
} as const

/**
 * Lets any page read the number and send its window cookie along. A wildcard does not do for requests with
 * credentials, so the Origin is echoed: safe here, because these answers hold a page's numbers and what became of this
 * one visit. Windows are kept apart by site, so no site learns which pages of another were visited. What a site can learn
 * stands in docs/privacy.md. A request without Origin gets the wildcard, as hit-counter's did: a cache may hand its answer to
 * any page.
 */
export function allowOrigin(request: FastifyRequest, reply: FastifyReply): void {
  const { origin } = request.headers
  reply.header('access-control-allow-origin', origin ?? '*')
  if (origin !== undefined) reply.header('access-control-allow-credentials', 'true')
}

/** The most characters that a header names. */
const MAX_NAMED = 20

/** Says which characters of a PNG no font has, such as `U+8BBF U+95EE`. */
export function missingGlyphs({ missing }: Drawing): Record<string, string> {
  if (missing === '') return {}
  const codes = Array.from(missing, (character) => character.codePointAt(0) as number)
  const names = codes.map((code) => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`)
  return { 'x-missing-glyphs': names.slice(0, MAX_NAMED).join(' ') }
}
