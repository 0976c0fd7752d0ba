import assert from 'node:assert/strict'
import test from 'node:test'
import { DAY_MS, MINUTE_MS } from '../../../src/time.ts'
import { ADMIN, csrfIn, FORM, formOf, newLink, signIn } from '../../harness/administration.ts'
import { build, FILE, type TestApp } from '../../harness/app.ts'

const shared = await build(FILE, ADMIN)
const behind = await build(FILE, { ...ADMIN, TRUST_PROXY: 'loopback' })

const post = ({ app }: TestApp, fields: Record<string, string>, headers = {}) =>
  app.inject({
    method: 'POST',
    url: '/admin/sign-in',
    payload: formOf(fields),
    headers: { ...FORM, ...headers },
  })

test('a link can be opened any number of times, and signs in once', async () => {
  const { get } = shared
  const token = await newLink(shared)
  for (let times = 0; times < 3; times++) {
    const opened = await get(`/admin/sign-in?token=${token}`)
    assert.equal(opened.statusCode, 200)
    assert.match(opened.body, /<form method="post" action="sign-in"/)
    assert.equal(opened.headers['referrer-policy'], 'no-referrer')
    assert.equal(opened.headers['cache-control'], 'no-store')
    assert.equal(opened.headers['set-cookie'], undefined)
  }
  const signed = await post(shared, { token })
  assert.equal(signed.statusCode, 303)
  assert.equal(signed.headers.location, './')
  assert.equal((await get('/admin/')).statusCode, 401)
  const [cookie = ''] = String(signed.headers['set-cookie']).split(';')
  const page = await get('/admin/', { cookie })
  assert.equal(page.statusCode, 200)
  assert.equal(page.headers['set-cookie'], signed.headers['set-cookie'], 'the cookie is renewed')
  const again = await post(shared, { token })
  assert.equal(again.statusCode, 401)
  assert.match(again.body, /used already/)
  assert.match(again.body, /sign-in/, 'it says how to get another one')
  assert.equal(again.headers['set-cookie'], undefined)
})

test('a link works for 10 minutes', async () => {
  const { clock } = shared
  const [early, late] = [await newLink(shared), await newLink(shared)]
  clock.now += 10 * MINUTE_MS - 1
  assert.equal((await post(shared, { token: early })).statusCode, 303)
  clock.now += 1
  assert.equal((await post(shared, { token: late })).statusCode, 401)
})

test('what is not a link is refused', async () => {
  const { get, clock } = shared
  for (const token of ['', 'x', 'x'.repeat(43), '%00', '\u{1f600}', 'x'.repeat(900)]) {
    clock.now += MINUTE_MS
    assert.equal((await post(shared, { token })).statusCode, 401, token.slice(0, 50))
  }
  assert.equal((await get('/admin/sign-in')).statusCode, 200)
  assert.equal((await get('/admin/sign-in?token=x')).statusCode, 400)
  assert.equal((await get('/admin/sign-in?token=%3Cscript%3E')).body.includes('<script>'), false)
  assert.equal((await get('/admin/sign-in?token=a&token=b')).statusCode, 400)
  clock.now += MINUTE_MS
  assert.equal((await post(shared, { token: 'x'.repeat(20_000) })).statusCode, 400, 'too long')
})

test('another site cannot sign a browser in', async () => {
  const { clock } = shared
  clock.now += MINUTE_MS
  const token = await newLink(shared)
  for (const headers of [
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'null' },
  ]) {
    assert.equal((await post(shared, { token }, headers)).statusCode, 403)
  }
  // As browsers send it from the page, which has no referrer.
  const own = { 'sec-fetch-site': 'same-origin', origin: 'null' }
  assert.equal((await post(shared, { token }, own)).statusCode, 303)
})

test('the cookie is bound to its host over HTTPS, and plain over HTTP', async () => {
  const attributes = (cookie: unknown) => String(cookie).replace(/=[\w-]{43};/, '=…;')
  const https = { 'x-forwarded-proto': 'https' }
  const signed = async (headers: Record<string, string>) => {
    const token = await newLink(behind)
    return (await post(behind, { token }, headers)).headers['set-cookie']
  }
  const plain = await signed({})
  const secure = await signed(https)
  const days = 30 * 24 * 3600
  assert.equal(attributes(plain), `tm_admin=…; Max-Age=${days}; Path=/; HttpOnly; SameSite=Lax`)
  assert.equal(
    attributes(secure),
    `__Host-tm_admin=…; Max-Age=${days}; Path=/; HttpOnly; Secure; SameSite=Lax`,
  )
  const [of] = String(secure).split(';')
  assert.equal((await behind.get('/admin/', { ...https, cookie: of as string })).statusCode, 200)
  assert.equal((await behind.get('/admin/', { cookie: of as string })).statusCode, 401)
  const [ofPlain = ''] = String(plain).split(';')
  assert.equal((await behind.get('/admin/', { cookie: ofPlain })).statusCode, 200)
  assert.equal((await behind.get('/admin/', { ...https, cookie: ofPlain })).statusCode, 401)
})

