import assert from 'node:assert/strict'
import test from 'node:test'
import { createSchema } from '../../src/badge/options/schema.ts'
import { build, FILE } from '../harness/app.ts'
import { routesOf } from '../harness/routes.ts'

interface Type {
  type?: string
  enum?: (string | number)[]
  minimum?: number
  maximum?: number
  required?: string[]
  properties?: Record<string, Type>
}
interface Ref {
  $ref: string
}
interface Operation {
  operationId: string
  summary: string
  parameters: Ref[]
  requestBody?: { content: Record<string, { schema: Ref | Type }> }
  responses: Record<
    string,
    { description: string; content: Record<string, { schema?: Ref | Type }> }
  >
}
interface Parameter {
  name: string
  in: string
  description: string
  schema: Type
  example?: string | number
  examples?: Record<string, { value: string | number }>
}

const { app, get } = await build(FILE)
const text = (await get('/openapi.json')).body
const document = JSON.parse(text)
const paths = new Map(
  Object.entries(document.paths as Record<string, { get: Operation; post?: Operation }>),
)

/** Routes that version 1 of the API does not have: test/http/api/ has the tests of that. */
const unversioned = new Map([...paths].filter(([path]) => !path.startsWith('/api/')))

/** Pages that people open, and files that browsers and crawlers look for by themselves. */
const NOT_FOR_PROGRAMS = new Set(
  '/ /api /page /site /now /me /privacy /gallery /favicon.ico /robots.txt /*'.split(' '),
)

function find<Found>({ $ref }: Ref): Found {
  const [, kind = '', name = ''] = /^#\/components\/(\w+)\/(\w+)$/.exec($ref) ?? []
  const found = document.components[kind]?.[name]
  assert.ok(found, `${$ref} is there`)
  return found as Found
}

const parametersOf = (path: string) =>
  (paths.get(path)?.get.parameters ?? []).map((ref) => find<Parameter>(ref))

/** The status of a request with one parameter beside the page, as text, so that no refusal has to be drawn. */
/** Requests an answer; of a stream, which has no end, its head. */
function ask(path: string, query: string, headers: Record<string, string>) {
  const method = path === '/live' ? 'HEAD' : 'GET'
  return app.inject({ method, url: `${path}?${query}`, headers })
}

async function statusWith(path: string, name: string, value: unknown): Promise<number> {
  const query = new URLSearchParams({ url: 'example.com', [name]: String(value) })
  return (await ask(path, String(query), { accept: 'text/plain' })).statusCode
}

test('every route for programs is in the document with its methods, and nothing else', () => {
  const told = new Map([...paths].map(([path, item]) => [path, Object.keys(item)]))
  const routes = [...routesOf(app)]
    .filter(([path]) => !NOT_FOR_PROGRAMS.has(path))
    .map(([path, methods]) => {
      const asked = ['GET', 'POST'].filter((method) => methods.includes(method))
      return [path, asked.map((method) => method.toLowerCase())] as const
    })
  assert.deepEqual(told, new Map(routes))
})

