import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { contrast } from '../../src/badge/style/contrast.ts'
import { measure } from '../../src/badge/style/measure.ts'
import { type Drawn, parseDrawing, parsePath } from '../harness/drawing.ts'
import { chartOf, draw, named, texts } from '../harness/graph.ts'

const SPOKEN: [number, number[], string, string][] = [
  [1234, [400, 12], 'example.com/a: 1,234 hits, 412 in the last 2 days', '412 in 2 days'],
  [1, [1, 0], 'example.com/a: 1 hit, 1 in the last 2 days', '1 in 2 days'],
  [5, [5], 'example.com/a: 5 hits, 5 in the last day', '5 in 1 day'],
]
for (const [total, hits, spoken, seen] of SPOKEN) {
  test(`a graph says ${spoken}`, () => {
    const drawn = parseDrawing(draw(hits, { total }))
    const [root, title] = drawn
    assert.equal(root?.attributes.role, 'img')
    assert.equal(root?.attributes['aria-label'], spoken)
    assert.equal(title?.text, spoken)
    assert.ok(texts(drawn).includes(seen))
    assert.ok(texts(drawn).includes('hits per day'))
  })
}

test('what was counted may have no name', () => {
  const drawn = parseDrawing(draw([1], { label: '' }))
  assert.equal(drawn[1]?.text, 'example.com/a: 1,234, 1 in the last day')
  assert.ok(texts(drawn).includes('per day'))
})

test('a month is described day by day, and more than that month by month', () => {
  const described = (hits: number[]) => named(parseDrawing(draw(hits)), 'desc')[0]?.text
  assert.equal(described([1234, 0]), '19 Nov 2026: 1,234; 20 Nov 2026: 0.')
  assert.equal(described(Array(31).fill(1))?.split('; ').length, 31)
  assert.equal(described(Array(32).fill(1)), 'Oct 2026: 12; Nov 2026: 20.')
  assert.equal(described(Array(366).fill(1))?.split('; ').length, 13)
})

const DATES: [number, string[]][] = [
  [1, ['20 Nov']],
  [2, ['19 Nov', '20 Nov']],
  [7, ['14 Nov', '17 Nov', '20 Nov']],
  [180, ['25 May', '23 Aug', '20 Nov']],
  [320, ['5 Jan', '14 Jun', '20 Nov']],
  [366, ['20 Nov 2025', '22 May 2026', '20 Nov 2026']],
]
for (const [days, words] of DATES) {
  test(`below ${days} days stands ${words.join(', ')}`, () => {
    const { drawn, left, right } = chartOf(draw(Array(days).fill(1)))
    const dates = named(drawn, 'text').slice(-words.length)
    assert.deepEqual(
      dates.map(({ text }) => text),
      words,
    )
    for (const { attributes, text } of dates) {
      const half = (measure(text, '11px Verdana') * 10) / 11 / 2
      assert.ok(Number(attributes.x) - half >= left - 0.01)
      assert.ok(Number(attributes.x) + half <= right + 0.01)
    }
  })
}

test('the turn of a year is no reason to name years in a short span', () => {
  const days = ['2025-12-31', '2026-01-01'].map((day) => ({ day, hits: 1 }))
  assert.deepEqual(texts(parseDrawing(draw([], { days }))).slice(-2), ['31 Dec', '1 Jan'])
})

test('no hits at all, and none of late, look like what they are', () => {
  const none = chartOf(draw([0, 0, 0], { total: 0 }))
  assert.ok(texts(none.drawn).includes('no visits yet'))
  assert.deepEqual(none.bars, [])
  assert.ok(texts(parseDrawing(draw([0, 0]))).includes('no visits in the last 2 days'))
  assert.ok(texts(parseDrawing(draw([0]))).includes('no visits in the last day'))
  assert.ok(!draw([0, 1]).includes('no visits'))
})

