import { Busboy, type BusboyHeaders } from '@fastify/busboy'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../refusal.ts'
import { parseQuery } from './request.ts'

/** Bytes of the largest body: as much as a request line can hold. */
const MAX_BYTES = 16_384
/** Fields of a multipart form. Each takes the parser some 10 us, whatever it holds. */
const MAX_FIELDS = 10
/** Bytes of the headers of one field. */
const MAX_FIELD_HEADERS = 1000
/** Quotes in JSON, four for a field: thousands of fields take over a millisecond. */
const MAX_QUOTES = 800

/** The fields of a body. All values are text. */
export type Body = Readonly<Record<string, string>>

/**
 * Lets the routes of this scope take a body, in each type that browsers send from a form or by `navigator.sendBeacon`.
 * Plain text is the address of a page. If it begins with `{`, it is JSON: no address and no name begins so.
 */
export function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const asText = { parseAs: 'string', bodyLimit: MAX_BYTES } as const
  app.addContentTypeParser(
    'application/json',
    asText,
    async (_request: FastifyRequest, body: string) => parseJson(body.trim()),
  )
  app.addContentTypeParser('text/plain', asText, async (_request: FastifyRequest, body: string) => {
    const text = body.trim()
    if (text.startsWith('{')) return parseJson(text)
    return text === '' ? undefined : { url: text }
  })
  app.addContentTypeParser('application/x-www-form-urlencoded', asText, (_request, body, done) =>
    done(null, parseQuery(String(body))),
  )
  const asBytes = { parseAs: 'buffer', bodyLimit: MAX_BYTES } as const
  app.addContentTypeParser(
    'multipart/form-data',
    asBytes,
    async (request: FastifyRequest, body: Buffer) =>
      readMultipart(request.headers as BusboyHeaders, body).catch(() => {
        throw malformed()
      }),
  )
  app.addContentTypeParser('*', (_request, _payload, done) => done(malformed(), undefined))
}

/**
 * The fields of a request's body; none if it has no body.
 * @throws Refusal `bad_request`
 */
export function bodyOf({ body }: FastifyRequest): Body {
  if (body === undefined || body === null) return {}
  const isBody = typeof body === 'object' && !Array.isArray(body)
  if (!isBody || Object.values(body).some((value) => typeof value !== 'string')) throw malformed()
  return body as Body
}

/** Parses JSON; `bodyOf` checks that it is an object of texts. @throws Refusal */
function parseJson(text: string): unknown {
  if (text.split('"', MAX_QUOTES + 2).length > MAX_QUOTES + 1) throw malformed()
  try {
    return JSON.parse(text)
  } catch (error) {
    throw malformed(error)
  }
}

/** The fields of a multipart form. It rejects if the form is malformed, has a file, or has a field twice. */
async function readMultipart(headers: BusboyHeaders, body: Buffer): Promise<Body> {
  const separators = body.toString('latin1').split('\r\n--', MAX_FIELDS + 2)
  if (separators.length > MAX_FIELDS + 1) throw malformed()
  const fields = new Map<string, string>()
  await new Promise<void>((resolve, reject) => {
    const form = new Busboy({
      headers,
      limits: { files: 0, headerPairs: MAX_FIELDS, headerSize: MAX_FIELD_HEADERS },
    })
    form.on('field', (name, value) => {
      if (fields.has(name)) reject(malformed())
      fields.set(name, value)
    })
    form.on('filesLimit', () => reject(malformed()))
    form.on('error', reject)
    form.on('finish', () => resolve())
    form.end(body)
  })
  return Object.fromEntries(fields)
}

function malformed(cause?: unknown): Refusal {
  return new Refusal(
    'bad_request',
    'bad request',
    'Send JSON such as {"url": "https://example.com/page"}, a form with a field url, or the address alone as plain ' +
      'text; values are text, each given once.',
    { cause },
  )
}
