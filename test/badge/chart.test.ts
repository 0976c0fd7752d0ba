import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { axis, shortNumber } from '../../src/badge/card/chart.ts'
import { type Point, parsePath } from '../harness/drawing.ts'
import { chartOf, draw, named } from '../harness/graph.ts'

const lowest = (points: Point[]) => Math.max(...points.map(([, y]) => y))

const counts = fc.oneof(fc.nat(9), fc.nat(10_000), fc.maxSafeNat(), fc.constantFrom(0, 2 ** 53))
const hitsByDay = (minLength: number, maxLength: number) =>
  fc.array(counts, { minLength, maxLength }).filter((hits) => hits.some(Boolean))

test('bars are as high as the hits of their days, and at least to be seen', () => {
  fc.assert(
    fc.property(hitsByDay(1, 120), (hits) => {
      const { bars, left, right, base, top } = chartOf(draw(hits))
      const scale = (base - top) / (axis(Math.max(...hits)).at(-1) as number)
      const room = (right - left) / hits.length
      const drawn = parsePath(bars[0] ?? '')
      for (const [day, count] of hits.entries()) {
        if (count === 0) continue
        const points = drawn.shift() as Point[]
        const sides = points.map(([x]) => x)
        const [from, to] = [Math.min(...sides), Math.max(...sides)]
        assert.ok(from >= left + day * room - 0.02 && to <= left + (day + 1) * room + 0.02)
        assert.ok(to - from >= 0.8 && to - from <= 36.01, `${to - from} px wide`)
        assert.equal(lowest(points), base)
        const height = base - Math.min(...points.map(([, y]) => y))
        assert.ok(Math.abs(height - Math.max(1.5, count * scale)) <= 0.02, `${count}: ${height}`)
      }
      assert.deepEqual(drawn, [], 'a day without hits has no bar')
    }),
    { numRuns: 100 },
  )
})

test('more than 120 days are one outline without gaps, just as high', () => {
  fc.assert(
    fc.property(hitsByDay(121, 366), (hits) => {
      const { bars, left, right, base, top } = chartOf(draw(hits))
      const scale = (base - top) / (axis(Math.max(...hits)).at(-1) as number)
      const outlines = parsePath(bars[0] ?? '')
      assert.equal(outlines.length, 1)
      const [start, ...points] = outlines[0] as Point[]
      const [first, last] = [hits.findIndex(Boolean), hits.findLastIndex(Boolean)]
      const edge = (day: number) => left + (day * (right - left)) / hits.length
      const end = points.pop()
      for (const [point, day] of [
        [start, first],
        [end, last + 1],
      ] as const) {
        assert.equal(point?.[1], base)
        assert.ok(Math.abs((point?.[0] ?? 0) - edge(day)) <= 0.02)
      }
      for (const [day, count] of hits.entries()) {
        if (day < first || day > last) continue
        const [up, across] = points.slice((day - first) * 2) as [Point, Point]
        const height = base - up[1]
        const wanted = count === 0 ? 0 : Math.max(1.5, count * scale)
        assert.ok(Math.abs(height - wanted) <= 0.02, `${count}: ${height}`)
        assert.ok(across[0] - up[0] >= 0.8)
      }
    }),
    { numRuns: 30 },
  )
})

test('an axis goes up to the greatest day or a little above, in two to four round steps', () => {
  fc.assert(
    fc.property(counts, (most) => {
      const lines = axis(most)
      const [step = 0, top = 0] = [lines[1], lines.at(-1)]
      assert.deepEqual(
        lines,
        lines.map((_, at) => at * step),
      )
      assert.match(String(step), /^[125]0*$/)
      assert.ok(lines.length >= 3 && lines.length <= 5)
      assert.ok(top >= most && (most < 2 || top <= 2 * most), `${top} for ${most}`)
    }),
    { numRuns: 1000 },
  )
})

const AXES: [number, string][] = [
  [0, '0 1 2'],
  [3, '0 1 2 3'],
  [5, '0 2 4 6'],
  [80, '0 20 40 60 80'],
  [81, '0 50 100'],
  [1500, '0 500 1k 1.5k'],
  [2_000_001, '0 1M 2M 3M'],
  [2 ** 53, '0 5P 10P'],
]
for (const [most, words] of AXES) {
  test(`the axis for ${most}: ${words}`, () => {
    assert.equal(axis(most).map(shortNumber).join(' '), words)
  })
}

test('the lines of the axis stand where its numbers say', () => {
  const { drawn, lines, base } = chartOf(draw([1, 7]))
  const numbers = named(drawn, 'text').filter(({ text }) => /^\d$/.test(text))
  const heights = numbers.map(({ attributes }) => Number(attributes.y) - 3.5)
  assert.deepEqual(heights, [base, ...lines])
  assert.deepEqual(
    numbers.map(({ text }) => text),
    ['0', '2', '4', '6', '8'],
  )
})
