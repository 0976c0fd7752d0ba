import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { PagesQuery } from '../../../src/admin.ts'
import { axis } from '../../../src/badge/card/chart.ts'
import { boxesOf, chartHtml } from '../../../src/http/site/statistics/chart.ts'
import { cellOf } from '../../../src/http/site/statistics/downloads.ts'
import type { PageKey } from '../../../src/page.ts'
import { readSeries } from '../../../src/series.ts'
import { ADMIN, FORM, formOf, newKey, signIn } from '../../harness/administration.ts'
import { build, FILE, readCount, T0, type TestApp } from '../../harness/app.ts'
import { longestHold } from '../../harness/held.ts'
import { fastest } from '../../harness/until.ts'

const DAY_MS = 86_400_000
const service = await build(FILE, { WINDOW_SECONDS: '0' })
const { get, store, clock } = service
const deed = () => ({ actor: 'session 7', reason: 'a private reason', at: clock.now })

async function visit(url: string, times = 1, { get }: Pick<TestApp, 'get'> = service) {
  for (let time = 0; time < times; time++) await get(`/count?url=${encodeURIComponent(url)}`)
}
const ALL_PAGES: PagesQuery = {
  part: '',
  sort: 'newest',
  removed: false,
  after: '',
  limit: 200,
  today: { from: 0, to: 0 },
}
const bodyOf = async (url: string) => (await get(url)).body
const changesIn = (body: string) =>
  [...body.matchAll(/<dd class="change">(.*?)<\/dd>/g)].map(([, text = '']) =>
    text.replace(/<[^>]*>/g, ''),
  )

test('today, 7 and 30 days are compared with as long a time before, in a sign and in words', async () => {
  clock.now = T0 - 40 * DAY_MS
  await visit('compared.example', 4)
  clock.now = T0 - DAY_MS
  await visit('compared.example', 2)
  clock.now = T0 - DAY_MS + 5 * 3_600_000
  await visit('compared.example', 3)
  clock.now = T0
  await visit('compared.example', 2)
  assert.deepEqual(changesIn(await bodyOf('/page?url=compared.example')), [
    'as many as yesterday by this hour',
    '+7 more than in the 7 days before',
    '+3 more than in the 30 days before',
  ])
  clock.now = T0 + 35 * DAY_MS
  assert.deepEqual(changesIn(await bodyOf('/page?url=compared.example')).slice(1), [
    'as many as in the 7 days before',
    '−7 fewer than in the 30 days before',
  ])
  clock.now = T0
})

test('time of which nothing is kept is not compared with', async (t) => {
  const short = await build(t, { KEEP_HISTORY_DAYS: '10' })
  const { body } = await short.get('/page?url=a.example')
  assert.deepEqual(changesIn(body).slice(1), ['nothing older is kept', 'nothing older is kept'])
  assert.match(body, /Numbers by day are kept since 5 Jan 2026\./)
})

test('an unknown page has 0 hits, says how to begin, and looking at it leaves no trace', async () => {
  const { pages } = await store.admin.pages(ALL_PAGES)
  for (const url of [
    '/page?url=new.example/x',
    '/site?host=new.example',
    '/page.json?url=new.example/x',
  ]) {
    assert.equal((await get(url)).statusCode, 200)
  }
  const body = await bodyOf('/page?url=new.example/x')
  assert.match(body, /<dd>0<\/dd>/)
  assert.match(body, /No visit has been counted yet/)
  assert.match(body, /Nobody has visited in the last 30 days/)
  assert.deepEqual((await store.admin.pages(ALL_PAGES)).pages, pages)
})

test('a page of one visit has one bar, one row, and its day', async () => {
  await visit('one.example/once')
  const body = await bodyOf('/page?url=one.example/once')
  assert.equal(body.match(/class="hits"/g)?.length, 1)
  assert.match(body, /<title>15 Jan 2026: 1 hit<\/title>/)
  assert.match(body, /<th scope="row">15 Jan 2026<\/th><td>1<\/td>/)
  assert.match(body, /First seen <b>15 Jan 2026<\/b>/)
  assert.doesNotMatch(body, /Earlier/)
})

test('ten years are shown by month, and by day a part at a time', async () => {
  clock.now = T0 - 3650 * DAY_MS
  await visit('old.example', 3)
  clock.now = T0
  await visit('old.example', 1)
  const months = await bodyOf('/page?url=old.example&unit=month')
  assert.equal(months.match(/<th scope="row">/g)?.length, 120)
  const days = await bodyOf('/page?url=old.example')
  assert.equal(days.match(/<th scope="row">/g)?.length, 30)
  const [, earlier = ''] = /href="([^"]*)#chart-title" rel="prev"/.exec(days) ?? []
  const before = await bodyOf(`/${earlier.replaceAll('&#38;', '&')}`)
  assert.match(before, /17 Nov 2025 – 16 Dec 2025/)
  assert.match(before, /rel="next">Later/)
})

