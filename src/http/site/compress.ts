import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { Cache } from '../../cache.ts'

/** Bytes of the compressed texts that are kept: those of all files and pages are some 200 kB. */
const MAX_BYTES = 2_000_000
/** Shorter texts fit into one packet as they are. */
const MIN_LENGTH = 1000
/**
 * Characters of all texts that are being compressed at once, at most; other texts are then sent as they are. Strangers can
 * request as many different texts as they like (`/logos.svg`), of up to 500,000 characters. All files together have 90,000.
 */
const MAX_IN_PROGRESS = 600_000
/** Characters of an Accept-Encoding that are read. */
const MAX_HEADER = 200

/** Quality 9 makes our files one part in 800 smaller, but takes ten times as long and 32 MB of memory for each text. */
const BROTLI_QUALITY = 5

const ENCODERS = {
  br: (text: string) =>
    promisify(brotliCompress)(text, {
      params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
    }),
  gzip: (text: string) => promisify(gzip)(text),
} as const
type Encoding = keyof typeof ENCODERS

/**
 * Compresses the texts that this scope sends, in Node's thread pool, and keeps the result: nearly all texts are sent again and
 * again. Nothing is compressed at the start, and no file has to be made beforehand.
 */
export function compressTexts(app: FastifyInstance): void {
  const known = new Cache<Buffer>(MAX_BYTES, ({ length }) => length)
  let inProgress = 0

  async function compress(text: string, encoding: Encoding): Promise<Buffer | null> {
    if (inProgress + text.length > MAX_IN_PROGRESS) return null
    inProgress += text.length
    try {
      return await ENCODERS[encoding](text)
    } finally {
      inProgress -= text.length
    }
  }

  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || payload.length < MIN_LENGTH) return payload
    reply.header('vary', 'Accept-Encoding')
    const encoding = encodingFor(request.headers['accept-encoding'])
    if (encoding === null) return payload
    const name = `${encoding} ${hash('sha256', payload)}`
    let compressed = known.get(name) ?? null
    if (compressed === null) {
      compressed = await compress(payload, encoding)
      if (compressed === null) return payload
      known.set(name, compressed)
    }
    reply.header('content-encoding', encoding).removeHeader('content-length')
    return compressed
  })
}

/** The better encoding that a client takes. */
function encodingFor(header: string | string[] | undefined): Encoding | null {
  const offers = String(header ?? '')
    .slice(0, MAX_HEADER)
    .toLowerCase()
    .split(',')
    .map((offer) => offer.replaceAll(' ', ''))
    .filter((offer) => !/;q=0(\.0*)?$/.test(offer))
    .map((offer) => offer.split(';', 1)[0])
  return (Object.keys(ENCODERS) as Encoding[]).find((name) => offers.includes(name)) ?? null
}
