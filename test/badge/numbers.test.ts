import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { createBadges } from '../../src/badge/badge.ts'
import { FACE_NAMES } from '../../src/badge/digits/faces.ts'
import { FORMATS } from '../../src/badge/options/format.ts'
import { STYLES } from '../../src/badge/options/options.ts'
import { createSparkline } from '../../src/badge/sparkline.ts'
import { Cache } from '../../src/cache.ts'
import { type Sent, validOptions } from '../harness/options.ts'

const fresh = () => createBadges({ label: 'hits', color: '#4c1' })

/** All that decides how wide a number is, and what is drawn around it. */
const shapes = fc.record(
  {
    style: fc.constantFrom(...STYLES),
    format: fc.constantFrom(...FORMATS, 'de-CH', 'hi-IN', 'ar-EG', 'en-u-nu-mathbold'),
    prefix: fc.constantFrom('i', 'm ', ' ß', '#W', '>'),
    suffix: fc.constantFrom(' views', 'l', 'é '),
    colorSteps: fc.constant('10:yellow,1000:red,1001:000'),
    animate: fc.constant('1'),
    trend: fc.constantFrom('7d', '12m'),
    theme: fc.constant('auto'),
  },
  { requiredKeys: ['format'] },
)
const faced = fc
  .record({ face: fc.constantFrom(...FACE_NAMES), digits: fc.constantFrom('1', '3', '12') })
  .chain((face) => shapes.map((shape) => ({ ...shape, ...face })))

const number = fc.oneof(
  fc
    .tuple(fc.nat({ max: 15 }), fc.integer({ min: -1, max: 1 }))
    .map(([digits, off]) => Math.max(0, 10 ** digits + off)),
  fc.nat({ max: 4000 }),
  fc.nat({ max: 100 }),
  fc.nat({ max: 999_999 }).map((thousands) => thousands * 1000),
)
const shown = fc.array(fc.array(number, { minLength: 1, maxLength: 2 }), {
  minLength: 2,
  maxLength: 12,
})

const badges = fresh()

/** Draws with the drawings that were compiled for others, and with none. */
function assertSame(sent: Sent, all: readonly (readonly number[])[]): void {
  const { appearance, problem } = badges.read(sent)
  assert.equal(problem, null)
  const { trend } = appearance.options
  for (const numbers of all) {
    const shown = {
      numbers,
      captions: ['today', 'in total'],
      sparkline: trend && createSparkline(trend, numbers),
    }
    const first = badges.draw({ ...appearance, compiled: new Cache(1e6, () => 0) }, shown, '')
    assert.equal(badges.draw(appearance, shown, ''), first)
  }
}

test('a drawing that was compiled for one number shows each other one as if it were the first', () => {
  const sent = fc.oneof(shapes, shapes, faced, validOptions)
  fc.assert(fc.property(sent, shown, assertSame), { numRuns: 200 })
})

test('so it does where letters are not equally wide, and parts of a px add up', () => {
  const letters = Array.from({ length: 60 }, (_, at) => [7 * at + 1])
  const units = [1, 10, 100].flatMap((many) =>
    [1e3, 1e6, 1e9, 1e12].map((unit) => [many * unit, 7]),
  )
  for (const style of STYLES) {
    for (const beside of [{ suffix: ' views' }, { prefix: 'i' }, { prefix: '#W', suffix: 'l' }]) {
      assertSame({ style, ...beside, format: 'roman' }, letters)
      assertSame({ style, ...beside, format: 'compact' }, units)
    }
  }
})

test('what one tag asks for is never shown for another', () => {
  const pairs: [Sent, Sent][] = [
    [{ label: 'x', color: 'red' }, { label: 'x&color=red' }],
    [{ label: 'x', color: 'red' }, { label: 'x&color=3:red' }],
    [{ label: '' }, {}],
    [{ prefix: 'a', suffix: 'b' }, { prefix: 'a&suffix=1:b' }],
  ]
  for (const [first, second] of pairs) {
    const shared = fresh()
    shared.read(first)
    assert.deepEqual(
      shared.read(second).appearance.options,
      fresh().read(second).appearance.options,
    )
  }
  const shared = fresh()
  shared.read({ base: '5' })
  assert.equal(shared.read({ base: '5' }, 'active').appearance.options.base, 0)
})
