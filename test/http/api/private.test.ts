import assert from 'node:assert/strict'
import test from 'node:test'
import { ADMIN, BEARER, newKey, signIn } from '../../harness/administration.ts'
import { ROUTES } from '../../harness/api.ts'
import { build, FILE } from '../../harness/app.ts'

const hidden = await build(FILE, { ...ADMIN, STATS: 'private' })
const { app, get } = hidden
await get('/count?url=mine.example/a')
await get('/count?url=other.example/a')
const { cookie } = await signIn(hidden)
const { bearer } = await newKey(hidden, 'mine.example')

for (const { path, method } of ROUTES) {
  if (method !== 'get') continue
  const url = `${path}${/numbers|series|outcomes/.test(path) ? '?url=mine.example/a' : ''}`
  test(`with STATS=private, ${url} is for operators, and of a page for its owner`, async () => {
    const refused = await get(url)
    assert.equal(refused.statusCode, 401)
    assert.equal(refused.headers['www-authenticate'], 'Bearer')
    assert.equal(refused.json().code, 'unauthorized')
    assert.equal((await get(url, BEARER)).statusCode, 200)
    const signedIn = await get(url, { cookie })
    assert.equal(signedIn.statusCode, 200)
    assert.equal(signedIn.headers['cache-control'], 'private, no-cache')
    assert.equal(signedIn.headers['access-control-allow-credentials'], undefined)
    const elsewhere = await get(url, { cookie, origin: 'https://evil.example' })
    assert.equal(elsewhere.statusCode, 401)
    assert.equal((await get(url, bearer)).statusCode, url.includes('url=') ? 200 : 403)
    assert.equal((await get(url.replace('mine', 'other'), bearer)).statusCode, 403)
  })
}

test('the owner of a host sees the numbers of the host, and lists its pages', async () => {
  assert.equal((await get('/api/v1/numbers?site=mine.example', bearer)).statusCode, 200)
  assert.equal((await get('/api/v1/numbers?site=other.example', bearer)).statusCode, 403)
  assert.equal((await get('/api/v1/pages?host=mine.example', bearer)).json().pages.length, 1)
  assert.equal((await get('/api/v1/pages?host=other.example', bearer)).statusCode, 403)
})

test('the document and the reference say which routes need a token', async () => {
  const { paths, components } = (await get('/openapi.json')).json()
  assert.equal(components.securitySchemes.bearer.scheme, 'bearer')
  assert.deepEqual(paths['/api/v1/pages'].get.security, [{ bearer: [] }])
  assert.equal(paths['/api/v1/pages/count'].post.security, undefined)
  const { body } = await get('/api')
  assert.match(body, /api\/v1\/top&#34; \\\s+-H &#34;Authorization: Bearer/)
})

test('numbers are counted and read by everybody', async () => {
  for (const end of ['count', 'read']) {
    const payload = { pages: ['mine.example/a'] }
    const answer = await app.inject({ method: 'POST', url: `/api/v1/pages/${end}`, payload })
    assert.equal(answer.statusCode, 200)
    assert.ok(answer.json().pages[0].hits > 0)
  }
})
