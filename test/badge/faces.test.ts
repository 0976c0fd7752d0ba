import assert from 'node:assert/strict'
import test from 'node:test'
import { DOT_DIGITS, DOTS } from '../../src/badge/digits/dots.ts'
import type { DigitShapes, Palette } from '../../src/badge/digits/face.ts'
import { FACE_NAMES, FACES } from '../../src/badge/digits/faces.ts'
import { FLAP, ODOMETER, ROUND_DIGITS } from '../../src/badge/digits/round.ts'
import { LCD, LED, SEGMENT_DIGITS } from '../../src/badge/digits/segments.ts'
import { contrast, LEAST_CONTRAST, PAGES, type Scheme } from '../../src/badge/style/contrast.ts'
import { both, THEMES } from '../../src/badge/style/theme.ts'
import { type Drawn, drawFace, type Wishes } from '../harness/faces.ts'
import { drawer, readPng } from '../harness/png.ts'

const OWN: Record<string, { palette: Palette; shapes: DigitShapes }> = {
  odometer: { palette: ODOMETER, shapes: ROUND_DIGITS },
  lcd: { palette: LCD, shapes: SEGMENT_DIGITS },
  flap: { palette: FLAP, shapes: ROUND_DIGITS },
  dots: { palette: DOTS, shapes: DOT_DIGITS },
  led: { palette: LED, shapes: SEGMENT_DIGITS },
}
const BY_DIGITS = Object.entries(OWN).map(([name, own]) => ({
  name: FACE_NAMES.find((each) => each === name) ?? assert.fail(name),
  ...own,
}))
const SIDES: Scheme[] = ['light', 'dark']

const NUMBERS = [['7'], ['42'], ['0123456789'], ['8888888888888888'], ['1', '2'], ['42', '01380']]
const WISHES: Wishes[] = [
  {},
  { animate: true },
  { color: both('#0a7'), background: both('rgba(0,0,0,.5)'), radius: 0 },
  { background: { light: '#fff', dark: '#333' }, radius: 40, animate: true },
]

