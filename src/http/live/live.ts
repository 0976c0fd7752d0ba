import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { subscriber } from '../../address.ts'
import { hostOf, normalizePage, type PageKey } from '../../page.ts'
import { matchAny } from '../../pattern.ts'
import { Refusal } from '../../refusal.ts'
import { siteKey } from '../../site.ts'
import type { RouteParts } from '../app.ts'
import { describe, PAGE_PARAMETERS, TEXT } from '../openapi.ts'
import { answerRoute } from '../reply.ts'
import type { Query } from '../request.ts'
import { VisitFeed } from './feed.ts'
import { Streams } from './streams.ts'

/** How often streams are served while somebody listens, in ms; and how often it is seen that another service has some. */
const TICK_MS = 100
const LOOK_MS = 250
/** Pages and hosts that a request may name. */
const MAX_NAMED = 20

const HOST = {
  ...TEXT,
  description: 'Only pages of this host; like `url`, it may be given several times',
  examples: ['example.com', 'localhost:8080'],
}

/** `/live`: visits while they happen, as server-sent events. @returns the events, for other routes */
export function liveRoute(
  app: FastifyInstance,
  parts: Omit<RouteParts, 'feed' | 'lists' | 'active'>,
): VisitFeed {
  const { settings, store, live, watcher, visits, statistics, now } = parts
  const feed = new VisitFeed({
    ...{ live, store, log: app.log },
    book: () => watcher.book,
    ignore: settings.top.ignore,
  })
  const streams = new Streams(feed.events, settings.http.liveLimit)

  let timer: NodeJS.Timeout | undefined
  let isEnding = false
  /** Serves all streams, and comes back while there is something to do. */
  function tick(): void {
    clearTimeout(timer)
    if (isEnding) return
    const at = now()
    const isOn = feed.tick(streams.size > 0, at)
    streams.tick(at)
    if (isOn || store.exchange !== null) timer = setTimeout(tick, isOn ? TICK_MS : LOOK_MS)
  }
  app.addHook('onListen', async () => tick())
  app.addHook('preClose', async () => {
    isEnding = true
    clearTimeout(timer)
    streams.close()
  })
  const onChange = () => {
    feed.forget()
    streams.announceChange(now())
  }
  watcher.on('rules', onChange)
  watcher.on('pages', onChange)

  /** @throws Refusal */
  function readHosts(hosts: readonly string[]): Set<string> {
    const isDenied = matchAny(watcher.book.served.deny)
    return new Set(hosts.map((host) => readHost(host, isDenied)))
  }

  /**
   * The pages that a request names, each with its number. If it names several, those that are not shown are left out.
   * @throws Refusal
   */
  async function readPages(
    request: FastifyRequest,
    urls: readonly string[],
  ): Promise<Map<PageKey, number>> {
    const read = async (url: string): Promise<[PageKey, number]> => {
      const { page } = visits.identify(url, undefined)
      await statistics.check(request, page)
      const { count } = await store.replica.readPage(page, null, now())
      const [target = page] = await store.replica.resolve([page])
      return [target, count]
    }
    const results = await Promise.allSettled(urls.map(read))
    const failures = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
    const isNotShown = ({ code }: { code?: unknown }) =>
      code === 'removed' || code === 'blocked_page'
    const fatal =
      failures.length === urls.length ? failures[0] : failures.find((each) => !isNotShown(each))
    if (fatal !== undefined) throw fatal
    return new Map(results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])))
  }

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const query = request.query as Query
    const [urls, named] = [valuesOf(query.url), valuesOf(query.host)]
    if (urls.length + named.length > MAX_NAMED) {
      const sentence = `A live stream can be of at most ${MAX_NAMED} pages and hosts.`
      throw new Refusal('bad_page', 'too many urls', sentence)
    }
    const hosts = readHosts(named)
    for (const host of hosts) await statistics.check(request, siteKey(host))
    if (urls.length + named.length === 0) await statistics.check(request, null)
    const address = subscriber(request.ip)
    const isStream = request.method !== 'HEAD'
    if (isStream) streams.makeRoom(address)
    const numbers = await readPages(request, urls)
    // Others may have come meanwhile.
    if (isStream) streams.makeRoom(address)
    const { raw } = reply
    reply.hijack()
    // The body ends with the connection. To frame each chunk for each stream would take longer than to send it.
    raw.removeHeader('transfer-encoding')
    raw.writeHead(200, headersFor(request))
    if (!isStream) {
      raw.end()
      return
    }
    raw.emit('streaming')
    const wanted = { pages: new Set(numbers.keys()), hosts }
    streams.open(
      raw,
      {
        name: JSON.stringify([[...wanted.pages].sort(), [...hosts].sort()]),
        wanted,
        lastEventId: request.headers['last-event-id'] as string | undefined,
        address,
        greeting: [...numbers].map(([page, count]) => numberEvent(page, count)).join(''),
      },
      now(),
    )
    tick()
  }

  const { url } = PAGE_PARAMETERS
  const summary = 'Visits while they happen, as server-sent events; of all pages, or of some'
  answerRoute(app, '/live', describe('Statistics', summary, { url, host: HOST }, 'events'), answer)
  return feed
}

function valuesOf(value: unknown): string[] {
  return [value].flat().filter((each) => typeof each === 'string' && each !== '') as string[]
}

/** @throws Refusal */
function readHost(value: string, isDenied: (host: string) => boolean): string {
  const page = normalizePage(value)
  if (hostOf(page) !== page) {
    throw new Refusal(
      'bad_page',
      'bad host',
      'That is not a host; it should look like example.com, without a path.',
    )
  }
  if (isDenied(page)) {
    throw new Refusal('blocked_page', 'host not allowed', 'This counter does not serve that host.')
  }
  return page
}

/** The event by which a stream of named pages begins, for each of them. */
function numberEvent(page: PageKey, count: number): string {
  return `event: number\ndata: ${JSON.stringify({ page, count })}\n\n`
}

function headersFor({ headers: { origin } }: FastifyRequest): Record<string, string> {
  return {
    'content-type': 'text/event-stream; charset=utf-8',
    // Proxies shall neither keep nor compress it, which would hold events back. nginx reads the second header.
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'cross-origin',
    'content-security-policy': "default-src 'none'; sandbox",
    vary: 'Origin',
    'access-control-allow-origin': origin ?? '*',
    ...(origin !== undefined && { 'access-control-allow-credentials': 'true' }),
    // A connection that stayed open after its stream would delay the end of the service.
    connection: 'close',
  }
}
