import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Active } from '../../src/database/sqlite/active.ts'
import { build, cookieOf, T0 } from '../harness/app.ts'
import { parseSvg } from '../harness/svg.ts'

test('visits are active for ten minutes, on their page and on the instance', async (t) => {
  const { get, clock } = await build(t)
  const active = async (query = '') => Number((await get(`/active${query}`)).body)
  assert.equal(await active(), 0)
  const { headers } = await get('/count?url=a.example')
  await get('/count?url=a.example', { cookie: cookieOf({ headers }) })
  clock.now += 60_000
  await get('/count?url=a.example')
  await get('/count?url=b.example')
  assert.equal(await active('?url=a.example'), 2, 'a repeat is none more')
  assert.equal(await active('?url=https://B.example/'), 1)
  assert.equal(await active('?url=c.example'), 0)
  assert.equal(await active(), 3)
  assert.equal(await active('?url='), 3)
  clock.now = T0 + 599_999
  assert.equal(await active('?url=a.example'), 2)
  clock.now += 1
  assert.equal(await active('?url=a.example'), 1)
  assert.equal(await active(), 2)
  clock.now += 60_000
  assert.equal(await active(), 0)
  assert.equal((await get('/nocount?url=a.example')).body, '2', 'asking counts nothing')
})

test('it is text, JSON or a badge, and ignores the Referer', async (t) => {
  const { get } = await build(t, { ACTIVE_MINUTES: '30' })
  await get('/count?url=a.example')
  await get('/count?url=b.example')
  const referer = 'https://a.example/'
  assert.equal((await get('/active', { referer })).body, '2')
  assert.deepEqual((await get('/active.json', { referer })).json(), {
    page: null,
    active: 2,
    minutes: 30,
  })
  assert.deepEqual((await get('/active.json?url=a.example')).json(), {
    page: 'a.example',
    active: 1,
    minutes: 30,
  })
  assert.equal(parseSvg((await get('/active/tag.svg?url=a.example')).body).title, 'active: 1')
  const labelled = await get('/active/tag.svg?label=online&color=blue')
  assert.equal(parseSvg(labelled.body).title, 'online: 2')
})

test('a badge of the operator’s own knows of which page it is', async (t) => {
  const template =
    '<svg xmlns="http://www.w3.org/2000/svg"><title>{label} {count} {url}</title></svg>'
  const { get } = await build(t, {}, template)
  await get('/count?url=a.example')
  assert.equal(
    parseSvg((await get('/active/tag.svg?url=a.example')).body).title,
    'active 1 a.example',
  )
  assert.equal(parseSvg((await get('/active/tag.svg')).body).title, 'active 1 ')
})

test('refusals keep the label, and lists of pages hold here too', async (t) => {
  const { get } = await build(t, { DENY_PAGES: 'secret' })
  const bad = await get('/active/tag.svg?url=a%3Cb')
  assert.equal(bad.statusCode, 400)
  assert.equal(parseSvg(bad.body).title, 'active: bad url')
  const option = await get('/active/tag.svg?color=nocolour')
  assert.equal(parseSvg(option.body).title, 'active: bad color')
  assert.equal((await get('/active?url=secret.example')).statusCode, 403)
})

test('a visit that was refused is not active', async (t) => {
  const { get } = await build(t, { MAX_PAGES: '1' })
  await get('/count?url=a.example')
  assert.equal((await get('/count?url=b.example')).statusCode, 403)
  assert.equal((await get('/active')).body, '1')
})

/** Adds visits to pages of two hosts. */
const add = (active: Active, pages: number[], at: number) =>
  active.add(
    pages,
    pages.map((page) => -1 - (page % 2)),
    at,
  )

test('beyond the capacity, the oldest visits are forgotten; after the clock is set back, the later ones', () => {
  const active = new Active(600_000, 10)
  for (let second = 0; second < 6; second++) add(active, [1, 2, 3], T0 + second * 1000)
  assert.equal(active.visits(null, T0 + 6000), 10)
  assert.deepEqual(
    [1, 2, 3].map((page) => active.visits(page, T0 + 6000)),
    [3, 3, 4],
  )
  assert.equal(active.visits(null, T0 - 600_000), 0)
  add(active, [1], T0 - 600_000)
  assert.equal(active.visits(1, T0 - 600_000), 1)
  active.sweep(T0)
  assert.equal(active.visits(1, T0 - 600_000), 0)
})

test('more visits at once than the capacity are no problem', () => {
  const active = new Active(600_000, 10)
  for (let times = 0; times < 5; times++) add(active, [1, 2, 3, 4, 5, 6], T0)
  assert.ok(active.visits(null, T0) <= 10)
  add(active, [1], T0)
  add(active, [1], T0 + 1000)
  assert.ok(active.visits(1, T0 + 1000) >= 1)
  assert.equal(active.visits(null, T0 + 601_000), 0)
  assert.equal(active.visits(1, T0 + 601_000), 0)
})

test('the numbers equal those of a plain list, for any visits', () => {
  const step = fc.record({
    pages: fc.array(fc.nat(5), { maxLength: 400 }),
    after: fc.integer({ min: 0, max: 700 }),
  })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 30 }),
      fc.constantFrom(5, 1100, 5000),
      (steps, most) => {
        const active = new Active(600, most)
        let list: { page: number; at: number }[] = []
        let now = T0
        for (const { pages, after } of steps) {
          now += after
          add(active, pages, now)
          list.push(...pages.map((page) => ({ page, at: now })))
          list = list.filter(({ at }) => at > now - 600).slice(-most)
          assert.equal(active.visits(null, now), list.length)
          for (const page of [0, 5]) {
            const expected = list.filter((visit) => visit.page === page).length
            assert.equal(active.visits(page, now), expected)
          }
          const ofHost = list.filter(({ page }) => page % 2 === 1)
          assert.equal(active.visits(-2, now), ofHost.length)
        }
      },
    ),
  )
})

test('visits that are no longer active are removed, however many batches there were', () => {
  const active = new Active(1000, 10_000)
  for (let time = 0; time < 5000; time++) add(active, [time % 7], time)
  assert.equal(active.visits(null, 4999), 1000)
  assert.equal(
    Array.from({ length: 7 }, (_, page) => active.visits(page, 4999)).reduce((a, b) => a + b),
    1000,
  )
  assert.equal(active.visits(null, 5998), 1)
  assert.equal(active.visits(null, 5999), 0)
})
