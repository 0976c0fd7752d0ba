import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { createSparkline, drawSparkline, sparklinePath } from '../../src/badge/sparkline.ts'
import { createStyleSheet, THEMES } from '../../src/badge/style/theme.ts'
import { compile, element, fill, type SlotValues } from '../../src/badge/svg.ts'
import { type Point, parseDrawing, parsePath } from '../harness/drawing.ts'

/** Two control points and a point, again and again, after the first point. */
function curvesOf(path: string): { points: Point[]; controls: [Point, Point][] } {
  const [[start, ...rest] = []] = parsePath(path)
  const points = [start as Point]
  const controls: [Point, Point][] = []
  for (let at = 0; at < rest.length; at += 2) {
    const [coming, point] = rest.slice(at, at + 2) as [Point, Point]
    const here = points.at(-1) as Point
    const before = controls.at(-1)?.[1] ?? here
    // As SVG has it: what S leaves out is the last control point, mirrored.
    controls.push([[2 * here[0] - before[0], 2 * here[1] - before[1]], coming])
    points.push(point)
  }
  return { points, controls }
}

const near = (a: number, b: number, most: number) => Math.abs(a - b) <= most + 1e-9

const CASES: [string, number[], number[]][] = [
  ['nothing known', [], [14, 14]],
  ['all zeros lie at the bottom', [0, 0, 0], [14, 14, 14]],
  ['one value', [7], [2, 2]],
  ['always the same', [4, 4, 4], [2, 2, 2]],
  ['0 is the baseline, the greatest is the top', [5, 0, 10], [8, 14, 2]],
  ['the greatest that a number can be', [2 ** 53, 2 ** 52, 1], [2, 8, 14]],
]

for (const [name, values, heights] of CASES) {
  test(`sparkline: ${name}`, () => {
    const { points } = curvesOf(sparklinePath(values, 44, 16))
    const step = 40 / (heights.length - 1)
    assert.deepEqual(
      points,
      heights.map((height, at) => [2 + at * step, height]),
    )
  })
}

const counts = fc.array(
  fc.oneof(fc.nat(20), fc.maxSafeNat(), fc.constantFrom(0, 1, 2 ** 53), fc.nat(5000)),
  { maxLength: 40 },
)

test('a line goes through every value, and between two of them stays between them', () => {
  fc.assert(
    fc.property(counts, fc.nat(300), fc.nat(60), (values, more, higher) => {
      const [width, height] = [8 + more, 6 + higher]
      const { points, controls } = curvesOf(sparklinePath(values, width, height))
      const most = Math.max(1, ...values)
      for (const [at, value] of values.entries()) {
        const [x, y] = points[at] as Point
        assert.ok(near(y, height - 2 - (value / most) * (height - 4), 0.01), `${value} at ${y}`)
        if (at > 0) assert.ok(near(x, 2 + (at * (width - 4)) / (values.length - 1), 0.01))
      }
      assert.equal(points.at(-1)?.[0], width - 2)
      for (const [at, pair] of controls.entries()) {
        const ends = [points[at], points[at + 1]].map((point) => (point as Point)[1])
        for (const [, y] of pair) {
          assert.ok(y >= Math.min(...ends) - 1e-9 && y <= Math.max(...ends) + 1e-9)
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('a line of 30 values takes no more than 1 kB', () => {
  const month = fc.array(fc.nat(1000), { minLength: 30, maxLength: 30 })
  fc.assert(fc.property(month, (values) => sparklinePath(values, 120, 24).length <= 1000))
})

test('a curve is smooth: it leaves a point as steeply as it came', () => {
  const { controls, points } = curvesOf(sparklinePath([0, 10, 30, 40], 34, 44))
  // A line of straight pieces would have its control points on the pieces.
  assert.deepEqual(points[1], [12, 32])
  assert.deepEqual(controls[0]?.[1], [8.67, 37])
  assert.deepEqual(controls[1]?.[0], [15.33, 27])
})

for (const theme of THEMES) {
  test(`a sparkline on ${theme} ground is a line, an area down to 0 and a dot at its end`, () => {
    const sheet = createStyleSheet(theme)
    const color = { light: '#123', dark: '#fed' }
    const content = drawSparkline({ width: 44, height: 16 }, color, sheet)
    const compiled = compile(element('svg', {}, ...sheet.elements(), ...content))
    for (const values of [[], [3, 0, 5, 8, 2, 1, 4], [0, 0]]) {
      const path = sparklinePath(values, 44, 16)
      const drawn = parseDrawing(fill(compiled, { sparklinePath: path } as SlotValues))
      const [area, line, dot] = drawn.filter(({ name }) => /path|circle/.test(name))
      assert.equal(line?.attributes.d, path)
      assert.equal(area?.attributes.d, `${path}V14H2Z`)
      const { cx, cy } = dot?.attributes ?? {}
      assert.deepEqual([Number(cx), Number(cy)], curvesOf(path).points.at(-1))
      const used = [line?.attributes.stroke, area?.attributes.fill, dot?.attributes.fill]
      assert.deepEqual(new Set(used), new Set([theme === 'dark' ? '#fed' : '#123']))
      assert.equal(drawn[1]?.text.includes('#fed'), theme === 'auto')
    }
  })
}

const SPOKEN = [
  ['7d', [3, 0, 5, 8, 2, 1, 4], 'Last 7 days: 3, 0, 5, 8, 2, 1, 4.'],
  ['30d', [1234, 2 ** 53], 'Last 30 days: 1,234, 9,007,199,254,740,992.'],
  ['12m', [0, 999], 'Last 12 months: 0, 999.'],
] as const

for (const [kind, values, words] of SPOKEN) {
  test(`a sparkline is read out: ${words}`, () =>
    assert.equal(createSparkline(kind, values).description, words))
}