test('today, which is not over, is drawn pale and named, unless it is the highest day already', () => {
  const unfinished = (hits: number[]) => {
    const { drawn } = chartOf(draw(hits, { unfinished: true }))
    const pale = named(drawn, 'path').filter(
      ({ attributes }) => attributes['fill-opacity'] === '0.45',
    )
    return { pale, last: texts(drawn).at(-1) }
  }
  for (const days of [3, 30, 121, 366]) {
    const { pale, last } = unfinished([...Array(days - 1).fill(9), 1])
    assert.equal(pale.length, 1)
    assert.equal(parsePath(pale[0]?.attributes.d ?? '').length, 1)
    assert.equal(last, 'today')
    for (const hits of [Array(days).fill(9), [...Array(days - 1).fill(9), 0]]) {
      assert.equal(unfinished(hits).pale.length, hits.at(-1) === 0 ? 0 : 1)
    }
    assert.deepEqual(unfinished([...Array(days - 1).fill(1), 9]).pale, [])
  }
})

test('one day that is higher than all others is drawn over once more', () => {
  assert.equal(chartOf(draw([1, 3, 2])).bars.length, 2)
  const [, highest = ''] = chartOf(draw([1, 3, 2])).bars
  assert.equal(parsePath(highest).length, 1)
  assert.ok(chartOf(draw([1, 3, 2])).bars[0]?.includes(highest))
  for (const hits of [[3, 1, 3], [3]]) assert.equal(chartOf(draw(hits)).bars.length, 1)
})

function width({ text, attributes }: Drawn): number {
  const size = Number(attributes['font-size'])
  return attributes['font-weight'] === 'bold'
    ? (measure(text, 'bold 10px Verdana') * size) / 10
    : (measure(text, '11px Verdana') * size) / 11
}

/** Where the total begins, which ends before its label. */
function startOfTotal(drawn: Drawn[]): number {
  const whole = named(drawn, 'text')[1] as Drawn
  const parts = named(drawn, 'tspan')
  const gaps = parts.reduce((sum, { attributes }) => sum + Number(attributes.dx ?? 0), 0)
  return parts.reduce((end, part) => end - width(part), Number(whole.attributes.x)) - gaps
}

test('a long name is cut only where it has no more room', () => {
  for (let length = 1; length < 80; length++) {
    const name = 'abcdefgh'.repeat(10).slice(0, length)
    const drawn = parseDrawing(draw([1], { title: name }))
    const [title] = named(drawn, 'text') as [Drawn]
    if (title.text === name) continue
    assert.ok(title.text.endsWith('…') && name.startsWith(title.text.slice(0, -1)))
    const free = startOfTotal(drawn) - (20 + width(title))
    assert.ok(free >= 14 && free < 14 + 11, `${free} px are left after ${title.text}`)
  }
})

test('whatever a page is called, the graph is well-formed, says it whole, and shows as much as has room', () => {
  const page = fc.oneof(
    fc.array(fc.nat(0x10ffff)).map((points) => String.fromCodePoint(...points)),
    fc.string({ unit: fc.constantFrom(...'<>&"\'-{}a/]!?$'), maxLength: 60 }),
    fc.nat(2048).map((length) => 'W'.repeat(length)),
    fc.string({ unit: fc.constantFrom('\0', '\u0085', '\ud800', '\udfff', '\ufffe', '\uffff') }),
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  )
  const asked = fc.record({ title: page, label: page, total: fc.maxSafeNat() })
  fc.assert(
    fc.property(asked, fc.maxSafeNat(), (given, hits) => {
      const drawn = parseDrawing(draw([3, hits], given))
      const clean = (text: string) =>
        text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd')
      assert.equal(drawn[1]?.text, drawn[0]?.attributes['aria-label'])
      assert.ok(drawn[1]?.text.startsWith(`${clean(given.title)}: `))
      type Head = [Drawn, Drawn, Drawn, Drawn]
      const [title, , counted, sum] = named(drawn, 'text').slice(0, 4) as Head
      const [total, label] = named(drawn, 'tspan') as [Drawn, Drawn?]
      const start = (end: Drawn) => Number(end.attributes.x) - width(end)
      assert.ok(20 + width(title) < startOfTotal(drawn), 'the title ends before the total begins')
      if (label) assert.ok(Number(label.attributes.dx) >= 6, 'the label keeps its distance')
      assert.ok(20 + width(counted) < start(sum))
      assert.ok(Number(total.attributes['font-size']) >= 10)
      assert.ok(clean(given.title).startsWith(title.text.replace(/…$/, '')))
    }),
    { numRuns: 100 },
  )
})