test('changes by operators are said without who made them and why', async () => {
  await visit('changed.example', 3)
  const change = (action: object) =>
    store.admin.change([{ page: 'changed.example' as PageKey, ...action } as never], deed())
  await change({ action: 'set', hits: 1000 })
  await change({ action: 'add', hits: -5 })
  await change({ action: 'reset' })
  await visit('other.example/<b>', 2)
  await store.admin.change([{ action: 'set', page: 'merged.example' as PageKey, hits: 7 }], deed())
  await store.admin.change(
    [{ action: 'merge', page: 'merged.example' as PageKey, into: 'changed.example' as PageKey }],
    deed(),
  )
  await change({ action: 'rename', to: 'renamed.example' as PageKey, alias: true })
  for (const url of ['renamed.example', 'changed.example']) {
    const body = await bodyOf(`/page?url=${url}`)
    const [, marks = ''] = /class="marks">([\s\S]*?)<\/ul>/.exec(body) ?? []
    const texts = [...marks.matchAll(/<span>(.*?)<\/span>/g)].map(([, text]) => text)
    assert.deepEqual(texts, [
      'The page got this address, and kept its number.',
      'The 7 hits of another page added, which makes 7.',
      'Number set back from 995 to 0.',
      'Number changed from 1,000 to 995.',
      'Number set from 3 to 1,000.',
    ])
    assert.equal(body.match(/class="mark"/g)?.length, 5)
    assert.doesNotMatch(body, /session 7|private reason|merged\.example/)
  }
})

test('a removed page, a blocked one and a wrong address are said clearly', async (t) => {
  await visit('gone.example')
  await store.admin.change([{ action: 'remove', page: 'gone.example' as PageKey }], deed())
  const gone = await get('/page?url=gone.example')
  assert.equal(gone.statusCode, 410)
  assert.match(gone.body, /removed/)
  assert.equal((await get('/page.csv?url=gone.example')).statusCode, 410)
  const blocked = await build(t, { DENY_PAGES: '^bad\\.example' })
  for (const url of ['/page?url=bad.example', '/site?host=bad.example']) {
    const refused = await blocked.get(url, { accept: 'text/html' })
    assert.equal(refused.statusCode, 403)
    assert.match(refused.body, /That did not work/)
  }
  for (const url of ['/page?url=%3Cb%3E', '/site?host=a.example/path', '/page?url=a&url=b']) {
    const { statusCode, body } = await get(url)
    assert.ok(statusCode === 400 || statusCode === 200, url)
    assert.doesNotMatch(body, /<b>\s*"/)
  }
  for (const wrong of ['unit=week', 'from=x', 'to=2026-13', 'tz=Mars', 'from=2000-01-01']) {
    const refused = await get(`/page?url=a.example&${wrong}`)
    assert.equal(refused.statusCode, 400, wrong)
    assert.match(refused.body, /role="alert"/)
    assert.doesNotMatch(refused.body, /aria-invalid/, 'the address is right')
    assert.equal((await get(`/page.csv?url=a.example&${wrong}`)).statusCode, 400)
    assert.equal((await get(`/site.json?host=a.example&${wrong}`)).statusCode, 400)
  }
  assert.equal((await get('/site?host=a.example&after=nonsense')).statusCode, 400)
  const wrongHost = await get('/site?host=a.example/path')
  assert.match(wrongHost.body, /action="site"/)
  assert.match(wrongHost.body, /name="host"[^>]*value="a\.example\/path"[^>]*aria-invalid/)
})

test('a site lists its own pages by hits, part by part', async () => {
  for (let page = 0; page < 25; page++)
    await visit(`many.example/${page}`, 1 + (page === 3 ? 2 : 0))
  await visit('many.example.org/elsewhere', 9)
  const first = await bodyOf('/site?host=MANY.example')
  const pagesIn = (body: string) =>
    [...body.matchAll(/<li><a href="page\?url=([^"]*)"/g)].map(([, url]) =>
      decodeURIComponent(url ?? ''),
    )
  assert.equal(pagesIn(first).length, 20)
  assert.equal(pagesIn(first)[0], 'many.example/3')
  assert.match(first, /<dd>27<\/dd>/)
  const [, more = ''] = /href="(site\?[^"]*after=[^"]*)#pages-title" rel="next"/.exec(first) ?? []
  const rest = await bodyOf(`/${more.replaceAll('&#38;', '&')}`)
  assert.equal(pagesIn(rest).length, 5)
  assert.equal(new Set([...pagesIn(first), ...pagesIn(rest)]).size, 25)
})

