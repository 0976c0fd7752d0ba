import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { KnownPages } from '../../src/database/known-pages.ts'
import type { PageKey } from '../../src/page.ts'

test('what is known is right, and never takes more than its budget', () => {
  const visits = fc.array(fc.tuple(fc.nat(30), fc.nat(2000)), { maxLength: 60 })
  fc.assert(
    fc.property(visits, fc.integer({ min: 500, max: 9000 }), (pages, budget) => {
      const known = new KnownPages(budget)
      for (const [id, length] of pages) {
        const page = `${id}/${'x'.repeat(length)}` as PageKey
        known.remember(page, id)
        assert.ok([id, undefined].includes(known.id(page)))
      }
      const kept = pages
        .map(([id, length]) => `${id}/${'x'.repeat(length)}` as PageKey)
        .filter((page) => known.id(page) !== undefined)
      const cost = [...new Set(kept)].reduce((sum, page) => sum + page.length + 100, 0)
      assert.ok(cost <= budget, `${cost} of ${budget}`)
    }),
  )
})

test('the oldest make room, and what is known is not learned twice', () => {
  const known = new KnownPages(1000)
  const page = (name: number) => String(name) as PageKey
  for (let name = 0; name < 20; name++) {
    known.remember(page(name), name)
    known.remember(page(name), name)
  }
  assert.equal(known.size, 9)
  assert.equal(known.id(page(19)), 19)
  assert.equal(known.id(page(10)), undefined)
})
