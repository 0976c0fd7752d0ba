import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { createBadges } from '../../src/badge/badge.ts'
import { STYLES } from '../../src/badge/options/options.ts'
import { color } from '../harness/colors.ts'
import { paintsOf, type Scheme } from '../harness/paints.ts'
import { runs } from '../harness/runs.ts'
import { contrastOn } from '../harness/wcag.ts'

const LEAST = 4.5
/** The grounds of GitHub's pages, which show through a colour that lets light through. */
const PAGES = { light: '#ffffff', dark: '#0d1117' }
const SEEN: [theme: string, scheme: Scheme, page: Scheme][] = [
  ['light', 'light', 'light'],
  // Whoever names a theme has said what ground it is for.
  ['light', 'dark', 'light'],
  ['dark', 'light', 'dark'],
  ['auto', 'light', 'light'],
  ['auto', 'dark', 'dark'],
]
const badges = createBadges({ label: 'hits', color: '#4c1' })

function draw(options: Record<string, string>): string {
  const { appearance, problem } = badges.read(options)
  assert.equal(problem, null)
  return badges.draw(appearance, { numbers: [1234], captions: [''], sparkline: null }, '')
}

for (const style of STYLES) {
  test(`${style}: text can be read on any colour, on light ground and on dark`, () => {
    const options = fc.record(
      {
        color: fc.tuple(color, color).map(String),
        labelColor: fc.tuple(color, color).map(String),
        label: fc.constantFrom('views', ''),
        colorSteps: color.map((reached) => `1000:${reached}`),
        logo: fc.constant('github'),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(options, fc.constantFrom(...SEEN), (options, [theme, scheme, page]) => {
        const texts = paintsOf(draw({ style, theme, ...options }), scheme)
        assert.equal(texts.length, options.label === '' && style !== 'social' ? 1 : 2)
        for (const { text, fill, grounds } of texts) {
          assert.ok(grounds.length > 0, `${text} stands on something`)
          const found = contrastOn(fill, [PAGES[page], ...grounds])
          assert.ok(found >= LEAST, `${text}: ${fill} on ${grounds} has ${found}`)
        }
      }),
      { numRuns: runs(200) },
    )
  })
}

test('text is white while that can be read, else dark', () => {
  for (const [ground, expected] of [
    ['000', '#fff'],
    ['555', '#fff'],
    // The greys on both sides of 4.5 to 1.
    ['767676', '#fff'],
    ['777777', '#000'],
    ['4c1', '#333'],
    ['yellow', '#333'],
    ['hsl(60,100%,90%)', '#333'],
    ['fff', '#333'],
    // As browsers read them: rounded, turned, and as opaque as they say.
    ['hsl(4,31%,52%)', '#000'],
    ['hsl(480,100%,50%)', '#333'],
    ['hsl(120turn,100%,50%)', '#000'],
    ['hsl(2rad,100%,50%)', '#333'],
    ['hsl(133grad,100%,50%)', '#333'],
    ['rgb(20%,20%,20%)', '#fff'],
    ['rgb(0 300 0)', '#333'],
    ['#0000008c', '#fff'],
    ['rgba(0,0,0,0.1)', '#333'],
    ['rgba(255,255,255,0.1),rgba(255,255,255,0.1)', '#333'],
  ] as const) {
    for (const style of ['flat', 'flat-square', 'plastic', 'for-the-badge']) {
      const drawn = paintsOf(draw({ style, color: ground, labelColor: ground }), 'light')
      assert.deepEqual(
        drawn.map(({ fill }) => fill),
        [expected, expected],
        `${ground}, ${style}`,
      )
    }
  }
  const seeThrough = {
    color: 'rgba(255,255,255,0.1)',
    labelColor: 'rgba(0,0,0,0.1)',
    theme: 'auto',
  }
  const texts = paintsOf(draw(seeThrough), 'dark')
  assert.deepEqual(
    texts.map(({ fill }) => fill),
    ['#fff', '#fff'],
    'a page that is dark shows through',
  )
})

test("a tag's own textColor is kept, readable or not", () => {
  const pair = fc.tuple(color, color)
  const { textColor } = badges.schema
  fc.assert(
    fc.property(fc.constantFrom(...STYLES), pair, pair, (style, grounds, own) => {
      const ground = String(grounds)
      const asked = { style, color: ground, labelColor: ground, textColor: String(own) }
      const svg = draw({ ...asked, theme: 'auto' })
      for (const scheme of ['light', 'dark'] as const) {
        const fills = paintsOf(svg, scheme).map(({ fill }) => fill)
        const kept = textColor.read(String(own))?.[scheme]
        assert.deepEqual(fills, [kept, kept])
      }
    }),
    { numRuns: runs(100) },
  )
})
