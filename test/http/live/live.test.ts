import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { PageKey } from '../../../src/page.ts'
import { cookieOf } from '../../harness/app.ts'
import { change, ROBOT, startLive, TICKS_MS } from '../../harness/live.ts'
import { until } from '../../harness/until.ts'

test('a visit is told with its page, number, outcome and time, and with nothing about the visitor', async (t) => {
  const { get, listen } = await startLive(t)
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
  const { app, get, listen } = await startLive(t)
  const client = await listen()
  await get('/nocount?url=a.example')
  await get('/count?url=a.example', { 'sec-purpose': 'prefetch' })
  await app.inject({ method: 'HEAD', url: '/count?url=a.example' })
  await pause(TICKS_MS)
  assert.deepEqual(client.events(), [])
})

test('a stream of pages begins with their numbers, and gets their visits alone; so do streams of hosts', async (t) => {
  const { get, listen } = await startLive(t)
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
  const { get, listen, clock } = await startLive(t)
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
  const { get, listen } = await startLive(t)
  const first = await listen()
  await get('/count?url=a.example')
  const [seen] = await first.reach(1)
  first.close()
  const other = await listen()
  for (const [index, page] of ['b', 'c', 'b', 'd'].entries()) {
    await get(`/count?url=${page}.example`)
    await other.reach(index + 1)
  }
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

test('pages that the home page does not list are told only to those who name them', async (t) => {
  const { get, listen } = await startLive(t, { TOP_IGNORE: '^hidden\\.example$' })
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
  const service = await startLive(t)
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
  const service = await startLive(t)
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
