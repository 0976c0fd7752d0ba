import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import fc from 'fast-check'
import { pruneHistory, rollUpHours } from '../../src/housekeeping.ts'
import { build, cookieOf, FILE } from '../harness/app.ts'
import { parseSvg } from '../harness/svg.ts'

// Made before the first test: the runner ends a file as soon as it has no test left to run.
const shared = await build(FILE)

const PAGE = 'example.com'
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'

/** A service with visits at these moments. */
async function visited(t: TestContext, moments: string[], env: Record<string, string> = {}) {
  const built = await build(t, env)
  for (const moment of moments) {
    built.clock.now = Date.parse(moment)
    await built.get(`/count?url=${PAGE}`)
  }
  const shown = async (query: string, now?: string) => {
    if (now !== undefined) built.clock.now = Date.parse(now)
    const { body, statusCode } = await built.get(`/nocount?url=${PAGE}&${query}`)
    assert.equal(statusCode, 200, body)
    return Number(body)
  }
  return { ...built, shown }
}

test('every route shows the hits of the period, the visit’s own too', async (t) => {
  const { get, clock } = await visited(t, ['2026-11-19T10:00:00Z', '2026-11-20T10:00:00Z'])
  clock.now = Date.parse('2026-11-21T10:00:00Z')
  const url = `url=${PAGE}&period=today`
  assert.equal((await get(`/nocount?${url}`)).body, '0')
  assert.equal((await get(`/count?${url}`)).body, '1')
  assert.equal(parseSvg((await get(`/count/tag.svg?${url}`)).body).title, 'hits: 2')
  assert.equal(parseSvg((await get(`/nocount/tag.svg?${url}`)).body).title, 'hits: 2')
  const counted = (await get(`/count.json?url=${PAGE}&period=yesterday`)).json()
  assert.deepEqual(
    [counted.count, counted.today, counted.period, counted.timeZone, counted.counted],
    [1, 3, 'yesterday', 'UTC', true],
  )
  assert.equal((await get(`/nocount.json?url=${PAGE}&within=days=1`)).json().count, 4)
  assert.equal((await get(`/nocount?url=${PAGE}`)).body, '5')
})

test('where too many wait to be read, a visit is refused before it is counted, and not after', async (t) => {
  const { get } = await build(t, { MAX_WAITING: '10' })
  const asked = Array.from({ length: 30 }, () => get(`/count.json?url=${PAGE}&period=7d`))
  const answers = await Promise.all(asked)
  const counted = answers.filter(({ statusCode }) => statusCode === 200)
  assert.ok(counted.length >= 1 && counted.length < 30)
  assert.ok(answers.every(({ statusCode }) => [200, 503].includes(statusCode)))
  assert.equal((await get(`/nocount?url=${PAGE}`)).body, String(counted.length))
})

test('in zones that are not whole hours from UTC, a visit is one of today, however late', async (t) => {
  const { get, clock } = await build(t, { TIME_ZONE: 'Asia/Kolkata' })
  for (const time of ['10:00', '23:40', '23:59']) {
    clock.now = Date.parse(`2026-01-15T${time}:00+05:30`)
    const { count, today } = (await get(`/count.json?url=${PAGE}`)).json()
    assert.equal(today, count, time)
  }
})

test('a period that is wrong is refused by name, and the visit is not counted', async (t) => {
  const { get } = await build(t)
  for (const query of ['period=never', 'within=days', 'tz=Mars/Base', 'period=today&tz=x']) {
    const badge = await get(`/count/tag.svg?url=${PAGE}&${query}`)
    assert.equal(badge.statusCode, 400, query)
    assert.match(parseSvg(badge.body).title, /^hits: bad (period|within|tz)$/)
  }
  assert.equal((await get(`/nocount?url=${PAGE}`)).body, '0')
})

