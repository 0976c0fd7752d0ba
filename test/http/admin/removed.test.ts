import assert from 'node:assert/strict'
import test from 'node:test'
import { TopLists } from '../../../src/http/site/lists.ts'
import type { Store } from '../../../src/store.ts'
import { ADMIN, BEARER } from '../../harness/administration.ts'
import { ALL, build, FILE } from '../../harness/app.ts'
import { routesOf } from '../../harness/routes.ts'

const shared = await build(FILE, ADMIN)
const { app, get } = shared

const change = (action: string, page: string, more: object = {}) =>
  app.inject({
    method: 'POST',
    url: `/api/v1/admin/page?url=${page}`,
    payload: { action, ...more },
    headers: BEARER,
  })

/**
 * Routes that have the same answer for every page, those that only operators may ask, and streams, which have tests of their own.
 */
const OTHERS =
  /^\/(api(\/|$)|admin|assets|sample\/|\*$|$|me|gallery|privacy|healthz|favicon|robots|openapi|instance|top|preview|logos|now|live|site)/
const ABOUT_A_PAGE = [...routesOf(app).keys()].filter((path) => !OTHERS.test(path))

test('a removed page, and an alias of it, is answered 410 in every form', async () => {
  assert.ok(ABOUT_A_PAGE.length >= 12, String(ABOUT_A_PAGE))
  await get('/count?url=example.com/gone')
  // Whatever is kept of answers is there before the removal.
  for (const path of ABOUT_A_PAGE) await get(`${path}?url=example.com/gone`)
  await change('set', 'example.com/alias', { hits: 1 })
  await change('merge', 'example.com/alias', { into: 'example.com/gone' })
  await change('set', 'example.com/gone', { hits: 7 })
  assert.equal((await change('remove', 'example.com/gone')).statusCode, 200)
  for (const page of ['example.com/gone', 'example.com/alias', 'https://Example.com/gone/?x=1']) {
    for (const path of ABOUT_A_PAGE) {
      for (const more of path.includes('count/tag')
        ? ['', '&trend=30d', '&show=today-total']
        : ['']) {
        const answer = await get(`${path}?url=${encodeURIComponent(page)}${more}`)
        assert.equal(answer.statusCode, 410, `${path}${more} ${page}`)
        if (path.endsWith('.json')) assert.equal(answer.json().error.code, 'removed', path)
        else if (path.endsWith('.svg')) assert.match(answer.body, /removed/, path)
        else if (!path.endsWith('.png')) assert.match(answer.body, /has removed that page/, path)
        const type = path.endsWith('.svg')
          ? 'image/svg+xml'
          : path.endsWith('.png')
            ? 'image/png'
            : ''
        assert.ok(String(answer.headers['content-type']).startsWith(type), path)
      }
    }
    const posted = await app.inject({ method: 'POST', url: '/count', payload: { url: page } })
    assert.equal(posted.statusCode, 410)
    const referer = await get('/count', { referer: `https://${page.replace(/^https:../, '')}` })
    assert.equal(referer.statusCode, 410)
  }
  await change('restore', 'example.com/gone')
  assert.equal((await get('/nocount?url=example.com/alias')).body, '7')
})

test('the tag builder says that a page is removed, and suggests none', async () => {
  await get('/count?url=example.com/bin')
  await change('remove', 'example.com/bin')
  const named = await get('/preview.json?url=example.com/bin')
  assert.equal(named.statusCode, 200)
  const { page, count, wrong } = named.json()
  assert.deepEqual([page, count], ['example.com/bin', null])
  assert.match(wrong[0].message, /has removed that page/)
  const near = await get('/preview.json?url=example.com/other&near=example.com/bin')
  assert.deepEqual(near.json().near, [])
})

test('a page leaves the lists before they have been read again, which may take long', async () => {
  const ranked = (...names: string[]) => names.map((name) => ({ name, hits: 1 }))
  const first = {
    hosts: ranked('example.com', 'my-name'),
    pages: ranked('example.com/gone', 'example.com/old', 'example.com/a', 'my-name', 'purged'),
  }
  const readings = [Promise.resolve(first), new Promise<never>(() => {})]
  const removed = { actor: 'test', reason: '', at: 0 }
  const known: Record<string, object> = {
    'example.com/gone': { page: 'example.com/gone', removed },
    'example.com/old': { page: 'example.com/a', removed: null },
    'example.com/a': { page: 'example.com/a', removed: null },
    'my-name': { page: 'my-name', removed },
  }
  const store = {
    replica: { top: () => readings.shift() },
    admin: { page: async (page: string) => known[page] ?? null },
  }
  const lists = new TopLists(
    store as unknown as Store,
    () => ALL,
    () => 0,
  )
  assert.deepEqual(await lists.read(), first)
  await lists.recheck()
  assert.deepEqual(lists.latest(), {
    hosts: ranked('example.com'),
    pages: ranked('example.com/a'),
  })
})
