import assert from 'node:assert/strict'
import test from 'node:test'
import type { PageKey } from '../../../src/page.ts'
import { hourOf } from '../../../src/time.ts'
import { ADMIN, BEARER, type Fields, signIn } from '../../harness/administration.ts'
import { build, FILE, readCount } from '../../harness/app.ts'

const shared = await build(FILE, ADMIN)
const { app, store, get, clock } = shared
const browser = await signIn(shared)

const API = '/api/v1/admin'
const read = (path: string) => get(`${API}${path}`, BEARER)
const send = (path: string, payload: object, headers = {}) =>
  app.inject({ method: 'POST', url: `${API}${path}`, payload, headers: { ...BEARER, ...headers } })
const count = (url: string) => get(`/count?url=${url}`)
const hits = (page: string) => readCount(store, page)
/** The newest entry of the audit log. */
async function last() {
  const [entry] = await store.admin.audit({ page: null, before: null, limit: 1 })
  return entry
}

test('a form changes a page, and leads back to where it came from', async () => {
  await count('example.com/form')
  const done = await browser.post('page', {
    page: 'https://example.com/form/',
    action: 'set',
    hits: '1,234',
    reason: 'imported by hand',
    back: 'page?url=example.com%2Fform',
  })
  assert.equal(done.statusCode, 303)
  assert.equal(done.headers.location, 'page?url=example.com%2Fform&done=set')
  assert.equal(await hits('example.com/form'), 1234)
  const entry = await last()
  assert.match(entry?.actor ?? '', /^session \d+$/)
  assert.equal(entry?.reason, 'imported by hand')
  assert.deepEqual([entry?.before, entry?.after], [{ hits: 1 }, { hits: 1234 }])
})

test('a form leads back to a page of administration alone, with a notice of a list', async () => {
  for (const [back, location] of [
    ['', './?done=add'],
    ['bin', 'bin?done=add'],
    ['page?url=a&done=purge&n=7', 'page?url=a&done=add'],
    ['https://evil.example/', './?done=add'],
    ['//evil.example/admin/bin', './?done=add'],
    ['../count', './?done=add'],
    ['sign-out', './?done=add'],
    ['\\\\evil.example', './?done=add'],
    ['javascript:alert(1)', './?done=add'],
    ['page?url=%0d%0aset-cookie:x', 'page?url=%0D%0Aset-cookie%3Ax&done=add'],
  ] as const) {
    const fields = { page: 'example.com/back', action: 'add', hits: '1', back }
    const done = await browser.post('page', fields)
    assert.equal(done.statusCode, 303, back)
    assert.equal(done.headers.location, location)
  }
})

test('what cannot be undone is asked again, and nothing is done before', async () => {
  await count('example.com/ask')
  await count('example.com/into')
  const hour = String(hourOf(clock.now))
  for (const [fields, question] of [
    [
      { action: 'remove' },
      'Remove example.com/ask (1 hit)? Its badge says “removed”. You can restore it for 30 days.',
    ],
    [
      { action: 'reset' },
      'Begin again at 0 with example.com/ask? Its number goes from 1 to 0, and its history and the visits that did not count are gone.',
    ],
    [
      { action: 'merge', into: 'example.com/into' },
      'Merge example.com/ask (1 hit) into example.com/into (1)? Together: 2. This cannot be undone.',
    ],
    [
      { action: 'take-back', hour },
      'Take back the 1 hit of 2026-01-15, 12:00 to 13:00 UTC, from example.com/ask? Its number goes from 1 to 0. This cannot be undone.',
    ],
  ] as const) {
    const form: Fields = { page: 'example.com/ask', ...fields }
    const asked = await browser.post('page', form)
    assert.equal(asked.statusCode, 200, fields.action)
    assert.match(asked.body, /name="confirm"/)
    assert.ok(asked.body.includes(`<bdi>${question}`), asked.body)
    assert.equal(await hits('example.com/ask'), 1)
  }
  for (const [into, status] of [
    ['example.com/ask', 400],
    ['example.com/unknown', 404],
  ] as const) {
    const merge = { page: 'example.com/ask', action: 'merge', into }
    const refused = await browser.post('page', merge)
    assert.equal(refused.statusCode, status, 'refused before it is asked')
  }
  const form = { page: 'example.com/ask', action: 'take-back', hour, confirm: 'yes' }
  assert.equal((await browser.post('page', form)).statusCode, 303)
  assert.equal(await hits('example.com/ask'), 0)
})

