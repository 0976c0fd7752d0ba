import { parse } from 'fast-querystring'

/**
 * Reads a query as Fastify does, but for what people write by hand:
 * - A `+` in url is a plus, because an address has no spaces: `https://example.com/c++`.
 * - Behind a `?` in url that is not encoded, all that follows is the query of that page's own address, as in
 *   `url=https://example.com/a?id=1&color=red`.
 * - A tag that was escaped twice says `&amp;url=`.
 */
export function parseQuery(query: string): Record<string, unknown> {
  let text = query.includes('amp;') ? query.replace(/(?<=^|&)amp;/g, '') : query
  if (text.includes('?')) text = text.replace(/(?<=^|&)url=[^&]*\?.*/s, encodeUrl)
  if (text.includes('+')) text = text.replace(/(?<=^|&)url=[^&]*/g, keepPlus)
  return parse(text)
}

function encodeUrl(parameter: string): string {
  return parameter.replaceAll('&', '%26')
}

function keepPlus(parameter: string): string {
  return parameter.replaceAll('+', '%2B')
}
