import type { FastifyRequest } from 'fastify'

/**
 * The cookies by which the owner of a browser asks that it is not counted, and their one value. Over HTTPS no other host of
 * the domain can set the first. The second is the one of plain HTTP, and of earlier versions.
 */
export const OWN_COOKIES = { https: '__Host-tm_me', http: 'tm_me' } as const
export const OWN_VALUE = 'off'

/**
 * The values of the cookies of one name, in the order of the header. A browser sends several where another
 * path, partition or host of the domain has set one.
 * @param header the header Cookie
 */
export function cookieValues(header: string | undefined, name: string): string[] {
  const values: string[] = []
  if (header === undefined) return values
  const begin = `${name}=`
  for (let at = header.indexOf(begin); at >= 0; at = header.indexOf(begin, at + begin.length)) {
    let before = at - 1
    while (header[before] === ' ') before -= 1
    if (before >= 0 && header[before] !== ';') continue
    const end = header.indexOf(';', at)
    values.push(header.slice(at + begin.length, end < 0 ? undefined : end).trim())
  }
  return values
}

/** Whether one of the cookies asks that this browser is not counted. */
export function hasOwnMark(header: string | undefined): boolean {
  return Object.values(OWN_COOKIES).some((name) => cookieValues(header, name).includes(OWN_VALUE))
}

export function isHttps(request: FastifyRequest): boolean {
  return request.protocol === 'https'
}

/** Browsers take Secure cookies over HTTPS and from http://localhost. */
export function keepsSecureCookies(request: FastifyRequest): boolean {
  return isHttps(request) || /^([^:]+\.)?localhost$/i.test(request.hostname)
}
