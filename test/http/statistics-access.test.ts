import assert from 'node:assert/strict'
import test from 'node:test'
import type { PageKey } from '../../src/page.ts'
import { MINUTE_MS } from '../../src/time.ts'
import { ADMIN, BEARER, newKey, signIn } from '../harness/administration.ts'
import { build, FILE, freshLists } from '../harness/app.ts'
import { listenTo } from '../harness/events.ts'
import { until } from '../harness/until.ts'

const PRIVATE = { ...ADMIN, STATS: 'private' }
const hidden = await build(FILE, PRIVATE)
const open = await build(FILE, ADMIN)
for (const { get } of [hidden, open]) {
  await get('/count?url=a.example/x')
  await get('/count?url=b.example/y')
}
const browser = await signIn(hidden)
const owner = await newKey(hidden, 'a.example/x', 'of the page')
const other = await newKey(hidden, 'b.example', 'of another host')

/** Every statistics route: of a page, of its host, of all. */
const OF_PAGE = [
  ...['/page?url=a.example/x', '/page.csv?url=a.example/x', '/page.json?url=a.example/x'],
  '/why.json?url=a.example/x',
  '/active?url=a.example/x',
  '/active.json?url=a.example/x',
]
const OF_HOST = [
  ...['/site?host=a.example', '/site.csv?host=a.example', '/site.json?host=a.example'],
  '/why.json?site=a.example',
  '/active?site=a.example',
  '/active.json?site=a.example',
]
const OF_ALL = ['/now', '/now.json', '/top.json', '/active', '/active.json']
/** What everybody sees in any case. */
const SHOWN = [
  ...[
    '/nocount?url=a.example/x',
    '/nocount.json?url=a.example/x',
    '/nocount/tag.svg?url=a.example/x',
  ],
  ...['/nocount?site=a.example', '/graph.svg?url=a.example/x', '/shields.json?url=a.example/x'],
  ...['/active/tag.svg?url=a.example/x', '/active/tag.svg', '/gallery', '/privacy', '/me', '/'],
]
const statusOf = async (url: string, headers: Record<string, string> = {}) =>
  (await hidden.get(url, headers)).statusCode
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })

for (const url of [...OF_PAGE, ...OF_HOST, ...OF_ALL]) {
  test(`${url} is for everybody, or with STATS=private for an operator`, async () => {
    assert.equal((await open.get(url)).statusCode, 200)
    // Wrong secrets are refused as such only some times a minute.
    hidden.clock.now += MINUTE_MS
    const refused = await hidden.get(url)
    assert.equal(refused.statusCode, 401)
    assert.match(refused.body, /The statistics of this counter are not public/)
    assert.equal(await statusOf(url, { cookie: browser.cookie }), 200)
    assert.equal(await statusOf(url, BEARER), 200)
    assert.equal(await statusOf(url, bearer('wrong')), 401)
  })
}

test('the owner of a page sees its statistics, and no others', async () => {
  for (const url of OF_PAGE) {
    assert.equal(await statusOf(url, owner.bearer), 200, url)
    assert.equal(await statusOf(url, { cookie: `tm_key=${owner.secret}` }), 200, url)
    assert.equal(await statusOf(url, other.bearer), 403, url)
    assert.equal(await statusOf(url, { cookie: `tm_key=${other.secret}` }), 403, url)
  }
  for (const url of [...OF_HOST, ...OF_ALL])
    assert.equal(await statusOf(url, owner.bearer), 403, url)
  assert.equal(await statusOf('/why.json?site=b.example', other.bearer), 200)
  assert.equal(await statusOf('/why.json?url=b.example/y', other.bearer), 200)
})

test('a key does not show the page of somebody else to which an alias leads', async () => {
  const [from, into] = ['b.example/y', 'a.example/x'] as PageKey[]
  const deed = { actor: 'test', reason: '', at: hidden.clock.now }
  const change = { action: 'merge', page: from, into } as const
  await hidden.store.admin.change([change as never], deed)
  assert.equal(await statusOf('/why.json?url=b.example/y', other.bearer), 403)
  assert.equal(await statusOf('/why.json?url=b.example/y', owner.bearer), 403)
  await hidden.store.admin.change([{ action: 'unalias', page: from as PageKey }], deed)
})

