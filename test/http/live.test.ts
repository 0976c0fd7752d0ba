import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import test, { type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Streams } from '../../src/http/live/streams.ts'
import { Wants } from '../../src/http/live/wants.ts'
import { VisitLog } from '../../src/live.ts'
import type { PageKey } from '../../src/page.ts'
import { build, cookieOf, T0, type TestApp } from '../harness/app.ts'
import { listenTo } from '../harness/events.ts'
import { listen } from '../harness/site.ts'
import { until } from '../harness/until.ts'
import { dial, exchange } from '../harness/wire.ts'

/** Longer than the service waits between two looks, in ms. */
const TICKS_MS = 350
const ROBOT = { 'user-agent': 'Googlebot/2.1' }
const DEED = { actor: 'test', reason: '', at: T0 }

async function start(t: TestContext, env: Record<string, string> = {}) {
  const service = await build(t, env)
  const listen = (query = '', headers: Record<string, string> = {}) =>
    listenTo(t, `${service.origin}/live${query}`, headers)
  return { ...service, listen }
}

const change = (
  { store }: Pick<TestApp, 'store'>,
  ...changes: Parameters<TestApp['store']['admin']['change']>[0]
) => store.admin.change(changes, DEED)

test('a visit is told with its page, number, outcome and time, and with nothing about the visitor', async (t) => {
  const { get, listen } = await start(t)
  const client = await listen()
  assert.equal(client.answer.statusCode, 200)
  const { headers } = client.answer
  assert.equal(headers['content-type'], 'text/event-stream; charset=utf-8')
  assert.equal(headers['cache-control'], 'no-store, no-transform')
  assert.equal(headers['x-accel-buffering'], 'no')
  assert.equal(headers['content-encoding'], undefined)
  assert.equal(headers['access-control-allow-origin'], '*')
  const counted = await get('/count?url=https://Example.com/a/?x=1', {
    'user-agent': 'Mozilla/5.0 (Secret) Firefox/140.0',
    referer: 'https://secret.example/',
  })
  const [visit] = await client.reach(1)
  assert.deepEqual(visit?.data, {
    page: 'example.com/a',
    count: 1,
    outcome: 'counted',
    time: '2026-01-15T12:00:00.000Z',
  })
  assert.match(visit.id, /^[\w-]{8}\.1$/)
  await get('/count?url=example.com/a', { cookie: cookieOf(counted) })
  await client.reach(2)
  await get('/count?url=example.com/b', ROBOT)
  const events = await client.reach(3)
  assert.deepEqual(
    events.slice(1).map(({ data }) => [data.page, data.count, data.outcome]),
    [
      ['example.com/a', 1, 'repeat'],
      ['example.com/b', 0, 'bot'],
    ],
  )
  assert.match(client.text(), /^retry: \d{4}\n\n/)
  assert.doesNotMatch(client.text(), /secret|127\.0\.0\.1|Googlebot/i)
})

test('reads are told to nobody', async (t) => {
  const { app, get, listen } = await start(t)
  const client = await listen()
  await get('/nocount?url=a.example')
  await get('/count?url=a.example', { 'sec-purpose': 'prefetch' })
  await app.inject({ method: 'HEAD', url: '/count?url=a.example' })
  await pause(TICKS_MS)
  assert.deepEqual(client.events(), [])
})

test('a stream of pages begins with their numbers, and gets their visits alone; so do streams of hosts', async (t) => {
  const { get, listen } = await start(t)
  await get('/count?url=a.example/x')
  const ofPages = await listen('?url=https://A.example/x/&url=c.example')
  const ofHost = await listen('?host=B.example')
  const ofAll = await listen()
  for (const page of ['a.example/x', 'a.example/y', 'b.example/x', 'c.example']) {
    await get(`/count?url=${page}`)
  }
  await ofAll.reach(4)
  await pause(TICKS_MS)
  assert.deepEqual(
    ofPages.events('number').map(({ data }) => data),
    [
      { page: 'a.example/x', count: 1 },
      { page: 'c.example', count: 0 },
    ],
  )
  const pagesOf = (client: typeof ofPages) => client.events().map(({ data }) => data.page)
  assert.deepEqual(pagesOf(ofPages), ['a.example/x', 'c.example'])
  assert.deepEqual(pagesOf(ofHost), ['b.example/x'])
  assert.deepEqual(ofAll.events('number'), [])
})

