import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Refusal } from '../../src/refusal.ts'
import { build, cookieOf, FILE } from '../harness/app.ts'
import { anyCharacter, webAddress } from '../harness/nasty.ts'

// Before the first test: the runner ends a file of which no test is left to run.
const shared = await build(FILE)
const untouched = await build(FILE)

const JSON_TYPE = 'application/json; charset=utf-8'

test('/count.json tells the number, today’s, and whether the visit counted and why', async (t) => {
  const { get, clock } = await build(t)
  const first = await get('/count.json?url=https://example.com/a/')
  assert.equal(first.statusCode, 200)
  assert.equal(first.headers['content-type'], JSON_TYPE)
  assert.deepEqual(first.json(), {
    page: 'example.com/a',
    count: 1,
    today: 1,
    counted: true,
    outcome: 'counted',
    message: 'Counted.',
  })
  clock.now += 40_000
  const again = await get('/count.json?url=example.com/a', { cookie: cookieOf(first) })
  assert.deepEqual(again.json(), {
    page: 'example.com/a',
    count: 1,
    today: 1,
    counted: false,
    outcome: 'repeat',
    message: "Not counted: this browser's last visit is 40 s old; visits count again after 300 s.",
  })
  clock.now += 86_400_000
  const read = await get('/nocount.json?url=example.com/a')
  assert.deepEqual(read.json(), {
    page: 'example.com/a',
    count: 1,
    today: 0,
    counted: false,
    outcome: 'read',
    message: 'Not counted: this only asks.',
  })
  assert.equal((await get('/nocount?url=example.com/a')).body, '1')
})

const accepts: [accept: string, json: boolean][] = [
  ['application/json', true],
  ['application/json, text/plain, */*', false],
  ['application/json, text/javascript, */*; q=0.01', true],
  ['application/json;q=0.5, text/plain;q=0.4', true],
  ['application/json, */*', true],
  ['text/html, application/json;q=0.9, */*;q=0.8', true],
  ['text/plain, application/json', false],
  ['application/json, text/*', true],
  ['text/plain, application/json;q=0.9', false],
  ['application/json;q=0, text/plain', false],
  ['application/json;q=0', false],
  ['application/*', true],
  ['application/*, text/plain', false],
  ['*/*', false],
  ['text/html,application/xhtml+xml,*/*;q=0.8', false],
  ['application/jsonx', false],
  ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', false],
  ['application/json;;;=,,', true],
]
for (const [accept, json] of accepts) {
  test(`Accept: ${accept} is answered by ${json ? 'JSON' : 'plain text'}`, async () => {
    const { get } = shared
    for (const path of ['/count', '/nocount', '/active']) {
      const answer = await get(`${path}?url=example.com`, { accept })
      assert.equal(answer.statusCode, 200)
      assert.equal(
        answer.headers['content-type'],
        json ? JSON_TYPE : 'text/plain; charset=utf-8',
        path,
      )
    }
    const refused = await get('/count', { accept })
    assert.equal(refused.headers['content-type']?.toString().startsWith('application/json'), json)
  })
}

test('a badge stays a badge, whatever else is accepted', async () => {
  const { get } = shared
  const badge = await get('/count/tag.svg?url=example.com', { accept: 'application/json' })
  assert.equal(badge.headers['content-type'], 'image/svg+xml; charset=utf-8')
  const refused = await get('/count/tag.svg', { accept: 'application/json' })
  assert.equal(refused.headers['content-type'], 'image/svg+xml; charset=utf-8')
})

test('a refusal is JSON where JSON was asked for', async (t) => {
  const { get, store } = await build(t)
  const refused = await get('/count.json?url=a%3Cb')
  assert.equal(refused.statusCode, 400)
  assert.equal(refused.headers['content-type'], JSON_TYPE)
  assert.deepEqual(refused.json(), {
    error: {
      code: 'bad_page',
      message:
        'That is not the address of a web page; it should look like https://example.com/page.',
    },
  })
  assert.equal((await get('/nocount.json')).json().error.code, 'no_page')
  assert.equal((await get('/why.json?url=a%3Cb')).json().error.code, 'bad_page')
  assert.equal((await get('/nothing.json')).json().error.code, 'not_found')
  assert.equal((await get('/count.json?url=a&tz=x')).json().error.code, 'bad_option')
  store.count = async () => {
    throw new Refusal('unavailable', 'try again soon', 'No.', { cause: new Error('secret') })
  }
  const failed = await get('/count.json?url=example.com')
  assert.equal(failed.statusCode, 503)
  assert.deepEqual(failed.json(), { error: { code: 'unavailable', message: 'No.' } })
})

