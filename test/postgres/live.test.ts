import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { EXCHANGE_QUERIES } from '../../src/database/postgres/exchange.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import type { VisitEvent } from '../../src/live.ts'
import { normalizePage } from '../../src/page.ts'
import type { VisitExchange } from '../../src/store.ts'
import { build, T0 } from '../harness/app.ts'
import { listenTo } from '../harness/events.ts'
import { makeDatabase, run } from '../harness/postgres.ts'
import { until } from '../harness/until.ts'

const visit = (page: string, count = 1): VisitEvent => ({
  ...{ page: normalizePage(page), count, outcome: 'counted', at: T0 },
})

async function open(t: TestContext, url: string) {
  const store = await openPostgresStore(url)
  t.after(() => store.close())
  return { store, exchange: store.exchange as VisitExchange }
}

test('a service tells listeners of the visits to another one within two seconds, whatever became of them', async (t) => {
  const env = { DATABASE_URL: await makeDatabase(t) }
  const [one, two] = [await build(t, env), await build(t, env)]
  const clocks = setInterval(() => {
    for (const { clock } of [one, two]) clock.now += 50
  }, 50)
  t.after(() => clearInterval(clocks))
  const [all, named] = [
    await listenTo(t, `${one.origin}/live`),
    await listenTo(t, `${one.origin}/live?url=a.example`),
  ]
  // Each service looks once a second whether another one has listeners.
  await until(async () => {
    await two.get('/count?url=first.example')
    return all.events().length > 0
  })
  const visits = () => all.events().filter(({ data }) => data.page !== 'first.example')
  // By the services' clock, which stands still while other programs keep the machine from this one.
  const begin = one.clock.now
  await two.get('/count?url=a.example')
  await named.reach(1)
  assert.ok(one.clock.now - begin < 2000, `${one.clock.now - begin} ms`)
  await two.get('/count?url=b.example', { 'user-agent': 'Googlebot/2.1' })
  await one.get('/count?url=a.example')
  await until(() => visits().length >= 3)
  assert.deepEqual(
    visits()
      .map(({ data }) => [data.page, data.count, data.outcome])
      .sort(),
    [
      ['a.example', 1, 'counted'],
      ['a.example', 2, 'counted'],
      ['b.example', 0, 'bot'],
    ],
  )
  await pause(1500)
  assert.equal(visits().length, 3, 'each is told once')
  assert.equal(named.events().length, 2)
})

test('nothing is written while nobody listens', async (t) => {
  const url = await makeDatabase(t)
  const service = await build(t, { DATABASE_URL: url })
  await build(t, { DATABASE_URL: url })
  await service.get('/count?url=a.example')
  await pause(1500)
  assert.deepEqual(await run(url, 'select * from live'), [])
})

test('services get the visits of others once each, and none from before they wanted them', async (t) => {
  const url = await makeDatabase(t)
  const [one, two, three] = [await open(t, url), await open(t, url), await open(t, url)]
  assert.equal(one.exchange.isWanted, false)
  await one.exchange.swap([visit('old.example')], false)
  assert.deepEqual(await two.exchange.swap([], true), [], 'what was told before is old')
  await one.store.maintain(T0)
  assert.equal(one.exchange.isWanted, true)
  await two.store.maintain(T0)
  assert.equal(two.exchange.isWanted, false, 'by another service, not by itself')
  await one.exchange.swap([visit('a.example')], false)
  await three.exchange.swap([visit('b.example', 7), visit('c.example')], false)
  await three.exchange.swap([visit('b.example', 8)], false)
  const told = await two.exchange.swap([], true)
  assert.deepEqual(told.map(({ page, count }) => `${page} ${count}`).sort(), [
    'a.example 1',
    'b.example 7',
    'b.example 8',
    'c.example 1',
  ])
  assert.deepEqual(await two.exchange.swap([], true), [])
  await two.exchange.swap([], false)
  await one.store.maintain(T0)
  assert.equal(one.exchange.isWanted, false)
})

test('however many visits there are, a row stays small and has the newest', async (t) => {
  const url = await makeDatabase(t)
  const [one, two] = [await open(t, url), await open(t, url)]
  await two.exchange.swap([], true)
  const long = 'x'.repeat(1900)
  const visits = Array.from({ length: 1000 }, (_, number) => visit(`a.example/${long}${number}`))
  for (let time = 0; time < 4; time++) await one.exchange.swap(visits, false)
  const told = await two.exchange.swap([], true)
  assert.ok(told.length > 50 && told.length < 110, String(told.length))
  assert.equal(told.at(-1)?.page, `a.example/${long}999`)
  const [row] = await run<{ length: number }>(url, 'select max(length(visits)) as length from live')
  assert.ok(Number(row?.length) < 210_000)
})

test('rows of services that have ended are removed', async (t) => {
  const url = await makeDatabase(t)
  const { exchange } = await open(t, url)
  await exchange.swap([visit('a.example')], true)
  await run(url, EXCHANGE_QUERIES.forgetVisits.replace('$1', '10000'))
  assert.equal((await run(url, 'select * from live')).length, 1)
  await run(url, EXCHANGE_QUERIES.forgetVisits.replace('$1', '0'))
  assert.equal((await run(url, 'select * from live')).length, 0)
})