test('the document has the structure of OpenAPI 3.1', () => {
  assert.equal(document.openapi, '3.1.0')
  assert.ok(document.info.title && document.info.version)
  assert.match(document.info.license.url, /^https:/)
  assert.deepEqual(document.security, [])
  const operations = [...paths].flatMap(([path, item]) =>
    Object.values(item).map((operation) => [path, operation as Operation] as const),
  )
  const ids = new Set(operations.map(([, { operationId }]) => operationId))
  assert.equal(ids.size, operations.length, 'each operation has an id of its own')
  for (const [path, { summary, parameters, responses, requestBody }] of operations) {
    assert.ok(summary, path)
    const names = parameters.map((ref) => find<Parameter>(ref).name)
    assert.equal(new Set(names).size, names.length, `${path} names each parameter once`)
    assert.ok(responses[200], path)
    for (const [status, { description, content }] of Object.entries(responses)) {
      assert.match(status, /^[2-5]\d\d$/)
      assert.ok(description && Object.keys(content).length > 0, `${path} ${status}`)
      for (const type of Object.keys(content)) assert.match(type, /^[a-z]+\/[a-z+-]+$/)
    }
    for (const { schema } of Object.values(requestBody?.content ?? {})) {
      if ('$ref' in schema) find(schema)
      else assert.equal(schema.type, path.startsWith('/api/') ? 'object' : 'string')
    }
  }
  for (const [, ref] of text.matchAll(/"\$ref":"([^"]*)"/g)) find({ $ref: String(ref) })
  for (const parameter of Object.values(document.components.parameters as Parameter[])) {
    assert.equal(parameter.in, 'query')
    assert.ok(parameter.description && parameter.schema, parameter.name)
    // The document may be shown anywhere, so links within a page lead nowhere.
    assert.doesNotMatch(parameter.description, /\]\(#/)
  }
})

test('every option of a badge is a parameter of /count/tag.svg', () => {
  const names = new Set(parametersOf('/count/tag.svg').map(({ name }) => name))
  assert.deepEqual(
    Object.keys(createSchema()).filter((name) => !names.has(name)),
    [],
  )
})

test('the server takes all that the document says it takes, and no more', async () => {
  const right: string[] = []
  const wrong: string[] = []
  for (const path of unversioned.keys()) {
    for (const { name, schema, example, examples = {} } of parametersOf(path)) {
      const { enum: choices = [], minimum, maximum } = schema
      const singles = [example, minimum, maximum].filter((value) => value !== undefined)
      const good = [...choices, ...Object.values(examples).map(({ value }) => value), ...singles]
      assert.ok(good.length > 0, `${name} has a value that can be tried`)
      // No option allows a control character.
      const bad: unknown[] = ['\u0001']
      if (maximum !== undefined) bad.push(maximum + 1)
      if (minimum) bad.push(minimum - 1)
      if (schema.type === 'integer') bad.push(1.5)
      if (schema.type === 'number') good.push(1.5)
      // PNGs are slow, and have the same options as the SVG.
      for (const value of path.endsWith('.png') && name !== 'scale' ? [] : good) {
        const status = await statusWith(path, name, value)
        if (status !== 200) right.push(`${path} ${name}=${value} is answered ${status}`)
      }
      for (const value of bad) {
        const status = await statusWith(path, name, value)
        if (status !== 400) wrong.push(`${path} ${name}=${value} is answered ${status}`)
      }
    }
  }
  assert.deepEqual(right, [])
  assert.deepEqual(wrong, [])
})

test('answers have the types that the document names, and JSON the members', async () => {
  for (const [path, { get: operation, post }] of unversioned) {
    const { content } = operation.responses[200] as Operation['responses'][string]
    for (const [type, { schema }] of Object.entries(content)) {
      const answer = await ask(path, 'url=example.com', { accept: type })
      assert.equal(String(answer.headers['content-type']).split(';')[0], type, path)
      if (type !== 'application/json' || !schema) continue
      const { required = [], properties = {} } = '$ref' in schema ? find<Type>(schema) : schema
      const members = Object.keys(answer.json())
      assert.deepEqual(
        required.filter((name) => !members.includes(name)),
        [],
        path,
      )
      if (required.length > 0)
        assert.deepEqual(
          members.filter((name) => !(name in properties)),
          [],
          path,
        )
    }
    if (post) {
      const payload = { url: 'example.com' }
      const answer = await app.inject({ method: 'POST', url: path, payload })
      assert.equal(answer.statusCode, 200)
    }
  }
})

test('a refusal has a status and a type that the document names', async () => {
  for (const [path, { get: operation }] of unversioned) {
    const told = operation.responses[400]
    if (!told) continue
    for (const type of Object.keys(told.content)) {
      const answer = await ask(path, 'url=%01&count=x', { accept: type })
      assert.equal(answer.statusCode, 400, path)
      assert.equal(String(answer.headers['content-type']).split(';')[0], type, path)
    }
  }
})

test('addresses are those of PUBLIC_URL, or relative to the document', async (t) => {
  assert.deepEqual(document.servers, [{ url: '.' }])
  const other = await build(t, { PUBLIC_URL: 'https://example.org/hits/' })
  assert.deepEqual((await other.get('/openapi.json')).json().servers, [
    { url: 'https://example.org/hits' },
  ])
})
