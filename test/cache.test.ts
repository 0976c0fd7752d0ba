import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Cache } from '../src/cache.ts'

/** Bytes that the cache counts for an entry besides its name and value. */
const ENTRY_BYTES = 120

test('cached values are right, and never take more than the maximum of bytes', () => {
  const entries = fc.array(fc.tuple(fc.nat(30), fc.nat(2000)), { maxLength: 60 })
  fc.assert(
    fc.property(entries, fc.integer({ min: 500, max: 9000 }), (given, maxBytes) => {
      const cache = new Cache<number>(maxBytes, (value) => value)
      const names = given.map(
        ([value, length]) => [`${value}/${'x'.repeat(length)}`, value] as const,
      )
      for (const [name, value] of names) {
        cache.add(name, value)
        assert.equal(cache.get(name), value, 'kept until the trim')
        cache.trim()
        assert.ok([value, undefined].includes(cache.get(name)))
      }
      const kept = new Map(names.filter(([name]) => cache.get(name) !== undefined))
      const bytes = [...kept].reduce(
        (sum, [name, value]) => sum + name.length + value + ENTRY_BYTES,
        0,
      )
      assert.ok(bytes <= maxBytes, `${bytes} of ${maxBytes}`)
      assert.equal(cache.bytes, bytes, 'of all entries')
    }),
  )
})

test('the oldest entries are removed, and replacing an entry does not count its bytes twice', () => {
  const cache = new Cache<number>(1000, () => 0)
  for (let name = 0; name < 20; name++) {
    cache.set(String(name), name)
    cache.set(String(name), name)
  }
  const kept = [...Array(20).keys()].filter((name) => cache.get(String(name)) !== undefined)
  assert.ok(kept.length >= 7 && kept.length <= 8, `${kept.length} of 122 bytes each`)
  assert.equal(cache.get('19'), 19)
  assert.equal(cache.get('10'), undefined)
  cache.clear()
  assert.equal(cache.bytes, 0)
  assert.equal(cache.get('19'), undefined)
})

test('a replaced value counts with its new size, and letters outside of Latin-1 count twice', () => {
  const cache = new Cache<{ bytes: number }>(1000, ({ bytes }) => bytes)
  const grown = { bytes: 10 }
  cache.set('other', { bytes: 100 })
  cache.set('grows', grown)
  assert.ok(cache.get('other') && cache.get('grows'))
  grown.bytes = 740
  cache.set('grows', grown)
  assert.equal(cache.get('other'), undefined)
  assert.equal(cache.get('grows'), grown)
  const wide = new Cache<true>(1000, () => 0)
  wide.set('x'.repeat(800), true)
  assert.equal(wide.get('x'.repeat(800)), true)
  wide.set('訪'.repeat(800), true)
  assert.equal(wide.bytes, 0)
})
