import assert from 'node:assert/strict'
import test from 'node:test'
import { makeBadge } from 'badge-maker'
import { createBadges } from '../../src/badge/badge.ts'
import { SHELVES } from '../../src/badge/examples.ts'
import { readIcon } from '../../src/badge/options/logo.ts'
import { parseColor } from '../../src/badge/options/parse.ts'
import { createSparkline } from '../../src/badge/sparkline.ts'
import { paintsOf, type Scheme } from '../harness/paints.ts'
import { parseSvg, withoutSuffix } from '../harness/svg.ts'

const badges = createBadges({ label: 'hits', color: '#4c1' })
const PNG =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEUlEQVR4nGP4z8AARGDiPwMAHfAD/aAzCYkAAAAASUVORK5CYII='

type Options = Record<string, string>

function draw(options: Options, number = 1234): string {
  const { appearance, problem } = badges.read(options)
  assert.equal(problem, null)
  const { trend } = appearance.options
  const sparkline = trend && createSparkline(trend, [3, 0, 5, 8, 2, 1, 1204])
  return withoutSuffix(
    badges.draw(appearance, { numbers: [number], captions: [''], sparkline }, ''),
  )
}

const root = (svg: string) => parseSvg(svg).nodes[0]?.attributes ?? {}
const widthOf = (svg: string) => Number(root(svg).width)
const byName = (svg: string, name: string) =>
  parseSvg(svg).nodes.filter((node) => node.name === name)

const TEXTS: [options: Options, number: number, texts: string, title: string][] = [
  [{}, 1234, 'hits|1234', 'hits: 1,234'],
  [{}, 999, 'hits|999', 'hits: 999'],
  [{ label: ' page views ' }, 1, 'page views|1', 'page views: 1'],
  [{ label: '' }, 1234, '1234', '1,234'],
  [{ label: '<b>&"' }, 1, '<b>&"|1', '<b>&": 1'],
  [{ prefix: '#' }, 1234, 'hits|#1234', 'hits: #1,234'],
  [{ suffix: ' <views>' }, 1234, 'hits|1234 <views>', 'hits: 1,234 <views>'],
  [{ prefix: '~', suffix: '+', label: '' }, 5, '~5+', '~5+'],
  [{ style: 'for-the-badge', suffix: ' views' }, 7, 'HITS|7 VIEWS', 'hits: 7 views'],
  [{ style: 'for-the-badge', format: 'compact' }, 1234, 'HITS|1.2K', 'hits: 1,234'],
  [{ style: 'social' }, 1234, 'Hits|1234', 'hits: 1,234'],
  [{ format: 'plain' }, 1234567, 'hits|1234567', 'hits: 1,234,567'],
  [{ format: 'comma' }, 1234567, 'hits|1,234,567', 'hits: 1,234,567'],
  [{ format: 'space' }, 1234567, 'hits|1\u00a0234\u00a0567', 'hits: 1,234,567'],
  [{ format: 'dot' }, 1234567, 'hits|1.234.567', 'hits: 1,234,567'],
  [{ format: 'indian' }, 1234567, 'hits|12,34,567', 'hits: 1,234,567'],
  [{ format: 'compact' }, 999, 'hits|999', 'hits: 999'],
  [{ format: 'compact' }, 1999, 'hits|1.9k', 'hits: 1,999'],
  [{ format: 'compact' }, 19_999, 'hits|19k', 'hits: 19,999'],
  [{ format: 'compact' }, 2 ** 53, 'hits|9Q', 'hits: 9,007,199,254,740,992'],
  [{ format: 'roman' }, 1999, 'hits|MCMXCIX', 'hits: 1,999'],
  [{ format: 'roman' }, 3999, 'hits|MMMCMXCIX', 'hits: 3,999'],
  [{ format: 'roman' }, 4000, 'hits|4,000', 'hits: 4,000'],
  [{ format: 'roman' }, 0, 'hits|0', 'hits: 0'],
  [{ format: 'de' }, 1234567, 'hits|1.234.567', 'hits: 1,234,567'],
  [{ format: 'en-IN' }, 1234567, 'hits|12,34,567', 'hits: 1,234,567'],
  [{ format: 'ar-EG' }, 1234567, 'hits|١٬٢٣٤٬٥٦٧', 'hits: 1,234,567'],
]
test('what a badge says, to those who see it and to those who do not', () => {
  for (const [options, number, texts, title] of TEXTS) {
    const svg = draw(options, number)
    const drawn = paintsOf(svg, 'light').map(({ text }) => text)
    assert.equal(drawn.join('|'), texts, JSON.stringify(options))
    assert.equal(parseSvg(svg).title, title)
    assert.equal(root(svg)['aria-label'], title)
  }
})