test('JSON and CSV have the series by outcome, in any zone', async () => {
  await visit('down.example/a', 2)
  await get('/count?url=down.example/a', { 'user-agent': 'Googlebot/2.1' })
  const json = (await get('/page.json?url=down.example/a&unit=hour&tz=Asia/Kathmandu')).json()
  assert.equal(json.page, 'down.example/a')
  assert.deepEqual(json.periods.today, { hits: 2, before: 0 })
  assert.deepEqual(json.series.at(-1), {
    name: '2026-01-15T17:45+05:45',
    ...{ counted: 2, repeat: 0, bot: 1, excluded: 0, limited: 0 },
  })
  const csv = await get('/site.csv?host=down.example&from=2026-01-14')
  assert.match(String(csv.headers['content-type']), /^text\/csv/)
  assert.match(String(csv.headers['content-disposition']), /^attachment/)
  assert.equal(
    csv.body,
    'site,day (UTC),counted,repeat,bot,excluded,limited\r\n' +
      'down.example,2026-01-14,0,0,0,0,0\r\ndown.example,2026-01-15,2,0,1,0,0\r\n',
  )
})

test('no cell of a CSV is a formula, and each is read as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'=+-@\t\r\n",a1') }), (text) => {
      const cell = cellOf(text)
      const content = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell
      assert.doesNotMatch(content, /^[=+\-@\t\r]/)
      assert.equal(content.replace(/^'(?=[=+\-@\t\r])/, ''), text)
    }),
  )
  assert.equal(cellOf('=HYPERLINK("x")'), '"\'=HYPERLINK(""x"")"')
  // Some spreadsheets begin a cell at a semicolon or tab, unless it is quoted.
  assert.equal(cellOf('a.example/;=1+1'), '"a.example/;=1+1"')
})

test('the lines of a chart are round, and its bars lie within it, in proportion and side by side', () => {
  const hits = fc.array(
    fc.oneof(fc.nat(50), fc.nat(2 ** 31 - 1), fc.constant(Number.MAX_SAFE_INTEGER)),
    {
      minLength: 1,
      maxLength: 1000,
    },
  )
  fc.assert(
    fc.property(hits, (counts) => {
      const greatest = Math.max(...counts)
      const lines = axis(greatest)
      assert.ok(lines.length >= 3 && lines.length <= 5)
      for (const line of lines) assert.match(String(BigInt(line)), /^\d{1,2}0*$/)
      const top = lines.at(-1) as number
      assert.ok(top >= greatest)
      const boxes = boxesOf(counts, top)
      boxes.forEach(({ left, room, x, width, y, height }, at) => {
        assert.ok(x >= left && x + width <= left + room + 0.01 && left + room <= 100.01)
        assert.ok(y >= 18.4 && y + height <= 198.7 && height >= 0)
        assert.equal(height === 0, counts[at] === 0)
        for (const other of [boxes[at - 1], boxes[at + 1]]) {
          const count = counts[boxes.indexOf(other as never)]
          if (other && (counts[at] as number) > (count as number)) assert.ok(height >= other.height)
        }
      })
    }),
    { numRuns: 50 },
  )
})

test('the names below a chart do not reach each other on a phone', () => {
  // In px: the plot on a phone of 360, and the widest letter of the names.
  const [plot, letter] = [246, 7]
  for (const [unit, from] of [
    ['month', '1990-01'],
    ['day', '2025-06-01'],
    ['hour', '2026-01-09'],
  ] as const) {
    for (let usual = 1; usual <= 200; usual += 1) {
      const usuals = { hour: usual, day: usual, month: usual }
      const kept = { timeZone: 'UTC', keepHoursDays: 0, keepHistoryDays: 0 }
      const query = usual === 200 ? { unit, from } : { unit }
      const series = readSeries(query, kept, T0, usuals)
      const html = chartHtml(series, Array(series.points.length).fill(1), [])
      // The numbers beside the bars take this much room.
      let end = -40
      const names = [...html.matchAll(/<text class="name" x="([\d.]+)%"[^>]*>([^<]*)</g)]
      assert.ok(names.length > 0)
      for (const [, x, name = ''] of names) {
        const begin = (Number(x) / 100) * plot - (name.length * letter) / 2
        assert.ok(begin > end, `${usual} ${unit}s: ${name}`)
        end = begin + name.length * letter
      }
      assert.ok(end < plot + 20, 'the card has this much room beyond the plot')
    }
  }
})

