import assert from 'node:assert/strict'
import test from 'node:test'
import { ADMIN } from '../../harness/administration.ts'
import { ROUTES } from '../../harness/api.ts'
import { build, FILE } from '../../harness/app.ts'

const { get } = await build(FILE)

test('/api has each route with its parameters, an example with the address that was asked, and its refusals', async () => {
  const { body, headers, statusCode } = await get('/api', { host: 'hits.example:81' })
  assert.equal(statusCode, 200)
  assert.match(String(headers['content-security-policy']), /default-src 'none'/)
  assert.ok(!body.includes('{{'), 'everything is filled in')
  assert.ok(!body.includes('<script'))
  for (const { path, operation } of ROUTES) {
    assert.ok(body.includes(`id="${operation.operationId}"`), path)
    assert.ok(body.includes(`http://hits.example:81${path}`), path)
  }
  assert.ok(body.includes('<code>too_many_requests</code>'))
  assert.ok(body.includes('href="openapi.json"'))
  assert.ok(body.includes('href="api" aria-current="page"'))
})

test('/api is the same text until it changes, and escapes what a stranger writes into Host', async () => {
  const first = await get('/api')
  const again = await get('/api', { 'if-none-match': String(first.headers.etag) })
  assert.equal(again.statusCode, 304)
  const { body } = await get('/api', { host: 'a"><b>x' })
  assert.ok(!body.includes('<b>x'))
})

test('routes of administration are in /api only while it is on, and PUBLIC_URL is in the examples', async (t) => {
  const on = await build(t, { ...ADMIN, PUBLIC_URL: 'https://hits.example/counter' })
  const { body } = await on.get('/api')
  assert.match(body, /id="postApiV1AdminPages"/)
  assert.match(body, /curl &#34;https:\/\/hits\.example\/counter\/api\/v1\/admin\/pages&#34;/)
  assert.match(body, /Authorization: Bearer \$TOKEN/)
  assert.ok(!(await get('/api')).body.includes('Administration'))
})