test("a colour's name means what badge-maker draws by it", () => {
  const names = [
    ...['brightgreen', 'green', 'yellow', 'yellowgreen', 'orange', 'red', 'blue', 'grey', 'gray'],
    ...['lightgrey', 'lightgray', 'critical', 'important', 'success', 'informational', 'inactive'],
  ]
  for (const color of names) {
    const drawn = makeBadge({ message: '1', color, style: 'for-the-badge' })
    assert.equal(parseColor(color), /<rect[^>]* fill="([^"]+)"/.exec(drawn)?.[1], color)
  }
})

/** Not in order. */
const STEPS = '1000:orange,100:yellow,10000:111'
const PAGES: [options: Options, number: number, scheme: Scheme, grounds: string][] = [
  [{}, 1, 'light', '#555 #4c1'],
  [{}, 1, 'dark', '#555 #4c1'],
  [{ theme: 'dark' }, 1, 'light', '#30363d #4c1'],
  [{ theme: 'auto' }, 1, 'light', '#555 #4c1'],
  [{ theme: 'auto' }, 1, 'dark', '#30363d #4c1'],
  [{ color: 'abc', labelColor: '#def' }, 1, 'light', '#def #abc'],
  [{ color: 'BrightGreen,CRITICAL', labelColor: 'RED' }, 1, 'dark', '#db3939 #db3939'],
  [{ color: 'critical', labelColor: 'RebeccaPurple' }, 1, 'light', 'rebeccapurple #db3939'],
  [{ color: 'abc,def' }, 1, 'light', '#555 #abc'],
  [{ color: 'abc,def' }, 1, 'dark', '#30363d #def'],
  [{ labelColor: 'rgb(1,2,3),hsl(1,2%,3%)' }, 1, 'dark', 'hsl(1,2%,3%) #4c1'],
  [{ color: 'abc,def', theme: 'light' }, 1, 'dark', '#555 #abc'],
  [{ color: 'abc,def', theme: 'dark' }, 1, 'light', '#30363d #def'],
  [{ textColor: 'fff,000' }, 1, 'dark', '#30363d #4c1'],
  [{ colorSteps: STEPS, color: 'blue' }, 99, 'light', '#555 #007cc2'],
  [{ colorSteps: STEPS }, 99, 'light', '#555 #4c1'],
  [{ colorSteps: STEPS, color: 'blue' }, 100, 'light', '#555 #d8b800'],
  [{ colorSteps: STEPS }, 999, 'light', '#555 #d8b800'],
  [{ colorSteps: STEPS }, 1000, 'light', '#555 #c75215'],
  [{ colorSteps: STEPS }, 9999, 'light', '#555 #c75215'],
  [{ colorSteps: STEPS }, 10_000, 'light', '#555 #111'],
]
test('what it stands on', () => {
  for (const [options, number, scheme, expected] of PAGES) {
    const grounds = paintsOf(draw(options, number), scheme).map(({ grounds }) => grounds.join())
    assert.equal(grounds.join(' '), expected, `${JSON.stringify(options)}, ${number}, ${scheme}`)
  }
})

test('scale makes a face larger too', () => {
  const [plain, scaled] = ['1', '2.5'].map((scale) => root(draw({ face: 'led', scale })))
  assert.equal(Number(scaled?.height), 2.5 * Number(plain?.height))
  assert.equal(scaled?.viewBox, `0 0 ${plain?.width} ${plain?.height}`)
})

