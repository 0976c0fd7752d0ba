import assert from 'node:assert/strict'
import test from 'node:test'
import { createBadges } from '../../src/badge/badge.ts'
import { STYLES } from '../../src/badge/options/options.ts'
import { build, FILE } from '../harness/app.ts'
import { launch } from '../harness/browser.ts'
import { parseSvg } from '../harness/svg.ts'

const badges = createBadges({ label: 'hits', color: '#4c1' })

function draw(options: Record<string, string>, number = 1234): string {
  const { appearance, problem } = badges.read(options)
  assert.equal(problem, null)
  return badges.draw(appearance, { numbers: [number], captions: [''], sparkline: null }, '')
}

const textsOf = (svg: string) => parseSvg(svg).nodes.filter(({ name }) => name === 'text')

/** A label, and how wide its place should be: within 30 % of what fonts of these scripts take at 11 px. */
const LABELS: [label: string, px: number][] = [
  ['زيارات', 31],
  ['ביקורים', 40],
  ['ผู้เยี่ยมชม', 52],
  ['हिट्स', 26],
  ['조회수', 31],
  ['👀', 14],
  ['🇩🇪', 14],
  ['👩‍👩‍👧', 14],
]
for (const [label, px] of LABELS) {
  test(`${label} has a place of about ${px} px, and no width that its letters are forced to`, () => {
    for (const style of STYLES) {
      for (const text of textsOf(draw({ label, style })).filter((each) => each.text === label)) {
        assert.equal(text.attributes.textLength, undefined)
      }
    }
    const widths = ['', label].map((text) =>
      Number(/width="(\d+)"/.exec(draw({ label: text }))?.[1]),
    )
    // badge-maker puts 10 px around a label.
    const place = (widths[1] as number) - (widths[0] as number) - 10
    assert.ok(place > 0.7 * px && place < 1.4 * px, `${place} px`)
  })
}

test('a letter and its accent are one, so the badge is the same however they are typed', () => {
  assert.equal(draw({ label: 'e\u0301te\u0301' }), draw({ label: '\u00e9t\u00e9' }))
  assert.equal(draw({ suffix: ' e\u0301' }), draw({ suffix: ' \u00e9' }))
})

test('letters that are known are as wide as badge-maker says', () => {
  for (const label of ['hits', '访问量', 'просмотры']) {
    for (const { attributes } of textsOf(draw({ label }))) assert.ok(attributes.textLength)
  }
})

test('a label written from the right says so, and digits of other languages are not forced', () => {
  assert.equal(textsOf(draw({ label: 'زيارات!' }))[0]?.attributes.direction, 'rtl')
  assert.equal(textsOf(draw({ label: 'hits' }))[0]?.attributes.direction, undefined)
  for (const format of ['fa', 'hi-IN-u-nu-deva', 'ar-EG']) {
    const [number] = textsOf(draw({ label: '', format }))
    assert.equal(number?.attributes.textLength, undefined, format)
  }
})

const MANY: Record<string, string>[] = [
  ...STYLES.flatMap((style) => [{ style }, { style, label: 'views', color: 'blue' }]),
  ...STYLES.map((style) => ({ style, radius: '9', animate: '1' })),
  ...STYLES.map((style) => ({ style, theme: 'auto', color: '4c1,2ea043' })),
  ...['led', 'lcd', 'flap', 'odometer', 'dots', 'tally'].map((face) => ({ face, animate: '1' })),
  { theme: 'auto', labelColor: 'red,blue' },
  { trend: '30d', logo: 'github' },
]

test('no id and no class is the same in two badges that differ', () => {
  const owners = new Map<string, string>()
  for (const options of MANY) {
    for (const number of [7, 1234]) {
      const svg = draw(options, number)
      const names = [...svg.matchAll(/ (?:id|class)="([^"]+)"/g)].flatMap(([, all = '']) =>
        all.split(' '),
      )
      const key = JSON.stringify({ options, number })
      for (const name of names) assert.equal(owners.get(name) ?? key, key, name)
      for (const name of names) owners.set(name, key)
      for (const [, id = ''] of svg.matchAll(/url\(#([^)]+)\)/g)) assert.ok(names.includes(id), id)
      for (const [, name = ''] of svg.matchAll(/animation:(\w+)/g)) {
        assert.ok(svg.includes(`@keyframes ${name}{`), name)
      }
    }
  }
})

test('badges pasted into one page look as they do alone', async () => {
  const browser = await launch(FILE)
  const page = await (
    await browser.newContext({ viewport: { width: 600, height: 6000 } })
  ).newPage()
  const { get } = await build(FILE)
  await get('/count?url=a.example')
  const graphs = ['label=hits', 'label=views&color=red', 'theme=dark'].map(
    async (options) => (await get(`/graph.svg?url=a.example&days=7&${options}`)).body,
  )
  const still = MANY.filter(({ animate }) => animate === undefined)
  const svgs = [...still.map((options) => draw(options)), ...(await Promise.all(graphs))]
  // Each stands where it stands alone too: a blur is not drawn equally at every place.
  const place = (at: number) => `position:absolute;left:0;top:${at * 200}px`
  const show = (boxes: string[]) =>
    page.setContent(`<body style="margin:0">${boxes.join('')}</body>`)
  const shoot = (y = 0, height = svgs.length * 200) =>
    page.screenshot({ clip: { x: 0, y, width: 600, height }, fullPage: true })
  const together = svgs.map((svg, at) => `<div style="${place(at)}">${svg}</div>`)
  const alone = svgs.map((svg, at) => {
    const inside = `<body style="margin:0">${svg}`
      .replaceAll('&', '&amp;')
      .replaceAll('"', '&quot;')
    return `<iframe style="${place(at)};border:0;width:600px;height:200px" srcdoc="${inside}"></iframe>`
  })
  await show(alone)
  const expected = await shoot()
  await show(together)
  if ((await shoot()).equals(expected)) return
  for (const [at, svg] of svgs.entries()) {
    await show(alone.slice(at, at + 1))
    const part = await shoot(at * 200, 200)
    await show(together)
    assert.ok((await shoot(at * 200, 200)).equals(part), svg.slice(0, 200))
  }
  assert.fail('they differ somewhere else')
})
