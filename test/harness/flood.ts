// Sends many long, distinct requests to a service in this process, and prints by how many bytes its heap has grown.
// Arguments: the kinds of requests, with commas between them, and the number of requests of each kind.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './app.ts'

/** As long as a request line or a header may be. */
const PAD = 'x'.repeat(15_000)

const TOGETHER = 20

type Sent = { url: string; headers?: Record<string, string>; remoteAddress?: string }

/** Values that strangers choose and a cache may hold. Each has at least 13 characters, so that V8 keeps it as a view of its line. */
export const FLOODS: Record<string, (at: number) => Sent> = {
  label: (at) => ({ url: `/nocount/tag.svg?url=%20&label=abcdefghijklmn${at}&pad=${PAD}` }),
  label_not_latin: (at) => ({
    url: `/nocount/tag.svg?url=a.example&label=${encodeURIComponent('訪問量訪問量訪問量')}${at}&pad=${PAD}`,
  }),
  affixes: (at) => ({
    url: `/sample/tag.svg?prefix=abcdefghijklmn${at}&suffix=abcdefghijklmn${at}&pad=${PAD}`,
  }),
  colours: (at) => ({
    url: `/sample/tag.svg?color=rgb(${at % 256},${at >> 8},000000007)&textColor=rgb(${at % 256},${at >> 8},0000009)&pad=${PAD}`,
  }),
  colour_steps: (at) => ({
    url: `/sample/tag.svg?colorSteps=${at + 1000}:rebeccapurple,${at + 9_000_000}:lightgoldenrodyellow&pad=${PAD}`,
  }),
  logo: (at) => ({
    url: `/sample/tag.svg?logo=${encodeURIComponent(`data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="${at}" height="9"/></svg>`)}&pad=${PAD}`,
  }),
  format: (at) => ({
    url: `/sample/tag.svg?format=de-DE-x-${String(at).padStart(8, 'a')}-abcdefgh&pad=${PAD}`,
  }),
  show: (at) => ({ url: `/sample/tag.svg?show=${day(at)}-${day(at + 1)}&pad=${PAD}` }),
  period: (at) => ({ url: `/nocount?url=a.example&period=${day(at)}&pad=${PAD}` }),
  within: (at) => ({ url: `/nocount?url=a.example&within=days=1,minutes=${at}&pad=${PAD}` }),
  zone: (at) => ({ url: `/nocount?url=a.example&period=today&tz=Europe/Nowhere${at}&pad=${PAD}` }),
  page: (at) => ({ url: `/nocount?url=https://example.com/a-page/${at}&pad=${PAD}` }),
  referer: (at) => ({ url: '/nocount', headers: { referer: `https://example.com/r/${at}` } }),
  counted_page: (at) => ({ url: `/count?url=https://example.com/a-counted-page/${at}&pad=${PAD}` }),
  trend: (at) => ({
    url: `/nocount/tag.svg?url=https://t.example/page/${at}&trend=30d&pad=${PAD}`,
  }),
  agent: (at) => ({
    url: '/count?url=a.example',
    headers: { 'user-agent': `Mozilla/5.0 (${at}) ${PAD}` },
  }),
  cookie: (at) => ({
    url: '/count?url=a.example',
    headers: { cookie: `tm_me=abcdefghijklmn${at}; pad=${PAD}` },
  }),
  address: (at) => ({
    url: '/count?url=a.example',
    headers: { 'x-forwarded-for': `${PAD}, 2001:db8:1234:${at.toString(16)}::1234:5678` },
  }),
  no_address: (at) => ({
    url: '/count?url=a.example',
    headers: { 'x-forwarded-for': `no address at all ${at} ${PAD}` },
  }),
  refused: (at) => ({ url: `/nocount/tag.svg?url=a.example&color=nocolour${at}&pad=${PAD}` }),
  not_found: (at) => ({ url: `/nothing-is-here-at-all-${at}?pad=${PAD}` }),
}

const day = (at: number) => new Date(Date.UTC(1900, 0, 1 + at)).toISOString().slice(0, 10)

if (import.meta.main) {
  const [kinds = '', many = '0'] = process.argv.slice(2)
  const folder = mkdtempSync(join(tmpdir(), 'tallymark-flood-'))
  const ends: (() => unknown)[] = []
  const { app } = await build(
    { after: (end) => ends.push(end) },
    { TRUST_PROXY: 'true', RATE_LIMIT: '1000000', LIMIT_PER_ADDRESS: '1000' },
  )
  let before = heap()
  for (const kind of kinds.split(',')) {
    const request = FLOODS[kind]
    if (!request) throw new Error(`no flood ${kind}`)
    for (let at = 0; at < Number(many); at += TOGETHER) {
      const answers = Array.from({ length: TOGETHER }, (_, by) => app.inject(request(at + by)))
      for (const { statusCode } of await Promise.all(answers)) {
        if (statusCode >= 500) throw new Error(`${kind} ${at}: ${statusCode}`)
      }
      // Objects behind weak references are kept until the next round of the event loop.
      await new Promise(setImmediate)
    }
    const after = heap()
    process.stdout.write(`${kind} ${after - before} ${process.memoryUsage.rss()}\n`)
    before = after
  }
  for (const end of ends.reverse()) await end()
  rmSync(folder, { recursive: true })
}

/** Bytes of the heap in use; with --expose-gc, without garbage. */
function heap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
