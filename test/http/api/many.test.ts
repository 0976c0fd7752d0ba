import assert from 'node:assert/strict'
import test from 'node:test'
import type { PageKey } from '../../../src/page.ts'
import { Refusal } from '../../../src/refusal.ts'
import { build, FILE, readCount } from '../../harness/app.ts'

interface Entry {
  url: string
  page?: string
  hits?: number
  outcome?: string
  counted?: boolean
  problem?: { status: number; code: string; field: string }
}

const { app, get, store, clock } = await build(FILE, { DENY_PAGES: '^denied\\.example' })

const send = (payload: object | string, headers: Record<string, string> = {}, end = 'count') =>
  app.inject({
    method: 'POST',
    url: `/api/v1/pages/${end}`,
    payload,
    headers: { 'content-type': 'application/json', ...headers },
  })
const count = async (pages: readonly string[], headers: Record<string, string> = {}) =>
  (await send({ pages }, headers)).json().pages as Entry[]

test('each page ends in its own outcome or refusal, and a bad one keeps no other from counting', async () => {
  await get('/count?url=gone.example')
  const deed = { actor: 'test', reason: '', at: clock.now }
  await store.admin.change([{ action: 'remove', page: 'gone.example' as PageKey }], deed)
  const urls = ['mixed.example/a', '%01', 'gone.example', 'denied.example/x', 'my-project']
  const entries = await count(urls)
  assert.deepEqual(
    entries.map(({ url }) => url),
    urls,
  )
  assert.deepEqual(
    entries.map(({ hits, outcome, problem }) =>
      outcome ? [outcome, hits] : [problem?.status, problem?.code, problem?.field],
    ),
    [
      ['counted', 1],
      [400, 'bad_page', 'pages[1]'],
      [410, 'removed', 'pages[2]'],
      [403, 'blocked_page', 'pages[3]'],
      ['counted', 1],
    ],
  )
  assert.equal(await readCount(store, 'mixed.example/a'), 1)
})

test('a request all of whose pages are wrong is answered all the same', async () => {
  const entries = await count(['%01', 'https://denied.example/'])
  assert.deepEqual(
    entries.map(({ problem }) => problem?.status),
    [400, 403],
  )
})

test('a page that is named twice is visited once', async () => {
  const entries = await count([
    'twice.example/a',
    'https://Twice.example/a/#top',
    'twice.example/b',
  ])
  assert.deepEqual(
    entries.map(({ page, hits, counted }) => [page, hits, counted]),
    [
      ['twice.example/a', 1, true],
      ['twice.example/a', 1, true],
      ['twice.example/b', 1, true],
    ],
  )
})

test('what reads counts nothing; prefetches and robots do not count', async () => {
  const pages = ['read.example/a', 'read.example/b']
  const read = await send({ pages }, {}, 'read')
  assert.equal(read.headers['set-cookie'], undefined)
  const robot = { 'user-agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' }
  const outcomes = [
    ...(read.json().pages as Entry[]),
    ...(await count(pages, { 'sec-purpose': 'prefetch' })),
    ...(await count(pages, robot)),
  ].map(({ outcome, hits }) => `${outcome} ${hits}`)
  assert.deepEqual(outcomes, ['read 0', 'read 0', 'read 0', 'read 0', 'bot 0', 'bot 0'])
})

test('with its cookies, a browser that comes again does not count; the first ten pages get one each', async () => {
  const pages = Array.from({ length: 12 }, (_, at) => `cookie.example/${at}`)
  const origin = 'https://site.example'
  const first = await send({ pages }, { origin })
  const cookies = [first.headers['set-cookie']].flat() as string[]
  assert.equal(cookies.length, 10)
  assert.ok(cookies.join('\r\n').length < 2000, 'nginx takes 4 kB of headers')
  assert.equal(first.headers['access-control-allow-origin'], origin)
  assert.equal(first.headers['access-control-allow-credentials'], 'true')
  const cookie = cookies.map((each) => each.split(';', 1)[0]).join('; ')
  const again = await count(pages, { cookie })
  assert.deepEqual(
    again.map(({ outcome }) => outcome),
    [...Array(10).fill('repeat'), 'counted', 'counted'],
  )
  // The cookie is that of /count.
  const single = await get('/count.json?url=cookie.example/3', { cookie })
  assert.equal(single.json().outcome, 'repeat')
  const reserved = await send({ pages: ['cookie.example/x'] }, { 'sec-gpc': '1' })
  assert.equal(reserved.headers['set-cookie'], undefined)
})

