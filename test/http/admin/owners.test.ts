import assert from 'node:assert/strict'
import test from 'node:test'
import { isWithin } from '../../../src/owner.ts'
import type { PageKey } from '../../../src/page.ts'
import { ADMIN, BEARER, FORM, formOf, newKey } from '../../harness/administration.ts'
import { build, FILE, readCount } from '../../harness/app.ts'

const shared = await build(FILE, ADMIN)
const { app, store, get, clock } = shared
const { bearer, secret } = await newKey(shared, 'https://github.com/me/')

const send = (url: string, payload: object) =>
  app.inject({
    method: 'POST',
    url: `/api/v1/page?url=${encodeURIComponent(url)}`,
    payload,
    headers: bearer,
  })
const hits = (page: string) => readCount(store, page)

test('a prefix is a page and all pages below it', () => {
  for (const [page, prefix, is] of [
    ['github.com/me', 'github.com/me', true],
    ['github.com/me/repo', 'github.com/me', true],
    ['github.com/me?id=1', 'github.com/me', true],
    ['github.com/meow', 'github.com/me', false],
    ['github.com/m', 'github.com/me', false],
    ['github.com', 'github.com/me', false],
    ['example.com:81/a', 'example.com', false],
    ['example.com.evil.example/a', 'example.com', false],
    ['example.com', 'example.com', true],
    ['my-project', 'my-project', true],
    ['my-project-2', 'my-project', false],
  ] as const) {
    assert.equal(isWithin(page as PageKey, prefix), is, `${page} ${prefix}`)
  }
})

test('with a key, an owner sets, adds to, resets, removes and restores a page', async () => {
  await get('/count?url=github.com/me/repo')
  const set = await send('https://GitHub.com/me/repo/', {
    action: 'set',
    hits: 50,
    reason: 'moved',
  })
  assert.equal(set.statusCode, 200)
  assert.deepEqual(set.json(), { page: 'github.com/me/repo', hits: 50, removed: null, version: 1 })
  assert.equal((await send('github.com/me/repo', { action: 'add', hits: -8 })).json().hits, 42)
  assert.equal((await send('github.com/me/repo', { action: 'remove' })).statusCode, 200)
  assert.equal((await get('/count?url=github.com/me/repo')).statusCode, 410)
  const state = await get('/api/v1/page?url=github.com/me/repo', bearer)
  assert.equal(state.json().removed.actor, 'key 1 (docs)')
  assert.equal((await send('github.com/me/repo', { action: 'restore' })).statusCode, 200)
  assert.equal(await hits('github.com/me/repo'), 42)
  assert.equal((await send('github.com/me/repo', { action: 'reset' })).json().hits, 0)
  const [entry] = await store.admin.audit({ page: null, before: null, limit: 1 })
  assert.deepEqual([entry?.actor, entry?.action], ['key 1 (docs)', 'reset'])
  const [key] = await store.admin.keys()
  assert.equal(key?.usedAt, clock.now, 'the last use is shown')
})

test('an owner cannot restore a page that an operator has removed', async () => {
  const page = 'github.com/me/spam' as PageKey
  const deed = { actor: 'session 1', reason: 'spam', at: clock.now }
  await get(`/count?url=${page}`)
  await store.admin.change([{ action: 'remove', page }], deed)
  const restore = await send(page, { action: 'restore' })
  assert.equal(restore.statusCode, 403)
  assert.match(restore.json().detail, /only the operator can restore it/)
  assert.equal((await get(`/nocount?url=${page}`)).statusCode, 410)
})

test('a key makes a page of its prefix with a number', async () => {
  assert.equal((await send('github.com/me/new', { action: 'set', hits: 7 })).json().hits, 7)
  assert.equal((await send('github.com/me/none', { action: 'remove' })).statusCode, 404)
  assert.equal((await get('/api/v1/page?url=github.com/me/none', bearer)).statusCode, 404)
  for (const page of ['github.com/meow', 'github.com', 'example.com/github.com/me']) {
    assert.equal((await send(page, { action: 'set', hits: 7 })).statusCode, 403)
    assert.equal(await store.admin.page(page as PageKey, { from: 0, to: 1 }), null)
  }
})

