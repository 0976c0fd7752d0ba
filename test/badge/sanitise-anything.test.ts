import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { SvgProblem } from '../../src/badge/untrusted/svg-values.ts'
import { ILLUSTRATOR, INKSCAPE, sanitised, svg, XMLNS } from '../harness/drawings.ts'

const ELEMENTS = new Set(
  'svg g path rect circle ellipse line polyline polygon linearGradient radialGradient stop clipPath defs'.split(
    ' ',
  ),
)

/** Fails where what came of a drawing could do anything but be drawn. */
function assertHarmless(markup: string): void {
  const ids = new Set<string>()
  const references: string[] = []
  let elements = 0
  const parser = new SaxesParser({ xmlns: true })
  parser.on('error', (error) => assert.fail(error))
  parser.on('opentag', ({ name, attributes }) => {
    elements += 1
    // The first is put around it here.
    if (elements === 1) return
    assert.ok(ELEMENTS.has(name), name)
    for (const [key, { value }] of Object.entries(attributes)) {
      assert.match(key, /^([a-zA-Z]+[12]?|[a-z]+(-[a-z]+)+)$/)
      assert.doesNotMatch(key, /^on|href|style|class|src/i)
      assert.match(value, /^[\w\s.,()#%+-]*$/)
      if (key !== 'id' && value.includes('#') && value.includes('url')) references.push(value)
      else assert.doesNotMatch(value, /url/i)
      if (key === 'id') ids.add(value)
    }
  })
  for (const event of ['text', 'comment', 'cdata', 'processinginstruction', 'doctype'] as const) {
    parser.on(event, () => assert.fail(`${event} came through`))
  }
  parser.write(`<svg ${XMLNS}>${markup}</svg>`).close()
  assert.ok(elements <= 502, `${elements} elements`)
  for (const reference of references) {
    const id = /^url\(#(p\d+)\)$/.exec(reference)?.[1]
    assert.ok(id !== undefined && ids.has(id), reference)
  }
}

/** Sanitises what may be anything. @returns whether something came of it */
function tried(source: string): boolean {
  try {
    assertHarmless(sanitised(source))
    return true
  } catch (error) {
    if (error instanceof SvgProblem) return false
    throw error
  }
}

test('whatever comes in, what comes out is harmless', () => {
  const name = fc.constantFrom(...ELEMENTS, 'script', 'title', 'x:path', 'foreignObject')
  const key = fc.constantFrom(
    ...'id d fill stroke transform clip-path style onload href xlink:href x:href points width offset viewBox xmlns'.split(
      ' ',
    ),
  )
  const word = fc.constantFrom(
    ...[
      'M0 0',
      '1',
      'a',
      '#a',
      'url(#a)',
      'url(#b)',
      'fill:url(#b)',
      'red',
      'javascript:a',
      'http://x',
      'scale(2)',
      '&quot;',
      '0 0 1 1',
    ],
  )
  const value = fc.oneof({ arbitrary: word, weight: 4 }, { arbitrary: fc.string(), weight: 1 })
  const attributes = fc
    .uniqueArray(fc.tuple(key, value), { selector: ([key]) => key, maxLength: 4 })
    .map((pairs) => pairs.map(([key, value]) => ` ${key}="${value.replace(/["<]/g, '')}"`).join(''))
  const markup: fc.Memo<string> = fc.memo((depth) =>
    fc
      .tuple(
        name,
        attributes,
        depth > 0 ? fc.array(markup(depth - 1), { maxLength: 3 }) : fc.constant([]),
      )
      .map(
        ([name, attributes, inside]): string =>
          `<${name}${attributes}>${inside.join('')}</${name}>`,
      ),
  )
  const drawing = markup(3).map((inside) =>
    svg(inside, 'xmlns:x="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'),
  )
  let drawn = 0
  fc.assert(
    fc.property(drawing, (source) => {
      if (tried(source)) drawn += 1
    }),
    { numRuns: 600 },
  )
  assert.ok(drawn > 60, `${drawn} of 600 were drawn`)
})

test('a real drawing with anything put into it, or cut out of it, is harmless or refused', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom(
      '<script/>',
      '"',
      '>',
      '<',
      ' onload="a"',
      ' xlink:href="#lg2"',
      'url(#lg1)',
      '&lt;',
      '<g>',
      '-',
      '9',
    ),
  )
  const change = fc.tuple(fc.constantFrom(INKSCAPE, ILLUSTRATOR), fc.nat(), fc.nat(6), piece)
  fc.assert(
    fc.property(change, ([source, place, length, piece]) => {
      const at = place % source.length
      tried(source.slice(0, at) + piece + source.slice(at + length))
    }),
    { numRuns: 600 },
  )
  fc.assert(fc.property(fc.string(), (source) => void tried(source)))
})
