import assert from 'node:assert/strict'
import test from 'node:test'
import type { InjectOptions } from 'fastify'
import { DAY_MS, MINUTE_MS } from '../../../src/time.ts'
import {
  ADMIN,
  BEARER,
  FORM,
  formOf,
  newKey,
  newLink,
  signIn,
} from '../../harness/administration.ts'
import { build, FILE } from '../../harness/app.ts'
import { routesOf } from '../../harness/routes.ts'

const on = await build(FILE, ADMIN)
const off = await build(FILE)

/** A request that does something if its sender may do it. */
interface Action {
  form?: Record<string, string>
  body?: object
  /** The query of its address. */
  query?: string
}

const page = 'example.com/a'
const ofPage = (action: string, more: Record<string, string> = {}): Action => ({
  form: { page, action, confirm: 'yes', ...more },
})
const byApi = (action: string, more: object = {}): Action => ({
  body: { changes: [{ action, page, ...more }] },
})
const alone = (action: string, more: object = {}): Action => ({
  body: { action, ...more },
  query: `?url=${page}`,
})
const CHANGES: [action: string, more: Record<string, string>][] = [
  ['set', { hits: '5' }],
  ['add', { hits: '5' }],
  ['reset', {}],
  ['rename', { to: 'example.com/b' }],
  ['merge', { into: 'example.com/c' }],
  ['remove', {}],
  ['take-back', { hour: '1' }],
]
const asJson = (more: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(more).map(([name, value]) => [
      name,
      /^\d+$/.test(value) ? Number(value) : value,
    ]),
  )
/** What a stranger might send to each route, by its method and path. */
const ACTIONS: Record<string, Action[]> = {
  'POST /admin/page': CHANGES.map(([action, more]) => ofPage(action, more)),
  'POST /admin/pages': [ofPage('remove'), ofPage('restore'), ofPage('purge')],
  'POST /admin/rules': [
    { form: { action: 'add', kind: 'ban', pattern: '192.0.2.9', confirm: 'yes' } },
    { form: { action: 'remove', id: '1' } },
    { form: { action: 'merge', id: '1' } },
  ],
  'POST /admin/sign-out': [{ form: {} }],
  'POST /admin/sessions': [{ form: { all: 'yes' } }, { form: { id: '1' } }],
  'POST /admin/links': [{ form: {} }],
  'POST /admin/keys': [
    { form: { action: 'add', name: 'x', prefix: 'example.com/x' } },
    { form: { action: 'revoke', id: '1' } },
  ],
  'POST /api/v1/admin/pages': CHANGES.map(([action, more]) => byApi(action, asJson(more))),
  'POST /api/v1/admin/page': CHANGES.map(([action, more]) => alone(action, asJson(more))),
  'POST /api/v1/admin/rules': [{ body: { rules: [{ kind: 'ban', pattern: '192.0.2.9' }] } }],
  'POST /api/v1/admin/rules/remove': [{ body: { ids: [1] } }],
  'POST /api/v1/admin/rules/merge': [{ body: { ids: [1] } }],
  'POST /api/v1/admin/rules/try': [
    { body: { rules: [{ kind: 'page-rule', pattern: 'a/*', replacement: 'a' }] } },
  ],
  'POST /api/v1/admin/sessions/end': [{ body: { ids: 'all' } }, { body: { ids: [1] } }],
  'POST /api/v1/admin/links': [{ body: {} }],
  'POST /api/v1/admin/keys': [{ body: { name: 'x', prefix: 'example.com/x' } }],
  'POST /api/v1/page': [alone('set', { hits: 5 }), alone('remove')],
  'POST /api/v1/admin/keys/revoke': [{ body: { id: 1 } }],
}
/** Routes for anyone: to sign in by a link, and with a key that is a field of the form. */
const OPEN = ['GET /admin/sign-in', 'POST /admin/sign-in', 'POST /page']
/** Routes for the owners of pages. */
const OWNERS = ['GET /api/v1/page', 'POST /api/v1/page']

/** All routes that administration adds, as the app itself tells. HEAD comes with GET. */
const before = routesOf(off.app)
const routes = [...routesOf(on.app)].flatMap(([path, methods]) =>
  methods
    .filter((method) => method !== 'HEAD' && !before.get(path)?.includes(method))
    .map((method) => `${method} ${path}`),
)
const forOperators = routes.filter((route) => !OPEN.includes(route) && !OWNERS.includes(route))

let addresses = 0
/** An address of its own for each request, so that no limit of wrong tries is reached. */
const address = () => `2001:db8:0:${(addresses++).toString(16)}::1`

function request(
  route: string,
  { form, body, query = '' }: Action,
  headers: object,
): InjectOptions {
  const [method = '', path = ''] = route.split(' ')
  const url = `${path}${query || (method === 'GET' ? `?url=${page}` : '')}`
  const base = { method: method as 'GET', url, remoteAddress: address() }
  if (form) return { ...base, payload: formOf(form), headers: { ...FORM, ...headers } }
  return { ...base, ...(body && { payload: body }), headers: { ...headers } }
}