test('a key does nothing else', async () => {
  for (const action of [
    { action: 'purge' },
    { action: 'merge', into: 'github.com/me/repo' },
    { action: 'rename', to: 'github.com/me/x', alias: true },
    { action: 'unalias' },
    { action: 'take-back', hour: 1 },
    { action: 'set', hits: 1, page: 'example.com' },
    { action: 'set', hits: -1 },
    {},
    [],
  ]) {
    assert.equal((await send('github.com/me/repo', action)).statusCode, 400, JSON.stringify(action))
  }
  assert.equal(await hits('github.com/me/repo'), 0)
})

test('an alias that leads out of the prefix is not changed', async () => {
  const set = (page: string) => ({ action: 'set', page, hits: 5 })
  const moved = await app.inject({
    method: 'POST',
    url: '/api/v1/admin/pages',
    headers: BEARER,
    payload: {
      changes: [
        set('github.com/me/old'),
        set('example.com/theirs'),
        { action: 'merge', page: 'github.com/me/old', into: 'example.com/theirs' },
      ],
    },
  })
  assert.equal(moved.statusCode, 200)
  for (const action of [{ action: 'set', hits: 1 }, { action: 'remove' }]) {
    const refused = await send('github.com/me/old', action)
    assert.equal(refused.statusCode, 403)
    assert.equal(refused.json().code, 'forbidden')
  }
  assert.equal((await get('/api/v1/page?url=github.com/me/old', bearer)).statusCode, 403)
  assert.equal(await hits('example.com/theirs'), 10)
})

test('a page that is unknown, and becomes an alias while it is changed, is not changed', async (t) => {
  const { admin } = store
  const deed = { actor: 'session 1', reason: '', at: clock.now }
  const [soon, other] = ['github.com/me/soon', 'example.com/other'] as PageKey[] as [
    PageKey,
    PageKey,
  ]
  const read = admin.page
  const mock = t.mock.method(admin, 'page', async (...parameters: Parameters<typeof read>) => {
    const known = await read(...parameters)
    mock.mock.restore()
    await admin.change(
      [
        { action: 'set', page: soon, hits: 5 },
        { action: 'set', page: other, hits: 5 },
        { action: 'merge', page: soon, into: other },
      ],
      deed,
    )
    return known
  })
  assert.equal((await send(soon, { action: 'set', hits: 1 })).statusCode, 403)
  assert.equal(await hits(other), 10)
})

test('one address alone is named, and it is the address of a page', async () => {
  const ask = (query: string) => get(`/api/v1/page${query}`, bearer)
  for (const query of ['', '?url=', '?url=a&url=b']) {
    assert.equal((await ask(query)).statusCode, 400, query)
  }
  assert.equal((await ask('?url=ftp://github.com/me')).json().code, 'bad_page')
})

test('an owner changes a page by a form, with the key typed in', async () => {
  const post = (fields: Record<string, string>) =>
    app.inject({
      method: 'POST',
      url: '/page',
      headers: FORM,
      payload: formOf({ url: 'github.com/me/form', key: secret, ...fields }),
    })
  const done = await post({ action: 'set', hits: '1,000', reason: 'moved' })
  assert.equal(done.statusCode, 303)
  assert.equal(done.headers.location, 'page?url=github.com%2Fme%2Fform&done=set')
  assert.equal(done.headers['set-cookie'], undefined)
  assert.equal(await hits('github.com/me/form'), 1000)
  for (const [fields, status] of [
    [{ action: 'set', hits: 'many' }, 400],
    [{ action: 'purge' }, 400],
    [{ action: 'set', hits: '1', key: '' }, 401],
    [{ action: 'set', hits: '1', key: `${secret}x` }, 401],
    [{ action: 'set', hits: '1', url: 'github.com/you' }, 403],
    [{ action: 'set', hits: '1', url: '' }, 400],
    [{ action: 'restore' }, 400],
  ] as const) {
    const refused = await post({ ...fields })
    assert.equal(refused.statusCode, status, JSON.stringify(fields))
    assert.match(String(refused.headers['content-type']), /^text\/html/)
    assert.ok(!refused.body.includes(secret), 'the key is not shown again')
  }
  assert.equal(await hits('github.com/me/form'), 1000)
})