test('at most 20 events a second, and each page once: with its newest number', async (t) => {
  const { get, listen, clock } = await start(t)
  const client = await listen()
  for (let page = 0; page < 30; page++) await get(`/count?url=p${page}.example`)
  await client.reach(20)
  // The clock stands still, so the second does not end.
  await get('/count?url=p0.example')
  await pause(TICKS_MS)
  await get('/count?url=p0.example')
  await pause(TICKS_MS)
  assert.equal(client.events().length, 20)
  clock.now += 999
  await pause(TICKS_MS)
  assert.equal(client.events().length, 20)
  clock.now += 1
  await client.reach(21)
  await pause(TICKS_MS)
  const later = client.events().slice(20)
  assert.ok(later.length <= 20)
  assert.deepEqual([later.at(-1)?.data.page, later.at(-1)?.data.count], ['p0.example', 3])
  assert.equal(new Set(later.map(({ data }) => data.page)).size, later.length)
  clock.now += 1000
  await pause(TICKS_MS)
  assert.equal(client.events().length, 20 + later.length, 'what was sent is not sent again')
})

test('a client that connects again gets what it has missed, if that is known here', async (t) => {
  const { get, listen } = await start(t)
  const first = await listen()
  await get('/count?url=a.example')
  const [seen] = await first.reach(1)
  first.close()
  for (const page of ['b', 'c', 'b']) {
    await get(`/count?url=${page}.example`)
    await pause(TICKS_MS)
  }
  const other = await listen()
  await get('/count?url=d.example')
  await other.reach(1)
  const again = await listen('', { 'last-event-id': String(seen?.id) })
  const missed = await again.reach(3)
  assert.deepEqual(
    missed.map(({ data }) => [data.page, data.count]),
    [
      ['c.example', 1],
      ['b.example', 2],
      ['d.example', 1],
    ],
  )
  const run = String(seen?.id).split('.')[0]
  for (const id of [
    '',
    'x',
    `${run}.`,
    `${run}.-1`,
    `${run}.1e2`,
    `${run}.99999999999999999`,
    'AAAAAAAA.1',
    '\u00ff'.repeat(4000),
  ]) {
    const client = await listen('', { 'last-event-id': id })
    await pause(20)
    assert.deepEqual(client.events(), [], id.slice(0, 40))
    client.close()
  }
  const future = await listen('', { 'last-event-id': `${run}.99999` })
  await get('/count?url=e.example')
  await future.reach(1)
})

test('a stream without events gets a comment every 15 seconds, by the clock', async (t) => {
  const { listen, clock } = await start(t)
  const client = await listen()
  const comments = () =>
    client
      .text()
      .split('\n\n')
      .filter((block) => block === ':').length
  await pause(TICKS_MS)
  assert.equal(comments(), 0)
  clock.now += 14_999
  await pause(TICKS_MS)
  assert.equal(comments(), 0)
  clock.now += 1
  await until(() => comments() === 1)
  await pause(TICKS_MS)
  assert.equal(comments(), 1)
  clock.now -= 3_600_000
  await until(() => comments() === 2)
})

test('beyond LIVE_LIMIT a stream is refused with 503, and an ended one makes room', async (t) => {
  const { origin, listen } = await start(t, { LIVE_LIMIT: '2' })
  const first = await listen()
  await listen('?url=a.example')
  const refused = await fetch(`${origin}/live`)
  assert.equal(refused.status, 503)
  assert.equal(refused.headers.get('retry-after'), '5')
  assert.match(await refused.text(), /no room for another live stream/)
  first.close()
  await until(async () => {
    const next = await fetch(`${origin}/live`)
    await next.body?.cancel()
    return next.status === 200
  })
})

test('a client with many streams makes room for one with fewer', async (t) => {
  const { listen } = await start(t, { LIVE_LIMIT: '3', TRUST_PROXY: 'loopback' })
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const [oldest, ...others] = [
    await listen('', from('192.0.2.1')),
    await listen('', from('192.0.2.1')),
    await listen('', from('192.0.2.1')),
  ]
  const honest = await listen('', from('192.0.2.2'))
  assert.equal(honest.answer.statusCode, 200)
  await until(() => oldest.isEnded())
  assert.ok(others.every((each) => !each.isEnded()))
  assert.equal((await listen('', from('192.0.2.1'))).answer.statusCode, 503)
  assert.equal((await listen('', from('192.0.2.2'))).answer.statusCode, 503, 'two are enough')
})

