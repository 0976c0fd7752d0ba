import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { WordMap } from '../src/words.ts'

const text = fc.string({ unit: fc.constantFrom(...'ab/'), maxLength: 12 })

test('a text has the words that it has, whatever the words are', () => {
  fc.assert(
    fc.property(fc.uniqueArray(text, { maxLength: 20 }), text, (words, searched) => {
      const map = new WordMap(words.map((word) => [word, word]))
      const within = words.filter((word) => searched.includes(word))
      assert.deepEqual(map.all(searched).sort(), within.sort())
      const first = map.first(searched)
      assert.ok(first === undefined ? within.length === 0 : within.includes(first))
      const beginning = words.filter((word) => searched.startsWith(word))
      assert.deepEqual(
        map.beginning(searched),
        beginning.sort((a, b) => b.length - a.length),
      )
    }),
    { numRuns: 2000 },
  )
})

test('the value of a word that is given twice is the last', () => {
  const map = new WordMap([
    ['abc', 1],
    ['abc', 2],
  ])
  assert.equal(map.first('xabcx'), 2)
})