test('a graph stays small', () => {
  const hits = Array.from({ length: 366 }, (_, day) => 2 ** 52 + ((day * 7919) % 1000) * 2 ** 42)
  const worst = { title: '&'.repeat(2048), label: '&'.repeat(80), theme: 'auto' as const }
  for (const days of [120, 366]) {
    const svg = draw(hits.slice(-days), worst)
    assert.ok(svg.length < 40_000, `${days} days take ${svg.length}`)
  }
  assert.ok(draw(hits).length < 13_000)
})

test('a graph is scaled as a whole', () => {
  const [root] = parseDrawing(draw([1], { scale: 1.5 }))
  const { width, height, viewBox } = root?.attributes ?? {}
  assert.deepEqual([width, height, viewBox], ['720', '285', '0 0 480 190'])
})

for (const theme of ['light', 'dark'] as const) {
  test(`all that is written can be read on ${theme} ground, and bars can be seen`, () => {
    for (const hits of [[1, 3], [0]]) {
      const drawn = parseDrawing(draw(hits, { theme }))
      const ground = named(drawn, 'rect')[0]?.attributes.fill ?? ''
      const written = [...named(drawn, 'text'), ...named(drawn, 'tspan')]
      for (const { text, attributes } of written.filter(({ text }) => text !== '')) {
        assert.ok(contrast(attributes.fill ?? '', ground, theme) >= 4.5, text)
        assert.ok(Number(attributes['font-size']) >= 10, text)
      }
      const bars = named(drawn, 'path').filter(({ attributes }) => attributes.fill)
      for (const { attributes } of bars.slice(0, 1)) {
        assert.ok(contrast(attributes.fill ?? '', ground, theme) >= 3)
      }
      assert.deepEqual(named(drawn, 'style'), [])
    }
  })
}

test('with the theme auto, a style sheet turns every colour into its dark one', () => {
  const [auto, light, dark] = (['auto', 'light', 'dark'] as const).map((theme) =>
    parseDrawing(draw([1, 3], { theme })),
  ) as [Drawn[], Drawn[], Drawn[]]
  const [style] = named(auto, 'style')
  assert.match(style?.text ?? '', /^@media \(prefers-color-scheme:dark\)\{/)
  const rules = new Map(
    [...(style?.text ?? '').matchAll(/\.(c\d+)\{([^}]*)\}/g)].map(([, name, rule]) => [name, rule]),
  )
  const rest = auto.filter(({ name }) => name !== 'style')
  for (const [at, { attributes }] of rest.entries()) {
    for (const property of ['fill', 'stroke'] as const) {
      const value = dark[at]?.attributes[property]
      assert.equal(attributes[property], light[at]?.attributes[property])
      if (value) assert.ok(rules.get(attributes.class)?.split(';').includes(`${property}:${value}`))
    }
  }
})

test('bars have the colour that was asked for', () => {
  const color = { light: '#0969da', dark: '#4493f8' }
  assert.match(draw([1], { color }), /fill="#0969da"/)
  assert.match(draw([1], { color, theme: 'dark' }), /fill="#4493f8"/)
  assert.doesNotMatch(draw([1], { color }), /#2da44e/)
})
