import assert from 'node:assert/strict'
import test from 'node:test'
import { cookieOf } from '../../harness/app.ts'
import { DEED, ROBOT, startLive } from '../../harness/live.ts'
import { until } from '../../harness/until.ts'

test('a host is named as everywhere: in any case, in Unicode, with a port, and as page rules have it', async (t) => {
  const service = await startLive(t, { DENY_PAGES: '^secret\\.example' })
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
  const { get, listen, clock } = await startLive(t)
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
  const { get, listen } = await startLive(t)
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
