import { parse } from 'fast-querystring'
import type { FastifyRequest } from 'fastify'
import type { Appearance, Kind } from '../badge/appearance.ts'
import type { Badges } from '../badge/badge.ts'
import { Refusal } from '../refusal.ts'

/** The parameters of a request. The values are text, or a list where a name is given several times. */
export type Query = Readonly<Record<string, unknown>>

/** Parameters that are read from a query or a form; the rest is ignored. To read 4,000 takes over a millisecond. */
const MAX_PARAMETERS = 200

export function pathOf({ url }: FastifyRequest): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

/**
 * Reads a query as Fastify does, with three exceptions for addresses that people write by hand:
 * - A `+` in url is a plus, because an address has no spaces: `https://example.com/c++`.
 * - After an unencoded `?` in url, the rest of the query belongs to that page's own address, as in
 *   `url=https://example.com/a?id=1&color=red`.
 * - A tag that was escaped twice has `&amp;url=` for `&url=`.
 */
export function parseQuery(query: string): Record<string, unknown> {
  const text = query.includes('amp;') ? query.replace(/(?<=^|&)amp;/g, '') : query
  if (!text.includes('?') && !text.includes('+')) return parse(firstParameters(text))
  // url is read apart from the rest: encoding each of its signs for the parser, which decodes them again, takes milliseconds.
  const last = /(?<=^|&)url=[^&]*\?/.exec(text)
  const urls: string[] = []
  const others = firstParameters(last ? text.slice(0, last.index) : text).replace(
    /(?<=^|&)url=([^&]*)/g,
    (_all, url: string) => {
      urls.push(decode(url))
      return ''
    },
  )
  if (last) urls.push(decode(text.slice(last.index + 'url='.length)))
  const parameters = parse(others)
  // A name that is percent-encoded, such as %75rl, may be url too.
  if (parameters.url !== undefined) urls.push(...[parameters.url].flat())
  if (urls.length > 0) parameters.url = urls.length > 1 ? urls : urls[0]
  return parameters
}

function firstParameters(text: string): string {
  let end = -1
  for (let read = 0; read < MAX_PARAMETERS; read++) {
    end = text.indexOf('&', end + 1)
    if (end < 0) return text
  }
  return text.slice(0, end)
}

/** Decodes percent-encoding. A value with a malformed one stays as it is. */
function decode(value: string): string {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch (error) {
    if (error instanceof URIError) return value
    throw error
  }
}

/** Reads how a badge shall look. @throws Refusal `bad_option`, which names the option */
export function readAppearance(query: Query, badges: Badges, kind?: Kind): Appearance {
  const { appearance, problem } = badges.read(query, kind)
  if (problem) throw new Refusal('bad_option', `bad ${problem.option}`, problem.sentence)
  return appearance
}

/**
 * The cookies of `/me`, by which the owner of a browser says that it must not be counted, and their one value. Over HTTPS no
 * other host of the domain can set the first. The second is for plain HTTP; earlier versions set it over HTTPS too.
 */
export const OWN_COOKIES = { https: '__Host-tm_me', http: 'tm_me' } as const
export const OWN_VALUE = 'off'

/**
 * The values of all cookies of one name, in the order of the header. A browser sends several if another path, partition or
 * host of the domain has set one.
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

/** Whether a cookie says that this browser must not be counted. */
export function hasOwnMark(header: string | undefined): boolean {
  if (header === undefined) return false
  return Object.values(OWN_COOKIES).some((name) => cookieValues(header, name).includes(OWN_VALUE))
}

/** Browsers take Secure cookies over HTTPS and from http://localhost. */
export function keepsSecureCookies({ protocol, hostname }: FastifyRequest): boolean {
  return protocol === 'https' || /^([^:]+\.)?localhost$/i.test(hostname)
}