/** The digits of a drawing with the places that they stand at, from left to right. */
function digitsOf({ elements }: Drawn, shapes: DigitShapes): string {
  return elements
    .filter(({ attributes }) => attributes.transform && shapes.includes(attributes.d ?? ''))
    .map(({ attributes }) => ({
      digit: shapes.indexOf(attributes.d ?? ''),
      x: Number(/^translate\(([\d.]+)/.exec(attributes.transform ?? '')?.[1]),
    }))
    .sort((one, other) => one.x - other.x)
    .map(({ digit }) => digit)
    .join('')
}

test('every face has a drawing', () => {
  assert.deepEqual(Object.keys(FACES).sort(), [...FACE_NAMES].sort())
  assert.deepEqual([...BY_DIGITS.map(({ name }) => name), 'tally'].sort(), [...FACE_NAMES].sort())
})

test('the ten digits of a face are ten shapes', () => {
  for (const { name, shapes } of BY_DIGITS) {
    assert.equal(shapes.length, 10, name)
    assert.equal(new Set(shapes).size, 10, name)
  }
})

test('segments and dots are those that people know', () => {
  // As printed in every data sheet: how many of seven are lit.
  assert.deepEqual(
    SEGMENT_DIGITS.map((shape) => shape.split('M').length - 1),
    [6, 2, 5, 5, 4, 5, 6, 3, 7, 6],
  )
  for (const [digit, shape] of DOT_DIGITS.entries()) {
    const rows = [...shape.matchAll(/M(\d) (\d)/g)].map(([, , y]) => Number(y))
    assert.deepEqual([...new Set(rows)], [0, 1, 2, 3, 4, 5, 6], `${digit} is seven dots tall`)
  }
})

for (const { name, shapes } of BY_DIGITS) {
  test(`${name}: every digit stands at its place, and no other digit is in the answer`, () => {
    for (const numbers of NUMBERS) {
      assert.equal(digitsOf(drawFace(name, numbers), shapes), numbers.join(''))
    }
    const { elements } = drawFace(name, ['12'])
    const found = elements.filter(({ attributes }) => shapes.includes(attributes.d ?? ''))
    // All segments at once, those that are off, look like an 8.
    const unlit = shapes === SEGMENT_DIGITS ? 1 : 0
    assert.equal(found.length, 2 + unlit)
  })

  test(`${name}: a place without a digit stays blank`, () => {
    const drawing = drawFace(name, ['1 x3'])
    assert.equal(digitsOf(drawing, shapes), '13')
    assert.doesNotMatch(drawing.svg, /undefined|NaN/)
  })
}

test('a drawing is strict XML, holds nothing but shapes, and refers to nothing but itself', () => {
  const may = new Set(
    'svg style g defs use path rect circle pattern linearGradient stop filter feGaussianBlur feMerge feMergeNode'.split(
      ' ',
    ),
  )
  for (const name of FACE_NAMES) {
    for (const numbers of name === 'tally' ? [['0'], ['13'], ['100'], ['7', '0']] : NUMBERS) {
      for (const wishes of WISHES) {
        for (const theme of THEMES) {
          const { svg, elements } = drawFace(name, numbers, { ...wishes, theme })
          assert.doesNotMatch(svg, /undefined|NaN|\bon\w+=|calc\(|var\(|@import/)
          const ids = elements.flatMap(({ attributes }) => attributes.id ?? [])
          assert.equal(new Set(ids).size, ids.length, `${name} has an id twice`)
          for (const each of elements) {
            assert.ok(may.has(each.name), `${name} holds <${each.name}>`)
            for (const [key, value] of Object.entries(each.attributes)) {
              if (key === 'href') assert.ok(ids.includes(value.slice(1)) && value[0] === '#', value)
              const [, id] = /url\((.*)\)/.exec(value) ?? []
              if (id !== undefined) assert.ok(ids.includes(id.slice(1)) && id[0] === '#', value)
            }
          }
        }
      }
    }
  }
})

test('drawings are small, and as high as badges are', () => {
  for (const { name } of BY_DIGITS) {
    const wishes = { theme: 'auto', animate: true } as const
    const { svg, height } = drawFace(name, ['8888888888888888'], wishes)
    assert.ok(svg.length < 12_000, `${name}: ${svg.length} characters for 16 digits`)
    assert.ok(drawFace(name, ['1234'], wishes).svg.length < 4000, name)
    assert.ok(height >= 20 && height <= 28, `${name}: ${height} px`)
  }
})

test("a face's own digits can be read, and its edge is seen on the background of a page", () => {
  for (const { name, palette } of BY_DIGITS) {
    for (const side of SIDES) {
      const [color, background, edge] = [
        palette.color[side],
        palette.background[side],
        palette.edge[side],
      ]
      const { svg } = drawFace(name, ['42'], { theme: side })
      for (const used of [color, background, edge]) assert.ok(svg.includes(`"${used}"`), name)
      assert.ok(contrast(color, background, side) >= LEAST_CONTRAST, `${name}, ${side}`)
      const seen = [background, edge].map((each) => contrast(each, PAGES[side], side))
      assert.ok(Math.max(...seen) >= 2, `${name}, ${side}: ${seen}`)
    }
  }
})

test('a background that was asked for brings digits that can be read; a colour leaves the background', () => {
  for (const { name, palette } of BY_DIGITS) {
    for (const [background, digits] of [
      ['#fff', '#111'],
      ['#123456', '#fff'],
      // The middle between black and white, where only black will do.
      ['#787878', '#000'],
    ] as const) {
      const drawing = drawFace(name, ['42'], { background: both(background) })
      assert.equal(colorOf(drawing, '4', OWN[name]?.shapes), digits, `${name} on ${background}`)
      assert.ok(!drawing.svg.includes(`"${palette.background.light}"`), name)
    }
    const drawing = drawFace(name, ['42'], { color: both('#0a7') })
    assert.equal(colorOf(drawing, '4', OWN[name]?.shapes), '#0a7', name)
    assert.ok(drawing.svg.includes(`"${palette.background.light}"`), name)
  }
})

/** The colour of the group that a digit stands in. */
function colorOf({ svg }: Drawn, digit: string, shapes: DigitShapes = []): string | undefined {
  const before = svg.slice(0, svg.lastIndexOf(`d="${shapes[Number(digit)]}"`))
  const group = before.slice(before.lastIndexOf('<g '))
  return /stroke="([^"]+)"/.exec(group)?.[1] ?? /fill="([^"]+)"/.exec(group)?.[1]
}

test('the last wheel of an odometer is the other way round, unless it is the only one', () => {
  const colorsOf = (numbers: string[], wishes: Wishes = {}) =>
    [...numbers.join('')].map((digit) =>
      colorOf(drawFace('odometer', numbers, wishes), digit, ROUND_DIGITS),
    )
  const [dark, light] = [ODOMETER.background.light, ODOMETER.color.light]
  assert.deepEqual(colorsOf(['123']), [light, light, dark])
  assert.deepEqual(colorsOf(['12', '34']), [light, dark, light, dark])
  assert.deepEqual(colorsOf(['1', '2']), [light, light])
  assert.deepEqual(colorsOf(['12'], { color: both('#ff0') }), ['#ff0', '#111'])
  assert.deepEqual(colorsOf(['12'], { background: both('rgba(0,0,0,0)') }), ['#111', '#fff'])
})

test('corners are as round as asked for', () => {
  const radii = ({ elements }: Drawn) =>
    elements.filter(({ name }) => name === 'rect').map(({ attributes }) => Number(attributes.rx))
  for (const { name } of BY_DIGITS) {
    assert.deepEqual([...new Set(radii(drawFace(name, ['42'], { radius: 0 })))], [0], name)
    assert.deepEqual([...new Set(radii(drawFace(name, ['42'], { radius: 5 })))], [4.5], name)
    const drawing = drawFace(name, ['42'], { radius: 40 })
    for (const radius of radii(drawing)) assert.ok(radius <= drawing.height / 2, name)
  }
})

test('auto brings rules for dark ground, where colours differ; one ground brings none', () => {
  for (const name of FACE_NAMES) {
    for (const theme of SIDES) assert.equal(drawFace(name, ['12'], { theme }).css, '', name)
    assert.match(
      drawFace(name, ['12'], { theme: 'auto' }).css,
      /^@media \(prefers-color-scheme:dark/,
    )
    const same = drawFace(name, ['12'], {
      theme: 'auto',
      color: both('#fff'),
      background: both('#135'),
    })
    const edge = OWN[name]?.palette.edge
    const rules = [...same.css.matchAll(/\{([^{}]+)\}/g)].map(([, rule]) => rule)
    assert.deepEqual(rules, edge ? [`stroke:${edge.dark}`] : [], name)
  }
})

test('what moves, moves only for those who have nothing against it, and is complete at rest', () => {
  for (const name of FACE_NAMES) {
    const still = drawFace(name, ['12', '34'])
    const moving = drawFace(name, ['12', '34'], { animate: true })
    assert.equal(still.css, '', name)
    assert.match(moving.css, /^@media \(prefers-reduced-motion:no-preference\)\{.*\}\}$/)
    // Nothing but the classes and the rules is different.
    const bare = moving.svg.replace(/<style>.*<\/style>/, '').replace(/ class="[^"]*"/g, '')
    assert.equal(bare, still.svg, name)
    for (const [, n] of moving.svg.matchAll(/class="in in(\d+)"/g)) {
      assert.ok(moving.css.includes(`.in${n}{`), `${name} ${n}`)
    }
  }
})

test('resvg draws ten digits, each unlike the others, at the size that the drawing names', async (t) => {
  const draw = drawer(t)
  for (const { name } of BY_DIGITS) {
    const images = new Set<string>()
    for (const digit of '0123456789') {
      const { svg, width, height } = drawFace(name, [digit], { animate: true, theme: 'auto' })
      const file = await draw(svg)
      const png = readPng(file)
      assert.deepEqual([png.width, png.height], [width, height])
      images.add(Buffer.from(file).toString('base64'))
    }
    assert.equal(images.size, 10, name)
  }
})
