import assert from 'node:assert/strict'
import test from 'node:test'
import { SparklineReader } from '../../src/http/sparklines.ts'
import type { PageKey } from '../../src/page.ts'
import { Calendar } from '../../src/period.ts'
import type { Store } from '../../src/store.ts'
import { DAY_MS, HOUR_MS } from '../../src/time.ts'
import { build, cookieOf, FILE, T0 } from '../harness/app.ts'
import { parseSvg } from '../harness/svg.ts'

// Made before the first test: the runner ends a file as soon as it has no test left to run.
const untouched = await build(FILE)

/** A page with 3 hits 40 days ago and 2 yesterday; the next hit is one of today. */
async function withHistory(t: Parameters<typeof build>[0], env: Record<string, string> = {}) {
  const built = await build(t, { WINDOW_SECONDS: '0', ...env })
  const { get, clock } = built
  for (const [hits, days] of [
    [3, 39],
    [2, 1],
  ] as const) {
    for (let hit = 0; hit < hits; hit++) await get('/count?url=example.com')
    clock.now += days * DAY_MS
  }
  const title = async (query: string, route = 'nocount') =>
    parseSvg((await get(`/${route}/tag.svg?url=example.com&${query}`)).body).title
  return { ...built, title }
}

test('show names a period, or two, and the badge says which', async (t) => {
  const { title } = await withHistory(t)
  const cases: [string, string][] = [
    ['', 'hits: 5'],
    ['show=total', 'hits: 5'],
    ['show=today', 'hits: 0 today'],
    ['show=yesterday', 'hits: 2 yesterday'],
    ['show=7d', 'hits: 2 in 7 days'],
    ['show=month', 'hits: 2 this month'],
    ['show=90d', 'hits: 5 in 90 days'],
    ['show=365d', 'hits: 5 in 365 days'],
    ['show=week', 'hits: 2 this week'],
    ['show=last-week', 'hits: 0 last week'],
    ['show=last-month', 'hits: 3 last month'],
    ['show=week-last-week', 'hits: 2 this week, 0 last week'],
    ['show=last-week-week', 'hits: 0 last week, 2 this week'],
    ['show=last-month-2026', 'hits: 3 last month, 5 in 2026'],
    ['show=today-total', 'hits: 0 today, 5 in total'],
    ['show=total-today', 'hits: 5 in total, 0 today'],
    ['show=2025-2026', 'hits: 0 in 2025, 5 in 2026'],
    ['show=2026-01', 'hits: 3 in 2026-01'],
    ['show=2026-01-2026-02', 'hits: 3 in 2026-01, 2 in 2026-02'],
    ['show=2026-01-15', 'hits: 3 on 2026-01-15'],
    ['show=2026-01-15-total', 'hits: 3 on 2026-01-15, 5 in total'],
    ['show=today-total&base=1000', 'hits: 0 today, 1,005 in total'],
    ['show=today&base=1000', 'hits: 0 today'],
    ['base=1000', 'hits: 1,005'],
    ['period=7d&base=1000', 'hits: 2'],
  ]
  for (const [query, wanted] of cases) assert.equal(await title(query), wanted, query)
  assert.equal(await title('show=today-total', 'count'), 'hits: 1 today, 6 in total')
})

test('every period that has a name may be asked for by period and by show', async () => {
  const { get } = untouched
  const [, sentence = ''] =
    /must be (.*), a year/.exec((await get('/nocount?url=a&period=x')).body) ?? []
  const names = sentence.split(', ')
  assert.equal(names.length, 13)
  for (const name of names) {
    assert.equal((await get(`/nocount?url=a&period=${name}`)).body, '0', name)
    const badge = await get(`/nocount/tag.svg?url=a&show=${name}-${name}`)
    assert.equal(badge.statusCode, 200, name)
    assert.doesNotMatch(
      parseSvg(badge.body).title,
      /(on|in) (last|\w+$)(?<!total)/,
      `${name} in words`,
    )
  }
})

test('days begin in the zone that tz names', async (t) => {
  const { title, clock } = await withHistory(t)
  // 23:30 UTC is the next day in Berlin.
  clock.now += 11.5 * HOUR_MS
  assert.equal(await title('show=today', 'count'), 'hits: 1 today')
  clock.now += HOUR_MS
  assert.equal(await title('show=today'), 'hits: 0 today')
  assert.equal(await title('show=today&tz=Europe/Berlin'), 'hits: 1 today')
})

for (const [query, option] of [
  ['show=now', 'show'],
  ['show=2026-13', 'show'],
  ['show=today-2026-02-30', 'show'],
  ['show=today-total-7d', 'show'],
  ['show=-', 'show'],
  ['show=today&period=7d', 'show'],
  ['show=today&within=days=1', 'show'],
  ['show=today&tz=Nowhere', 'tz'],
  ['trend=7d&tz=Nowhere', 'tz'],
]) {
  test(`${query} is refused, and nothing is counted`, async () => {
    const { get } = untouched
    const { statusCode, body } = await get(`/count/tag.svg?url=example.com&${query}`)
    assert.equal(statusCode, 400)
    assert.equal(parseSvg(body).title, `hits: bad ${option}`)
    assert.equal((await get('/nocount?url=example.com')).body, '0')
  })
}

