import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { subscriber } from '../../address.ts'
import type { PageKey } from '../../page.ts'
import { Refusal } from '../../refusal.ts'
import { hostOfSite, siteKey } from '../../site.ts'
import type { RouteParts } from '../app.ts'
import { describe, PAGE_PARAMETERS, TEXT } from '../openapi.ts'
import { answerRoute } from '../reply.ts'
import type { Query } from '../request.ts'
import { VisitFeed } from './feed.ts'
import { StreamRights } from './rights.ts'
import { Streams, siteEvent } from './streams.ts'

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

const SITE = { ...TEXT, description: 'The same as `host`', examples: ['example.com'] }

/** `/live`: visits while they happen, as server-sent events. @returns the events, for other routes */
export function liveRoute(
  app: FastifyInstance,
  parts: Omit<RouteParts, 'feed' | 'lists' | 'listReader' | 'active'>,
): VisitFeed {
  const { settings, store, live, watcher, visits, statistics, now } = parts
  const feed = new VisitFeed({
    ...{ live, store, log: app.log },
    book: () => watcher.book,
    ignore: settings.top.ignore,
  })
  const streams = new Streams(feed.events, feed.wants, settings.http.liveLimit)
  const rights = new StreamRights()

  let timer: NodeJS.Timeout | undefined
  let isEnding = false
  /** Serves all streams, and comes back while there is something to do. */
  function tick(): void {
    clearTimeout(timer)
    if (isEnding) return
    const at = now()
    const isOn = feed.tick(at)
    streams.tick(at)
    rights.tick(at)
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
    streams.announceChange()
  }
  watcher.on('rules', onChange)
  watcher.on('pages', onChange)

  /**
   * The hosts that a request names, each with its number.
   * @throws Refusal
   */
  async function readHosts(
    request: FastifyRequest,
    named: readonly string[],
  ): Promise<Map<string, number>> {
    const keys = new Set(named.map((host) => visits.identifySite(host) as PageKey))
    return new Map(
      await Promise.all(
        [...keys].map(async (key): Promise<[string, number]> => {
          await statistics.check(request, key)
          const { count } = await store.replica.readPage(key, null, now())
          return [hostOfSite(key) as string, count]
        }),
      ),
    )
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
    const urls = valuesOf(query.url)
    const named = [...valuesOf(query.host), ...valuesOf(query.site)]
    if (urls.length + named.length > MAX_NAMED) {
      const sentence = `A live stream can be of at most ${MAX_NAMED} pages and hosts.`
      throw new Refusal('bad_page', 'too many urls', sentence)
    }
    if (urls.length + named.length === 0) await statistics.check(request, null)
    const address = subscriber(request.ip)
    const isStream = request.method !== 'HEAD'
    if (isStream) streams.makeRoom(address)
    const [pages, hosts] = await Promise.all([readPages(request, urls), readHosts(request, named)])
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
    const wanted = { pages: new Set(pages.keys()), hosts: new Set(hosts.keys()) }
    if (!statistics.isPublic) {
      const keys = [...wanted.pages, ...[...wanted.hosts].map(siteKey)]
      rights.add(raw, () => statistics.allowsAll(request, keys.length === 0 ? [null] : keys))
    }
    streams.open(
      raw,
      {
        name: JSON.stringify([[...wanted.pages].sort(), [...wanted.hosts].sort()]),
        wanted,
        lastEventId: request.headers['last-event-id'] as string | undefined,
        address,
        greeting: [
          ...[...pages].map(([page, count]) => numberEvent(page, count)),
          ...[...hosts].map(([host, count]) => siteEvent(host, count)),
        ].join(''),
      },
      now(),
    )
    tick()
  }

  const { url } = PAGE_PARAMETERS
  const summary = 'Visits while they happen, as server-sent events; of all pages, or of some'
  const parameters = { url, host: HOST, site: SITE }
  answerRoute(app, '/live', describe('Statistics', summary, parameters, 'events'), answer)
  return feed
}

function valuesOf(value: unknown): string[] {
  return [value].flat().filter((each) => typeof each === 'string' && each !== '') as string[]
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
