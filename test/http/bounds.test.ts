import assert from 'node:assert/strict'
import test from 'node:test'
import { parseAffix, parseLabel } from '../../src/badge/options/parse.ts'
import { sanitiseSvg } from '../../src/badge/untrusted/sanitise.ts'
import { parseQuery } from '../../src/http/request.ts'
import { normalizePage } from '../../src/page.ts'
import { build, FILE, readCount } from '../harness/app.ts'
import { svg } from '../harness/drawings.ts'

// Input that is longer than any honest one is not parsed: see parse-time.test.ts.

const shared = await build(FILE)
const manyFields = (many: number) => Array.from({ length: many }, (_, at) => [`f${at}`, ''])

test('a label may have its letters and their accents apart, as many as it has in one', () => {
  // No other letter is decomposed into more parts.
  const letter = '\u1f82'
  assert.equal(parseLabel(letter.repeat(80).normalize('NFD')), letter.repeat(80))
  assert.equal(parseAffix(letter.repeat(20).normalize('NFD')), letter.repeat(20))
  assert.equal(parseLabel(letter.repeat(81).normalize('NFD')), null)
  assert.equal(parseAffix(letter.repeat(21).normalize('NFD')), null)
  assert.equal(parseLabel(`${' '.repeat(500)}a${' '.repeat(500)}`), 'a')
})

test('of a query or a form, 200 parameters are read', () => {
  const before = (many: number) => 'a&'.repeat(many)
  assert.equal(parseQuery(`${before(199)}url=x`).url, 'x')
  assert.equal(parseQuery(`${before(200)}url=x`).url, undefined)
  assert.equal(parseQuery(`${before(199)}url=c++`).url, 'c++')
  assert.equal(parseQuery(`${before(200)}url=c++`).url, undefined)
  // Everything after the question mark is one address.
  assert.equal(parseQuery(`label=b&url=a?${before(300)}z`).url, `a?${before(300)}z`)
})

test('a url is read as it is by itself, whatever stands beside it', () => {
  const read = (query: string) => ({ ...parseQuery(query) })
  assert.deepEqual(read('url=a+%2B%26&b=c+d'), { url: 'a++&', b: 'c d' })
  assert.deepEqual(read('url=%&b=+'), { url: '%', b: ' ' })
  assert.deepEqual(read('url=%2B%&b=+'), { url: '%2B%', b: ' ' })
  assert.deepEqual(read('url=a+&url=b'), { url: ['a+', 'b'] })
  assert.deepEqual(read('url=a&b=1&url=c?d&e'), { b: '1', url: ['a', 'c?d&e'] })
  assert.deepEqual(read('b=+&%75rl=c+'), { b: ' ', url: 'c ' })
  assert.deepEqual(read('url=a+&%75rl=b'), { url: ['a+', 'b'] })
  assert.deepEqual(read('curl=a+&url&b'), { curl: 'a ', url: '', b: '' })
})

test('a host may have 253 characters, in ASCII or not', () => {
  const host = (letter: string, many: number) => normalizePage(`https://${letter.repeat(many)}/`)
  assert.match(host('é', 253), /^xn--/)
  assert.throws(() => host('é', 260), { code: 'bad_page' })
  assert.match(host('%C3%A9', 126), /^xn--/)
  assert.throws(() => host('%C3%A9', 130), { code: 'bad_page' })
  assert.equal(normalizePage(`https://${'é'.repeat(253)}:65535`).endsWith(':65535'), true)
})

test('a query of more than 500 parameters is refused where some are kept', () => {
  const page = (many: number, keep: string[]) =>
    normalizePage(`https://a.example/?${'b&'.repeat(many - 1)}a=1`, keep)
  assert.equal(page(500, ['a']), 'a.example?a=1')
  assert.throws(() => page(501, ['a']), { code: 'bad_page' })
  assert.equal(page(5000, []), 'a.example')
})

test('a path that grows too long when it is percent-encoded is refused', () => {
  assert.throws(() => normalizePage(`https://a.example/${'"'.repeat(3000)}`), { code: 'bad_page' })
  assert.equal(normalizePage(`https://a.example/a${'/'.repeat(6100)}`), 'a.example/a')
})

test('JSON may have 200 fields, and a Content-Type 500 characters', async () => {
  const post = async (payload: string, type = 'application/json') =>
    (
      await shared.app.inject({
        method: 'POST',
        url: '/count',
        payload,
        headers: { 'content-type': type },
      })
    ).statusCode
  const json = (many: number) =>
    JSON.stringify({ ...Object.fromEntries(manyFields(many - 1)), url: 'fields.example' })
  assert.equal(await post(json(200)), 200)
  assert.equal(await post(json(201)), 400)
  assert.equal(await post('\ufeff{"url":"fields.example"}'), 200)
  assert.equal(
    await post('{"url":"fields.example"}', `application/json; x=${'y'.repeat(400)}`),
    200,
  )
  assert.equal(
    await post('{"url":"fields.example"}', `application/json; x=${'y'.repeat(500)}`),
    400,
  )
  assert.equal(await readCount(shared.store, 'fields.example'), 3)
})

test('the last 30 addresses of X-Forwarded-For are read', async (t) => {
  const { get } = await build(t, {
    TRUST_PROXY: 'loopback,10.0.0.0/8',
    BAN_ADDRESSES: '192.0.2.2',
  })
  const behind = async (proxies: number, proxy = '10.0.0.3') =>
    (
      await get('/nocount?url=a.example', {
        'x-forwarded-for': ['192.0.2.2', ...Array(proxies).fill(proxy)].join(', '),
      })
    ).statusCode
  assert.equal(await behind(29), 403)
  assert.equal(await behind(30), 200)
  assert.equal(await behind(29, '[0000:0000:0000:0000:0000:ffff:10.0.0.3]:65535'), 403)
  // An address that is cut off in the middle is not read as another one.
  const { get: ask } = await build(t, { TRUST_PROXY: 'loopback', BAN_ADDRESSES: '92.0.2.2' })
  const cut = `192.0.2.2${' '.repeat(2000 - '92.0.2.2,'.length)},`
  assert.equal((await ask('/nocount?url=a.example', { 'x-forwarded-for': cut })).statusCode, 200)
})

test('gradients may copy four times as much as there is', () => {
  const chained = (many: number) =>
    svg(
      `<linearGradient id="a" gradientTransform="${'scale(1)'.repeat(50)}"/>` +
        Array.from(
          { length: many },
          (_, at) => `<linearGradient id="b${at}" href="#a"/><g fill="url(#b${at})"/>`,
        ).join(''),
    )
  assert.equal(sanitiseSvg(chained(5), 'i').defs.length, 5)
  assert.throws(() => sanitiseSvg(chained(100), 'i'), /copy too much/)
})
