import { createHmac } from 'node:crypto'
import type { TestContext } from 'node:test'
import { listen } from './site.ts'

const KEY = 'a key that camo and the forge share'
const MAX_BYTES = 5 * 1024 * 1024
const MAX_REDIRECTS = 4
const TIMEOUT_MS = 4000
const YEAR = 'public, max-age=31536000'

export interface Camo {
  /** The address under which a forge shows an image. */
  address(image: string): string
  /** How often it has requested an image. */
  asked: number
}

/**
 * The smallest image proxy that follows the rules of GitHub's. It sends no cookies and no referrer of the reader, but its own
 * name; it passes on only images, and no cookies; it caches images that do not forbid it, for a year by default.
 */
export async function startCamo(t: TestContext): Promise<Camo> {
  const cache = new Map<string, { status: number; headers: Record<string, string>; body: Buffer }>()
  const camo: Camo = {
    asked: 0,
    address: (image) => `${origin}/${digest(image)}/${Buffer.from(image).toString('hex')}`,
  }

  async function ask(url: string) {
    let at = url
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      camo.asked += 1
      const answer = await fetch(at, {
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          'user-agent': 'github-camo (0b06c4de)',
          accept: 'image/*',
          via: 'Camo Asset Proxy',
        },
      })
      const location = answer.headers.get('location')
      if (answer.status >= 300 && answer.status < 400 && location !== null) {
        at = new URL(location, at).href
        continue
      }
      const type = answer.headers.get('content-type') ?? ''
      if (!type.startsWith('image/')) throw new Error(`${type} is no image`)
      const body = Buffer.from(await answer.arrayBuffer())
      if (body.length > MAX_BYTES) throw new Error('too large')
      const headers: Record<string, string> = {
        'content-type': type,
        'cache-control': answer.headers.get('cache-control') ?? YEAR,
        'content-security-policy': "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
        'x-content-type-options': 'nosniff',
      }
      for (const name of ['etag', 'expires', 'last-modified']) {
        const value = answer.headers.get(name)
        if (value !== null) headers[name] = value
      }
      return { status: answer.status, headers, body }
    }
    throw new Error('too many redirects')
  }

  const host = await listen(t, async (incoming, outgoing) => {
    const [, sign, hex = ''] = incoming.url?.split('/') ?? []
    const image = Buffer.from(hex, 'hex').toString()
    if (sign !== digest(image)) return outgoing.writeHead(404).end()
    try {
      const kept = cache.get(image) ?? (await ask(image))
      if (!/no-store|no-cache|private|max-age=0/.test(kept.headers['cache-control'] ?? '')) {
        cache.set(image, kept)
      }
      outgoing.writeHead(kept.status, kept.headers).end(kept.body)
    } catch (error) {
      outgoing.writeHead(502, { 'content-type': 'text/plain' }).end(String(error))
    }
  })
  const origin = `http://${host}`
  return camo
}

function digest(image: string): string {
  return createHmac('sha1', KEY).update(image).digest('hex')
}