test('radius rounds every style, and scale makes it larger without drawing it anew', () => {
  for (const style of ['flat', 'flat-square', 'plastic', 'for-the-badge', 'social']) {
    for (const radius of ['0', '7.5', '14']) {
      const rounded = byName(draw({ style, radius }), 'rect').flatMap(({ attributes }) =>
        attributes.rx ? [attributes] : [],
      )
      assert.ok(rounded.length > 0, style)
      // Corners that are rounder than a half circle would make pointed ends.
      for (const { rx, height } of rounded) {
        assert.equal(Number(rx), Math.min(Number(radius), Number(height) / 2), style)
      }
    }
    const plain = draw({ style })
    const { width, height, viewBox, ...others } = root(plain)
    assert.equal(viewBox, undefined)
    const scaled = draw({ style, scale: '2.5' })
    assert.deepEqual(root(scaled), {
      ...others,
      width: String(Number(width) * 2.5),
      height: String(Number(height) * 2.5),
      viewBox: `0 0 ${width} ${height}`,
    })
    assert.deepEqual(parseSvg(scaled).nodes.slice(1), parseSvg(plain).nodes.slice(1))
    assert.equal(draw({ style, scale: '1' }), plain)
  }
  const square = draw({ style: 'flat-square', radius: '5' })
  assert.match(
    square,
    /<clipPath id="r">.*<g [^>]*clip-path="url\(#r\)"/,
    'cut off where no corner was',
  )
})