test('100 pages are counted in one request and are on disk, and 101 are refused', async () => {
  const pages = Array.from({ length: 100 }, (_, at) => `many.example/${at}`)
  const entries = await count(pages)
  assert.ok(entries.every(({ hits, counted }) => hits === 1 && counted))
  const { hits } = (await get('/api/v1/numbers?site=many.example')).json()
  assert.equal(hits, 100)
  const refused = await send({ pages: [...pages, 'many.example/100'] })
  assert.equal(refused.statusCode, 400)
  assert.equal(refused.json().field, 'pages')
  assert.match(refused.json().detail, /at most 100 entries/)
})

test('JSON may be sent as plain text, so that browsers send it without a preflight', async () => {
  const answer = await send('{"pages":["text.example"]}', { 'content-type': 'text/plain' }, 'read')
  assert.deepEqual(answer.json().pages[0].page, 'text.example')
})

for (const [what, payload, field] of [
  ['no body', '', undefined],
  ['no JSON', '{"pages":', undefined],
  ['a list', '["example.com"]', ''],
  ['no pages', '{}', 'pages'],
  ['an empty list', '{"pages":[]}', 'pages'],
  ['an empty address', '{"pages":["a",""]}', 'pages[1]'],
  ['a number', '{"pages":[1]}', 'pages[0]'],
  ['a list in the list', '{"pages":[["example.com"]]}', 'pages[0]'],
  ['another field', '{"pages":["a"],"more":1}', 'more'],
  ['__proto__', '{"pages":["a"],"__proto__":{}}', undefined],
  ['deep JSON', `{"pages":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'pages[0]'],
  ['a body of 10 MB', `{"pages":["${'a'.repeat(10_000_000)}"]}`, undefined],
] as const) {
  test(`a body with ${what} is refused`, async () => {
    const refused = await send(payload)
    assert.equal(refused.statusCode, 400, refused.body)
    assert.match(String(refused.headers['content-type']), /^application\/problem\+json/)
    assert.equal(refused.json().field ?? undefined, field || undefined)
  })
}

test('other types of bodies are refused, and other parameters too', async () => {
  const form = await send('pages=example.com', {
    'content-type': 'application/x-www-form-urlencoded',
  })
  assert.equal(form.statusCode, 400)
  const named = await app.inject({
    method: 'POST',
    url: '/api/v1/pages/count?url=a.example',
    payload: { pages: ['a.example'] },
  })
  assert.equal(named.json().field, 'url')
})

test('windows without cookies and limits of an address hold for each page', async (t) => {
  const strict = await build(t, { WITHOUT_COOKIE: 'fingerprint', LIMIT_PER_ADDRESS: '2' })
  const outcomes = async () => {
    const payload = { pages: ['strict.example/a', 'strict.example/b', 'strict.example/c'] }
    const answer = await strict.app.inject({ method: 'POST', url: '/api/v1/pages/count', payload })
    return (answer.json().pages as Entry[]).map(({ outcome }) => outcome)
  }
  assert.deepEqual(await outcomes(), ['counted', 'counted', 'limited'])
  assert.deepEqual(await outcomes(), ['repeat', 'repeat', 'limited'])
})

test('each page counts against the limit of its address', async (t) => {
  const limited = await build(t, { RATE_LIMIT: '5' })
  const pages = Array.from({ length: 8 }, (_, at) => `limit.example/${at}`)
  const answer = await limited.app.inject({
    method: 'POST',
    url: '/api/v1/pages/count',
    payload: { pages },
  })
  const entries = answer.json().pages as Entry[]
  assert.deepEqual(
    entries.map(({ outcome, problem }) => outcome ?? problem?.status),
    [...Array(5).fill('counted'), 429, 429, 429],
  )
  assert.equal((await limited.get('/api/v1/top')).statusCode, 429)
})

test('what the database refuses is answered 503 as a whole if nothing could be counted', async (t) => {
  const failing = await build(t)
  const { store } = failing
  const answer = (pages: string[]) =>
    failing.app.inject({ method: 'POST', url: '/api/v1/pages/count', payload: { pages } })
  const add = store.count.bind(store)
  t.mock.method(store, 'count', async (hit: Parameters<typeof add>[0]) => {
    if (hit.page === 'ok.example') return add(hit)
    throw new Refusal('unavailable', 'unavailable', 'The database cannot be reached.')
  })
  const all = await answer(['a.example', 'b.example'])
  assert.equal(all.statusCode, 503)
  assert.equal(all.json().code, 'unavailable')
  const some = (await answer(['a.example', 'ok.example'])).json().pages as Entry[]
  assert.deepEqual(
    some.map(({ outcome, problem }) => outcome ?? problem?.code),
    ['unavailable', 'counted'],
  )
})
