import assert from 'node:assert/strict'
import test from 'node:test'
import { ALL, build, cookieOf, FILE } from '../harness/app.ts'
import { parseSvg } from '../harness/svg.ts'

// Made before the first test: the runner ends a file as soon as it has no test left to run.
const shared = await build(FILE)
const untouched = await build(FILE)

test('the number is plain text with nothing else in it, or a badge', async () => {
  const { get } = shared
  const first = await get('/count?url=text.example/a')
  assert.equal(first.statusCode, 200)
  assert.equal(first.headers['content-type'], 'text/plain; charset=utf-8')
  assert.equal(first.body, '1')
  const second = await get('/count/tag.svg?url=https://Text.example:443/a/?x=1%23y')
  assert.equal(second.statusCode, 200)
  assert.equal(second.headers['content-type'], 'image/svg+xml; charset=utf-8')
  assert.equal(parseSvg(second.body).title, 'hits: 2')
  assert.equal((await get('/nocount?url=text.example/a')).body, '2')
  assert.equal(parseSvg((await get('/nocount/tag.svg?url=text.example/a')).body).title, 'hits: 2')
})

test('without a url, the Referer names the page', async () => {
  const { get } = shared
  const headers = { referer: 'https://referer.example/deep/page/?a=b' }
  assert.equal((await get('/count', headers)).body, '1')
  assert.equal((await get('/nocount?url=referer.example/deep/page')).body, '1')
  assert.equal((await get('/count?url=another.example', headers)).body, '1')
  assert.equal((await get('/nocount', headers)).body, '1')
})

const readOnly: [why: string, method: 'GET' | 'HEAD', url: string, headers: object][] = [
  ['HEAD', 'HEAD', '/count', {}],
  ['HEAD of the badge', 'HEAD', '/count/tag.svg', {}],
  ['nocount', 'GET', '/nocount', {}],
  ['the nocount badge', 'GET', '/nocount/tag.svg', {}],
  ['Sec-Purpose: prefetch', 'GET', '/count', { 'sec-purpose': 'prefetch' }],
  ['a prerender', 'GET', '/count/tag.svg', { 'sec-purpose': 'prefetch;prerender' }],
  ['Purpose: prefetch', 'GET', '/count', { purpose: 'prefetch' }],
  ['Purpose: preview', 'GET', '/count', { purpose: 'preview' }],
  ['X-Purpose: preview', 'GET', '/count', { 'x-purpose': 'preview' }],
  ['X-Purpose: preview of a badge', 'GET', '/count/tag.svg', { 'x-purpose': ' Preview' }],
  ['a prefetch among others', 'GET', '/count', { 'sec-purpose': 'x;prefetch' }],
  ['X-Moz: prefetch', 'GET', '/count', { 'x-moz': 'prefetch' }],
  ['one purpose of two', 'GET', '/count', { 'sec-purpose': '', purpose: 'prefetch' }],
]
for (const [at, [why, method, url, headers]] of readOnly.entries()) {
  test(`${why} does not count and leaves no cookie`, async () => {
    const { app, get } = shared
    const page = `read-only.example/${at}`
    await get(`/count?url=${page}`)
    const answer = await app.inject({
      method,
      url: `${url}?url=${page}`,
      headers: { ...headers },
    })
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['set-cookie'], undefined)
    assert.equal((await get(`/nocount?url=${page}`)).body, '1')
  })
}

test('an empty purpose is no purpose', async () => {
  const { get } = shared
  assert.equal((await get('/count?url=purpose.example', { 'sec-purpose': '' })).body, '1')
})

test('asking about a page that was never counted leaves no trace', async (t) => {
  const { get, store } = await build(t)
  assert.equal((await get('/nocount?url=never.example')).body, '0')
  assert.deepEqual(await store.top(ALL), { hosts: [], pages: [] })
})

