import assert from 'node:assert/strict'
import test from 'node:test'
import { faultsOf, ROUTES } from '../../harness/api.ts'
import { build, FILE } from '../../harness/app.ts'

const { app, get, store, clock } = await build(FILE)
const ROBOT = { 'user-agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' }
for (const page of [
  'example.com/a',
  'example.com/b',
  'other.example/a',
  'other.example/b',
  'my-project',
]) {
  await get(`/count?url=${page}`)
}
await get('/count?url=other.example/a', ROBOT)
await store.writeUncounted()

/** Requests of each route beside its example: queries, or bodies. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  '/api/v1/pages': ['', 'sort=hits', 'sort=recent&limit=1', 'host=example.com', 'part=nothing'],
  '/api/v1/hosts': ['', 'limit=1', 'part=OTHER'],
  '/api/v1/numbers': ['site=example.com', 'url=never.example', 'url=my-project&tz=Asia/Tokyo'],
  '/api/v1/series': ['url=example.com/a&unit=hour', 'site=example.com&unit=month', 'url=x.example'],
  '/api/v1/outcomes': ['site=example.com&period=total', 'url=x.example&tz=Asia/Kolkata'],
  '/api/v1/pages/count': ['{"pages":["example.com/a","%01"]}'],
  '/api/v1/pages/read': ['{"pages":["example.com/a","%01"]}'],
}

const ask = ({ method, path }: { method: string; path: string }, input: string) =>
  method === 'get'
    ? get(`${path}?${input}`)
    : app.inject({
        method: 'POST',
        url: path,
        payload: input,
        headers: { 'content-type': 'application/json' },
      })

for (const route of ROUTES) {
  const { method, path, operation } = route
  test(`${method} ${path} answers what the stored document says, and refuses as it says`, async () => {
    for (const input of [operation['x-example'] ?? '', ...(MORE[path] ?? [])]) {
      const answer = await ask(route, input)
      assert.equal(answer.statusCode, 200, `${path} ${input}: ${answer.body}`)
      assert.deepEqual(await faultsOf(route, answer), [], `${path} ${input}`)
    }
    for (const input of ['nothing=1', '{"nothing":1}']) {
      const refused = await ask(route, input)
      assert.equal(refused.statusCode, 400)
      assert.deepEqual(await faultsOf(route, refused), [], `${path} ${input}`)
    }
  })
}

test('a field that is added to an answer, or missing in it, or of another type, is seen', async () => {
  const route = { method: 'get', path: '/api/v1/numbers' }
  const answer = await get('/api/v1/numbers?url=example.com/a')
  const numbers = answer.json()
  const { hits, ...without } = numbers
  for (const changed of [
    { ...numbers, more: 1 },
    without,
    { ...numbers, hits: String(hits) },
    { ...numbers, periods: { ...numbers.periods, today: { hits, before: 0, more: 1 } } },
  ]) {
    const { statusCode, headers } = answer
    const faults = await faultsOf(route, { statusCode, headers, body: JSON.stringify(changed) })
    assert.notDeepEqual(faults, [], JSON.stringify(changed))
  }
})

test('numbers, series and outcomes say the same of a page that was visited', async () => {
  const of = async (route: string, query: string) => (await get(`/api/v1/${route}?${query}`)).json()
  const numbers = await of('numbers', 'url=https://Other.example/a/')
  const { hits, periods, active, page, firstSeen } = numbers
  assert.deepEqual({ page, hits, active }, { page: 'other.example/a', hits: 1, active: 1 })
  assert.deepEqual(periods.today, { hits: 1, before: 0 })
  assert.equal(firstSeen.slice(0, 13), new Date(clock.now).toISOString().slice(0, 13))
  const { outcomes } = await of('outcomes', 'url=other.example/a')
  assert.deepEqual([outcomes.counted, outcomes.bot], [1, 1])
  const { points, keptFrom } = await of('series', 'url=other.example/a&unit=day')
  assert.equal(keptFrom, null)
  assert.equal(points.length, 30)
  assert.deepEqual([points.at(-1).counted, points.at(-1).bot, points.at(-2).counted], [1, 1, 0])
  const site = await of('numbers', 'site=other.example')
  assert.deepEqual([site.page, site.site, site.hits], [null, 'other.example', 2])
})

test('each period stands beside as long a time before: today beside yesterday by this hour', async (t) => {
  const own = await build(t, { WINDOW_SECONDS: '0' })
  const present = own.clock.now
  for (const [hoursAgo, visits] of [
    [25, 1],
    [22, 2],
    [24 * 8, 4],
    [24 * 31, 8],
    [0, 16],
  ] as const) {
    own.clock.now = present - hoursAgo * 3_600_000
    for (let visit = 0; visit < visits; visit++) await own.get('/count?url=before.example/a')
  }
  own.clock.now = present
  const { hits, periods } = (await own.get('/api/v1/numbers?url=before.example/a')).json()
  assert.equal(hits, 31)
  assert.deepEqual(periods, {
    today: { hits: 16, before: 1 },
    '7d': { hits: 19, before: 4 },
    '30d': { hits: 23, before: 8 },
  })
})

test('hours that are not kept have no points, and the answer says since when they are', async (t) => {
  const short = await build(t, { KEEP_HOURS_DAYS: '2', KEEP_HISTORY_DAYS: '20' })
  const query = 'url=example.com/a'
  const hours = (await short.get(`/api/v1/series?${query}&unit=hour&from=2026-01-01`)).json()
  assert.equal(hours.keptFrom, '2026-01-13T00:00:00.000Z')
  assert.equal(hours.points.length, 61, 'two days and 13 hours')
  assert.equal(hours.earlier, null)
  const numbers = (await short.get(`/api/v1/numbers?${query}`)).json()
  assert.equal(numbers.periods['30d'].before, null, 'what is not kept is not called 0')
  assert.equal(numbers.periods['7d'].before, 0)
})
