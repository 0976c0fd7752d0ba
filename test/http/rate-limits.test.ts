import assert from 'node:assert/strict'
import test from 'node:test'
import { build, FILE } from '../harness/app.ts'

// Made before the first test: the runner ends a file as soon as it has no test left to run.
const limited = await build(FILE, { RATE_LIMIT: '2' })

const CAMO = 'github-camo (0b06c4de)'

test('without a limit, an address may ask as often as it likes', async (t) => {
  const { get } = await build(t)
  for (let times = 1; times <= 50; times++) {
    assert.equal((await get('/count?url=example.com')).body, String(times))
    assert.equal((await get('/nothing')).statusCode, 404)
  }
})

test('beyond RATE_LIMIT an address is refused for the rest of its minute, and counts nothing', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
  const { app, get } = await build(t, { RATE_LIMIT: '3' })
  const from = (remoteAddress: string, url: string, headers = {}) =>
    app.inject({ method: 'GET', url, remoteAddress, headers })
  for (let times = 1; times <= 3; times++) {
    const answer = await from('192.0.2.1', '/count?url=example.com')
    assert.equal(answer.body, String(times))
    assert.deepEqual(
      Object.keys(answer.headers).filter((name) => name.includes('limit')),
      [],
      'nothing is said before the limit',
    )
  }
  const badge = await from('192.0.2.1', '/count/tag.svg?url=example.com&label=seen')
  assert.equal(badge.statusCode, 429)
  assert.equal(badge.headers['content-type'], 'image/svg+xml; charset=utf-8')
  assert.match(badge.body, /seen: too many requests/)
  assert.equal(badge.headers['cache-control'], 'max-age=0, no-cache, no-store, must-revalidate')
  assert.equal(Number(badge.headers['retry-after']), 60)
  const text = await from('192.0.2.1', '/count?url=example.com')
  assert.equal(text.statusCode, 429)
  assert.match(text.body, /^Your address has asked more often .*\n$/)

  assert.equal((await from('192.0.2.2', '/count?url=example.com')).body, '4', 'others go on')
  t.mock.timers.tick(59_999)
  assert.equal((await from('192.0.2.1', '/count?url=example.com')).statusCode, 429)
  t.mock.timers.tick(1)
  assert.equal((await from('192.0.2.1', '/count?url=example.com')).body, '5')
  assert.equal((await get('/healthz')).statusCode, 200)
})

test('an IPv6 network of one subscriber is one address', async (t) => {
  const { app } = await build(t, { RATE_LIMIT: '2' })
  const from = (remoteAddress: string) =>
    app.inject({ method: 'GET', url: '/count?url=example.com', remoteAddress })
  assert.equal((await from('2001:db8:0:1::1')).statusCode, 200)
  assert.equal((await from('2001:db8:0:1::2')).statusCode, 200)
  assert.equal((await from('2001:db8:0:1::3')).statusCode, 429)
  assert.equal((await from('2001:db8:0:2::1')).statusCode, 200)
})

for (const [at, [agent, exempt]] of (
  [
    [CAMO, true],
    ['Camo Asset Proxy 2.3.0', true],
    ['go-camo', true],
    [
      'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
      true,
    ],
    ['YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html', true],
    ['Mozilla/5.0', true],
    ['imgproxy/3.25.0', true],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0', false],
    ['not github-camo', false],
    ['curl/8.9.1', false],
  ] as const
).entries()) {
  test(`${agent} is ${exempt ? 'exempt from' : 'held to'} the limit`, async () => {
    const ask = () =>
      limited.app.inject({
        url: '/count/tag.svg?url=example.com',
        headers: { 'user-agent': agent },
        remoteAddress: `192.0.2.${at}`,
      })
    await ask()
    await ask()
    assert.equal((await ask()).statusCode, exempt ? 200 : 429)
  })
}

test('RATE_LIMIT leaves health checks and the files of pages alone', async (t) => {
  const { get } = await build(t, { RATE_LIMIT: '1' })
  const { body } = await get('/')
  const own = /assets\/[^"]*\/home\.js/.exec(body)?.[0]
  for (const path of ['/healthz', '/assets/home.js', `/${own}`, '/favicon.ico', '/robots.txt']) {
    for (let times = 0; times < 3; times++) {
      const { statusCode } = await get(path)
      assert.ok([200, 302].includes(statusCode), `${path}: ${statusCode}`)
    }
  }
  assert.equal((await get('/nocount?url=/assets/')).statusCode, 429)
})

test('behind a trusted proxy the limit is for the visitor, not for the proxy', async (t) => {
  const { get } = await build(t, { RATE_LIMIT: '1', TRUST_PROXY: 'loopback' })
  const from = (visitor: string) =>
    get('/count?url=example.com', { 'x-forwarded-for': visitor }).then(
      ({ statusCode }) => statusCode,
    )
  assert.equal(await from('192.0.2.1'), 200)
  assert.equal(await from('192.0.2.2'), 200)
  assert.equal(await from('192.0.2.1'), 429)
})

test('RATE_LIMIT_NOT_FOUND limits only requests to routes that do not exist, those of image proxies too', async (t) => {
  const { get } = await build(t, { RATE_LIMIT_NOT_FOUND: '2' })
  const headers = { 'user-agent': CAMO }
  assert.equal((await get('/.env', headers)).statusCode, 404)
  assert.equal((await get('/wp-login.php', headers)).statusCode, 404)
  const refused = await get('/x.svg', headers)
  assert.equal(refused.statusCode, 429)
  assert.match(refused.body, /too many requests/)
  for (let times = 1; times <= 5; times++) {
    assert.equal((await get('/count?url=example.com', headers)).body, String(times))
  }
})

test('a refusal by MAX_PAGES says so, as a badge and as text', async (t) => {
  const { store, get } = await build(t, { MAX_PAGES: '1' })
  assert.equal((await get('/count?url=a.example')).body, '1')
  const badge = await get('/count/tag.svg?url=b.example')
  assert.equal(badge.statusCode, 403)
  assert.match(badge.body, /hits: no new pages/)
  assert.equal(badge.headers['set-cookie'], undefined)
  const text = await get('/count?url=b.example')
  assert.equal(text.body, 'This counter takes no more new pages; those it knows are counted on.\n')
  assert.equal((await get('/count?url=a.example')).body, '2')
  assert.equal((await get('/nocount?url=b.example')).body, '0')
  const { pages } = await store.top({
    hosts: 9,
    pages: 9,
    rules: { allow: [], deny: [] },
    ignore: [],
  })
  assert.deepEqual(pages, [{ name: 'a.example', hits: 2 }])
})
