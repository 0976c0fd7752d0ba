import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { ADMIN, BEARER } from '../../harness/administration.ts'
import { build, FILE } from '../../harness/app.ts'
import { routesOf } from '../../harness/routes.ts'

interface Operation {
  operationId: string
  summary: string
  tags: string[]
  security?: object[]
  parameters: { $ref: string }[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { content: Record<string, object> }>
}

const on = await build(FILE, ADMIN)
const off = await build(FILE)

test('/openapi.json describes each route of administration for programs, with its token', async () => {
  const text = (await on.get('/openapi.json')).body
  const document = JSON.parse(text)
  const paths: Record<string, Record<string, Operation>> = document.paths
  const api = [...routesOf(on.app)].filter(([path]) => /^\/api\/v1\/(admin\/|page$)/.test(path))
  assert.ok(api.length > 12)
  const ids = new Set<string>()
  for (const [path, methods] of api) {
    for (const method of ['GET', 'POST'].filter((name) => methods.includes(name))) {
      const operation = paths[path]?.[method.toLowerCase()] as Operation
      assert.ok(operation, `${method} ${path}`)
      assert.deepEqual(operation.security, [{ bearer: [] }], path)
      assert.ok(operation.summary.length > 5 && operation.operationId, path)
      ids.add(operation.operationId)
      assert.equal(operation.requestBody !== undefined, method === 'POST', path)
      for (const status of [400, 401, 403, 404, 412, 429]) {
        const types = Object.keys(operation.responses[status]?.content ?? {})
        assert.deepEqual(types, ['application/problem+json'], `${path} ${status}`)
      }
    }
  }
  assert.equal(
    ids.size,
    api.flatMap(([, methods]) => methods.filter((m) => /GET|POST/.test(m))).length,
  )
  assert.equal(document.components.securitySchemes.bearer.scheme, 'bearer')
  for (const [, reference = ''] of text.matchAll(/"\$ref":"([^"]*)"/g)) {
    const [, kind = '', name = ''] = /^#\/components\/(\w+)\/(\w+)$/.exec(reference) ?? []
    assert.ok(document.components[kind]?.[name], reference)
  }
  assert.ok(!paths['/count']?.get?.security, 'anyone may count')
})

test('with administration off, the document says nothing of it', async () => {
  const text = (await off.get('/openapi.json')).body
  assert.ok(!/admin|bearer|owners|bad_change|no_such_page/i.test(text))
})

const GUIDE = readFileSync(join(import.meta.dirname, '../../../docs/administration.md'), 'utf8')
test('the guide names each route for programs, with bodies that it takes', async () => {
  const rows = [...GUIDE.matchAll(/^\| (`(?:GET|POST) .*?) \| .* \| (.*?) ?\|$/gm)]
  const named = rows.flatMap(([, routes = '']) => routes.match(/(GET|POST) [\w/.]+/g) ?? [])
  const prefix = '/api/v1/admin'
  const routes = [...routesOf(on.app)].flatMap(([path, methods]) =>
    path.startsWith(`${prefix}/`)
      ? methods.filter((m) => m !== 'HEAD').map((m) => `${m} ${path.slice(prefix.length)}`)
      : [],
  )
  assert.deepEqual(named.sort(), routes.sort())
  for (const [, route = '', bodies = ''] of rows) {
    assert.equal(bodies !== '', route.includes('POST'), route)
    const path = /POST (\/[\w/]+)(\?url=)?/.exec(route)
    const url = `${prefix}${path?.[1]}${path?.[2] ? '?url=example.com/a' : ''}`
    for (const [, body = ''] of bodies.matchAll(/`([^`]*)`/g)) {
      const payload = JSON.parse(body)
      const answer = await on.app.inject({ method: 'POST', url, payload, headers: BEARER })
      assert.notEqual(answer.json().code, 'bad_request', `${route} ${body}: ${answer.body}`)
    }
  }
})
