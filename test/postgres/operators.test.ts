import assert from 'node:assert/strict'
import test from 'node:test'
import { makeDatabase } from '../harness/postgres.ts'
import { startServer } from '../harness/server.ts'
import { until } from '../harness/until.ts'

const TOKEN = 'a-token-of-the-tests-0123456789-abcdef'
const VISITOR = { 'x-forwarded-for': '192.0.2.9' }

test('a ban, a page rule and a removal that are made on one service hold on the other within two seconds', async (t) => {
  const url = await makeDatabase(t)
  const environment = {
    ...{ DATABASE_URL: url, HOST: '127.0.0.1', WINDOW_SECONDS: '0', TRUST_PROXY: 'loopback' },
    ...{ ADMIN: 'true', ADMIN_TOKEN: TOKEN },
  }
  const [one, other] = [await startServer(t, environment), await startServer(t, environment)]
  const act = async (path: string, body: object) => {
    const answer = await fetch(`${one.origin}/api/v1/admin${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.equal(answer.status, 200, await answer.text())
  }
  const status = async (page: string, headers = {}) =>
    (await fetch(`${other.origin}/count?url=${page}`, { headers })).status
  const pageOf = async (address: string) =>
    (await (await fetch(`${other.origin}/nocount.json?url=${address}`)).json()).page
  assert.equal(await status('gone.example', VISITOR), 200)
  assert.equal(await pageOf('a.example/item/7'), 'a.example/item/7')

  const rules = [
    { kind: 'ban', pattern: '192.0.2.0/24' },
    { kind: 'page-rule', pattern: 'a.example/item/*', replacement: 'a.example/item' },
  ]
  await act('/rules', { rules })
  await act('/page?url=gone.example', { action: 'remove' })
  const begun = performance.now()
  await until(async () => (await status('b.example', VISITOR)) === 403)
  await until(async () => (await pageOf('a.example/item/7')) === 'a.example/item')
  await until(async () => (await status('gone.example')) === 410)
  const took = performance.now() - begun
  assert.ok(took < 2000, `${took} ms`)
})
