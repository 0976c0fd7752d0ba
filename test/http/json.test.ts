import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Refusal } from '../../src/refusal.ts'
import { build, cookieOf, FILE } from '../harness/app.ts'
import { anyCharacter, webAddress } from '../harness/nasty.ts'

// Made before the first test: the runner ends a file as soon as it has no test left to run.
const shared = await build(FILE)
const untouched = await build(FILE)

const JSON_TYPE = 'application/json; charset=utf-8'

test('of visits at once, each is told today’s hits with its own number in them', async (t) => {
  const { get } = await build(t)
  const visits = await Promise.all(
    Array.from({ length: 40 }, () => get('/count.json?url=together.example')),
  )
  for (const visit of visits) {
    const { count, today } = visit.json()
    assert.equal(today, count)
  }
})

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
    message: 'Not counted: this request only reads the number.',
  })
  assert.equal((await get('/nocount?url=example.com/a')).body, '1')
})

/** What `$.getJSON`, axios, browsers and people send. */
const ACCEPTS = [
  'application/json, text/javascript, */*; q=0.01',
  'application/json, text/plain, */*',
  'application/json',
  'text/html,application/xhtml+xml,*/*;q=0.8',
  'application/json;q=0',
  'application/json;;;=,,',
  'text/plain',
]
for (const accept of ACCEPTS) {
  test(`with Accept: ${accept} only the path decides the form of the answer`, async () => {
    const { app, get } = shared
    const headers = { accept }
    const post = (url: string) =>
      app.inject({ method: 'POST', url, headers, payload: { url: 'accept.example' } })
    for (const path of ['/count', '/nocount', '/active']) {
      const answers = [await get(`${path}?url=accept.example`, headers)]
      if (path === '/count') answers.push(await post(path))
      for (const { statusCode, headers, body } of answers) {
        assert.equal(statusCode, 200)
        assert.equal(headers['content-type'], 'text/plain; charset=utf-8', path)
        // As $.getJSON reads it.
        assert.equal(typeof JSON.parse(body), 'number')
      }
      const json = [await get(`${path}.json?url=accept.example`, headers)]
      if (path === '/count') json.push(await post(`${path}.json`))
      for (const answer of json) {
        assert.equal(answer.headers['content-type'], JSON_TYPE, path)
        assert.equal(answer.json().page, 'accept.example')
      }
    }
    const line = await get('/count', headers)
    assert.equal(line.statusCode, 400)
    assert.match(line.body, /^[A-Z].*\.\n$/)
    assert.equal((await get('/count.json', headers)).json().error.code, 'no_page')
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
const TEXT = 'text/plain;charset=UTF-8'
const MULTIPART = 'multipart/form-data; boundary=----x'
/** A form as browsers write it. */
const multipart = (...fields: [name: string, value: string][]) => {
  const parts = fields.map(
    ([name, value]) => `\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  return ['', ...parts, '--\r\n'].join('------x')
}

type Post = [why: string, query: string, type: string | null, body: string, page: string]
const posts: Post[] = [
  ['JSON', '', 'application/json', '{"url":"https://json.example/a"}', 'json.example/a'],
  ['JSON with a charset', '', JSON_TYPE, '{"url":"json.example/ä"}', 'json.example/%C3%A4'],
  ['a form', '', FORM, 'url=https%3A%2F%2Fform.example%2Fa', 'form.example/a'],
  ['a form with a charset', '', `${FORM};charset=UTF-8`, 'url=form.example', 'form.example'],
  ['a plus in a form', '', FORM, 'url=https://form.example/c++', 'form.example/c++'],
  ['a body over a query', '?url=b.example', FORM, 'url=a.example', 'a.example'],
  ['a query without a body', '?url=b.example', null, '', 'b.example'],
  ['an empty object', '?url=c.example', 'application/json', '{}', 'c.example'],
  ['an address as text', '', TEXT, 'https://text.example/a?b=1&c#d\n', 'text.example/a'],
  ['a plus in text', '', TEXT, 'https://text.example/c++', 'text.example/c++'],
  ['a name as text', '', TEXT, 'url=name', 'url=name'],
  ['JSON as text', '', TEXT, ' {"url":"text.example/json"}', 'text.example/json'],
  ['text over a query', '?url=b.example', TEXT, 'text.example', 'text.example'],
  ['empty text', '?url=d.example', TEXT, '', 'd.example'],
  ['blank text', '?url=e.example', TEXT, ' \n', 'e.example'],
  [
    'a multipart form',
    '',
    MULTIPART,
    multipart(['url', 'https://multi.example/ä+']),
    'multi.example/%C3%A4+',
  ],
  [
    'a multipart form of other fields',
    '?url=f.example',
    MULTIPART,
    multipart(['__proto__', 'x']),
    'f.example',
  ],
]
for (const [why, query, type, payload, page] of posts) {
  test(`POST with ${why} counts ${page}`, async () => {
    const { app, get } = shared
    const headers = type === null ? {} : { 'content-type': type }
    const post = (path: string, more = {}) =>
      app.inject({
        method: 'POST',
        url: `${path}${query}`,
        headers: { ...headers, ...more },
        payload,
      })
    const first = await post('/count.json')
    assert.equal(first.statusCode, 200, first.body)
    const { message, ...told } = first.json()
    assert.equal(message, 'Counted.')
    assert.deepEqual(told, { page, count: 1, today: 1, counted: true, outcome: 'counted' })
    assert.match(String(first.headers['set-cookie']), /^tm_/)
    const again = await post('/count', { cookie: cookieOf(first) })
    assert.equal(again.body, '1', 'a repeat, in plain text')
    assert.equal((await get(`/nocount?url=${encodeURIComponent(page)}`)).body, '1')
  })
}

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
  ['text that is no address', TEXT, 'a<b'],
  ['text of two lines', TEXT, 'example.com\nexample.org'],
  ['text that begins like JSON', TEXT, '{"url":', SEND],
  ['no type', '', 'example.com'],
  ['a form without a boundary', 'multipart/form-data', multipart(['url', 'a.example']), SEND],
  ['a form that is cut off', MULTIPART, multipart(['url', 'a.example']).slice(0, -9), SEND],
  ['a form with one field twice', MULTIPART, multipart(['url', 'a.example'], ['url', 'b']), SEND],
  [
    'a form with very many fields',
    MULTIPART,
    multipart(...Array.from({ length: 99 }, (_, at): [string, string] => [`${at}`, ''])),
    SEND,
  ],
  ['a file', MULTIPART, multipart(['url"; filename="a.txt', 'a.example']), SEND],
  [
    'far too much of a multipart form',
    MULTIPART,
    multipart(['url', 'a'.repeat(16_400)]),
    /at most 16 kB/,
  ],
  ['far too much text', TEXT, 'a'.repeat(16_400), /at most 16 kB/],
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
    const url = '/count.json?url=example.com'
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
    app.inject({ method: 'POST', url: '/count.json', payload: { url: 'example.com', ...body } })
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
    fc.string({
      unit: fc.constantFrom(
        '------x',
        '--',
        '\r\n',
        'Content-Disposition: form-data; ',
        'name="url"',
        'a',
      ),
    }),
    webAddress,
    webAddress.map((url) => JSON.stringify({ url })),
    webAddress.map((url) => multipart(['url', url])),
  )
  const type = fc.constantFrom('application/json', FORM, TEXT, MULTIPART)
  await fc.assert(
    fc.asyncProperty(body, type, async (payload, type) => {
      const headers = { 'content-type': type }
      const answer = await app.inject({ method: 'POST', url: '/count.json', headers, payload })
      assert.ok([200, 400].includes(answer.statusCode), answer.body)
      assert.equal('error' in answer.json(), answer.statusCode === 400)
    }),
    { numRuns: 300 },
  )
})