test('what names no page or host is refused, and so are denied and removed pages', async (t) => {
  const service = await start(t, { DENY_PAGES: '^secret\\.example' })
  const { origin, get, listen } = service
  await get('/count?url=removed.example')
  await change(service, { action: 'remove', page: 'removed.example' as PageKey })
  const statusOf = async (query: string) => {
    const answer = await fetch(`${origin}/live?${query}`)
    await answer.body?.cancel()
    return answer.status
  }
  assert.equal(await statusOf('url=a%3Cb'), 400)
  assert.equal(await statusOf('host=a.example/path'), 400)
  assert.equal(await statusOf('host=a%3Cb'), 400)
  assert.equal(await statusOf('host=secret.example'), 403)
  assert.equal(await statusOf('url=secret.example/x'), 403)
  assert.equal(await statusOf('url=removed.example'), 410)
  assert.equal(await statusOf(`${'url=a.example&'.repeat(15)}${'host=b.example&'.repeat(6)}`), 400)
  const several = await listen('?url=removed.example&url=secret.example&url=a.example')
  assert.deepEqual(
    (await several.reach(1, 'number')).map(({ data }) => data.page),
    ['a.example'],
  )
})

test('a host is named as everywhere: in any case, in Unicode, with a port, and as page rules have it', async (t) => {
  const service = await start(t, { DENY_PAGES: '^secret\\.example' })
  const { origin, get, listen } = service
  for (const [name, host, count] of [
    ['B.Example', 'b.example', 0],
    ['https://b.example:443/', 'b.example', 1],
    ['b.example:8080', 'b.example:8080', 0],
    ['B\u00fccher.example', 'xn--bcher-kva.example', 0],
    ['xn--BCHER-kva.example', 'xn--bcher-kva.example', 1],
  ] as const) {
    const client = await listen(`?host=${encodeURIComponent(name)}`)
    const [number] = await client.reach(1, 'site')
    assert.deepEqual(number?.data, { site: host, count }, name)
    await get(`/count?url=${encodeURIComponent(`${host}/x`)}`)
    const [visit] = await client.reach(1)
    assert.equal(visit?.data.page, `${host}/x`)
    client.close()
  }
  const code = async (query: string) => (await fetch(`${origin}/live?${query}`)).status
  for (const host of ['secret.example', 'SECRET.example', 'https://secret.example:443']) {
    assert.equal(await code(`host=${encodeURIComponent(host)}`), 403, host)
  }
  for (const host of ['b.example/x', 'b.example?x', 'b.example%23x', 'a%00b', 'a..b', '%20']) {
    assert.equal(await code(`host=${host}`), 400, host)
  }
  const rule = { kind: 'page-rule', pattern: 'www.*.*', replacement: '*.*', endsAt: null } as const
  await service.store.admin.addRules([{ ...DEED, ...rule }])
  await until(async () => {
    const client = await listen('?host=www.b.example')
    const [number] = await client.reach(1, 'site')
    client.close()
    return number?.data.site === 'b.example'
  })
})

test('a stream of a host begins with its number, and gets it again after visits that count', async (t) => {
  const { get, listen, clock } = await start(t)
  await get('/count?url=a.example/x')
  const client = await listen('?host=a.example&site=b.example')
  const numbers = () => client.events('site').map(({ data }) => [data.site, data.count])
  await client.reach(2, 'site')
  assert.deepEqual(numbers(), [
    ['a.example', 1],
    ['b.example', 0],
  ])
  await get('/count?url=a.example/y')
  await client.reach(3, 'site')
  assert.deepEqual(numbers().at(-1), ['a.example', 2])
  await get('/count?url=a.example/y', ROBOT)
  await client.reach(2)
  clock.now += 1000
  await get('/count?url=b.example')
  await client.reach(4, 'site')
  assert.deepEqual(numbers().slice(3), [['b.example', 1]])
  const all = await listen('', { 'last-event-id': client.events()[0]?.id ?? '' })
  await all.reach(2)
  assert.deepEqual(all.events('site'), [], 'only streams of the host get its number')
})

