import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { InjectOptions } from 'fastify'
import { ADMIN, BEARER, formOf, signIn } from '../../harness/administration.ts'
import { build, FILE } from '../../harness/app.ts'
import { engines } from '../../harness/engines.ts'
import { makeDatabase } from '../../harness/postgres.ts'
import { routesOf } from '../../harness/routes.ts'

// Whatever is sent with good credentials gets an answer that is no fault of the service, and a refusal changes nothing.

const services = await Promise.all(
  engines().map(async (engine) => {
    const more = engine === 'postgres' ? { DATABASE_URL: await makeDatabase(FILE) } : {}
    const service = await build(FILE, { ...ADMIN, ...more })
    return { engine, ...service, browser: await signIn(service) }
  }),
)
type Service = (typeof services)[number]
const [{ app: anyApp }] = services as [Service]

/** Values that are right somewhere, and others that are right nowhere. */
const value = fc.oneof(
  { maxDepth: 2 },
  fc.constantFrom(
    ...['example.com/a', 'example.com/b', 'my-project', 'github.com/me/', 'http://[::1]/', 'all'],
    ...['set', 'add', 'reset', 'rename', 'merge', 'unalias', 'remove', 'restore', 'purge'],
    ...['take-back', 'ban', 'page-rule', 'deny-page', '192.0.2.1', '0.0.0.0/0', '', ' ', '%00'],
    ...[
      '\0',
      '\ud800',
      '\u202e',
      '__proto__',
      'constructor',
      '\u{1f600}',
      "'; drop table page; --",
    ],
  ),
  fc.constantFrom<unknown>(0, 1, -1, 1.5, 2 ** 53, -(2 ** 53), 1e300, 1, 2, 3, null, true, false),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.integer(),
)
const NAMES = [
  ...['changes', 'action', 'page', 'hits', 'to', 'into', 'alias', 'hour', 'reason', 'ifVersion'],
  ...['rules', 'kind', 'pattern', 'replacement', 'endsAt', 'confirm', 'merge', 'ids', 'id', 'name'],
  ...[
    'prefix',
    '__proto__',
    'toString',
    'csrf',
    'back',
    'all',
    'host',
    'version',
    'ends',
    'becomes',
  ],
]
const name = fc.constantFrom(...NAMES)
const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small', withCrossShrink: true }, value, tie('list'), tie('object')),
  list: fc.array(tie('any'), { maxLength: 4 }),
  object: fc.dictionary(name, tie('any'), { maxKeys: 6 }),
})).any

const page = fc.constantFrom('example.com/a', 'example.com/b', 'example.com/c', 'example.com/d')
const number = fc.oneof(fc.nat(9), fc.constantFrom(-1, 2 ** 53 - 1, 2 ** 53, 0.5))
/** Changes that are nearly right, so that many are made, and others fail half-way. */
const change = fc.oneof(
  fc.record({ action: fc.constantFrom('set', 'add'), page, hits: number }),
  fc.record({ action: fc.constantFrom('reset', 'remove', 'restore', 'purge', 'unalias'), page }),
  fc.record({ action: fc.constant('merge'), page, into: page }),
  fc.record({ action: fc.constant('rename'), page, to: page, alias: fc.boolean() }),
  fc.record({ action: fc.constant('take-back'), page, hour: fc.nat() }),
)
const body = fc.oneof(
  { weight: 3, arbitrary: json },
  { weight: 2, arbitrary: fc.record({ changes: fc.array(change, { maxLength: 6 }) }) },
)

const POSTS = [...routesOf(anyApp)].flatMap(([path, methods]) =>
  methods.includes('POST') && /^\/(admin|api\/v1)/.test(path) ? [path] : [],
)
const APIS = POSTS.filter((path) => path.startsWith('/api/v1/admin'))
const FORMS = POSTS.filter(
  (path) => path.startsWith('/admin') && !/sign-(in|out)|sessions/.test(path),
)
const READS = [...routesOf(anyApp)].flatMap(([path, methods]) =>
  methods.includes('GET') && /^\/(admin|api\/v1)/.test(path) ? [path] : [],
)

/** All that a refused request may not change. */
async function state({ store: { admin } }: Service) {
  const query = { part: '', after: '', limit: 200, today: { from: 0, to: 1 } }
  return {
    versions: await admin.versions(),
    entries: (await admin.audit({ page: null, before: null, limit: 1 }))[0]?.id,
    pages: await admin.pages({ ...query, sort: 'hits', removed: false }),
    removed: await admin.pages({ ...query, sort: 'hits', removed: true }),
    rules: await admin.rules(0),
    keys: (await admin.keys()).length,
  }
}

/** Sends it, and checks that nothing fails and that a refusal changes nothing. */
async function send(service: Service, options: InjectOptions) {
  const before = await state(service)
  const answer = await service.app.inject(options)
  assert.ok(answer.statusCode < 500, `${answer.statusCode}: ${answer.body.slice(0, 300)}`)
  if (answer.statusCode >= 400) assert.deepEqual(await state(service), before)
  return answer
}

for (const service of services) {
  const { engine } = service
  test(`${engine}: whatever programs send is answered, or refused with a sentence, and nothing is half-done`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...APIS), body, async (path, payload) => {
        const answer = await send(service, {
          method: 'POST',
          url: `${path}?url=example.com/a`,
          headers: { ...BEARER, 'content-type': 'application/json' },
          payload: JSON.stringify(payload),
        })
        if (answer.statusCode < 400) return
        const { status, detail, code } = answer.json()
        assert.equal(status, answer.statusCode)
        assert.ok(code && /^.{10,}[.…]$/su.test(detail), detail)
      }),
      { numRuns: 200 },
    )
  })

  test(`${engine}: whatever a form holds is done, asked again or refused, and nothing is half-done`, async () => {
    const fields = fc.dictionary(
      name,
      fc.oneof(
        value.map(String),
        page as fc.Arbitrary<string>,
        fc.constantFrom('yes', 'add', 'set'),
      ),
      { maxKeys: 8 },
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...FORMS), fields, async (path, sent) => {
        const { csrf, cookie } = service.browser
        const payload = formOf({ ...sent, csrf })
        const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' }
        const answer = await send(service, { method: 'POST', url: path, headers, payload })
        const { location } = answer.headers
        if (answer.statusCode === 303) assert.match(String(location), /^(\.\/|[a-z]+)(\?|$)/)
        else assert.match(String(answer.headers['content-type']), /^text\/html/)
      }),
      { numRuns: 150 },
    )
  })

  test(`${engine}: whatever a query holds is answered or refused`, async () => {
    const query = fc.dictionary(
      fc.constantFrom(
        'url',
        'part',
        'sort',
        'removed',
        'after',
        'limit',
        'page',
        'before',
        'hour',
        'address',
      ),
      value.map(String),
      { maxKeys: 4 },
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...READS), query, async (path, sent) => {
        const pairs = Object.entries(sent).map(([name, text]) => [name, text.toWellFormed()])
        const url = `${path}?${new URLSearchParams(pairs)}`
        const headers = path.startsWith('/admin') ? { cookie: service.browser.cookie } : BEARER
        await send(service, { method: 'GET', url, headers: { ...headers } })
      }),
      { numRuns: 150 },
    )
  })
}
