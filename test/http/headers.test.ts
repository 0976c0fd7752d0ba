import assert from 'node:assert/strict'
import test from 'node:test'
import { build, FILE } from '../harness/app.ts'

const { app, get } = await build(FILE)

const ANSWERS = [
  ...['/count', '/nocount', '/count/tag.svg', '/nocount/tag.svg', '/count.json', '/nocount.json'],
  ...['/why.json', '/active', '/active.json', '/active/tag.svg'],
]

for (const path of [...ANSWERS, '/count?url=javascript:alert(1)', '/nothing.svg']) {
  test(`${path} is never cached, may be embedded anywhere and runs nothing`, async () => {
    const { headers } = await get(path, { referer: 'https://example.com/' })
    assert.equal(headers['cache-control'], 'max-age=0, no-cache, no-store, must-revalidate')
    assert.equal(headers.pragma, 'no-cache')
    assert.equal(headers.expires, '0')
    assert.equal(headers['cross-origin-resource-policy'], 'cross-origin')
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(
      headers['content-security-policy'],
      "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; sandbox",
    )
  })
}

for (const path of ANSWERS) {
  test(`${path} may be read with credentials by the origin that asks`, async () => {
    const origin = 'https://blog.example'
    const { headers } = await get(`${path}?url=example.com`, { origin })
    assert.equal(headers['access-control-allow-origin'], origin)
    assert.equal(headers['access-control-allow-credentials'], 'true')
    assert.equal(headers.vary, 'Origin')
    const without = await get(`${path}?url=example.com`)
    assert.equal(without.headers['access-control-allow-origin'], '*')
    assert.equal(without.headers['access-control-allow-credentials'], undefined)
  })

  test(`a preflight of ${path} is granted and counts nothing`, async () => {
    const answer = await app.inject({
      method: 'OPTIONS',
      url: `${path}?url=preflight.example`,
      headers: {
        origin: 'https://blog.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'x-requested-with',
      },
    })
    assert.equal(answer.statusCode, 204)
    assert.equal(answer.headers['access-control-allow-origin'], 'https://blog.example')
    assert.equal(answer.headers['access-control-allow-credentials'], 'true')
    const methods = /^\/count(\.json)?$/.test(path) ? 'GET, HEAD, POST' : 'GET, HEAD'
    assert.equal(answer.headers['access-control-allow-methods'], methods)
    assert.equal(answer.headers['access-control-allow-headers'], 'x-requested-with')
    assert.equal(answer.headers['access-control-max-age'], '86400')
    assert.equal(answer.headers.allow, `${methods}, OPTIONS`)
    assert.match(String(answer.headers['cache-control']), /no-store/)
    assert.equal((await get('/nocount?url=preflight.example')).body, '0')
  })
}

test('a refusal may be read by the origin that asked, too', async () => {
  const { headers, statusCode } = await get('/count?url=a%3Cb', { origin: 'https://blog.example' })
  assert.equal(statusCode, 400)
  assert.equal(headers['access-control-allow-origin'], 'https://blog.example')
})

test('pages carry a policy without inline script, and are not open to other origins', async () => {
  for (const path of ['/', '/me', '/privacy', '/instance.json', '/top.json', '/assets/home.js']) {
    const { headers, statusCode } = await get(path, { origin: 'https://blog.example' })
    assert.equal(statusCode, 200, path)
    assert.equal(
      headers['content-security-policy'],
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      path,
    )
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin', path)
    assert.equal(headers['permissions-policy'], 'camera=(), geolocation=(), microphone=()', path)
    assert.equal(headers['x-content-type-options'], 'nosniff', path)
    assert.equal(headers['referrer-policy'], 'same-origin', path)
    assert.equal(headers['access-control-allow-origin'], undefined, path)
  }
})
