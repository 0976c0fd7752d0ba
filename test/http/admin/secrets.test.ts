import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { csrfSecret } from '../../../src/http/admin/access.ts'
import { ADMIN, BEARER, newKey, newLink, signIn, TOKEN } from '../../harness/administration.ts'
import { build, temporaryFolder } from '../../harness/app.ts'
import { startServer, stopServer } from '../../harness/server.ts'

test('no secret is in the database, nor in its log', async (t) => {
  const test = await build(t, ADMIN)
  const { app, get, databaseFile } = test
  const browser = await signIn(test)
  const unused = await newLink(test)
  const { secret, bearer } = await newKey(test, 'example.com')
  await get('/count?url=example.com/a')
  await browser.post('page', { page: 'example.com/a', action: 'set', hits: '5' })
  await app.inject({
    method: 'POST',
    url: '/api/v1/page?url=example.com/a',
    payload: { action: 'add', hits: 1 },
    headers: bearer,
  })
  const made = await browser.post('keys', { action: 'add', name: 'a', prefix: 'a.example/a' })
  const [second = ''] = /tmk_[\w-]{43}/.exec(made.body) ?? []
  const link = (
    await app.inject({ method: 'POST', url: '/api/v1/admin/links', payload: {}, headers: BEARER })
  ).json()
  const secrets = {
    ...{ token: TOKEN, link: browser.link, unused, session: browser.secret, key: secret, second },
    shown: link.path.replace(/^.*=/, ''),
    csrf: browser.csrf,
    csrfSecret: csrfSecret(browser.secret),
  }
  const folder = dirname(databaseFile)
  const files = readdirSync(folder)
  assert.ok(files.length >= 2, 'the database and its log')
  const bytes = Buffer.concat(files.map((name) => readFileSync(join(folder, name))))
  assert.ok(bytes.includes('sign-in link'), 'what is there is found')
  for (const [name, value] of Object.entries(secrets)) {
    assert.ok(value.length >= 20, name)
    assert.ok(!bytes.includes(value), `${name} is not there`)
    const raw = Buffer.from(value.replace('tmk_', ''), 'base64url')
    assert.ok(!bytes.includes(raw), `${name} is not there as bytes`)
  }
})

test('no secret is logged at any level, be it right or wrong', async (t) => {
  const database = join(temporaryFolder(t), 'test.db')
  const server = await startServer(t, {
    ...ADMIN,
    LOG_LEVEL: 'trace',
    DATABASE_FILE_PATH: database,
  })
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${server.origin}${path}`, { redirect: 'manual', ...init })
  const post = (path: string, body: string, headers = {}) =>
    ask(path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    })
  const wrong = 'wrong-secret-'.padEnd(43, 'w')
  await ask(`/admin/sign-in?token=${wrong}`)
  await post('/admin/sign-in', `token=${wrong}`)
  await post('/page', `url=a&key=tmk_${wrong}&action=reset`)
  await ask('/api/v1/admin/keys', { headers: { authorization: `Bearer ${wrong}` } })
  await ask('/admin/', { headers: { cookie: `tm_admin=${wrong}` } })
  await ask('/admin/%', { headers: { authorization: `Bearer ${wrong}` } })
  const made = await ask('/api/v1/admin/links', {
    method: 'POST',
    body: '{}',
    headers: { ...BEARER, 'content-type': 'application/json' },
  })
  const { path } = (await made.json()) as { path: string }
  const link = path.replace(/^.*=/, '')
  const signed = await post('/admin/sign-in', `token=${link}`)
  assert.equal(signed.status, 303)
  const [cookie = ''] = String(signed.headers.get('set-cookie')).split(';')
  assert.equal((await ask('/admin/', { headers: { cookie } })).status, 200)
  assert.equal((await post('/admin/page', `csrf=${wrong}`, { cookie })).status, 403)
  await stopServer(server)
  const log = server.output() + server.errors()
  assert.match(log, /"tries":\d+.*a wrong token, key or link was tried/)
  for (const secret of [wrong, TOKEN, link, cookie.replace(/^.*=/, '')]) {
    assert.ok(!log.includes(secret))
  }
  assert.doesNotMatch(log, /127\.0\.0\.1(?!:)/, 'nor the address that tried it')
})
