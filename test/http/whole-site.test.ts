import assert from 'node:assert/strict'
import test from 'node:test'
import { build, cookieOf, T0, type TestApp } from '../harness/app.ts'
import { parseSvg } from '../harness/svg.ts'
import { until } from '../harness/until.ts'

const WINDOW = { WINDOW_SECONDS: '300' }

async function visit({ get }: TestApp, ...pages: string[]): Promise<void> {
  for (const page of pages) await get(`/count?url=${page}`)
}

test('/nocount answers with the number of a whole site in each form, and counts nothing', async (t) => {
  const app = await build(t)
  const { get } = app
  await visit(
    app,
    'example.com',
    'example.com/a',
    'example.com/a',
    'www.example.com',
    'other.example',
  )
  assert.equal((await get('/nocount?site=example.com')).body, '3')
  // The host is brought into the form that pages have.
  for (const site of ['EXAMPLE.com', 'https://example.com/', 'example.com:443', 'example.com.'])
    assert.equal((await get(`/nocount?site=${site}`)).body, '3', site)
  assert.equal((await get('/nocount?site=www.example.com')).body, '1')
  assert.equal((await get('/nocount?site=unknown.example')).body, '0')
  assert.equal((await get('/nocount?site=example.com&url=other.example')).body, '3', 'site wins')
  assert.equal((await get('/nocount?site=&url=other.example')).body, '1', 'empty is missing')
  assert.equal(parseSvg((await get('/nocount/tag.svg?site=example.com')).body).title, 'hits: 3')
  const png = await get('/nocount/tag.png?site=example.com')
  assert.deepEqual([png.statusCode, png.headers['content-type']], [200, 'image/png'])
  assert.equal((await get('/shields.json?site=example.com')).json().message, '3')
  const { page, site, count, today, outcome } = (await get('/nocount.json?site=example.com')).json()
  assert.deepEqual([page, site, count, today, outcome], [null, 'example.com', 3, 3, 'read'])
  assert.equal((await get('/nocount?site=example.com')).headers['set-cookie'], undefined)
  assert.equal((await get('/nocount?site=example.com')).body, '3')
})

test('/count counts the page, and answers with the number of the site with this visit in it', async (t) => {
  const app = await build(t, WINDOW)
  const { get } = app
  await visit(app, 'example.com/a', 'example.com/b')
  const query = 'url=example.com/a&site=example.com'
  const counted = await get(`/count.json?${query}`)
  const { page, site, count, today, counted: isCounted } = counted.json()
  assert.deepEqual(
    [page, site, count, today, isCounted],
    ['example.com/a', 'example.com', 3, 3, true],
  )
  assert.equal((await get('/nocount?url=example.com/a')).body, '2')
  const again = await get(`/count.json?${query}`, { cookie: cookieOf(counted) })
  assert.deepEqual([again.json().outcome, again.json().count], ['repeat', 3])
  // The page that the Referer names, and the number of another site than the page's.
  const headers = { referer: 'https://example.com/c' }
  assert.equal((await get('/count?site=other.example', headers)).body, '0')
  assert.equal((await get('/count/tag.svg?site=example.com', headers)).statusCode, 200)
  assert.equal((await get('/nocount?url=example.com/c')).body, '2')
  assert.equal((await get('/nocount?site=example.com')).body, '5')
  const period = await get('/count.json?url=example.com/a&site=other.example&period=today')
  assert.deepEqual([period.json().count, period.json().today], [0, 0])
  assert.equal((await get(`/count?${query}&period=today`)).body, '7')
  const posted = await app.app.inject({
    ...{ method: 'POST', url: '/count' },
    payload: { url: 'example.com/a', site: 'example.com' },
  })
  assert.equal(posted.body, '8')
})

test('the outcomes, the active visits, the card and the line of a site are those of its pages', async (t) => {
  const app = await build(t, { ...WINDOW, TZ: 'UTC' })
  const { get, store } = app
  await visit(app, 'example.com/a', 'example.com/b', 'other.example')
  await get('/count?url=example.com/a', { 'user-agent': 'Googlebot/2.1' })
  await store.writeUncounted()
  const why = (await get('/why.json?site=example.com')).json()
  assert.deepEqual(
    [why.page, why.site, why.total.counted, why.total.bot],
    [null, 'example.com', 2, 1],
  )
  assert.equal((await get('/active?site=example.com')).body, '2')
  const active = (await get('/active.json?site=example.com')).json()
  assert.deepEqual([active.page, active.site, active.active], [null, 'example.com', 2])
  assert.match((await get('/active/tag.svg?site=example.com')).body, /active: 2/)
  const card = await get('/graph.svg?site=example.com')
  assert.match(card.body, /example\.com/)
  assert.match(card.body, /2 in total|>2</)
  assert.equal((await get('/nocount/tag.svg?site=example.com&trend=30d')).statusCode, 200)
  assert.equal(app.clock.now, T0)
})

test('what is no host is refused, and so is a host that the operator denies', async (t) => {
  const app = await build(t, {
    DENY_PAGES: 'denied.example',
    ALLOW_PAGES: String.raw`\.example/blog`,
  })
  const { get } = app
  const cases: [query: string, status: number, message: RegExp][] = [
    ['site=example.com/a', 400, /^site must be the host of pages, such as example\.com/],
    ['site=example.com%3Fa', 400, /^site must be/],
    ['site=example.com%23a', 400, /^site must be/],
    ['site=a..b', 400, /^site must be/],
    ['site=ftp://example.com', 400, /^site must be/],
    ['site=%00', 400, /^site must be/],
    [`site=${'a'.repeat(3000)}`, 400, /^site must be/],
    ['site=a.example&site=b.example', 400, /^Give site only once/],
    ['site=denied.example', 403, /^This counter does not serve that site/],
    ['site=DENIED.example:443', 403, /^This counter does not serve that site/],
  ]
  for (const [query, status, message] of cases) {
    for (const path of ['/nocount', '/count', '/active', '/why.json', '/graph.svg']) {
      const answer = await get(`${path}?${query}&url=a.example/blog`)
      assert.equal(answer.statusCode, status, `${path}?${query}`)
      if (path.endsWith('count')) assert.match(answer.body, message)
    }
  }
  // A list of allowed pages can name paths, so it does not say which hosts may be shown.
  assert.equal((await get('/count?url=a.example/blog&site=a.example')).body, '1')
})

test('a site has the name that page rules give to its pages', async (t) => {
  const app = await build(t, { ADMIN: 'true' })
  const { get, store } = app
  const deed = { actor: 'test', reason: '', at: T0 }
  const rule = { kind: 'page-rule', pattern: 'www.*.*', replacement: '*.*' } as const
  await store.admin.addRules([{ ...rule, endsAt: null, ...deed }])
  const site = async () => (await get('/nocount.json?site=www.example.com')).json().site
  await until(async () => (await site()) === 'example.com')
  await visit(app, 'www.example.com/a', 'example.com/b')
  assert.equal((await get('/nocount?site=www.example.com')).body, '2')
})
