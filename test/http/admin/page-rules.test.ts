import assert from 'node:assert/strict'
import test from 'node:test'
import { ADMIN, BEARER, signIn } from '../../harness/administration.ts'
import { build, FILE } from '../../harness/app.ts'

const shared = await build(FILE, ADMIN)
const { app, get } = shared
const browser = await signIn(shared)

const API = '/api/v1/admin'
const read = async (path: string) => (await get(`${API}${path}`, BEARER)).json()
const send = (path: string, payload: object) =>
  app.inject({ method: 'POST', url: `${API}${path}`, payload, headers: BEARER })
const change = (page: string, action: object) => send(`/page?url=${page}`, action)
const number = async (page: string) => (await get(`/nocount?url=${page}`)).body
const rule = (pattern: string, replacement: string) => ({ kind: 'page-rule', pattern, replacement })

// A page that was counted before there was a rule.
await get('/count?url=forge.example/Old')
await send('/rules', {
  rules: [rule('forge.example/*', 'lower case'), rule('shop.example/item/*', 'shop.example/item')],
})

test('a number that is given to an address is the one that its visitors see', async () => {
  assert.equal((await change('shop.example/item/7', { action: 'set', hits: 40 })).statusCode, 200)
  assert.equal(await number('shop.example/item/9'), '40')
  const changes = [{ action: 'add', page: 'https://shop.example/item/8', hits: 2 }]
  assert.equal((await send('/pages', { changes })).json().pages[0].page, 'shop.example/item')
  assert.equal(await number('shop.example/item/9'), '42')
  assert.equal((await read('/page?url=shop.example/item/1')).page, 'shop.example/item')
  const { entries } = await read('/audit?page=shop.example/item/1')
  assert.equal(entries[0].page, 'shop.example/item')
  const form = { page: 'shop.example/item/1', action: 'set', hits: '50' }
  assert.equal((await browser.post('page', form)).statusCode, 303)
  assert.equal(await number('shop.example/item/9'), '50')
  const { body } = await browser.get('/admin/page?url=shop.example/item/1')
  assert.match(body, /By a page rule, visits of .*shop\.example\/item\/1.* count here/)
  assert.match(body, /name="page" value="shop\.example\/item"/)
})

test('a search for a full address finds the page on which its visits count', async () => {
  await change('shop.example/item', { action: 'set', hits: 1 })
  for (const part of [
    'https://shop.example/item/77?a=b',
    'shop.example/item/77',
    'HTTPS://shop.example/item/',
  ]) {
    const { pages } = await read(`/pages?part=${encodeURIComponent(part)}`)
    assert.deepEqual(
      pages.map(({ page }: { page: string }) => page),
      ['shop.example/item'],
      part,
    )
    const { body } = await browser.get(`/admin/?part=${encodeURIComponent(part)}`)
    assert.match(body, /page\?url=shop\.example%2Fitem"/)
  }
})

test('a page is not moved to an address that a rule turns into another one', async () => {
  await change('shop.example/other', { action: 'set', hits: 3 })
  const rename = { action: 'rename', to: 'shop.example/item/7', alias: true }
  const refused = await change('shop.example/other', rename)
  assert.equal(refused.statusCode, 400)
  assert.match(
    refused.json().detail,
    /^The page rule "shop\.example\/item\/\*" turns shop\.example\/item\/7 into shop\.example\/item:/,
  )
  assert.equal(await number('shop.example/other'), '3')
  await change('shop.example/item', { action: 'set', hits: 1 })
  const merge = { action: 'merge', into: 'shop.example/item/7' }
  assert.equal((await change('shop.example/other', merge)).statusCode, 200)
  assert.equal(await number('shop.example/item/9'), '4')
})

test('a page that was counted before its rule gets no number that nobody sees, and is merged', async () => {
  assert.equal(await number('forge.example/Old'), '0')
  const seen = await read('/page?url=forge.example/Old')
  assert.deepEqual([seen.page, seen.hits], ['forge.example/Old', 1])
  for (const action of [
    { action: 'set', hits: 9 },
    { action: 'add', hits: 9 },
  ]) {
    const refused = await change('forge.example/Old', action)
    assert.equal(refused.json().code, 'bad_change')
    assert.match(
      refused.json().detail,
      /^By the page rule "forge\.example\/\*", visits of forge\.example\/Old count for forge\.example\/old:/,
    )
  }
  const { body } = await browser.get('/admin/page?url=forge.example/Old')
  assert.match(body, /visits of this address count for .*forge\.example\/old/)
  await change('forge.example/old', { action: 'set', hits: 5 })
  const merge = { action: 'merge', into: 'forge.example/old' }
  assert.equal((await change('forge.example/Old', merge)).statusCode, 200)
  assert.equal(await number('forge.example/Old'), '6')
  // It is an alias of the right page now.
  assert.equal((await change('forge.example/Old', { action: 'set', hits: 7 })).statusCode, 200)
  assert.equal(await number('forge.example/Old'), '7')
})

test('a page that was counted before its rule is removed and purged', async () => {
  await get('/count?url=late.example/A')
  await send('/rules', { rules: [rule('late.example/*', 'lower case')] })
  assert.equal((await change('late.example/A', { action: 'remove' })).statusCode, 200)
  assert.equal((await read('/page?url=late.example/A')).removed.actor, 'ADMIN_TOKEN')
  assert.equal((await change('late.example/A', { action: 'purge' })).statusCode, 200)
  assert.equal((await read('/page?url=late.example/A')).code, 'no_such_page')
})

test('known pages are merged by a program only if it confirms that', async () => {
  for (const page of ['many.example/x/1', 'many.example/x/2']) await get(`/count?url=${page}`)
  const rules = [rule('many.example/x/*', 'many.example/x')]
  const [{ id }] = (await send('/rules', { rules })).json().rules
  const asked = await send('/rules/merge', { ids: [id] })
  assert.equal(asked.statusCode, 200)
  assert.equal(asked.json().changed, 2)
  assert.deepEqual(asked.json().pages[0], { page: 'many.example/x/1', becomes: 'many.example/x' })
  assert.equal(await number('many.example/x/1'), '0')
  const done = await send('/rules/merge', { ids: [id], confirm: true })
  assert.equal(done.json().merged, 2)
  assert.equal(await number('many.example/x/1'), '2')
})
