import { parse } from 'fast-querystring'

/** Parameters that are read of a query or a form; what follows is ignored. To read 4,000 takes over a millisecond. */
const MAX_PARAMETERS = 200

/**
 * Reads a query as Fastify does, but for what people write by hand:
 * - A `+` in url is a plus, because an address has no spaces: `https://example.com/c++`.
 * - Behind a `?` in url that is not encoded, all that follows is the query of that page's own address, as in
 *   `url=https://example.com/a?id=1&color=red`.
 * - A tag that was escaped twice says `&amp;url=`.
 */
export function parseQuery(query: string): Record<string, unknown> {
  const text = query.includes('amp;') ? query.replace(/(?<=^|&)amp;/g, '') : query
  if (!text.includes('?') && !text.includes('+')) return parse(firstParameters(text))
  // A url is read apart: to encode each of its signs first, and decode it again, takes milliseconds.
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
  // One whose name is percent-encoded.
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

/** What is no percent-encoding stays as it is. */
function decode(value: string): string {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch (error) {
    if (error instanceof URIError) return value
    throw error
  }
}
