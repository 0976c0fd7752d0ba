import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { BoundedMap } from '../src/bounded-map.ts'

test('what is remembered is right, and after a trim never takes more than its budget', () => {
  const entries = fc.array(fc.tuple(fc.nat(30), fc.nat(2000)), { maxLength: 60 })
  fc.assert(
    fc.property(entries, fc.integer({ min: 500, max: 9000 }), (given, budget) => {
      const map = new BoundedMap<string, number>(budget, 100)
      const names = given.map(
        ([value, length]) => [`${value}/${'x'.repeat(length)}`, value] as const,
      )
      for (const [name, value] of names) {
        map.add(name, value)
        assert.equal(map.get(name), value, 'kept until the trim')
        map.trim()
        assert.ok([value, undefined].includes(map.get(name)))
      }
      const kept = new Set(
        names.map(([name]) => name).filter((name) => map.get(name) !== undefined),
      )
      const cost = [...kept].reduce((sum, name) => sum + name.length + 100, 0)
      assert.ok(cost <= budget, `${cost} of ${budget}`)
      assert.equal(map.size, kept.size)
    }),
  )
})

test('the oldest make room, and what is there is not paid for twice', () => {
  const map = new BoundedMap<string, number>(1000, 100)
  for (let name = 0; name < 20; name++) {
    map.add(String(name), name)
    map.add(String(name), name)
    map.trim()
  }
  assert.ok(map.size >= 8 && map.size <= 9, `${map.size} of 102 each`)
  assert.equal(map.get('19'), 19)
  assert.equal(map.get('10'), undefined)
  map.clear()
  assert.equal(map.size, 0)
  assert.equal(map.get('19'), undefined)
})