const actionsOf = (route: string): Action[] =>
  ACTIONS[route] ?? (route.startsWith('GET') ? [{}] : assert.fail(`${route} has no action here`))

/** All that administration keeps. Reading it leaves no trace. */
async function state() {
  const { admin } = on.store
  const today = { from: 0, to: 1 }
  const query = { part: '', after: '', limit: 100, today }
  return {
    versions: await admin.versions(),
    audit: (await admin.audit({ page: null, before: null, limit: 100 })).length,
    pages: await admin.pages({ ...query, sort: 'hits', removed: false }),
    removed: await admin.pages({ ...query, sort: 'hits', removed: true }),
    rules: await admin.rules(on.clock.now),
    sessions: (await admin.sessions(on.clock.now)).map(({ id }) => id),
    keys: (await admin.keys()).map(({ id, revokedAt }) => [id, revokedAt]),
  }
}

/** @param expected the status of each answer */
async function refusesAll(
  names: readonly string[],
  headers: object | (() => Promise<object>),
  expected: number,
) {
  const earlier = await state()
  for (const route of names) {
    for (const action of actionsOf(route)) {
      const sent = typeof headers === 'function' ? await headers() : headers
      const answer = await on.app.inject(request(route, action, sent))
      const shown = `${route} ${JSON.stringify(action)}`
      assert.equal(answer.statusCode, expected, shown)
      assert.equal(answer.headers['cache-control'], 'no-store', shown)
      assert.equal(answer.headers['access-control-allow-origin'], undefined, shown)
      assert.equal(answer.headers['access-control-allow-credentials'], undefined, shown)
      assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin', shown)
      assert.match(
        String(answer.headers['content-security-policy']),
        /default-src 'none'.*frame-ancestors 'none'/,
        shown,
      )
      if (route.includes('/api/')) {
        assert.match(String(answer.headers['content-type']), /^application\/problem\+json/, shown)
        const { status, title, detail, code } = answer.json()
        assert.equal(status, expected, shown)
        assert.ok(title && detail && code, shown)
      }
    }
  }
  assert.deepEqual(await state(), earlier, 'nothing has changed')
}

const cookieOf = (secret: string) => ({ cookie: `tm_admin=${secret}` })

test('every route of administration is in this table', async () => {
  assert.ok(routes.length > 20, 'the routes were found')
  for (const route of [...OPEN, ...OWNERS, ...Object.keys(ACTIONS)]) {
    assert.ok(routes.includes(route), `${route} is there`)
  }
  for (const route of forOperators) assert.ok(actionsOf(route).length > 0)
  await on.get('/count?url=example.com/a')
  await on.get('/count?url=example.com/c')
  await signIn(on)
  await newKey(on, 'github.com/me', 'first')
})

test('without credentials, nothing is shown and nothing changes', async () => {
  await refusesAll([...forOperators, ...OWNERS], {}, 401)
})

test('with wrong credentials, nothing is shown and nothing changes', async () => {
  const browser = await signIn(on)
  for (const headers of [
    cookieOf('x'.repeat(43)),
    cookieOf(''),
    cookieOf('../../etc/passwd'),
    // A secret is of use only where it belongs.
    cookieOf(ADMIN.ADMIN_TOKEN),
    { authorization: `Bearer ${ADMIN.ADMIN_TOKEN.slice(0, -1)}` },
    { authorization: `Bearer ${ADMIN.ADMIN_TOKEN}x` },
    { authorization: `Bearer tmk_${'x'.repeat(43)}` },
    { authorization: `Bearer ${browser.secret}` },
    { authorization: `Bearer ${await newLink(on)}` },
    { authorization: 'Bearer ' },
    { authorization: `Basic ${Buffer.from(`admin:${ADMIN.ADMIN_TOKEN}`).toString('base64')}` },
    // A wrong token is not made good by a session.
    { authorization: 'Bearer wrong', cookie: browser.cookie, 'x-csrf-token': browser.csrf },
  ]) {
    await refusesAll(forOperators, headers, 401)
  }
})

test('with a session that has ended, nothing is shown and nothing changes', async () => {
  const [expired, ended] = [await signIn(on), await signIn(on)]
  await ended.post('sign-out', {})
  on.clock.now += 31 * DAY_MS
  for (const { cookie, csrf } of [expired, ended]) {
    await refusesAll(forOperators, { cookie, 'x-csrf-token': csrf }, 401)
  }
})

test("an owner's key opens nothing of administration, and a revoked one nothing at all", async () => {
  const { bearer, id } = await newKey(on, 'example.com', 'revoked')
  await refusesAll(forOperators, bearer, 403)
  await on.store.admin.revokeKey(id, { actor: 'test', reason: '', at: on.clock.now })
  await refusesAll(forOperators, bearer, 401)
  await refusesAll(OWNERS, bearer, 401)
})