test('a visit is told with the number of its page also if its answer shows that of a host', async (t) => {
  const { get, listen } = await start(t)
  await get('/count?url=a.example/other')
  const client = await listen('?url=a.example/x')
  const counted = await get('/count?url=a.example/x&site=a.example')
  assert.equal(counted.body, '2')
  await client.reach(1)
  await get('/count?url=a.example/x&site=a.example', { cookie: cookieOf(counted) })
  await client.reach(2)
  await get('/count?url=a.example/x&site=a.example', ROBOT)
  const visits = await client.reach(3)
  assert.deepEqual(
    visits.map(({ data }) => [data.page, data.count, data.outcome]),
    [
      ['a.example/x', 1, 'counted'],
      ['a.example/x', 1, 'repeat'],
      ['a.example/x', 1, 'bot'],
    ],
  )
})

test('HEAD and OPTIONS open no stream, and other methods are refused', async (t) => {
  const { origin } = await start(t, { LIVE_LIMIT: '0' })
  const head = await fetch(`${origin}/live`, { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(head.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  const preflight = await fetch(`${origin}/live`, {
    method: 'OPTIONS',
    headers: { origin: 'https://a.example', 'access-control-request-headers': 'last-event-id' },
  })
  assert.equal(preflight.status, 204)
  assert.equal(preflight.headers.get('access-control-allow-headers'), 'last-event-id')
  assert.equal(preflight.headers.get('access-control-allow-origin'), 'https://a.example')
  assert.equal((await fetch(`${origin}/live`, { method: 'POST' })).status, 405)
  assert.equal((await fetch(`${origin}/live`)).status, 503, 'no streams at all')
})

test('any page may listen, as it may read the number', async (t) => {
  const { listen } = await start(t)
  const { headers } = (await listen('', { origin: 'https://a.example' })).answer
  assert.equal(headers['access-control-allow-origin'], 'https://a.example')
  assert.equal(headers['access-control-allow-credentials'], 'true')
  assert.equal(headers.vary, 'Origin')
})

test('pages that the home page does not list are told only to those who name them', async (t) => {
  const { get, listen } = await start(t, { TOP_IGNORE: '^hidden\\.example$' })
  const [all, named] = [await listen(), await listen('?url=hidden.example/x')]
  await get('/count?url=hidden.example/x')
  await get('/count?url=a.example')
  await named.reach(1)
  assert.deepEqual(
    (await all.reach(1)).map(({ data }) => data.page),
    ['a.example'],
  )
})

test('a visit to an alias is told as one to its page, and a stream of the alias is one of its page', async (t) => {
  const service = await start(t)
  const { get, listen } = service
  await get('/count?url=old.example')
  await change(service, {
    action: 'rename',
    page: 'old.example' as PageKey,
    to: 'new.example' as PageKey,
    alias: true,
  })
  const [all, named] = [await listen(), await listen('?url=old.example')]
  await get('/count?url=old.example')
  for (const client of [all, named]) {
    const [visit] = await client.reach(1)
    assert.deepEqual([visit?.data.page, visit?.data.count], ['new.example', 2])
  }
  assert.deepEqual(named.events('number')[0]?.data, { page: 'new.example', count: 1 })
})

test('when an operator removes a page, its streams end, others are told, and nobody gets its visits again', async (t) => {
  const service = await start(t)
  const { get, listen, origin } = service
  const [all, named] = [await listen(), await listen('?url=a.example&url=b.example')]
  await get('/count?url=a.example')
  const [seen] = await all.reach(1)
  await get('/count?url=b.example')
  await change(service, { action: 'remove', page: 'a.example' as PageKey })
  await all.reach(1, 'changed')
  await until(() => named.isEnded())
  const again = await listen('', { 'last-event-id': String(seen?.id).replace(/\d+$/, '0') })
  assert.deepEqual(again.events(), [])
  assert.doesNotMatch(await (await fetch(`${origin}/now`)).text(), /a\.example/)
})

/** Streams on a server of their own, served whenever the test says so. */
async function startStreams(t: TestContext) {
  const log = new VisitLog(1000)
  const streams = new Streams(log, new Wants(), 1000)
  const responses: ServerResponse[] = []
  const host = await listen(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const wanted = { pages: new Set<PageKey>(), hosts: new Set<string>() }
    const more = { address: '', lastEventId: undefined, greeting: '' }
    streams.open(response, { name: '', wanted, ...more }, T0)
    responses.push(response)
  })
  const add = (page: string) => {
    const key = page as PageKey
    const known = { host: 'a.example', isListed: true, outcome: 'counted', at: T0 } as const
    log.add({ page: key, count: 1, ...known })
  }
  return { streams, responses, add, port: Number(host.split(':')[1]), origin: `http://${host}` }
}

test('a client that does not read holds one chunk of events, and is disconnected after 10 seconds', async (t) => {
  const { streams, responses, add, port } = await startStreams(t)
  const socket = await dial(t, port)
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(socket, 'data')
  socket.pause()
  const [response] = responses
  assert.ok(response)
  const long = 'x'.repeat(1900)
  let now = T0
  let most = 0
  let unreadSince: number | null = null
  while (!response.destroyed) {
    for (let page = 0; page < 20; page++) add(`a.example/${page}${long}`)
    now += 1000
    streams.tick(now)
    await new Promise((resolve) => setImmediate(resolve))
    most = Math.max(most, response.writableLength)
    if (response.writableLength === 0) unreadSince = null
    else unreadSince ??= now
    assert.ok(unreadSince === null || now - unreadSince <= 12_000, 'it is disconnected in time')
  }
  assert.ok(most > 0 && most < 60_000, `${most} bytes`)
  assert.equal(streams.size, 0)
})

test('a client that reads again goes on with the newest events, although it was slow', async (t) => {
  const { streams, responses, add, port } = await startStreams(t)
  const socket = await dial(t, port)
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(socket, 'data')
  socket.pause()
  const [response] = responses
  assert.ok(response)
  const long = 'x'.repeat(1900)
  let now = T0
  while (response.writableLength === 0) {
    for (let page = 0; page < 20; page++) add(`a.example/${page}${long}`)
    now += 1000
    streams.tick(now)
    await new Promise((resolve) => setImmediate(resolve))
  }
  // As the server does with connections that leave bytes unread.
  response.socket?.setTimeout(3000)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.resume()
  await until(() => response.writableLength === 0)
  add('a.example/newest')
  now += 1000
  streams.tick(now)
  await until(() => text.includes('a.example/newest'))
  assert.equal(response.destroyed, false)
  assert.equal(response.socket?.timeout, 0)
})

test('a thousand streams are served within a second, a part of them at a time', async (t) => {
  const { streams, add, origin } = await startStreams(t)
  const clients = await Promise.all(Array.from({ length: 300 }, () => listenTo(t, origin)))
  add('a.example/1')
  const served = () => clients.filter((client) => client.events().length > 0).length
  streams.tick(T0)
  await until(() => served() === 128)
  streams.tick(T0)
  streams.tick(T0)
  await until(() => served() === 300)
  for (const client of clients) assert.equal(client.events().length, 1)
})

test('requests that are sent ahead cannot use up the turns of others by streams', async (t) => {
  const { port } = await build(t)
  const line = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
  for (let number = 0; number < 40; number++) {
    const socket = await dial(t, port)
    socket.resume()
    socket.write(line('/healthz') + line('/live'))
  }
  const [first, second] = await exchange(port, line('/healthz') + line('/nocount?url=a.example'))
  assert.equal(first?.body, 'ok\n')
  assert.equal(second?.body, '0')
})

test('when the service stops, streams end in order, and no new one begins', async (t) => {
  const { app, origin, listen } = await start(t)
  const clients = [await listen(), await listen('?url=a.example')]
  const began = performance.now()
  let refused: Promise<number | string> = Promise.resolve('')

  const closed = app.close()
  refused = fetch(`${origin}/live`).then(
    ({ status }) => status,
    () => 'no connection',
  )
  await closed
  assert.ok(performance.now() - began < 2000, 'nobody waits for a stream to end')
  for (const client of clients) {
    await until(() => client.isEnded())
    assert.equal(client.answer.complete, true, 'it ended as a whole')
  }
  assert.ok([503, 'no connection'].includes(await refused))
})