test('a session lasts 30 days after its last use', async () => {
  const { clock, get } = shared
  const { cookie } = await signIn(shared)
  for (let uses = 0; uses < 3; uses++) {
    clock.now += 29 * DAY_MS
    assert.equal((await get('/admin/', { cookie })).statusCode, 200)
  }
  clock.now += 30 * DAY_MS + 1
  const late = await get('/admin/', { cookie })
  assert.equal(late.statusCode, 401)
  assert.equal(late.headers['set-cookie'], undefined)
})

test('other cookies of that name do not hide the session', async () => {
  const { get } = shared
  const { cookie } = await signIn(shared)
  const fake = `tm_admin=${'x'.repeat(43)}; tm_admin=; ${cookie}`
  assert.equal((await get('/admin/', { cookie: fake })).statusCode, 200)
})

test('a browser signs out, and ends one session, several or all', async () => {
  const { store, clock, get } = shared
  const agent = {
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  }
  const [own, other, third, fourth, fifth] = [
    await signIn(shared),
    await signIn(shared, agent),
    await signIn(shared),
    await signIn(shared),
    await signIn(shared),
  ]
  const isIn = async ({ cookie }: typeof own) =>
    (await get('/admin/', { cookie })).statusCode === 200
  const sessions = await store.admin.sessions(clock.now)
  const ofOther = sessions.find(({ browser }) => browser === 'Firefox on Linux')
  assert.ok(ofOther, 'the browser is named')
  const ended = await own.post('sessions', { id: String(ofOther.id), back: 'access' })
  const told = (await own.get(`/admin/${ended.headers.location}`)).body
  assert.match(told, /Session \d+ \(Firefox on Linux\) is ended\./)
  assert.deepEqual([await isIn(own), await isIn(other)], [true, false])

  const out = await third.post('sign-out', {})
  assert.equal(out.statusCode, 303)
  assert.match(String(out.headers['set-cookie']), /^tm_admin=; Max-Age=0; Path=\/; HttpOnly/)
  assert.equal(await isIn(third), false)

  const others = await own.post('sessions', { action: 'end-others', back: 'access' })
  assert.equal(others.headers.location, 'access?done=end-others')
  assert.deepEqual([await isIn(own), await isIn(fifth)], [true, false])

  const [last] = await store.admin.sessions(clock.now)
  for (const fields of [{ action: 'end', id: String(last?.id) }, { action: 'end-all' }]) {
    const asked = await own.post('sessions', fields)
    assert.match(asked.body, /You need `npm run sign-in`/)
  }
  assert.equal(await isIn(own), true)
  const all = await own.post('sessions', { action: 'end-all', confirm: 'yes' })
  assert.equal(all.headers.location, 'sign-in?done=end-all')
  const after = (await get('/admin/sign-in?done=end-all')).body
  assert.match(after, /All sessions are ended, also that of this browser/)
  assert.match(String(all.headers['set-cookie']), /^tm_admin=; Max-Age=0;/)
  assert.deepEqual([await isIn(own), await isIn(fourth)], [false, false])
  assert.deepEqual(await store.admin.sessions(clock.now), [])
})

test('a page makes a link for another name of the instance, and shows it once', async () => {
  const { app } = shared
  const browser = await signIn(shared)
  const made = await browser.post('links', { host: 'hits.example.org' })
  assert.equal(made.statusCode, 200)
  assert.equal(made.headers['cache-control'], 'no-store')
  const [, token = ''] =
    /http:\/\/hits\.example\.org\/admin\/sign-in\?token=([\w-]{43})/.exec(made.body) ?? []
  const signed = await app.inject({
    method: 'POST',
    url: '/admin/sign-in',
    payload: formOf({ token }),
    headers: { ...FORM, host: 'hits.example.org', origin: 'http://hits.example.org' },
  })
  assert.equal(signed.statusCode, 303)
  for (const host of ['a b', 'https://', 'user@hits.example.org', '<script>', 'x'.repeat(300)]) {
    assert.equal((await browser.post('links', { host })).statusCode, 400, host.slice(0, 50))
  }
})

test('each page has a token of its own session, which works for no other', async () => {
  const [own, other] = [await signIn(shared), await signIn(shared)]
  const fresh = csrfIn((await own.get('/admin/')).body)
  assert.notEqual(fresh, own.csrf)
  const fields = { page: 'example.com/csrf', action: 'set', hits: '1' }
  assert.equal((await own.post('page', { ...fields, csrf: fresh })).statusCode, 303)
  assert.equal((await own.post('page', { ...fields, csrf: other.csrf })).statusCode, 403)
})
