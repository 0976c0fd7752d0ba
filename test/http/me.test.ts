import assert from 'node:assert/strict'
import test from 'node:test'
import { build, FILE } from '../harness/app.ts'

// Made before the first test: the runner ends a file as soon as it has no test left to run.
const shared = await build(FILE)
const published = await build(FILE, { PUBLIC_URL: 'https://hits.example.org/badges' })

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const YEAR = 31_536_000

test('a browser turns its counting off and on again', async () => {
  const { app, get } = shared
  const post = (payload: string, headers = {}) =>
    app.inject({
      method: 'POST',
      url: '/me',
      payload,
      headers: { ...FORM, host: 'localhost', ...headers },
    })
  assert.match((await get('/me')).body, /This browser is counted\./)
  const off = await post('count=no')
  assert.equal(off.statusCode, 303)
  assert.equal(off.headers.location, 'me?asked=no')
  assert.deepEqual(off.headers['set-cookie'], [
    `tm_me=off; Max-Age=${YEAR}; Path=/; HttpOnly; Secure; SameSite=None`,
  ])
  const excluded = await get('/me?asked=no', { cookie: 'tm_me=off' })
  assert.equal(excluded.headers['cache-control'], 'no-store')
  assert.match(excluded.body, /This browser is not counted\./)
  assert.doesNotMatch(excluded.body, /did not keep the choice/)
  const visit = await get('/count.json?url=example.com', { cookie: 'a=b; tm_me=off' })
  assert.equal(visit.json().outcome, 'excluded')
  const on = await post('count=yes')
  assert.equal(on.headers.location, 'me?asked=yes')
  assert.match(String(on.headers['set-cookie']), /^tm_me=; Max-Age=0;/)
  assert.equal((await get('/count?url=example.com', { cookie: 'tm_me=' })).body, '1')
  assert.equal((await get('/count?url=example.com', { cookie: 'tm_me=on' })).body, '2')
})

test('the page tells a browser that it did not keep the cookie', async () => {
  const { get } = shared
  assert.match((await get('/me?asked=no')).body, /did not keep the choice/)
  assert.doesNotMatch((await get('/me?asked=yes')).body, /did not keep the choice/)
  assert.doesNotMatch((await get('/me')).body, /<!--|\{\{/)
})

test('over plain HTTP the cookie is a plain one, and the page explains the consequences', async (t) => {
  const { app } = await build(t, { TRUST_PROXY: 'loopback' })
  const ask = (method: 'GET' | 'POST', headers: object) =>
    app.inject({
      method,
      url: '/me',
      headers: { host: 'hits.example', ...headers },
      ...(method === 'POST' && { payload: 'count=no' }),
    })
  const plain = await ask('POST', FORM)
  assert.deepEqual(plain.headers['set-cookie'], [
    `tm_me=off; Max-Age=${YEAR}; Path=/; HttpOnly; SameSite=Lax`,
  ])
  assert.match((await ask('GET', {})).body, /over plain HTTP/)
  const safe = { 'x-forwarded-proto': 'https' }
  assert.doesNotMatch((await ask('GET', safe)).body, /over plain HTTP/)
})

test('over HTTPS the cookie has a name that no other host can set, and the older one is removed', async (t) => {
  const { app, get } = await build(t, { TRUST_PROXY: 'loopback' })
  const headers = { ...FORM, host: 'hits.example', 'x-forwarded-proto': 'https' }
  const post = async (payload: string) =>
    (await app.inject({ method: 'POST', url: '/me', headers, payload })).headers['set-cookie']
  const rest = 'Path=/; HttpOnly; Secure; SameSite=None'
  assert.deepEqual(await post('count=no'), [
    `__Host-tm_me=off; Max-Age=${YEAR}; ${rest}`,
    `tm_me=; Max-Age=0; ${rest}`,
  ])
  assert.deepEqual(await post('count=yes'), [
    `__Host-tm_me=; Max-Age=0; ${rest}`,
    `tm_me=; Max-Age=0; ${rest}`,
  ])
  for (const [cookie, excluded] of [
    ['__Host-tm_me=off', true],
    ['tm_me=off', true],
    ['tm_me=; tm_me=off', true],
    ['tm_me=off; tm_me=', true],
    ['tm_me=x; a=b; __Host-tm_me=off', true],
    ['a=b;tm_me=off', true],
    ['xtm_me=off', false],
    ['__Host-tm_me=', false],
    ['a=b tm_me=off', false],
    ['tm_me=offline', false],
    ['tm_me', false],
  ] as const) {
    const { outcome } = (await get('/count.json?url=example.com', { cookie })).json()
    assert.equal(outcome, excluded ? 'excluded' : 'counted', cookie)
    const page = (await get('/me', { cookie })).body
    assert.equal(/This browser is not counted\./.test(page), excluded, cookie)
  }
})

const senders: [why: string, headers: Record<string, string>, believed: boolean][] = [
  ['the page itself', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost' }, true],
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, false],
  ['another site of the same domain', { 'sec-fetch-site': 'same-site' }, false],
  ['an older browser on the page itself', { origin: 'http://localhost' }, true],
  ['an older browser on another site', { origin: 'https://evil.example' }, false],
  ['a sandboxed frame', { origin: 'null' }, false],
  ['the public address, behind a proxy', { origin: 'https://hits.example.org' }, true],
  ['a command line', {}, true],
]
for (const [why, headers, believed] of senders) {
  test(`the form of ${why} is ${believed ? 'believed' : 'refused'}`, async () => {
    const { app } = published
    const answer = await app.inject({
      method: 'POST',
      url: '/me',
      payload: 'count=no',
      headers: { ...FORM, host: 'localhost', ...headers },
    })
    assert.equal(answer.statusCode, believed ? 303 : 400)
    assert.equal(answer.headers['set-cookie'] !== undefined, believed)
  })
}

for (const payload of [
  '',
  'count=',
  'count=maybe',
  'count=no&count=yes',
  'x=y',
  '{"count":"no"}',
]) {
  test(`"${payload}" is refused, and changes nothing`, async () => {
    const { app } = shared
    const answer = await app.inject({ method: 'POST', url: '/me', payload, headers: FORM })
    assert.equal(answer.statusCode, 400)
    assert.equal(answer.headers['set-cookie'], undefined)
  })
}

test('a sandboxed frame is nobody, where there is no public address either', async () => {
  const { app } = shared
  for (const origin of ['null', 'garbage', '']) {
    const headers = { ...FORM, host: 'localhost', origin }
    const answer = await app.inject({ method: 'POST', url: '/me', payload: 'count=no', headers })
    assert.equal(answer.statusCode, 400, origin)
  }
})
