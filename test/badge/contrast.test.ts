import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { createBadges } from '../../src/badge/badge.ts'
import { STYLES } from '../../src/badge/options/options.ts'
import { apca } from '../harness/apca.ts'
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
        assert.equal(
          texts.length,
          options.label === '' && (style !== 'social' || !options.logo) ? 1 : 2,
        )
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

test('text is white, on a darker ground if need be, and dark only where white is far from readable', () => {
  for (const [ground, expected] of [
    ['000', '#fff'],
    ['555', '#fff'],
    // The greys on both sides of 3 to 1, where white begins to be worth a darker ground.
    ['949494', '#fff'],
    ['959595', '#111'],
    ['4c1', '#111'],
    ['yellow', '#111'],
    ['hsl(60,100%,90%)', '#111'],
    ['fff', '#111'],
    // As browsers read them: rounded, turned, and as opaque as they say.
    ['hsl(4,31%,52%)', '#fff'],
    ['hsl(480,100%,50%)', '#111'],
    ['hsl(120turn,100%,50%)', '#fff'],
    ['hsl(2rad,100%,50%)', '#111'],
    ['hsl(133grad,100%,50%)', '#111'],
    ['rgb(20%,20%,20%)', '#fff'],
    ['rgb(0 300 0)', '#111'],
    ['#0000008c', '#fff'],
    // A translucent ground is not darkened, as its page decides what it looks like.
    ['#00000088', '#000'],
    ['rgba(0,0,0,0.1)', '#111'],
    ['rgba(255,255,255,0.1),rgba(255,255,255,0.1)', '#111'],
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

const NAMES = [
  ...['brightgreen', 'green', 'yellow', 'yellowgreen', 'orange', 'red', 'blue', 'grey'],
  ...['lightgrey', '2d880b'],
]
for (const style of STYLES.filter((style) => style !== 'social')) {
  test(`${style}: on every named colour a number can be read, by WCAG and by APCA`, () => {
    for (const color of NAMES) {
      for (const theme of ['light', 'dark'] as const) {
        const [, number] = paintsOf(draw({ style, color, theme }), theme)
        const { fill = '', grounds: [ground = ''] = [] } = number ?? {}
        assert.ok(contrastOn(fill, [ground]) >= LEAST, `${color}: ${fill} on ${ground}`)
        const perceived = Math.abs(apca(fill, ground))
        // White would have 54 on brightgreen and 59 on green: dark text is no worse, and passes WCAG.
        assert.ok(perceived >= (fill === '#fff' ? 75 : 46), `${color}: ${perceived}`)
      }
    }
  })
}

test('a colour is darkened in its own hue, by as little as white text needs, and only for white text', () => {
  const groundOf = (options: Record<string, string>) =>
    paintsOf(draw(options), 'light').map(({ grounds }) => grounds.join())
  for (const [color, ground] of [
    ['blue', '#007cc2'],
    ['red', '#db3939'],
    ['orange', '#c75215'],
    ['grey', '#555'],
    ['yellow', '#d8b800'],
    ['e34c26', '#d7411c'],
  ] as const) {
    assert.deepEqual(groundOf({ color, labelColor: color }), [ground, ground])
    const contrast = contrastOn('#fff', [ground])
    if (color !== 'grey' && color !== 'yellow') assert.ok(contrast < 4.6, `${color}: ${contrast}`)
  }
  assert.deepEqual(groundOf({ color: 'blue', textColor: 'fff' }), ['#555', '#007ec6'])
})

test('dark text has no shadow, and light text has the one of badge-maker', () => {
  for (const style of ['flat', 'plastic']) {
    const shadows = (options: Record<string, string>) =>
      draw({ style, ...options }).match(/<g aria-hidden="true"[^>]*>(?=<text)/g)
    const dark = '<g aria-hidden="true" fill="#010101">'
    assert.deepEqual(shadows({ color: 'blue' }), [dark, dark])
    assert.deepEqual(shadows({ color: 'yellow' }), [dark])
    const both = draw({ style, color: 'yellow,blue', theme: 'auto' })
    assert.match(both, /<g aria-hidden="true" fill="none" class="c\d/)
    assert.match(both, /\{fill:#010101\}/)
  }
})
