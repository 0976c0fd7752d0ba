import assert from 'node:assert/strict'
import test from 'node:test'
import { build, cookieOf, FILE } from '../harness/app.ts'

/** Ways to write one visitor's address, behind proxies in 10.0.0.0/8. */
const SPELLINGS = [
  '192.0.2.2',
  '192.0.2.2:4001',
  '192.0.2.2:65535',
  '"192.0.2.2:4001"',
  '192.0.2.2, 10.0.0.3',
  '192.0.2.2:4001, 10.0.0.3:4711',
  '192.0.2.2,10.0.0.3:4711,[::ffff:10.0.0.3]:1',
  '203.0.113.9, 192.0.2.2:1, [::ffff:10.0.0.3]:1',
  '::ffff:192.0.2.2',
  '[::ffff:192.0.2.2]:4001',
]
const SIX = ['2001:db8::1', '[2001:db8::1]', '[2001:db8::1]:4001', '[2001:db8::1]:1, 10.0.0.3:2']
const TRUST = { TRUST_PROXY: 'loopback,10.0.0.0/8' }
const trusting = await build(FILE, TRUST)

for (const [range, spellings, other] of [
  ['192.0.2.2', SPELLINGS, '192.0.2.3:4001'],
  ['2001:db8::/64', SIX, '[2001:db8:1::1]:4001'],
] as const) {
  test(`${range} is one visitor, however proxies write it`, async (t) => {
    const banning = await build(t, { ...TRUST, BAN_ADDRESSES: range })
    const excluding = await build(t, { ...TRUST, EXCLUDE_ADDRESSES: range })
    const recognising = await build(t, { ...TRUST, WITHOUT_COOKIE: 'fingerprint' })
    const limiting = await build(t, { ...TRUST, LIMIT_PER_ADDRESS: '1' })
    for (const [at, spelling] of spellings.entries()) {
      const ask = ({ get }: typeof banning, address: string) =>
        get('/count.json?url=a.example', { 'x-forwarded-for': address, 'user-agent': 'curl/8' })
      assert.equal((await ask(banning, spelling)).statusCode, 403, spelling)
      assert.equal((await ask(excluding, spelling)).json().outcome, 'excluded', spelling)
      const again = at === 0 ? 'counted' : 'repeat'
      assert.equal((await ask(recognising, spelling)).json().outcome, again, spelling)
      const more = at === 0 ? 'counted' : 'limited'
      assert.equal((await ask(limiting, spelling)).json().outcome, more, spelling)
      if (at > 0) continue
      for (const service of [banning, excluding, recognising, limiting]) {
        assert.equal((await ask(service, other)).json().outcome, 'counted', other)
      }
    }
    const { get } = await build(t, { ...TRUST, RATE_LIMIT: String(spellings.length) })
    const from = async (address: string) =>
      (await get('/nocount?url=a.example', { 'x-forwarded-for': address })).statusCode
    for (const spelling of spellings) assert.equal(await from(spelling), 200, spelling)
    for (const spelling of spellings) assert.equal(await from(spelling), 429, spelling)
    assert.equal(await from(other), 200)
  })
}

test('the headers of an address that is not trusted are ignored', async (t) => {
  const { app } = await build(t, { ...TRUST, BAN_ADDRESSES: '192.0.2.2' })
  const from = async (remoteAddress: string, visitor: string) =>
    (
      await app.inject({
        url: '/nocount?url=a.example',
        remoteAddress,
        headers: { 'x-forwarded-for': visitor },
      })
    ).statusCode
  assert.equal(await from('198.51.100.7', '192.0.2.2:1'), 200)
  assert.equal(await from('10.0.0.9', '192.0.2.2, 198.51.100.7:1'), 200)
  assert.equal(await from('10.0.0.9', '192.0.2.2:1, 10.0.0.3:1'), 403)
})

test('without TRUST_PROXY the headers of proxies say nothing', async (t) => {
  const { get } = await build(t, { BAN_ADDRESSES: '192.0.2.2' })
  const forwarded = { 'x-forwarded-for': '192.0.2.2', 'x-forwarded-proto': 'https' }
  const headers = { host: 'counter.example', ...forwarded }
  const answer = await get('/count?url=a.example', headers)
  assert.equal(answer.statusCode, 200)
  assert.match(String(answer.headers['set-cookie']), /; SameSite=Lax$/)
})

for (const [written, secure] of [
  ['https', true],
  ['HTTPS', true],
  ['https, http', true],
  [' https ,http', true],
  ['http', false],
  ['http, https', false],
  ['', false],
] as const) {
  test(`a cookie is ${secure ? '' : 'not '}a secure one where X-Forwarded-Proto is "${written}"`, async () => {
    const { get } = trusting
    const headers = { host: 'counter.example', 'x-forwarded-proto': written }
    const answer = await get('/count?url=a.example', headers)
    assert.ok(cookieOf(answer))
    assert.match(
      String(answer.headers['set-cookie']),
      secure ? /; Secure; Partitioned; SameSite=None$/ : /; SameSite=Lax$/,
    )
  })
}
