import { parse } from 'fast-querystring'

/**
 * Reads a query as Fastify does, but for a `+` in url: there it is a plus, because an address has no spaces, and
 * people paste addresses such as `https://example.com/c++` as they are.
 */
export function parseQuery(query: string): Record<string, unknown> {
  return parse(query.includes('+') ? query.replace(/(?<=^|&)url=[^&]*/g, keepPlus) : query)
}

function keepPlus(parameter: string): string {
  return parameter.replaceAll('+', '%2B')
}
