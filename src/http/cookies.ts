import type { FastifyRequest } from 'fastify'

/** The cookie by which the owner of a browser asks that it is not counted, and its one value. */
export const OWN_COOKIE = 'tm_me'
export const OWN_VALUE = 'off'

/** Browsers take Secure cookies over HTTPS and from http://localhost. */
export function keepsSecureCookies(request: FastifyRequest): boolean {
  return request.protocol === 'https' || /^([^:]+\.)?localhost$/i.test(request.hostname)
}