test('a day begins and ends where its zone says, over a change of the clock', async (t) => {
  const { shown } = await visited(t, [
    '2026-10-24T21:59:00Z', // 24 October, 23:59 in Berlin
    '2026-10-24T22:00:00Z', // 25 October, 00:00
    '2026-10-25T00:30:00Z', // 02:30, in summer
    '2026-10-25T01:30:00Z', // 02:30 again, in winter
    '2026-10-25T22:59:00Z', // 23:59
    '2026-10-25T23:00:00Z', // 26 October, 00:00
  ])
  const now = '2026-10-26T12:00:00Z'
  const tz = 'tz=Europe/Berlin'
  assert.equal(await shown(`period=yesterday&${tz}`, now), 4)
  assert.equal(await shown(`period=2026-10-25&${tz}`, now), 4)
  assert.equal(await shown(`period=2026-10-24&${tz}`, now), 1)
  assert.equal(await shown(`period=today&${tz}`, now), 1)
  assert.equal(await shown('period=2026-10-24', now), 2, 'in UTC')
  assert.equal(await shown('period=2026-10', now), 6)
})

test('the instance’s own zone holds if a tag names none', async (t) => {
  const { shown, get } = await visited(t, ['2026-11-20T23:30:00Z'], { TIME_ZONE: 'Europe/Berlin' })
  const now = '2026-11-21T12:00:00Z'
  assert.equal(await shown('period=today', now), 1)
  assert.equal(await shown('period=today&tz=UTC', now), 0)
  assert.equal(await shown('period=today&tz=', now), 1)
  assert.equal((await get(`/nocount.json?url=${PAGE}`)).json().today, 1)
  assert.equal((await get(`/why.json?url=${PAGE}`)).json().timeZone, 'Europe/Berlin')
})

test('today’s number in JSON is of the zone that was asked for, from the first hour on', async (t) => {
  const { get, clock } = await build(t)
  clock.now = Date.parse('2026-11-20T23:30:00Z')
  await get(`/count?url=${PAGE}`)
  clock.now = Date.parse('2026-11-21T00:10:00Z')
  const counted = (await get(`/count.json?url=${PAGE}`)).json()
  assert.deepEqual([counted.count, counted.today], [2, 1])
  assert.equal((await get(`/nocount.json?url=${PAGE}&tz=Europe/Berlin`)).json().today, 2)
  const { period, timeZone } = (await get(`/nocount.json?url=${PAGE}&within=hours=1`)).json()
  assert.deepEqual([period, timeZone], ['within=hours=1', 'UTC'])
})

test('a plus in the name of a zone is one, encoded or not', async (t) => {
  const { get, app, clock } = await visited(t, ['2026-11-21T04:30:00Z'])
  clock.now = Date.parse('2026-11-21T05:30:00Z')
  // In this zone, which is five hours behind, a day began between the two.
  for (const tz of ['Etc/GMT+5', 'Etc/GMT%2B5', 'Etc/GMT%205']) {
    const answer = (await get(`/nocount.json?url=${PAGE}&period=today&tz=${tz}`)).json()
    assert.deepEqual([answer.count, answer.timeZone], [0, 'Etc/GMT+5'], tz)
    assert.equal((await get(`/graph.svg?url=${PAGE}&tz=${tz}`)).statusCode, 200)
    assert.equal((await get(`/nocount/tag.svg?url=${PAGE}&show=today&tz=${tz}`)).statusCode, 200)
    assert.equal((await get(`/why.json?url=${PAGE}&tz=${tz}`)).json().timeZone, 'Etc/GMT+5')
  }
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const payload = `url=${PAGE}&period=today&tz=Etc/GMT+5`
  const posted = await app.inject({ method: 'POST', url: '/count', headers, payload })
  assert.equal(posted.body, '1')
})

for (const tz of ['PST', 'JST', 'SystemV/EST5', 'US/Pacific-New']) {
  test(`${tz}, which not every calendar knows, is known everywhere or refused everywhere`, async () => {
    const { get } = shared
    const paths = ['/count', '/count.json', '/why.json', '/nocount', '/nocount/tag.svg']
    const statuses: number[] = []
    for (const path of paths) {
      statuses.push((await get(`${path}?url=${PAGE}&tz=${tz}&period=today`)).statusCode)
    }
    assert.ok([200, 400].includes(statuses[0] as number))
    assert.deepEqual(
      statuses,
      paths.map(() => statuses[0]),
    )
  })
}

