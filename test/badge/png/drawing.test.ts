import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { makeBadge } from 'badge-maker'
import fc from 'fast-check'
import { STYLES } from '../../../src/badge/options/options.ts'
import { parseLabel } from '../../../src/badge/options/parse.ts'
import { createStyleSheet, THEMES } from '../../../src/badge/style/theme.ts'
import { compile, element, fill } from '../../../src/badge/svg.ts'
import { drawer, readPng } from '../../harness/png.ts'

const draw = drawer({ after })
const picture = async (svg: string, scale = 1) => readPng(await draw(svg, scale))

const svgOf = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20">${content}</svg>`

const isLight = (pixel: number[]) => pixel.slice(0, 3).every((part) => part > 200)
const isDark = (pixel: number[]) => pixel.slice(0, 3).every((part) => part < 100)
/** Not quite as written: most styles lay a gradient over their grounds. */
const near = (pixel: number[], color: number[]) =>
  color.every((part, index) => Math.abs(part - (pixel[index] as number)) < 40)

const GREY = [0x55, 0x55, 0x55]
const BLUE = [0x00, 0x7e, 0xc6]
const PAPER = [0xfa, 0xfa, 0xfa]

/** Of each style: the colours of the two halves, and whether the letters are light. */
const LOOKS = {
  flat: { grounds: [GREY, BLUE], isText: isLight },
  'flat-square': { grounds: [GREY, BLUE], isText: isLight },
  plastic: { grounds: [GREY, BLUE], isText: isLight },
  'for-the-badge': { grounds: [GREY, BLUE], isText: isLight },
  social: { grounds: [PAPER, PAPER], isText: isDark },
}

for (const style of STYLES) {
  test(`${style}: the PNG is the badge, at each scale, with its letters`, async () => {
    const svg = makeBadge({ label: 'hits', message: '1,234', style, color: 'blue' })
    const [width = 0, height = 0] = [...svg.matchAll(/(?:width|height)="([\d.]+)"/g)].map(
      ([, digits]) => Number(digits),
    )
    const { grounds, isText } = LOOKS[style]
    for (const scale of [1, 2, 3]) {
      const png = await picture(svg, scale)
      assert.deepEqual(
        [png.width, png.height],
        [width, height].map((side) => Math.round(side * scale)),
      )
      const middle = Math.floor(png.height / 2)
      assert.ok(near(png.at(3 * scale, middle), grounds[0] as number[]), `${png.at(3, middle)}`)
      assert.ok(near(png.at(png.width - 3 * scale, middle), grounds[1] as number[]))
      // Without letters there would be none.
      const half = Math.floor(png.width / 2)
      const letters = { top: 5 * scale, bottom: png.height - 5 * scale }
      for (const sides of [
        { left: 3 * scale, right: half },
        { left: half, right: png.width - 3 * scale },
      ]) {
        const share = png.count({ ...letters, ...sides }, isText) / scale ** 2
        assert.ok(share > 12 && share < 150, `${share} px of letters at scale ${scale}`)
      }
    }
  })
}

test('a family that is not there is DejaVu Sans, and bold is its bold', async () => {
  const inFont = async (font: string) => {
    const png = await picture(svgOf(`<text x="2" y="16" font-size="14" ${font}>12345</text>`), 3)
    return png.count({ left: 0, top: 0, right: 180, bottom: 60 }, (pixel) => pixel[3] === 255)
  }
  const plain = await inFont('font-family="DejaVu Sans"')
  const bold = await inFont('font-family="DejaVu Sans" font-weight="bold"')
  assert.ok(plain > 500 && bold > 1.3 * plain, `${plain} px, ${bold} px`)
  for (const family of ['No Such Font', 'serif', 'sans-serif', 'monospace', 'cursive', 'fantasy']) {
    assert.equal(await inFont(`font-family="${family}"`), plain, family)
  }
})

test('a theme is drawn as it was asked for; what only a browser can know is left out', async () => {
  for (const theme of THEMES) {
    const sheet = createStyleSheet(theme)
    const square = sheet.paint({ fill: { light: '#0f0', dark: '#00f' } })
    sheet.addRule('@media (prefers-reduced-motion:no-preference){rect{fill:#f00;animation:a 1s}}')
    sheet.addRule('@keyframes a{from{opacity:0}to{opacity:1}}')
    const root = element('rect', { width: 60, height: 20, ...square })
    const inside = fill(compile(element('g', {}, ...sheet.elements(), root)), {} as never)
    const { at } = await picture(svgOf(inside))
    assert.deepEqual(at(5, 5), theme === 'dark' ? [0, 0, 255, 255] : [0, 255, 0, 255], theme)
  }
})

test('any label can be drawn', async () => {
  const strange =
    'a \u200b\u200d\u202e\u2066\u0301\u0651\u0627\u05d0\u0e33\u094d\u0937\u1161\ufe0f\u00ad漢👩🏽'
  const any = fc.integer({ min: 0x20, max: 0x10ffff }).map((code) => String.fromCodePoint(code))
  const unit = fc.oneof(fc.constantFrom(...strange), any)
  const labels = fc.string({ unit, maxLength: 30 }).filter((label) => parseLabel(label) === label)
  await fc.assert(
    fc.asyncProperty(labels, fc.constantFrom(...STYLES), async (label, style) => {
      const svg = makeBadge({ label, message: '7', style })
      const { width } = await picture(svg)
      assert.equal(width, Math.round(Number(/width="([\d.]+)"/.exec(svg)?.[1])))
    }),
    { numRuns: 60 },
  )
})