const FORM = 'application/x-www-form-urlencoded'
type Post = [why: string, path: string, type: string | null, body: string, page: string]
const posts: Post[] = [
  ['JSON', '/count', 'application/json', '{"url":"https://json.example/a"}', 'json.example/a'],
  ['JSON with a charset', '/count', JSON_TYPE, '{"url":"json.example/ä"}', 'json.example/%C3%A4'],
  ['a form', '/count', FORM, 'url=https%3A%2F%2Fform.example%2Fa', 'form.example/a'],
  ['a form with a charset', '/count', `${FORM};charset=UTF-8`, 'url=form.example', 'form.example'],
  ['a plus in a form', '/count', FORM, 'url=https://form.example/c++', 'form.example/c++'],
  ['/count.json', '/count.json', FORM, 'url=path.example', 'path.example'],
  ['a body over a query', '/count?url=b.example', FORM, 'url=a.example', 'a.example'],
  ['a query without a body', '/count?url=b.example', null, '', 'b.example'],
  ['an empty object', '/count?url=c.example', 'application/json', '{}', 'c.example'],
]
for (const [why, path, type, payload, page] of posts) {
  test(`POST ${path} with ${why} counts ${page}`, async () => {
    const { app, get } = shared
    const headers = type === null ? {} : { 'content-type': type }
    const first = await app.inject({ method: 'POST', url: path, headers, payload })
    assert.equal(first.statusCode, 200, first.body)
    const { message, ...told } = first.json()
    assert.equal(message, 'Counted.')
    assert.deepEqual(told, { page, count: 1, today: 1, counted: true, outcome: 'counted' })
    assert.match(String(first.headers['set-cookie']), /^tm_/)
    const again = await app.inject({
      method: 'POST',
      url: path,
      headers: { ...headers, cookie: cookieOf(first), accept: 'text/plain' },
      payload,
    })
    // A path that says JSON means it.
    if (path === '/count.json') assert.equal(again.json().outcome, 'repeat')
    else assert.equal(again.body, '1', 'a repeat, in plain text')
    assert.equal((await get(`/nocount?url=${encodeURIComponent(page)}`)).body, '1')
  })
}

test('what is posted is answered by JSON unless plain text alone is wanted', async () => {
  const { app } = shared
  const types = async (accept: string) => {
    const headers = { accept, 'content-type': FORM }
    const answer = await app.inject({ method: 'POST', url: '/count', headers, payload: 'url=a' })
    return answer.headers['content-type'] === JSON_TYPE
  }
  for (const accept of ['*/*', 'text/plain, application/json', 'text/html, */*;q=0.8']) {
    assert.ok(await types(accept), accept)
  }
  for (const accept of ['text/plain', 'text/plain, application/json;q=0.5']) {
    assert.ok(!(await types(accept)), accept)
  }
})

const SEND = /^Send JSON such as /
const bad: [why: string, type: string, body: string, sentence?: RegExp][] = [
  ['no JSON', 'application/json', '{"url":', SEND],
  ['an empty body that says it is JSON', 'application/json', ''],
  ['a list', 'application/json', '["https://example.com"]'],
  ['a text', 'application/json', '"https://example.com"'],
  ['a number', 'application/json', '5'],
  ['a url that is a number', 'application/json', '{"url":5}'],
  ['a url that is a list', 'application/json', '{"url":["a"]}'],
  ['another value that is no text', 'application/json', '{"url":"a.example","n":1}', SEND],
  ['a prototype', 'application/json', '{"__proto__":{"url":"example.com"}}'],
  ['a constructor', 'application/json', '{"constructor":{"prototype":{"url":"x"}}}'],
  ['two urls', FORM, 'url=a.example&url=b.example'],
  ['XML', 'application/xml', '<url>example.com</url>', SEND],
  ['plain text', 'text/plain', 'example.com'],
  ['files', 'multipart/form-data; boundary=x', '--x\r\n\r\nexample.com\r\n--x--'],
  ['a type that is none', 'x', 'example.com'],
  [
    'far too much',
    'application/json',
    JSON.stringify({ url: 'a'.repeat(16_400) }),
    /at most 16 kB/,
  ],
  ['far too much of a form', FORM, `url=${'a'.repeat(16_400)}`, /at most 16 kB/],
]
for (const [why, type, payload, sentence = /^[A-Z].*\.$/] of bad) {
  test(`POST with ${why} is refused in a sentence, and counts nothing`, async () => {
    const { app, get } = untouched
    const headers = { 'content-type': type }
    const url = '/count?url=example.com'
    const answer = await app.inject({ method: 'POST', url, headers, payload })
    assert.equal(answer.statusCode, 400, answer.body)
    assert.match(answer.json().error.message, sentence)
    for (const page of ['example.com', 'a.example', 'b.example']) {
      assert.equal((await get(`/nocount?url=${page}`)).body, '0')
    }
  })
}

test('a period and a zone may be posted too', async (t) => {
  const { app, clock } = await build(t)
  const post = (body: object) =>
    app.inject({ method: 'POST', url: '/count', payload: { url: 'example.com', ...body } })
  await post({})
  clock.now += 2 * 86_400_000
  const asked = { period: 'today', tz: 'Asia/Tokyo' }
  const { count, period, timeZone } = (await post(asked)).json()
  assert.deepEqual([count, period, timeZone], [1, 'today', 'Asia/Tokyo'])
  assert.equal((await post({ within: 'days=3' })).json().count, 3)
  assert.equal((await post({ within: 'x' })).json().error.code, 'bad_option')
})

test('whatever is posted is counted or refused', async () => {
  const { app } = shared
  const body = fc.oneof(
    fc.json({ maxDepth: 3, stringUnit: anyCharacter }),
    fc.string({ unit: fc.constantFrom(...'{}[]":,url=&%+ \\u0') }),
    webAddress.map((url) => JSON.stringify({ url })),
  )
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom('application/json', FORM), async (payload, type) => {
      const headers = { 'content-type': type }
      const answer = await app.inject({ method: 'POST', url: '/count', headers, payload })
      assert.ok([200, 400].includes(answer.statusCode), answer.body)
      assert.equal('error' in answer.json(), answer.statusCode === 400)
    }),
    { numRuns: 300 },
  )
})