test('a line shows the days or months, and says them', async (t) => {
  const { title } = await withHistory(t)
  assert.equal(await title('trend=7d'), 'hits: 5. Last 7 days: 0, 0, 0, 0, 0, 2, 0.')
  assert.equal(
    await title('trend=7d&prefix=%23&suffix= views'),
    'hits: #5 views. Last 7 days: 0, 0, 0, 0, 0, 2, 0.',
  )
  assert.match(await title('trend=30d'), /^hits: 5\. Last 30 days: (0, ){28}2, 0\.$/)
  assert.equal(
    await title('trend=12m'),
    'hits: 5. Last 12 months: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 2.',
  )
})

test('a line grows with the visits that are counted, and its past is read once a minute', async (t) => {
  const { get, title, clock, store } = await withHistory(t)
  const reads = watchSums(store)
  const line = async (hits: number) =>
    assert.equal(
      await title('trend=7d', 'count'),
      `hits: ${5 + hits}. Last 7 days: 0, 0, 0, 0, 0, 2, ${hits}.`,
    )
  for (const hits of [1, 2, 3]) await line(hits)
  assert.equal(reads.count, 1)
  clock.now += 59_000
  await line(4)
  assert.equal(reads.count, 1)
  clock.now += 1000
  await line(5)
  assert.equal(reads.count, 2)
  // The next hour may be the next day.
  clock.now += 12 * HOUR_MS - 60_000 - 1
  await line(6)
  clock.now += 1
  assert.match(await title('trend=7d', 'count'), / 0, 0, 0, 0, 2, 6, 1\.$/)
  await get('/count/tag.svg?url=other.example&trend=7d')
})

test('each zone has a line of its own', async (t) => {
  const { title, clock } = await withHistory(t)
  // 23:30 UTC is the next day in Berlin.
  clock.now += 11.5 * HOUR_MS
  assert.match(await title('trend=7d', 'count'), / 0, 2, 1\.$/)
  assert.match(await title('trend=7d&tz=America/New_York'), / 0, 2, 1\.$/)
  assert.match(await title('trend=7d&tz=Europe/Berlin'), / 2, 0, 1\.$/)
})

test('lines of more pages than are remembered make room for each other', async () => {
  const reads: string[] = []
  const sums = async (page: string) => {
    reads.push(page)
    return [1, 2]
  }
  const store = { replica: { sums } } as unknown as Store
  const reader = new SparklineReader(store, new Calendar('UTC', 0))
  const line = (page: number) => reader.read(`page${page}` as PageKey, '7d', 'UTC', T0)
  await Promise.all(Array.from({ length: 12_000 }, (_, page) => line(page)))
  assert.equal(reads.length, 12_000)
  await line(11_999)
  assert.equal(reads.length, 12_000)
  await line(0)
  assert.deepEqual(reads.slice(12_000), ['page0'])
})

test('a sparkline with many hits is drawn again when it has grown by a tenth', async (t) => {
  const { title, get } = await withHistory(t)
  for (let hit = 0; hit < 40; hit++) await get('/count?url=example.com')
  const last = async () => Number(/(\d+)\.$/.exec(await title('trend=7d', 'count'))?.[1])
  const shown: number[] = []
  for (let hit = 41; hit <= 46; hit++) shown.push(await last())
  assert.deepEqual(shown, [40, 40, 40, 40, 45, 45])
})

test('if the history cannot be read, the request is refused and not counted, and the next one reads it again', async (t) => {
  const { get, store } = await withHistory(t)
  const { sums } = store.replica
  store.replica.sums = () => Promise.reject(new Error('away'))
  const { statusCode } = await get('/count/tag.svg?url=example.com&trend=7d')
  assert.equal(statusCode, 500)
  store.replica.sums = sums
  assert.equal((await get('/nocount?url=example.com')).body, '5')
  assert.equal((await get('/count/tag.svg?url=example.com&trend=7d')).statusCode, 200)
})

test('the window works as ever with a line', async (t) => {
  const { get } = await build(t)
  const first = await get('/count/tag.svg?url=example.com&trend=30d&show=today-total')
  const again = await get('/count/tag.svg?url=example.com&trend=30d&show=today-total', {
    cookie: cookieOf(first),
  })
  assert.match(parseSvg(again.body).title, /^hits: 1 today, 1 in total\. .* 0, 1\.$/)
})

test('active visits have no total and no history', async (t) => {
  const { get } = await build(t)
  await get('/count?url=example.com')
  const { body } = await get('/active/tag.svg?show=today&base=100&trend=7d&prefix=~')
  assert.equal(parseSvg(body).title, 'active: ~1')
})

function watchSums({ replica }: Store) {
  const reads = { count: 0 }
  const { sums } = replica
  replica.sums = (page, spans) => {
    reads.count += 1
    return sums.call(replica, page, spans)
  }
  return reads
}
