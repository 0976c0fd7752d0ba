import assert from 'node:assert/strict'
import test from 'node:test'
import { MAX_MARKS, TALLY } from '../../src/badge/digits/tally.ts'
import { contrast, LEAST_CONTRAST, PAGES } from '../../src/badge/style/contrast.ts'
import { both } from '../../src/badge/style/theme.ts'
import { type Drawn, drawFace } from '../harness/faces.ts'

/** The marks of each five, in the order of the drawing; an empty line has a share of its colour only. */
function fivesOf({ elements }: Drawn): { marks: number; x: number; y: number }[] {
  return elements
    .filter(({ attributes }) => attributes.transform)
    .map(({ attributes: { d = '', transform = '', opacity } }) => {
      const [x, y] = (/^translate\((\S+) (\S+)\)$/.exec(transform) ?? []).slice(1).map(Number)
      return { marks: opacity ? 0 : d.split('M').length - 1, x: x ?? NaN, y: y ?? NaN }
    })
}

test('there are as many marks as the number says, in fives', () => {
  for (let number = 0; number <= MAX_MARKS; number++) {
    const drawing = drawFace('tally', [`${number}`])
    const fives = fivesOf(drawing)
    const rest = number % 5 === 0 && number > 0 ? 5 : number % 5
    assert.deepEqual(
      fives.map(({ marks }) => marks),
      [...Array.from({ length: Math.max(0, Math.ceil(number / 5) - 1) }, () => 5), rest],
    )
    assert.equal(new Set(fives.map(({ x, y }) => `${x} ${y}`)).size, fives.length)
    for (const { marks, x, y } of fives) {
      assert.ok(x >= 0 && y >= 0 && y + 16 <= drawing.height, `${number}`)
      assert.ok(x + Math.max(1, marks) * 4 <= drawing.width, `${number}`)
    }
    assert.ok(drawing.svg.length < 4000)
  }
})

test('a number that cannot be counted at a glance is not drawn', () => {
  for (const numbers of [['101'], ['100', '1'], ['9007199254740991']]) {
    assert.throws(() => drawFace('tally', numbers), /not drawn/)
  }
})

test('two numbers stand side by side', () => {
  const fives = fivesOf(drawFace('tally', ['3', '12']))
  assert.deepEqual(
    fives.map(({ marks }) => marks),
    [3, 5, 5, 2],
  )
  assert.ok(fives.every(({ x }, at) => at === 0 || x > (fives[at - 1]?.x ?? 0)))
  assert.deepEqual(
    fivesOf(drawFace('tally', ['0', '0'])).map(({ marks }) => marks),
    [0, 0],
  )
})

test('more than fifty take a second row', () => {
  assert.equal(drawFace('tally', ['50']).height, drawFace('tally', ['1']).height)
  const [low, high] = [drawFace('tally', ['50']), drawFace('tally', ['51'])]
  assert.ok(high.height > low.height)
  assert.equal(high.width, low.width)
})

test('marks stand on the page itself, in the colour of its text', () => {
  for (const side of ['light', 'dark'] as const) {
    const { svg } = drawFace('tally', ['7'], { theme: side })
    assert.doesNotMatch(svg, /<rect/)
    assert.ok(svg.includes(`stroke="${TALLY[side]}"`))
    assert.ok(contrast(TALLY[side], PAGES[side], side) >= LEAST_CONTRAST)
  }
  assert.match(drawFace('tally', ['7'], { color: both('#0a7') }).svg, /stroke="#0a7"/)
  const { svg } = drawFace('tally', ['7'], { background: both('#123456'), radius: 5 })
  assert.match(svg, /<rect [^>]*rx="5" fill="#123456"\/>/)
  assert.match(svg, /stroke="#fff"/)
})