test('a key is for the pages of its prefix, and for no other', async () => {
  for (const prefix of ['example.com/b', 'example.com/a/b', 'example.co', 'a', 'example.com/A']) {
    await refusesAll(OWNERS, (await newKey(on, prefix, `of ${prefix}`)).bearer, 403)
  }
})

const changing = forOperators.filter((route) => route.startsWith('POST'))

test('what another site has a browser send is refused', async () => {
  const { cookie, csrf } = await signIn(on)
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:81' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:80' },
  ]) {
    await refusesAll(
      changing,
      { host: 'localhost:80', cookie, 'x-csrf-token': csrf, ...headers },
      403,
    )
  }
})

test('a session without its CSRF token changes nothing', async () => {
  const [{ cookie }, other] = [await signIn(on), await signIn(on)]
  for (const token of [undefined, '', 'x', other.csrf, `${other.csrf}x`, 'x'.repeat(5000)]) {
    const headers = { cookie, ...(token !== undefined && { 'x-csrf-token': token }) }
    await refusesAll(changing, { 'sec-fetch-site': 'same-origin', ...headers }, 403)
  }
})

test('a preflight of another origin is allowed nothing', async () => {
  for (const route of routes) {
    const [, url = ''] = route.split(' ')
    const answer = await on.app.inject({
      method: 'OPTIONS',
      url,
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
      remoteAddress: address(),
    })
    if (url === '/page') continue
    assert.ok(answer.statusCode >= 400, route)
    assert.equal(answer.headers['access-control-allow-origin'], undefined, route)
    assert.equal(answer.headers['access-control-allow-credentials'], undefined, route)
  }
})

test('a bearer token needs no CSRF token, and gets no cookie', async () => {
  const answer = await on.app.inject(
    request('POST /api/v1/admin/page', alone('set', { hits: 7 }), BEARER),
  )
  assert.equal(answer.statusCode, 200)
  assert.equal(answer.headers['set-cookie'], undefined)
})

test('an address that tries wrong secrets too often has to wait, but never with a right one', async () => {
  const { app, clock } = on
  const { bearer } = await newKey(on, 'example.com', 'last')
  const link = await newLink(on)
  const ask = (headers: object, remoteAddress: string) =>
    app.inject({ method: 'GET', url: '/api/v1/admin/keys', headers: { ...headers }, remoteAddress })
  const wrong = { authorization: 'Bearer wrong' }
  for (let tries = 0; tries < 10; tries++) {
    assert.equal((await ask(wrong, '192.0.2.1')).statusCode, 401)
  }
  const late = await ask(wrong, '192.0.2.1')
  assert.equal(late.statusCode, 429)
  assert.equal(late.headers['retry-after'], '60')
  const signIn = (token: string) =>
    app.inject({
      method: 'POST',
      url: '/admin/sign-in',
      payload: formOf({ token }),
      headers: FORM,
      remoteAddress: '192.0.2.1',
    })
  const byKey = (headers: object) =>
    app.inject({
      method: 'GET',
      url: `/api/v1/page?url=${page}`,
      headers: { ...headers },
      remoteAddress: '192.0.2.1',
    })
  const unknown = 'x'.repeat(43)
  assert.equal((await signIn(unknown)).statusCode, 429)
  assert.equal((await byKey({ authorization: `Bearer tmk_${unknown}` })).statusCode, 429)
  // Others may have the same address.
  assert.equal((await ask(BEARER, '192.0.2.1')).statusCode, 200)
  assert.equal((await byKey(bearer)).statusCode, 200)
  assert.equal((await ask(bearer, '192.0.2.1')).statusCode, 403)
  assert.equal((await signIn(link)).statusCode, 303)
  assert.equal(
    (await ask(wrong, '192.0.2.1')).statusCode,
    429,
    'a right one forgives no wrong ones',
  )
  assert.equal((await ask(wrong, '192.0.2.2')).statusCode, 401, 'others need not wait')
  clock.now += MINUTE_MS
  assert.equal((await ask(wrong, '192.0.2.1')).statusCode, 401)
})

test('with administration off, its routes are as unknown as any other', async () => {
  for (const route of routes) {
    const [method = '', url = ''] = route.split(' ')
    if (url === '/page') continue
    for (const sent of new Set([method, 'GET', 'POST', 'OPTIONS', 'DELETE'])) {
      const ask = (url: string) =>
        off.app.inject({ method: sent as 'GET', url, headers: { ...BEARER, accept: 'text/html' } })
      const [answer, unknown] = [await ask(url), await ask('/zzzzz/zzzzz')]
      assert.equal(answer.statusCode, 404, `${sent} ${url}`)
      const headers = ({ date, ...others }: Record<string, unknown>) => others
      const depth = url.split('/').length === 3
      if (depth) {
        assert.equal(answer.body, unknown.body)
        assert.deepEqual(headers(answer.headers), headers(unknown.headers))
      }
    }
  }
})
