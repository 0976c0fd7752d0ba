import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { PageKey } from '../../../src/page.ts'
import { ROUTES } from '../../harness/api.ts'
import { build, FILE } from '../../harness/app.ts'
import { until } from '../../harness/until.ts'

const { app, get, store, clock } = await build(FILE, { DENY_PAGES: '^denied\\.example' })
await get('/count?url=gone.example/a')
const deed = { actor: 'test', reason: '', at: clock.now }
await store.admin.change([{ action: 'remove', page: 'gone.example/a' as PageKey }], deed)

/** Requests that are refused: with which status and code, and because of which parameter. */
const REFUSED = [
  ['pages?limit=0', 400, 'bad_request', 'limit'],
  ['pages?limit=201', 400, 'bad_request', 'limit'],
  ['pages?limit=-1', 400, 'bad_request', 'limit'],
  ['pages?limit=1.5', 400, 'bad_request', 'limit'],
  ['pages?limit=1e2', 400, 'bad_request', 'limit'],
  ['pages?limit=99999999999999999999', 400, 'bad_request', 'limit'],
  ['pages?limit=1&limit=2', 400, 'bad_request', 'limit'],
  ['pages?sort=newest', 400, 'bad_request', 'sort'],
  ['pages?sort[]=hits', 400, 'bad_request', 'sort[]'],
  ['pages?sort=__proto__', 400, 'bad_request', 'sort'],
  ['pages?__proto__=1', 400, 'bad_request', '__proto__'],
  ['pages?constructor=1', 400, 'bad_request', 'constructor'],
  ['pages?Limit=1', 400, 'bad_request', 'Limit'],
  ['pages?unknown=', 400, 'bad_request', 'unknown'],
  ['pages?part=%00', 400, 'bad_request', 'part'],
  [`pages?part=${'a'.repeat(201)}`, 400, 'bad_request', 'part'],
  ['pages?after=nonsense', 400, 'bad_request', 'after'],
  [`pages?after=${'a'.repeat(8193)}`, 400, 'bad_request', 'after'],
  ['pages?host=example.com/a', 400, 'bad_page', 'host'],
  ['pages?host=denied.example', 403, 'blocked_page', 'host'],
  ['hosts?after=%F0', 400, 'bad_request', 'after'],
  ['hosts?sort=hits', 400, 'bad_request', 'sort'],
  ['numbers', 400, 'no_page', 'url'],
  ['numbers?url=', 400, 'no_page', 'url'],
  ['numbers?url=a&url=b', 400, 'bad_request', 'url'],
  ['numbers?url=javascript:alert(1)', 400, 'bad_page', 'url'],
  ['numbers?url=%01', 400, 'bad_page', 'url'],
  ['numbers?url=https://denied.example/x', 403, 'blocked_page', 'url'],
  ['numbers?url=gone.example/a', 410, 'removed', undefined],
  ['numbers?site=example.com/a', 400, 'bad_page', 'site'],
  ['numbers?url=a.example&tz=Mars/Olympus', 400, 'bad_option', 'tz'],
  ['series?url=a.example&unit=week', 400, 'bad_request', 'unit'],
  ['series?url=a.example&from=yesterday', 400, 'bad_option', 'from'],
  ['series?url=a.example&from=2026-02-30', 400, 'bad_option', 'from'],
  ['series?url=a.example&from=1000-01-01', 400, 'bad_option', 'from'],
  ['series?url=a.example&to=2025-01-01&from=2026-01-01', 400, 'bad_option', 'from'],
  ['series?url=gone.example/a', 410, 'removed', undefined],
  ['outcomes?url=a.example&period=2026-13', 400, 'bad_option', 'period'],
  ['top?x=1', 400, 'bad_request', 'x'],
  ['active?url=a.example', 400, 'bad_request', 'url'],
  ['nothing', 404, 'not_found', undefined],
  ['pages/count', 405, 'method_not_allowed', undefined],
] as const

for (const [path, status, code, field] of REFUSED) {
  test(`/api/v1/${path.slice(0, 60)} is refused with ${status} ${code}, field ${field}`, async () => {
    const refused = await get(`/api/v1/${path}`)
    assert.equal(refused.statusCode, status, refused.body)
    assert.match(String(refused.headers['content-type']), /^application\/problem\+json/)
    const problem = refused.json()
    assert.deepEqual([problem.status, problem.code, problem.field], [status, code, field])
    assert.match(problem.detail, /\.$/)
    assert.equal(refused.headers['access-control-allow-origin'], '*')
    assert.equal(refused.headers['x-content-type-options'], 'nosniff')
    assert.equal(refused.headers['cache-control'], 'no-store')
  })
}

