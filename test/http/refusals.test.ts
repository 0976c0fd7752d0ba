import assert from 'node:assert/strict'
import test from 'node:test'
import { STYLES } from '../../src/badge/options/options.ts'
import { Refusal } from '../../src/refusal.ts'
import { build, FILE } from '../harness/app.ts'
import { parseSvg } from '../harness/svg.ts'

/** No test counts example.com on this service. */
const untouched = await build(FILE)

const cases: [query: string, status: number, brief: string, sentence: RegExp][] = [
  ['', 400, 'no url given', /^Say which page this is with \?url=/],
  ['?url=', 400, 'no url given', /^Say which page/],
  ['?url=javascript:alert(1)', 400, 'bad url', /^That is not the address of a web page/],
  ['?url=a&url=b', 400, 'two urls', /^Give url only once/],
  [`?url=a/${'b'.repeat(2100)}`, 400, 'url too long', /at most 2,048 characters/],
]
for (const [query, status, brief, sentence] of cases) {
  test(`${query.slice(0, 40) || 'no query'}: drawn for an image, one line for text`, async () => {
    const { get } = untouched
    for (const path of ['/count', '/nocount']) {
      const text = await get(path + query)
      assert.equal(text.statusCode, status)
      assert.equal(text.headers['content-type'], 'text/plain; charset=utf-8')
      assert.match(text.body, sentence)
      assert.match(text.body, /^[^\n]+\n$/, 'one line')
      const badge = await get(`${path}/tag.svg${query}`)
      assert.equal(badge.statusCode, status)
      assert.equal(badge.headers['content-type'], 'image/svg+xml; charset=utf-8')
      assert.equal(parseSvg(badge.body).title, `hits: ${brief}`)
      assert.match(badge.body, /#cf222e/, 'in red')
    }
  })
}

const badOptions: [option: string, value: string][] = [
  ['color', 'nocolour'],
  ['color', 'constructor'],
  ['color', '__proto__'],
  ['color', 'url(https://evil.example/)'],
  ['color', '"><script>alert(1)</script>'],
  ['color', `#${'a'.repeat(10_000)}`],
  ['labelColor', 'toString'],
  ['labelColor', "red' onload='alert(1)"],
  ['style', 'flatter'],
  ['style', 'valueOf'],
  ['label', 'x'.repeat(81)],
  ['label', 'a\u0000b'],
  ['label', 'a\u001bb'],
  ['label', 'a\uffffb'],
  ['label', 'a\u007fb'],
  ['label', 'a\u0085b'],
  ['color', `rgb(1,2,${' '.repeat(60)}3)`],
]
for (const [option, value] of badOptions) {
  test(`${option}=${JSON.stringify(value.slice(0, 30))} is refused by name, and does not count`, async () => {
    const { get } = untouched
    const query = `?url=example.com&${option}=${encodeURIComponent(value)}`
    const badge = await get(`/count/tag.svg${query}`)
    assert.equal(badge.statusCode, 400)
    assert.equal(parseSvg(badge.body).title, `hits: bad ${option}`)
    assert.equal((await get('/nocount?url=example.com')).body, '0')
  })
}

test('a refusal keeps the label and the looks that were right', async () => {
  const { get } = untouched
  const badge = await get('/count/tag.svg?label=views&style=for-the-badge&color=nocolour')
  assert.equal(parseSvg(badge.body).title, 'views: bad color')
  assert.match(badge.body, /height="28"/)
})

test('a refusal is red in every style', async () => {
  const { get } = untouched
  for (const style of STYLES) {
    const { body } = await get(`/count/tag.svg?style=${style}&color=blue`)
    assert.match(body, /fill="#cf222e"/, style)
  }
})

test('of two wrong options the first is named; an empty one counts as missing', async () => {
  const { get } = untouched
  const two = await get('/count/tag.svg?url=example.com&style=x&color=x')
  assert.equal(parseSvg(two.body).title, 'hits: bad color')
  const empty = await get('/count/tag.svg?url=empty.example&style=&color=&labelColor=')
  assert.equal(parseSvg(empty.body).title, 'hits: 1')
})

test('healthz is a 503 when the database does not answer', async (t) => {
  const { get, store } = await build(t)
  assert.equal((await get('/healthz')).body, 'ok\n')
  store.ping = async () => {
    throw new Refusal('unavailable', 'try again soon', 'The counter cannot reach its database.')
  }
  assert.equal((await get('/healthz')).statusCode, 503)
})

test('an option given twice is refused, an unknown one is ignored', async () => {
  const { get } = untouched
  const twice = await get('/count/tag.svg?url=example.com&color=red&color=blue')
  assert.equal(parseSvg(twice.body).title, 'hits: bad color')
  const unknown = await get(
    '/count/tag.svg?url=unknown.example&colour=zzz&__proto__=1&constructor=2',
  )
  assert.equal(parseSvg(unknown.body).title, 'hits: 1')
})

test('asked for text alone, the badge routes refuse in one line', async () => {
  const { get } = untouched
  const url = '/count/tag.svg?url=example.com&color=nocolour'
  const text = await get(url, { accept: 'text/plain' })
  assert.equal(
    text.body,
    'color must be a colour such as 4c1, orange or rgb(0,128,255), or two: for light pages and for dark.\n',
  )
  const image = await get(url, { accept: 'image/svg+xml,text/plain,*/*' })
  assert.equal(parseSvg(image.body).title, 'hits: bad color')
})

test('unknown paths, and targets that are not paths', async () => {
  const { get } = untouched
  const text = await get('/@constructor')
  assert.equal(text.statusCode, 404)
  assert.equal(text.headers['content-type'], 'text/plain; charset=utf-8')
  const badge = await get('/count/other.svg')
  assert.equal(badge.statusCode, 404)
  assert.equal(parseSvg(badge.body).title, 'hits: not found')
  const malformed = await get('/count/%zz')
  assert.equal(malformed.statusCode, 400)
  assert.equal(malformed.body, 'This request is malformed.\n')
  assert.equal((await get('/assets/*')).statusCode, 404)
  assert.equal((await get('/assets/../package.json')).statusCode, 404)
  assert.equal((await get('/assets/%2e%2e/%2e%2e/package.json')).statusCode, 404)
  assert.equal((await get('/assets/..%2f..%2fpackage.json')).statusCode, 404)
})

test('when the database fails, the answer is 503 and when to try again, without the cause', async (t) => {
  const { get, store } = await build(t)
  store.count = async () => {
    throw new Refusal('unavailable', 'try again soon', 'The counter cannot reach its database.', {
      cause: new Error('SQLITE_FULL /var/secret'),
    })
  }
  const badge = await get('/count/tag.svg?url=example.com')
  assert.equal(badge.statusCode, 503)
  assert.equal(badge.headers['retry-after'], '5')
  assert.equal(parseSvg(badge.body).title, 'hits: try again soon')
  assert.ok(!badge.body.includes('secret'))
})

test('an error that nobody foresaw is a 500 that tells nothing', async (t) => {
  const { get, store } = await build(t)
  store.count = async () => {
    throw new TypeError('secret is not a function')
  }
  const text = await get('/count?url=example.com')
  assert.equal(text.statusCode, 500)
  assert.equal(text.body, 'Something went wrong here; nothing was counted.\n')
  const badge = await get('/count/tag.svg?url=example.com')
  assert.equal(parseSvg(badge.body).title, 'hits: server error')
})

test('the refusal of a method names those that the path takes, or says that there is no such path', async () => {
  const { app } = untouched
  const ask = async (method: 'PUT' | 'DELETE', url: string) => {
    const headers = { accept: 'text/plain' }
    const { statusCode, body } = await app.inject({ method, url, headers })
    return `${statusCode} ${body.trim()}`
  }
  assert.equal(
    await ask('DELETE', '/count'),
    '405 Ask with GET or POST; other methods do nothing here.',
  )
  assert.equal(await ask('PUT', '/nocount'), '405 Ask with GET; other methods do nothing here.')
  assert.match(await ask('PUT', '/nowhere'), /^404 /)
})
