import assert from 'node:assert/strict'
import test from 'node:test'
import { makeBadge } from 'badge-maker'
import fc from 'fast-check'
import { createBadges } from '../../src/badge/badge.ts'
import { type BadgeOptions, STYLES } from '../../src/badge/options.ts'
import { readyBadges } from '../../src/badge/ready.ts'
import { build } from '../harness/app.ts'

const NUMBERS = [
  ...Array.from({ length: 130 }, (_, number) => number),
  ...[7, 8, 9, 10, 11, 12, 13, 14, 15].flatMap((digits) => [10 ** digits - 1, 10 ** digits]),
  1234,
  8888,
  1111,
  2222,
  98_765,
  4_294_967_296,
  Number.MAX_SAFE_INTEGER,
]
const LABELS = ['hits', '', '1', '2', '1111 2222', '8888', 'é & <b>', 'a  b', '>1<', 'WWWWiiii']
const COLORS: [string, string | null][] = [
  ['4c1', null],
  ['#4c1', '#111'],
  ['red', 'orange'],
  ['white', '222222'],
  ['rgb(111,222,11)', null],
]

/** badge-maker's own badge, made the way its documentation shows. */
function original(count: number, { label, color, labelColor, style }: BadgeOptions): string {
  return makeBadge({ label, message: `${count}`, color, style, ...(labelColor && { labelColor }) })
}

for (const style of STYLES) {
  test(`${style}: every number is drawn as badge-maker draws it, to the byte`, () => {
    const draw = readyBadges(1000)
    for (const label of LABELS) {
      for (const [color, labelColor] of COLORS) {
        const options = { label, color, labelColor, style }
        for (const number of NUMBERS) {
          assert.equal(draw(number, options), original(number, options), `${label} ${number}`)
        }
      }
    }
  })
}

test('any label, colour and number is drawn as badge-maker draws it', () => {
  const draw = readyBadges(50)
  const options = fc.record({
    label: fc.string({ maxLength: 20 }).map((label) => label.trim()),
    color: fc.constantFrom('blue', '4c1', '#abcdef', 'hsl(10,20%,30%)'),
    labelColor: fc.constantFrom(null, 'red', '000'),
    style: fc.constantFrom(...STYLES),
  })
  fc.assert(
    fc.property(options, fc.maxSafeNat(), (given, number) => {
      assert.equal(draw(number, given), original(number, given))
    }),
    { numRuns: 1000 },
  )
})

test('the templates kept are bounded, and dropping one changes no badge', () => {
  const ready = new Map()
  const draw = readyBadges(3, ready)
  for (let round = 0; round < 3; round++) {
    for (let label = 0; label < 10; label++) {
      const options: BadgeOptions = {
        label: `l${label}`,
        color: '4c1',
        labelColor: null,
        style: 'flat',
      }
      assert.equal(draw(5, options), original(5, options))
      assert.ok(ready.size <= 3)
    }
  }
})

test('the route draws what badge-maker draws', async (t) => {
  const { get } = await build(t)
  const answer = await get(
    '/count/tag.svg?url=example.com&label=Page%20views&color=orange&labelColor=%23123&style=plastic',
  )
  const options = {
    label: 'Page views',
    color: 'orange',
    labelColor: '#123',
    style: 'plastic' as const,
  }
  assert.equal(answer.body, original(1, options))
  const plain = await get('/count/tag.svg?url=example.com')
  assert.equal(
    plain.body,
    original(2, { ...options, label: 'hits', color: '#4c1', labelColor: null, style: 'flat' }),
  )
  const bare = await get('/nocount/tag.svg?url=example.com&label=')
  assert.equal(
    bare.body,
    original(2, { label: '', color: '#4c1', labelColor: null, style: 'flat' }),
  )
})

test('BADGE_LABEL and BADGE_COLOR are what a tag gets that names none', async (t) => {
  const { get } = await build(t, { BADGE_LABEL: 'views', BADGE_COLOR: 'blue' })
  const answer = await get('/count/tag.svg?url=example.com')
  assert.equal(
    answer.body,
    original(1, { label: 'views', color: 'blue', labelColor: null, style: 'flat' }),
  )
  assert.throws(
    () => createBadges({ label: 'hits', color: 'nocolour' }),
    /"nocolour" is not a colour/,
  )
})