test('animate: smaller numbers are hidden but where motion is welcome', () => {
  for (const style of ['flat', 'flat-square', 'plastic', 'for-the-badge', 'social']) {
    const svg = draw({ style, animate: '1', format: 'comma' })
    const frames = byName(svg, 'text').filter(({ attributes }) =>
      /\bf\d$/.test(attributes.class ?? ''),
    )
    const numbers = frames.map(({ text }) => Number(text.replace(',', '')))
    assert.equal(frames.length, 8)
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    )
    assert.ok(numbers.every((number) => number > 0 && number < 1234))
    for (const { attributes } of frames) {
      assert.equal(attributes.opacity, '0')
      assert.equal(attributes['aria-hidden'], 'true')
    }
    const css = byName(svg, 'style')
      .map(({ text }) => text)
      .join('')
    const [motion = ''] =
      /@media \(prefers-reduced-motion:no-preference\)\{(\.\w+\{[^}]*\})*\}/.exec(css) ?? []
    assert.equal(motion.match(/\.f\d\{animation:f /g)?.length, 8)
    assert.match(motion, /\{\.n\{animation:n /)
    assert.doesNotMatch(css.replace(motion, ''), /animation/)
    assert.equal(draw({ style, animate: '0' }), draw({ style }))
    assert.doesNotMatch(draw({ style }), /animation|keyframes/)
  }
})

/** What is drawn of a logo: its colour, and its room in px. */
function logoOf(options: Options): string {
  const svg = draw(options)
  const { nodes } = parseSvg(svg)
  const at = nodes.findIndex(({ name }, index) => name === 'svg' && index > 0)
  const [box, path] = nodes.slice(at, at + 2)
  assert.equal(path?.attributes.d, readIcon(String(options.logo))?.path)
  return `${path?.attributes.fill} ${box?.attributes.width}x${box?.attributes.height}`
}

test('a logo by name has its brand colour where that can be seen, else the text’s; or its own', () => {
  for (const [options, expected] of [
    [{ logo: 'github' }, '#fff 14x14'],
    [{ logo: 'github', labelColor: 'fff' }, '#181717 14x14'],
    [{ logo: 'Node.js', labelColor: '000' }, '#5fa04e 14x14'],
    [{ logo: 'nodedotjs', labelColor: '5fa04e' }, '#fff 14x14'],
    [{ logo: 'github', label: '', color: 'fff' }, '#181717 14x14'],
    [{ logo: 'github', labelColor: 'fff,000', theme: 'dark' }, '#fff 14x14'],
    [{ logo: 'github', logoColor: 'red' }, '#dd4343 14x14'],
    [{ logo: 'github', logoWidth: '40' }, '#fff 14x14'],
    [{ logo: 'github', logoWidth: '8' }, '#fff 8x14'],
    [{ logo: 'github', style: 'social' }, '#181717 14x14'],
    [{ logo: 'github', textColor: 'ff0' }, '#ff0 14x14'],
  ] as [Options, string][]) {
    assert.equal(logoOf(options), expected, JSON.stringify(options))
  }
  for (const style of ['flat', 'flat-square', 'plastic', 'for-the-badge', 'social']) {
    const [usual, wide, narrow] = ['', '40', '4'].map((logoWidth) =>
      widthOf(draw({ style, logo: 'github', logoWidth })),
    ) as [number, number, number]
    assert.deepEqual([wide - usual, usual - narrow], [0, 10], style)
    assert.ok(usual > widthOf(draw({ style })))
  }
})

test('the social style without a label and a logo is the number alone', () => {
  const number = draw({ style: 'social', label: '' })
  assert.equal(byName(number, 'path').length, 0)
  const grounds = byName(number, 'rect').map(({ attributes }) => attributes)
  assert.deepEqual(
    grounds.map(({ x, width }) => [Number(x), Number(width)]),
    [[0.5, widthOf(number) - 1]],
  )
  for (const { attributes } of byName(number, 'text')) {
    assert.equal(Number(attributes.x), (widthOf(number) / 2) * 10 - 5)
  }
  assert.equal(byName(draw({ style: 'social', label: '', logo: 'github' }), 'path').length, 2)
})

test('a logo that is an image is drawn as it was sent, in the room that it has', () => {
  const [image] = byName(draw({ logo: PNG, logoWidth: '20' }), 'image')
  assert.equal(image?.attributes.href, PNG)
  assert.deepEqual([image?.attributes.width, image?.attributes.height], ['20', '14'])
})

test('a trend is drawn behind the number, and told', () => {
  const told = 'hits: 1,234. Last 7 days: 3, 0, 5, 8, 2, 1, 1,204.'
  const plain = draw({})
  const svg = draw({ trend: '7d' })
  assert.equal(parseSvg(svg).title, told)
  assert.equal(root(svg)['aria-label'], told)
  const lines = byName(svg, 'path').filter(({ attributes }) => attributes.fill === 'none')
  assert.equal(lines.length, 1)
  assert.match(lines[0]?.attributes.d ?? '', /^M2,\d/)
  const wider = ['7d', '30d', '12m'].map((trend) => widthOf(draw({ trend })) - widthOf(plain))
  assert.deepEqual(wider, [42, 66, 50])
})

test('a face has at least so many digits, and the name of a badge', () => {
  for (const face of ['odometer', 'lcd', 'flap', 'dots', 'led']) {
    const width = (digits: string, number: number) => widthOf(draw({ face, digits }, number))
    assert.equal(width('6', 1), width('', 100_000), face)
    assert.ok(width('6', 1) > width('5', 1))
    assert.equal(width('3', 1234), width('', 1234))
    assert.equal(parseSvg(draw({ face, label: 'views', digits: '6' })).title, 'views: 1,234')
    assert.equal(parseSvg(draw({ face, label: '', prefix: '#' })).title, '#1,234')
  }
})

test('tally marks go up to 100; beyond that they are a badge', () => {
  assert.notEqual(draw({ face: 'tally' }, 100), draw({}, 100))
  assert.equal(draw({ face: 'tally' }, 101), draw({ theme: 'auto' }, 101))
  assert.equal(draw({ face: 'tally', theme: 'light' }, 101), draw({}, 101))
})

test('what the gallery shows can be drawn', () => {
  // A sample may say how many hits it shows, and a card of how many days.
  const more = ['count', 'days']
  for (const { name, options } of SHELVES.flatMap(({ samples }) => samples)) {
    const { problem } = badges.read(options)
    assert.equal(problem, null, name)
    for (const option of Object.keys(options)) {
      const known = Object.hasOwn(badges.schema, option) || more.includes(option)
      assert.ok(known, `${name} names ${option}`)
    }
  }
})