const ALLOWED: [path: string, allow: string][] = [
  ['/count', 'GET, HEAD, POST, OPTIONS'],
  ['/count.json', 'GET, HEAD, POST, OPTIONS'],
  ['/nocount', 'GET, HEAD, OPTIONS'],
  ['/count/tag.svg', 'GET, HEAD, OPTIONS'],
  ['/nocount/tag.svg', 'GET, HEAD, OPTIONS'],
  ['/why.json', 'GET, HEAD, OPTIONS'],
  ['/active', 'GET, HEAD, OPTIONS'],
  ['/', 'GET, HEAD'],
]
for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'LINK'] as const) {
  for (const [path, allow] of ALLOWED) {
    if (allow.includes(method)) continue
    test(`${method} ${path} is answered 405 and counts nothing`, async () => {
      const { app, get } = untouched
      const answer = await app.inject({
        method: method as 'POST',
        url: `${path}?url=example.com`,
        ...(method === 'POST' && { payload: '{', headers: { 'content-type': 'x' } }),
      })
      assert.equal(answer.statusCode, 405)
      assert.equal(answer.headers.allow, allow)
      assert.equal((await get('/nocount?url=example.com')).body, '0')
    })
  }
}

test('a plus in url is a plus, as it is in a Referer; in a label it is a space', async () => {
  const { get } = shared
  await get('/count', { referer: 'https://plus.example/c++' })
  assert.equal((await get('/count?url=https://plus.example/c++')).body, '2')
  assert.equal((await get('/count?a=b&url=https://plus.example/c%2B%2b')).body, '3')
  assert.equal((await get('/nocount?url=https://plus.example/c%20%20')).body, '0')
  const badge = await get('/nocount/tag.svg?url=plus.example/c++&label=page+views')
  assert.equal(parseSvg(badge.body).title, 'page views: 3')
})

test('pages have numbers of their own', async () => {
  const { get } = shared
  const names = [
    'a.example',
    'b.example',
    'a.example/x',
    'a.example/X',
    'www.a.example',
    '__proto__',
    'constructor',
  ]
  for (const [index, name] of names.entries()) {
    for (let visit = 0; visit <= index; visit++) await get(`/count?url=${name}`)
  }
  for (const [index, name] of names.entries()) {
    assert.equal((await get(`/nocount?url=${name}`)).body, String(index + 1), name)
  }
})

test('allowed and denied pages', async (t) => {
  const { get } = await build(t, { ALLOW_PAGES: '^example\\.com', DENY_PAGES: 'secret' })
  assert.equal((await get('/count?url=example.com/a')).body, '1')
  const denied = await get('/count/tag.svg?url=example.com/secret')
  assert.equal(denied.statusCode, 403)
  assert.equal(parseSvg(denied.body).title, 'hits: page not allowed')
  const other = await get('/nocount?url=example.org')
  assert.equal(other.statusCode, 403)
  assert.equal(other.body, 'This counter does not serve that page.\n')
})

test('KEEP_QUERY tells pages apart', async (t) => {
  const { get } = await build(t, { KEEP_QUERY: 'id' })
  const url = (id: number) =>
    encodeURIComponent(`https://example.com/view?id=${id}&x=${Math.random()}`)
  await get(`/count?url=${url(1)}`)
  assert.equal((await get(`/count?url=${url(1)}`)).body, '2')
  assert.equal((await get(`/count?url=${url(2)}`)).body, '1')
})

test('the same browser counts once a window, and others count meanwhile', async () => {
  const { get, clock } = shared
  const first = await get('/count?url=window.example')
  const cookie = cookieOf(first)
  clock.now += 299_000
  const again = await get('/count?url=window.example', { cookie })
  assert.equal(again.body, '1')
  assert.equal(again.headers['set-cookie'], undefined, 'a repeat does not stretch the window')
  assert.equal((await get('/count?url=window.example')).body, '2', 'a browser without the cookie')
  clock.now += 1000
  const after = await get('/count?url=window.example', { cookie })
  assert.equal(after.body, '3', 'the window has ended')
  assert.notEqual(cookieOf(after), cookie)
})