test('a parameter that is given twice is refused in plain words, and an empty one counts as not set', async () => {
  const twice = await get('/api/v1/series?url=a.example&unit=day&unit=hour')
  assert.equal(twice.json().detail, 'Give unit only once.')
  const empty = await get('/api/v1/pages?limit=&sort=&part=&after=&host=')
  assert.equal(empty.statusCode, 200, empty.body)
})

test('whatever is sent as parameters, the answer is 200, 400 or 403, and never a fault of the service', async () => {
  const names = [
    'url',
    'site',
    'part',
    'host',
    'sort',
    'after',
    'limit',
    'unit',
    'from',
    'to',
    'tz',
    'period',
  ]
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('hits', 'today', 'hour', 'month', '200', 'example.com', 'UTC', '2026-01-01'),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  )
  const paths = ROUTES.filter(({ method }) => method === 'get').map(({ path }) => path)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 }),
      async (path, query) => {
        const pairs = Object.entries(query).map(
          ([name, text]) => `${name}=${encodeURIComponent(text.toWellFormed())}`,
        )
        const { statusCode, body } = await get(`${path}?${pairs.join('&')}`)
        assert.ok([200, 400, 403].includes(statusCode), `${path}?${pairs.join('&')}: ${body}`)
        JSON.parse(body)
      },
    ),
    { numRuns: 300 },
  )
})

test('any origin may read without credentials, and a preflight says so', async () => {
  const origin = 'https://site.example'
  for (const { method, path } of ROUTES) {
    const isPost = method === 'post'
    const asked = { origin, 'access-control-request-headers': 'content-type, authorization' }
    const preflight = await app.inject({ method: 'OPTIONS', url: path, headers: asked })
    assert.equal(preflight.statusCode, 204, path)
    assert.equal(preflight.headers['access-control-allow-origin'], isPost ? origin : '*')
    assert.equal(preflight.headers['access-control-allow-credentials'], isPost ? 'true' : undefined)
    assert.match(String(preflight.headers['access-control-allow-headers']), /authorization/)
    assert.equal(preflight.headers['access-control-allow-methods'], isPost ? 'POST' : 'GET, HEAD')
  }
  const { headers } = await get('/api/v1/top', { origin })
  assert.equal(headers['access-control-allow-origin'], '*')
  assert.match(String(headers['access-control-expose-headers']), /ETag/)
})

test('an answer that has not changed is 304 with If-None-Match, and one that has changed is sent', async () => {
  const url = '/api/v1/numbers?url=tagged.example'
  const first = await get(url)
  const known = { 'if-none-match': String(first.headers.etag) }
  const again = await get(url, known)
  assert.equal(again.statusCode, 304)
  assert.equal(again.body, '')
  assert.equal(again.headers['access-control-allow-origin'], '*')
  await get('/count?url=tagged.example')
  const changed = await get(url, known)
  assert.equal(changed.statusCode, 200)
  assert.equal(changed.json().hits, 1)
  for (const { method, path, operation } of ROUTES) {
    if (method !== 'get') continue
    const answer = await get(`${path}?${operation['x-example'] ?? ''}`)
    assert.match(String(answer.headers.etag), /^W\/"\w+"$/, path)
    assert.equal(answer.headers['cache-control'], 'no-cache')
  }
})

test('a list that is read again has another time, but the same ETag while its entries are the same', async (t) => {
  const own = await build(t)
  await own.get('/count?url=listed.example/a')
  for (const url of ['/api/v1/pages', '/api/v1/hosts']) {
    const first = await own.get(url)
    own.clock.now += 1
    await new Promise((resolve) => setTimeout(resolve, 5))
    const again = await own.get(url, { 'if-none-match': String(first.headers.etag) })
    assert.equal(again.statusCode, 304, url)
    await own.get(`/count?url=listed.example/${url.length}`)
    await until(async () => (await own.get(url)).headers.etag !== first.headers.etag)
  }
})

test('HEAD answers the head, and reading leaves no trace', async () => {
  const head = await app.inject({ method: 'HEAD', url: '/api/v1/numbers?url=unknown.example' })
  assert.equal(head.statusCode, 200)
  assert.equal(head.body, '')
  const deleted = await app.inject({ method: 'DELETE', url: '/api/v1/pages' })
  assert.equal(deleted.statusCode, 405)
  assert.equal(deleted.headers.allow, 'GET, HEAD, OPTIONS')
  for (const path of ['numbers', 'series', 'outcomes']) {
    assert.equal((await get(`/api/v1/${path}?url=unknown.example`)).statusCode, 200)
  }
  const { pages } = (await get('/api/v1/pages?part=unknown')).json()
  assert.deepEqual(pages, [])
})