test('the tags of a page in another script are as short as those of the tag builder, and count it', async () => {
  await visit('zh.example/世界')
  for (const url of [
    'zh.example/世界',
    'zh.example/50%25',
    'zh.example/a%2Fb世',
    'zh.example/%FF',
  ]) {
    const body = await bodyOf(`/page?url=${encodeURIComponent(url)}`)
    const [, query = ''] = /nocount\/tag\.svg\?(url=[^&"]*)"/.exec(body) ?? []
    const page = (await get(`/nocount.json?${query}`)).json().page
    assert.equal(page, (await get(`/nocount.json?url=${encodeURIComponent(url)}`)).json().page)
  }
  assert.match(
    await bodyOf('/page?url=zh.example/世界'),
    /nocount\/tag\.svg\?url=zh\.example\/%E4%B8%96%E7%95%8C"/,
  )
})

test('the tags of a site have the browser name the whole address of the page that they are on', async () => {
  const body = await bodyOf('/site?host=a.example')
  assert.match(
    body,
    /tag\.svg\?site=a\.example&#34; alt=&#34;hits&#34; referrerpolicy=&#34;no-referrer-when-downgrade/,
  )
  assert.doesNotMatch(body, /graph\.svg\?site=a\.example&#34; alt=&#34;hits&#34; referrerpolicy/)
  assert.doesNotMatch(await bodyOf('/page?url=a.example'), /referrerpolicy/)
})

test('what a stranger wrote is text in every place, and huge numbers are shown', async () => {
  const nasty = 'evil.example/"><script>alert(1)</script>\'&a='
  await visit(nasty)
  for (const address of [
    `/page?url=${encodeURIComponent(nasty)}`,
    '/site?host=evil.example',
    '/',
  ]) {
    const body = (await bodyOf(address)).replace(
      /<script (type="module"|type="application\/json")/g,
      '',
    )
    assert.doesNotMatch(body, /<script>/, address)
    assert.doesNotMatch(body, /alert\(1\)<\/script/, address)
  }
  const zone = await get('/page?url=a.example&tz=%22%3E%3Cscript%3E')
  assert.equal(zone.statusCode, 400)
  assert.doesNotMatch(zone.body, /<script>/)
  const most = Number.MAX_SAFE_INTEGER
  await store.admin.change([{ action: 'set', page: 'huge.example' as PageKey, hits: most }], deed())
  assert.match(await bodyOf('/page?url=huge.example'), /<dd>9,007,199,254,740,991<\/dd>/)
})

test('with STATS=private, a key that is typed in shows the page, and never stands in an address', async (t) => {
  const hidden = await build(t, { ...ADMIN, STATS: 'private' })
  await visit('mine.example/a', 1, hidden)
  const { secret } = await newKey(hidden, 'mine.example/a')
  const locked = await hidden.get('/page?url=mine.example/a', { accept: 'text/html' })
  assert.equal(locked.statusCode, 401)
  assert.match(locked.body, /These numbers are not public/)
  assert.doesNotMatch(locked.body, /role="alert"/, 'who only opens the page has done nothing wrong')
  assert.doesNotMatch(locked.body, /class="chart"/)
  assert.equal(locked.headers['cache-control'], 'no-store')
  const send = (key: string, headers = {}) =>
    hidden.app.inject({
      ...{ method: 'POST', url: '/page', headers: { ...FORM, ...headers } },
      payload: formOf({ action: 'see', url: 'mine.example/a', key }),
    })
  const wrong = await send(`${secret}x`)
  assert.equal(wrong.statusCode, 401)
  assert.match(wrong.body, /unknown, or was revoked/)
  assert.equal((await send(secret, { 'sec-fetch-site': 'cross-site' })).statusCode, 403)
  const right = await send(secret)
  assert.equal(right.statusCode, 303)
  assert.equal(right.headers.location, 'page?url=mine.example%2Fa')
  const cookie = String(right.headers['set-cookie'])
  assert.match(cookie, /; HttpOnly; SameSite=Lax$/)
  const shown = await hidden.get('/page?url=mine.example/a', { cookie: cookie.split(';')[0] ?? '' })
  assert.equal(shown.statusCode, 200)
  assert.match(shown.body, /class="chart"/)
  assert.ok(!shown.body.includes(secret))
  const browser = await signIn(hidden)
  assert.equal(
    (await hidden.get('/site?host=mine.example', { cookie: browser.cookie })).statusCode,
    200,
  )
  assert.equal(await readCount(hidden.store, 'mine.example/a'), 1)
})

test('long charts that many people open at once do not keep others waiting', async () => {
  const url = `/page?url=long.example&unit=hour&from=${new Date(clock.now - 990 * 3_600_000).toISOString()}`
  assert.ok((await get(url)).body.split('<tr>').length > 990)
  const held = await fastest(250, () =>
    longestHold(() => Promise.all(Array.from({ length: 100 }, () => get(url)))),
  )
  // One takes some 5 ms.
  assert.ok(held < 250, `${held} ms`)
})
