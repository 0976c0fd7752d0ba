import assert from 'node:assert/strict'
import test from 'node:test'
import { STYLES } from '../../src/badge/options/options.ts'
import { SPARKLINE_PERIODS } from '../../src/badge/sparkline.ts'
import { temporaryFolder } from '../harness/app.ts'
import { embed, launch, profile } from '../harness/browser.ts'
import { comparePicture, onlyOurFonts } from '../harness/pictures.ts'

const BADGE = '/sample/tag.svg?'
const CARD = '/sample/graph.svg?'

/** Badges of each style in a line, with these options besides. */
const inStyles = (...options: string[]) =>
  options.map((more) => STYLES.map((style) => `${BADGE}style=${style}&${more}`))

/** What is on a picture: lines of images. */
const SHEETS: Record<string, string[][]> = {
  styles: inStyles(
    'color=4c1,2ea043',
    'color=fe7d37&label=Page+views&format=comma',
    'label=&color=0969da,1f6feb&suffix=+views',
    'logo=github&color=8250df&labelColor=24292f,30363d',
    'logo=rss&label=&logoColor=white&color=b35900&radius=9',
    'show=today-total&format=space&color=f6f8fa,161b22&labelColor=eaeef2,21262d',
    'prefix=%23&format=compact&scale=1.5&color=cf222e&radius=0',
    'animate=1&count=99999&format=comma',
  ),
  faces: [
    ...['odometer', 'lcd', 'flap', 'dots', 'led', 'tally'].map((face) => [
      `${BADGE}face=${face}&digits=6&count=23`,
      `${BADGE}face=${face}&digits=2&count=90&show=today-total`,
      `${BADGE}face=${face}&count=47&color=0a3069,79c0ff&labelColor=ddf4ff,0c2d6b&radius=6`,
    ]),
    ['odometer', 'lcd', 'flap', 'dots', 'led'].map(
      (face) => `${BADGE}face=${face}&count=1234567890`,
    ),
  ],
  trends: [
    ...Object.keys(SPARKLINE_PERIODS).flatMap((trend) =>
      inStyles(`trend=${trend}&color=1a7f37,238636&format=comma`),
    ),
    ...inStyles('trend=30d&label=&color=fff8c5,3d2f00&logo=github'),
    ...inStyles('trend=7d&color=0969da&scale=1.5'),
  ],
  cards: [
    [CARD, `${CARD}days=7&color=0969da,58a6ff&count=987654321`],
    [`${CARD}days=366&label=views&base=5000`, `${CARD}days=1&label=&count=0`],
  ],
}

test('badges and cards look as on the stored pictures, on light ground and on dark', async (t) => {
  const { site, origin } = await embed(t)
  // Playwright's own way to ask for less motion does not reach images.
  const flags = ['--force-prefers-reduced-motion']
  const browser = await launch(t, flags, onlyOurFonts(temporaryFolder(t)))
  for (const colorScheme of ['light', 'dark'] as const) {
    const viewport = { width: 1000, height: 100 }
    const page = await (await profile(browser, { colorScheme, viewport })).newPage()
    for (const [topic, lines] of Object.entries(SHEETS)) {
      await t.test(`${topic}, ${colorScheme}`, async () => {
        site.html = sheet(lines, origin)
        await page.goto(site.origin)
        const sizes = await page.evaluate(() =>
          [...document.images].map(({ naturalWidth }) => naturalWidth),
        )
        assert.ok(sizes.length > 0 && sizes.every((width) => width > 0), 'every image is shown')
        await comparePicture(page, `${topic}-${colorScheme}`)
      })
    }
  }
})

/** As GitHub shows them: the ground is its own. The page is as wide as its images. */
function sheet(lines: string[][], origin: string): string {
  const shown = lines.map((line) =>
    line.map((query) => {
      const separator = query.endsWith('?') ? '' : '&'
      return `<img src="${`${origin}${query}${separator}theme=auto`.replaceAll('&', '&amp;')}">`
    }),
  )
  return `<style>
    :root { color-scheme: light dark; background: light-dark(#fff, #0d1117) }
    body { margin: 8px; width: max-content }
    div { display: flex; gap: 8px; align-items: center; margin: 0 0 8px }
  </style>${shown.map((line) => `<div>${line.join('')}</div>`).join('')}`
}
