import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { PageKey } from '../../../src/page.ts'
import { build } from '../../harness/app.ts'
import { change, startLive, TICKS_MS } from '../../harness/live.ts'
import { until } from '../../harness/until.ts'
import { dial, exchange } from '../../harness/wire.ts'

test('a stream without events gets a comment every 15 seconds, by the clock', async (t) => {
  const { listen, clock } = await startLive(t)
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
  const { origin, listen } = await startLive(t, { LIVE_LIMIT: '2' })
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
  const { listen } = await startLive(t, { LIVE_LIMIT: '3', TRUST_PROXY: 'loopback' })
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
  const service = await startLive(t, { DENY_PAGES: '^secret\\.example' })
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

test('HEAD and OPTIONS open no stream, and other methods are refused', async (t) => {
  const { origin } = await startLive(t, { LIVE_LIMIT: '0' })
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
  const { listen } = await startLive(t)
  const { headers } = (await listen('', { origin: 'https://a.example' })).answer
  assert.equal(headers['access-control-allow-origin'], 'https://a.example')
  assert.equal(headers['access-control-allow-credentials'], 'true')
  assert.equal(headers.vary, 'Origin')
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
  const { app, origin, listen } = await startLive(t)
  const clients = [await listen(), await listen('?url=a.example')]
  const began = performance.now()
  let refused: Promise<number | string> = Promise.resolve('')

  const closed = app.close()
  refused = fetch(`${origin}/live`).then(
    ({ status }) => status,
    () => 'no connection',
  )
  await closed
  // Connections without a request would be closed after 30 s.
  assert.ok(performance.now() - began < 20_000, 'nobody waits for a stream to end')
  for (const client of clients) {
    await until(() => client.isEnded())
    assert.equal(client.answer.complete, true, 'it ended as a whole')
  }
  assert.ok([503, 'no connection'].includes(await refused))
})