test('24 hours begin with the hour in which they begin', async (t) => {
  const { shown } = await visited(t, ['2026-11-20T12:05:00Z', '2026-11-20T13:05:00Z'])
  assert.equal(await shown('period=24h', '2026-11-21T12:59:00Z'), 2)
  assert.equal(await shown('period=24h', '2026-11-21T13:00:00Z'), 1)
  assert.equal(await shown('within=hours=24', '2026-11-21T13:00:00Z'), 1)
  assert.equal(await shown('period=24h', '2026-11-21T14:00:00Z'), 0)
  assert.equal(await shown('period=7d', '2026-11-21T14:00:00Z'), 2)
})

test('folding hours into days and removing old ones leaves sums over whole days as they are', async (t) => {
  const moments = ['2026-07-01T00:30:00Z', '2026-07-01T23:30:00Z', '2026-07-02T11:00:00Z']
  const { shown, store, clock } = await visited(t, moments)
  clock.now = Date.parse('2026-11-21T12:00:00Z')
  for (const zone of ['UTC', 'Asia/Tokyo', 'America/Los_Angeles']) {
    assert.equal(await shown(`period=2026-07&tz=${zone}`), zone === 'America/Los_Angeles' ? 2 : 3)
  }
  await rollUpHours(store, 30, clock.now)
  assert.equal(await shown('period=2026-07-01'), 2)
  assert.equal(await shown('period=2026-07-02'), 1)
  for (const zone of ['UTC', 'Asia/Tokyo', 'America/Los_Angeles']) {
    assert.equal(await shown(`period=2026-07&tz=${zone}`), 3, 'a day is in the month of its noon')
  }
  await pruneHistory(store, 30, clock.now)
  assert.equal(await shown('period=2026'), 0)
  assert.equal(await shown('period=total'), 3, 'the total stays')
})

test('the days of a month add up to it, and the months to the year, whatever is folded', async (t) => {
  const hour = fc.integer({ min: 0, max: 365 * 24 - 1 })
  const visits = fc.array(hour, { minLength: 1, maxLength: 15 })
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Pacific/Apia')
  const { store, clock, get } = await build(t)
  let pages = 0
  await fc.assert(
    fc.asyncProperty(visits, zone, fc.constantFrom(0, 30, 200), async (hours, tz, keep) => {
      const start = Date.UTC(2026, 0)
      const page = `p${++pages}.example`
      await Promise.all(
        hours.map((each) =>
          store.count({ page: page as never, at: start + each * 3_600_000, window: null }),
        ),
      )
      clock.now = Date.UTC(2027, 6)
      await rollUpHours(store, keep, clock.now)
      const shown = async (period: string) =>
        Number((await get(`/nocount?url=${page}&period=${period}&tz=${tz}`)).body)
      const sum = async (periods: string[]) =>
        (await Promise.all(periods.map(shown))).reduce((left, right) => left + right, 0)
      const pad = (number: number) => String(number + 1).padStart(2, '0')
      const months = Array.from({ length: 12 }, (_, month) => `2026-${pad(month)}`)
      assert.equal(await sum(months), await shown('2026'))
      assert.equal(await sum(['2025', '2026', '2027']), hours.length)
      const days = Array.from({ length: 31 }, (_, day) => `2026-03-${pad(day)}`)
      assert.equal(await sum(days), await shown('2026-03'))
      const why = (await get(`/why.json?url=${page}&period=2026&tz=${tz}`)).json()
      assert.equal(why.total.counted, await shown('2026'))
      for (const { day, counted } of why.days) assert.equal(counted, await shown(day), day)
    }),
    { numRuns: 12 },
  )
})

