import assert from 'node:assert/strict'
import test from 'node:test'
import { ADMIN, BEARER, FORM, formOf, newKey, newLink, signIn } from '../harness/administration.ts'
import { build, type TestApp } from '../harness/app.ts'
import { makeDatabase } from '../harness/postgres.ts'
import { until } from '../harness/until.ts'

/** Within this time, a change on one service holds on all others. */
const MAX_MS = 2000

test('what an operator does on one service holds on another one', async (t) => {
  const DATABASE_URL = await makeDatabase(t)
  const one = await build(t, { ...ADMIN, DATABASE_URL })
  const two = await build(t, { ...ADMIN, DATABASE_URL })

  // One link, used on both at once.
  const token = await newLink(one)
  const use = ({ app }: TestApp) =>
    app.inject({ method: 'POST', url: '/admin/sign-in', headers: FORM, payload: formOf({ token }) })
  const used = await Promise.all([one, two, one, two].map(use))
  assert.deepEqual(used.map(({ statusCode }) => statusCode).sort(), [303, 401, 401, 401])

  const { cookie, csrf } = await signIn(one)
  const form = (action: string, more: Record<string, string> = {}) =>
    two.app.inject({
      method: 'POST',
      url: '/admin/page',
      headers: { ...FORM, cookie },
      payload: formOf({ csrf, page: 'example.com/a', action, confirm: 'yes', ...more }),
    })
  await one.get('/count?url=example.com/a')
  assert.equal((await form('set', { hits: '50' })).statusCode, 303, 'the session, and its token')
  assert.equal((await one.get('/count?url=example.com/a')).body, '51')

  const { bearer } = await newKey(one, 'example.com')
  assert.equal((await two.get('/api/v1/page?url=example.com/a', bearer)).json().hits, 51)

  const begin = performance.now()
  assert.equal((await form('remove')).statusCode, 303)
  const banned = await two.app.inject({
    method: 'POST',
    url: '/api/v1/admin/rules',
    headers: BEARER,
    payload: { rules: [{ kind: 'ban', pattern: '192.0.2.7' }] },
  })
  assert.equal(banned.statusCode, 200)
  const status = async (url: string, remoteAddress: string) =>
    (await one.app.inject({ method: 'GET', url, remoteAddress })).statusCode
  await until(async () => (await status('/nocount?url=example.com/a', '192.0.2.1')) === 410)
  await until(async () => (await status('/count?url=example.com/b', '192.0.2.7')) === 403)
  assert.ok(performance.now() - begin < MAX_MS, 'within two seconds')
  assert.equal(await status('/count?url=example.com/a', '192.0.2.1'), 410)

  const ids = 'all'
  await two.app.inject({
    method: 'POST',
    url: '/api/v1/admin/sessions/end',
    headers: BEARER,
    payload: { ids },
  })
  assert.equal((await one.get('/admin/', { cookie })).statusCode, 401)
})

test('forms and programs change pages of PostgreSQL as those of a file', async (t) => {
  const service = await build(t, { ...ADMIN, DATABASE_URL: await makeDatabase(t) })
  const { app, get } = service
  const send = (url: string, payload: object, headers = {}) =>
    app.inject({
      method: 'POST',
      url: `/api/v1/admin${url}`,
      payload,
      headers: { ...BEARER, ...headers },
    })
  const changes = [
    { action: 'set', page: 'example.com/a', hits: 5 },
    { action: 'set', page: 'example.com/b', hits: 7 },
    { action: 'merge', page: 'example.com/a', into: 'example.com/b' },
  ]
  assert.equal((await send('/pages', { changes, reason: 'a test' })).statusCode, 200)
  assert.equal((await get('/nocount?url=example.com/a')).body, '12')
  const page = await get('/api/v1/admin/page?url=example.com/a', BEARER)
  assert.deepEqual(page.json().aliases, ['example.com/a'])
  const etag = { 'if-match': String(page.headers.etag) }
  const path = '/page?url=example.com/b'
  assert.equal((await send(path, { action: 'add', hits: 1 }, etag)).statusCode, 200)
  const late = await send(path, { action: 'add', hits: 1 }, etag)
  assert.equal(late.statusCode, 412)
  assert.equal(late.json().changes[0].action, 'add')
  const none = await send('/pages', {
    changes: [
      { action: 'reset', page: 'example.com/b' },
      { action: 'purge', page: 'example.com/b' },
    ],
  })
  assert.equal(none.statusCode, 400)
  assert.equal((await get('/nocount?url=example.com/b')).body, '13')
  const lines = (await get('/api/v1/admin/audit.jsonl', BEARER)).body.trimEnd().split('\n')
  assert.ok(lines.length >= 4)
  for (const url of [
    '/pages',
    '/audit',
    '/rules',
    '/spikes',
    '/sessions',
    '/keys',
    '/try?page=a',
  ]) {
    assert.equal((await get(`/api/v1/admin${url}`, BEARER)).statusCode, 200, url)
  }
})