test('a revoked key shows nothing', async () => {
  hidden.clock.now += MINUTE_MS
  const key = await newKey(hidden, 'a.example', 'revoked')
  const deed = { actor: 'test', reason: '', at: hidden.clock.now }
  await hidden.store.admin.revokeKey(key.id, deed)
  assert.equal(await statusOf('/why.json?url=a.example/x', key.bearer), 401)
  assert.equal(await statusOf('/why.json?url=a.example/x', { cookie: `tm_key=${key.secret}` }), 401)
})

test('a page of another site cannot read private statistics through the browser of who is signed in', async () => {
  for (const cookie of [browser.cookie, `tm_key=${owner.secret}`]) {
    const [url = ''] = OF_PAGE
    const answer = await hidden.get(url, { cookie, origin: 'https://evil.example' })
    assert.equal(answer.statusCode, 401)
    const own = { host: 'hits.example', origin: 'https://hits.example' }
    assert.equal(await statusOf(url, { cookie, ...own }), 200)
  }
})

test('badges, cards, numbers and pages for people are for everybody in any case', async () => {
  for (const url of SHOWN) assert.equal(await statusOf(url), 200, url)
})

test('the home page lists pages and hosts only for who may see them', async () => {
  await freshLists(open)
  hidden.clock.now += 60_000
  const { get } = hidden
  const lists = async (headers: Record<string, string> = {}) =>
    (await get('/', headers)).body.includes('title="a.example/x"')
  await until(() => lists({ cookie: browser.cookie }))
  assert.equal(await lists(), false)
  assert.equal(await lists({ cookie: `tm_key=${owner.secret}` }), false)
  assert.ok((await open.get('/')).body.includes('title="a.example/x"'))
})

test('live visits are for the same people', async () => {
  const head = async (query: string, headers: Record<string, string> = {}) =>
    (await fetch(`${hidden.origin}/live${query}`, { method: 'HEAD', headers })).status
  assert.equal(await head(''), 401)
  assert.equal(await head('', BEARER), 200)
  assert.equal(await head('', owner.bearer), 403)
  assert.equal(await head('?url=a.example/x'), 401)
  assert.equal(await head('?url=a.example/x', owner.bearer), 200)
  assert.equal(await head('?url=a.example/x&url=b.example/y', owner.bearer), 403)
  assert.equal(await head('?host=a.example', owner.bearer), 403)
  assert.equal(await head('?host=b.example', other.bearer), 200)
  assert.equal((await fetch(`${open.origin}/live`, { method: 'HEAD' })).status, 200)
})

test('a stream ends soon after the session or the key that opened it', async (t) => {
  const deed = { actor: 'test', reason: '', at: hidden.clock.now }
  const session = await signIn(hidden)
  const key = await newKey(hidden, 'a.example', 'of a stream')
  const live = `${hidden.origin}/live`
  const ofSession = await listenTo(t, live, { cookie: session.cookie })
  const ofKey = await listenTo(t, `${live}?url=a.example/x&host=a.example`, key.bearer)
  const lasting = await listenTo(t, `${live}?url=a.example/x`, owner.bearer)
  const ofToken = await listenTo(t, live, BEARER)
  hidden.clock.now += 10_000
  await hidden.get('/count?url=a.example/x')
  for (const stream of [ofSession, ofKey, lasting, ofToken]) await stream.reach(1, 'visit')

  const sessions = await hidden.store.admin.sessions(hidden.clock.now)
  await hidden.store.admin.endSessions([Math.max(...sessions.map(({ id }) => id))], deed)
  await hidden.store.admin.revokeKey(key.id, deed)
  hidden.clock.now += 10_000
  await until(() => ofSession.isEnded() && ofKey.isEnded())
  assert.ok(!lasting.isEnded() && !ofToken.isEnded())
})

test('no shared cache keeps what is not public', async () => {
  for (const url of ['/', ...OF_PAGE, ...OF_HOST, ...OF_ALL]) {
    const { headers } = await hidden.get(url, { cookie: browser.cookie })
    assert.match(String(headers['cache-control']), /private|no-store/, url)
  }
  assert.equal((await open.get('/')).headers['cache-control'], 'no-cache')
})

test('a page of another host of the domain cannot load private statistics as a part of it', async () => {
  const [url = ''] = OF_PAGE
  const { cookie } = browser
  const from = (site: string, mode: string) =>
    statusOf(url, { cookie, 'sec-fetch-site': site, 'sec-fetch-mode': mode })
  assert.equal(await from('same-site', 'no-cors'), 401)
  assert.equal(await from('same-origin', 'cors'), 200)
  // Links, also those in a mail.
  assert.equal(await from('cross-site', 'navigate'), 200)
  assert.equal(await from('none', 'navigate'), 200)
})