test('numbers older than KEEP_HISTORY_DAYS are not shown, even before they are removed', async (t) => {
  const moments = ['2026-11-10T12:00:00Z', '2026-11-19T12:00:00Z', '2026-11-21T11:00:00Z']
  const { shown, get } = await visited(t, moments, { KEEP_HISTORY_DAYS: '2' })
  assert.equal(await shown('period=month', '2026-11-21T12:00:00Z'), 2)
  assert.equal(await shown('period=2026-11-10'), 0)
  assert.equal(await shown(''), 3)
  const { days } = (await get(`/why.json?url=${PAGE}&period=total`)).json()
  assert.deepEqual(
    days.map(({ day }: { day: string }) => day),
    ['2026-11-19', '2026-11-21'],
  )
})

test('/why.json lists the outcomes of a page’s visits by day', async (t) => {
  const { app, get, clock } = await build(t, {
    EXCLUDE_ADDRESSES: '192.0.2.1',
    LIMIT_PER_ADDRESS: '2',
    TIME_ZONE: 'Europe/Berlin',
  })
  const visit = (remoteAddress: string, headers = {}) =>
    app.inject({ method: 'GET', url: `/count?url=${PAGE}`, remoteAddress, headers })
  clock.now = Date.parse('2026-10-24T21:30:00Z')
  const first = await visit('203.0.113.1')
  await visit('203.0.113.1', { cookie: cookieOf(first) })
  await visit('203.0.113.1', { cookie: cookieOf(first) })
  clock.now = Date.parse('2026-10-24T22:30:00Z')
  await visit('203.0.113.2')
  await visit('203.0.113.2')
  await visit('203.0.113.2')
  await visit('192.0.2.1')
  await visit('203.0.113.3', { 'user-agent': GOOGLEBOT })
  await get(`/nocount?url=${PAGE}`)
  const why = (query = '') => get(`/why.json?url=${PAGE}${query}`).then((answer) => answer.json())
  const none = { counted: 0, repeat: 0, bot: 0, excluded: 0, limited: 0 }
  const expected = {
    page: PAGE,
    period: '30d',
    timeZone: 'Europe/Berlin',
    total: { counted: 3, repeat: 2, bot: 1, excluded: 1, limited: 1 },
    days: [
      { day: '2026-10-24', ...none, counted: 1, repeat: 2 },
      { day: '2026-10-25', ...none, counted: 2, bot: 1, excluded: 1, limited: 1 },
    ],
  }
  assert.deepEqual(await why(), expected)
  assert.deepEqual(await why(), expected, 'asking leaves no trace')
  const utc = await why('&tz=UTC')
  assert.deepEqual(utc.days, [{ day: '2026-10-24', ...expected.total }])
  assert.deepEqual((await why('&period=2026-10-25')).days, [expected.days[1]])
  clock.now += 40 * 86_400_000
  assert.deepEqual((await why()).days, [], 'the last 30 days')
  assert.deepEqual((await why('&period=total')).days, expected.days)
  assert.deepEqual((await why('&within=weeks=6')).days, expected.days)
})

test('of a long history the last 366 days are listed', async (t) => {
  const { get, store, clock } = await build(t)
  const day = 86_400_000
  const agos = Array.from({ length: 400 }, (_, ago) => ago)
  await Promise.all(
    agos.map((ago) =>
      store.count({ page: PAGE as never, at: clock.now - ago * day, window: null }),
    ),
  )
  const { days, total } = (await get(`/why.json?url=${PAGE}&period=total`)).json()
  // Tomorrow is one of them.
  assert.equal(days.length, 365)
  assert.equal(total.counted, 365)
  assert.equal(days.at(-1).day, '2026-01-15')
})

test('a page that robots alone have seen tells so; one that nobody has seen tells nothing', async (t) => {
  const { get, store } = await build(t)
  await get('/count?url=robots.example', { 'user-agent': GOOGLEBOT })
  const { total } = (await get('/why.json?url=robots.example')).json()
  assert.deepEqual(total, { counted: 0, repeat: 0, bot: 1, excluded: 0, limited: 0 })
  assert.deepEqual((await get('/why.json?url=never.example')).json().days, [])
  assert.deepEqual(
    (await store.top({ hosts: 9, pages: 9, rules: { allow: [], deny: [] }, ignore: [] })).pages,
    [],
  )
})