test('many pages are removed, restored and purged by one form', async () => {
  const pages = ['example.com/m1', 'example.com/m2', 'example.com/m3']
  for (const page of pages) await count(page)
  const form = (action: string) => ({ page: pages, action, confirm: 'yes', back: '' })
  const removed = await browser.post('pages', form('remove'))
  assert.equal(removed.headers.location, './?done=remove&n=3')
  assert.match((await browser.get('/admin/?done=remove&n=3')).body, /3 pages are removed/)
  for (const page of pages) assert.equal((await count(page)).statusCode, 410)
  await browser.post('pages', form('restore'))
  for (const page of pages) assert.equal(await hits(page), 1)
  const half = { ...form('remove'), page: [...pages, 'example.com/unknown'] }
  const refused = await browser.post('pages', half)
  assert.equal(refused.statusCode, 404)
  for (const page of pages) assert.equal(await hits(page), 1, 'all or none')
  await browser.post('pages', form('remove'))
  await browser.post('pages', form('purge'))
  for (const page of pages) assert.equal((await count(page)).body, '1')
})

test('a refused form says why, and shows again what was typed', async () => {
  for (const [fields, sentence] of [
    [{ action: 'set', hits: '-1' }, /The number cannot be below 0\./],
    [{ action: 'set', hits: '1.5' }, /The number has to be a whole number, such as 1200\./],
    [
      { action: 'set', hits: '9007199254740992' },
      /The number can be at most 9,007,199,254,740,991\./,
    ],
    [{ action: 'set' }, /Enter a number to set or to add\./],
    [{ action: 'add', hits: '-99999' }, /cannot be below 0/],
    [{ action: 'rename', to: 'ftp://x' }, /not the address of a web page/],
    [{ action: 'nothing' }, /action that exists/],
    [{ action: 'set', hits: '5', version: '999' }, /changed meanwhile/],
  ] as const) {
    await count('example.com/refused')
    const before = await hits('example.com/refused')
    const page = 'example.com/refused'
    const refused = await browser.post('page', { page, reason: 'my <reason>', ...fields })
    assert.ok(refused.statusCode >= 400 && refused.statusCode < 500, JSON.stringify(fields))
    assert.match(refused.body.replaceAll(/<[^>]*>/g, ''), sentence)
    assert.match(refused.body, /my &#60;reason&#62;/)
    assert.equal(await hits('example.com/refused'), before)
  }
})

test('a form has a bounded number of fields, and is a form', async () => {
  const page = Array.from({ length: 1000 }, (_, at) => `example.com/many/${at}`)
  const many = await browser.post('pages', { page, action: 'remove', confirm: 'yes' })
  assert.equal(many.statusCode, 400)
  assert.match(many.body, /at most 1000 fields/)
  const json = { 'content-type': 'application/json' }
  const wrong = await browser.post('page', { page: 'a', action: 'reset' }, json)
  assert.match(wrong.body, /Send a form/)
})

test('no form takes a reason that is too long or has a control character', async () => {
  for (const reason of ['x'.repeat(501), 'a\u0000b']) {
    for (const [form, fields] of [
      ['page', { page: 'example.com/reason', action: 'set', hits: '1' }],
      ['rules', { action: 'add', kind: 'exclude', pattern: '203.0.113.9' }],
      ['keys', { action: 'make', name: 'reason', prefix: 'example.com/' }],
      ['links', {}],
      ['sessions', { id: '99' }],
    ] satisfies [string, Fields][]) {
      const refused = await browser.post(form, { ...fields, reason })
      assert.equal(refused.statusCode, 400, form)
      assert.match(refused.body, /reason (may have at most 500|has a character)/, form)
    }
  }
})

test('programs make the same changes, all of them or none', async () => {
  const change = (action: string, more: object = {}) => ({
    ...{ action, page: 'https://Example.com:443/api/', ...more },
  })
  const made = await send('/pages', {
    changes: [
      change('set', { hits: 100 }),
      change('add', { hits: -30 }),
      change('rename', { to: 'example.com/renamed', alias: true }),
      { action: 'set', page: 'example.com/other', hits: 5 },
      { action: 'merge', page: 'example.com/renamed', into: 'example.com/other' },
    ],
    reason: 'a script',
  })
  assert.equal(made.statusCode, 200)
  assert.deepEqual(
    made.json().pages.map(({ page, hits }: { page: string; hits: number }) => [page, hits]),
    [['example.com/other', 75]],
  )
  assert.equal((await get('/nocount?url=example.com/api')).body, '75', 'an alias answers')
  assert.equal((await last())?.actor, 'ADMIN_TOKEN')
  const half = await send('/pages', {
    changes: [
      { action: 'set', page: 'example.com/other', hits: 1 },
      { action: 'restore', page: 'example.com/other' },
    ],
  })
  assert.equal(half.statusCode, 400)
  assert.equal(half.json().code, 'bad_change')
  assert.equal(
    half.json().detail,
    'changes[1] failed, so nothing was done: example.com/other is not removed, so there is nothing to restore.',
  )
  assert.equal(await hits('example.com/other'), 75)
})

test('a page has a version, and If-Match keeps two operators from undoing each other', async () => {
  await count('example.com/version')
  const path = '/page?url=example.com/version'
  const seen = await read(path)
  assert.equal(seen.statusCode, 200)
  const etag = String(seen.headers.etag)
  assert.equal(etag, `"${seen.json().version}"`)
  const first = await send(path, { action: 'set', hits: 10, reason: 'first' }, { 'if-match': etag })
  assert.equal(first.statusCode, 200)
  const second = await send(path, { action: 'set', hits: 20 }, { 'if-match': etag })
  assert.equal(second.statusCode, 412)
  assert.match(String(second.headers['content-type']), /^application\/problem\+json/)
  const problem = second.json()
  assert.equal(problem.code, 'changed')
  const [latest] = problem.changes
  assert.deepEqual([latest.action, latest.reason, latest.after], ['set', 'first', { hits: 10 }])
  assert.equal(await hits('example.com/version'), 10)
  const now = String(second.headers.etag)
  assert.equal(
    (await send(path, { action: 'set', hits: 20 }, { 'if-match': `W/${now}` })).statusCode,
    200,
  )
  assert.equal((await send(path, { action: 'set', hits: 21 }, { 'if-match': '*' })).statusCode, 200)
  assert.equal((await send(path, { action: 'set', hits: 22 }, { 'if-match': 'x' })).statusCode, 400)
  const third = await send('/pages', {
    changes: [{ action: 'set', page: 'example.com/version', hits: 1, ifVersion: 1 }],
  })
  assert.equal(third.statusCode, 412)
  assert.match(third.json().detail, /^changes\[0\] failed.*changed meanwhile/)
  assert.equal(await hits('example.com/version'), 21)
})

test('what a program sends wrongly is named in a sentence', async () => {
  const wrong = {
    changes: [
      { action: 'set', page: 'a', hits: 1 },
      { action: 'x', page: 'a' },
    ],
  }
  for (const [path, payload, detail] of [
    ['/pages', wrong, /^changes\[1\] must have an action that exists: set, add, .*, take-back\.$/],
    ['/page?url=a', { action: 'x' }, /^The body must have an action that exists: set, add, reset,/],
    ['/pages', '', /^Send a JSON body, at least \{\}\.$/],
    ['/pages', ' \n', /^Send a JSON body, at least \{\}\.$/],
    ['/pages', { changes: [{ action: 'reset', page: '::' }] }, /^changes\[0\] failed, so nothing/],
    ['/sessions/end', { ids: [999] }, /^There is no session 999/],
  ] as const) {
    const headers = { ...BEARER, 'content-type': 'application/json' }
    const refused = await app.inject({ method: 'POST', url: `${API}${path}`, payload, headers })
    assert.match(refused.json().detail, detail)
    assert.equal(refused.statusCode, path === '/sessions/end' ? 404 : 400)
  }
  assert.equal((await read('/pages?limit=500')).json().detail, 'limit must be from 1 to 200.')
  const stranger = { authorization: 'Bearer not-the-token' }
  const unknown = await get(`${API}/pages`, stranger)
  assert.match(unknown.json().detail, /^That is not the ADMIN_TOKEN of this service\./)
})

test('pages are searched, sorted and read on', async () => {
  for (let page = 1; page <= 5; page++) {
    await send('/pages', { changes: [{ action: 'set', page: `list.example/${page}`, hits: page }] })
  }
  const first = (await read('/pages?part=LIST.exam&sort=hits&limit=3')).json()
  const keys = (pages: { page: PageKey }[]) => pages.map(({ page }) => page)
  assert.ok(first.pages.every((page: object) => !('aliases' in page)))
  assert.deepEqual(keys(first.pages), ['list.example/5', 'list.example/4', 'list.example/3'])
  const query = new URLSearchParams({ part: 'list.exam', limit: '3', after: first.next })
  const rest = (await read(`/pages?${query}`)).json()
  assert.deepEqual(keys(rest.pages), ['list.example/2', 'list.example/1'])
  assert.equal(rest.next, null)
  await send('/page?url=list.example/5', { action: 'remove', reason: 'spam' })
  assert.deepEqual(keys((await read('/pages?part=list.exam&removed=true')).json().pages), [
    'list.example/5',
  ])
  const removed = (await read('/page?url=list.example/5')).json()
  assert.equal(removed.removed.reason, 'spam')
  assert.equal((await read('/page?url=list.example/9')).statusCode, 404)
  for (const wrong of [
    'limit=0',
    'limit=201',
    'sort=size',
    'part=%00',
    'other=1',
    'part=a&part=b',
    'after=x',
  ]) {
    const refused = await read(`/pages?${wrong}`)
    assert.equal(refused.statusCode, 400, wrong)
    assert.ok(refused.json().detail.length > 10)
  }
})

test('the audit log is read by slices, by page, and as JSON lines', async () => {
  const { entries } = (await read('/audit?limit=2')).json()
  assert.equal(entries.length, 2)
  const next = (await read(`/audit?limit=2&before=${entries[1].id}`)).json().entries
  assert.equal(next[0].id, entries[1].id - 1)
  const ofPage = (await read('/audit?page=example.com/version')).json().entries
  assert.ok(ofPage.length >= 3)
  assert.deepEqual(
    [...new Set(ofPage.map(({ page }: { page: string }) => page))],
    ['example.com/version'],
  )
  // More than are read at a time.
  const changes = Array.from({ length: 1100 }, (_, at) => ({
    ...{ action: 'set', page: `many.example/${at}`, hits: 1 },
  }))
  assert.equal((await send('/pages', { changes })).statusCode, 200)
  const reason = 'a\u0085b\u2028c\u2029d'
  await send('/page?url=many.example', { action: 'set', hits: 1, reason })
  const head = await app.inject({ method: 'HEAD', url: `${API}/audit.jsonl`, headers: BEARER })
  assert.deepEqual([head.statusCode, head.body], [200, ''])
  const lines = await read('/audit.jsonl')
  assert.match(String(lines.headers['content-type']), /^application\/jsonl/)
  const all = lines.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.ok(all.length > 1100)
  assert.equal(all[0].reason, reason)
  assert.doesNotMatch(lines.body, /[\u0085\u2028\u2029]/, 'nothing else ends a line')
  assert.deepEqual(
    all.map(({ id }) => id),
    Array.from({ length: all.length }, (_, at) => all.length - at),
    'each entry once, newest first',
  )
})

test('sessions, links and keys are managed by programs too', async () => {
  const other = await signIn(shared, { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Edg/140.0' })
  const { sessions } = (await read('/sessions')).json()
  const found = sessions.find(({ browser }: { browser: string }) => browser === 'Edge on Windows')
  assert.ok(found)
  assert.equal((await send('/sessions/end', { ids: [found.id] })).statusCode, 200)
  assert.equal((await other.get('/admin/')).statusCode, 401)
  const link = (await send('/links', {})).json()
  assert.match(link.address, /^http:\/\/[^/]+\/admin\/sign-in\?token=[\w-]{43}$/)
  assert.equal(link.endsAt, clock.now + 600_000)
  const named = (await send('/links', { host: 'https://hits.example.org' })).json()
  assert.equal(named.address, `https://hits.example.org${named.path}`)
  assert.equal((await send('/links', { host: 'a b' })).statusCode, 400)
  const made = (await send('/keys', { name: 'docs', prefix: 'https://GitHub.com/me/' })).json()
  assert.match(made.secret, /^tmk_[\w-]{43}$/)
  assert.equal(made.key.prefix, 'github.com/me')
  assert.deepEqual((await read('/keys')).json().keys, [made.key])
  const same = await send('/keys', { name: ' docs', prefix: 'example.com/me' })
  assert.equal(same.statusCode, 400)
  assert.match(same.json().detail, /^Key 1, for github\.com\/me, has the name "docs" already\./)
  assert.equal((await send('/keys/revoke', { id: made.key.id })).statusCode, 200)
  assert.equal((await send('/keys/revoke', { id: 999 })).json().code, 'no_such_entry')
  assert.equal((await send('/keys', { name: 'docs', prefix: 'example.com/me' })).statusCode, 200)
  for (const wrong of [
    { name: '', prefix: 'a' },
    { name: ' ', prefix: 'a' },
    { name: 'a\nb', prefix: 'a' },
    { name: '\u202e', prefix: 'a' },
    { name: 'a', prefix: '' },
    { name: 'a', prefix: 'ftp://a' },
    { name: 'x'.repeat(61), prefix: 'a' },
  ]) {
    assert.equal((await send('/keys', wrong)).statusCode, 400, JSON.stringify(wrong))
  }
})

test('a key for a whole host, or for a name, is asked again', async () => {
  for (const [name, prefix, question] of [
    ['host', 'https://Example.com/', /^example\.com is a whole host/],
    ['port', 'localhost:8080', /^localhost:8080 is a whole host/],
    ['name', 'my project', /^my%20project is a name, not the address of a page/],
  ] as const) {
    const asked = await send('/keys', { name, prefix })
    assert.equal(asked.statusCode, 400)
    assert.match(asked.json().detail, question)
    assert.match(asked.json().detail, /Send "confirm": true if that is meant\.$/)
    const page = await browser.post('keys', { action: 'add', name, prefix })
    assert.match(page.body, /name="confirm"/)
    assert.ok(!(await store.admin.keys()).some((key) => key.name === name))
    assert.equal((await send('/keys', { name, prefix, confirm: true })).statusCode, 200)
  }
})

test('keys are made, shown once and revoked by forms', async () => {
  const made = await browser.post('keys', { action: 'add', name: 'mine', prefix: 'example.com/me' })
  assert.equal(made.statusCode, 200)
  const [secret = ''] = /tmk_[\w-]{43}/.exec(made.body) ?? []
  assert.ok(secret)
  const ask = () => get('/api/v1/page?url=example.com/me', { authorization: `Bearer ${secret}` })
  assert.equal((await ask()).statusCode, 404)
  const key = (await store.admin.keys()).find(({ name }) => name === 'mine')
  const revoked = await browser.post('keys', {
    action: 'revoke',
    id: String(key?.id),
    back: 'access',
  })
  assert.match(String(revoked.headers.location), /^access\?done=revoke-key&said=/)
  const told = await browser.get(`/admin/${revoked.headers.location}`)
  assert.match(told.body, /class="notice" role="status">The key mine is revoked\.</)
  const forged = await browser.get('/admin/access?done=revoke-key&said=Send+me+your+key&sign=x')
  assert.match(forged.body, /role="status">The key is revoked\.</)
  assert.equal((await ask()).statusCode, 401)
})

test('a body that is not what it should be is refused with a sentence', async () => {
  const post = (payload: string | undefined, type: string) =>
    app.inject({
      method: 'POST',
      url: `${API}/pages`,
      headers: { ...BEARER, 'content-type': type },
      ...(payload !== undefined && { payload }),
    })
  const json = 'application/json'
  for (const [payload, type, detail] of [
    ['{', json, /not JSON/],
    ['', json, /not JSON|a JSON body|lacks/],
    ['{"__proto__": {"changes": []}}', json, /__proto__/],
    ['[]', json, /must be an object/],
    ['null', json, /lacks changes|must be an object/],
    ['{"changes": []}', json, /changes must not be empty/],
    ['{"changes": [{"action": "set", "page": "a"}]}', json, /changes\[0\] lacks hits/],
    [
      '{"changes": [{"action": "set", "page": "a", "hits": "1"}]}',
      json,
      /hits must be a whole number/,
    ],
    ['{"changes": [{"action": "set", "page": "a", "hits": 1e999}]}', json, /hits must be/],
    ['{"changes": [{"page": "a"}]}', json, /action/],
    ['changes=1', 'application/x-www-form-urlencoded', /Send JSON/],
    ['x', 'text/plain', /Send JSON/],
    [`"${'x'.repeat(1_000_001)}"`, json, /too long/],
  ] as const) {
    const refused = await post(payload, type)
    assert.equal(refused.statusCode, 400, payload.slice(0, 80))
    assert.match(refused.json().detail, detail)
  }
  const many = JSON.stringify({
    changes: Array.from({ length: 10_001 }, () => ({ action: 'set', page: 'a', hits: 1 })),
  })
  assert.match((await post(many, json)).json().detail, /at most 10,000/)
})
