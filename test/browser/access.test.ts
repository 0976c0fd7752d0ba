import assert from 'node:assert/strict'
import test from 'node:test'
import { build, FILE, freshLists } from '../harness/app.ts'
import { faultsOf, launch, profile } from '../harness/browser.ts'
import { openFolds, openHome } from '../harness/builder.ts'

const built = await build(FILE, { HOST: 'localhost', TOP_IGNORE: '' })
const { get, origin } = built
for (const page of ['example.com/a', 'example.com/a', 'example.com/b']) {
  await get(`/count?url=${page}`)
}
await freshLists(built)
const browser = await launch(FILE)
/** One for all tests: to start a page takes longer than most of them. */
const page = await (await profile(browser)).newPage()

const PATHS = [
  ...[
    '/',
    '/page',
    '/page?url=example.com/a',
    '/site?host=example.com',
    '/me',
    '/privacy',
    '/nothing',
  ],
]

for (const path of PATHS) {
  test(`${path}: one header, no fault that axe finds, and nothing too wide, however it is shown`, async () => {
    for (const [colorScheme, contrast, width] of [
      ['light', null, 320],
      ['dark', null, 1280],
      ['light', 'more', 1280],
      ['dark', 'more', 320],
    ] as const) {
      await page.emulateMedia({ colorScheme, contrast, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 800 })
      await page.goto(origin + path)
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
      const faults = await faultsOf(page)
      assert.deepEqual(faults, [], `${colorScheme}, ${contrast} contrast, ${width} px`)
    }
    await page.emulateMedia({ colorScheme: 'light', contrast: null })
    const links = await page.locator('header nav a').allTextContents()
    assert.deepEqual(links, ['Look up', 'Now', 'Gallery', 'API', 'Your visits', 'Privacy'])
    const current = await page.locator('header [aria-current=page]').count()
    assert.equal(current, path === '/nothing' ? 0 : 1)
    await page.click('.brand')
    await page.waitForSelector('#build')
  })
}

test('everything to press is 24 px or more each way', async () => {
  await page.setViewportSize({ width: 360, height: 740 })
  for (const path of PATHS) {
    await page.goto(origin + path)
    if (path === '/') await openFolds(page)
    const small = await page.$$eval(
      'button, input, select, textarea, summary, nav a, .brand',
      (all) =>
        all.flatMap((element) => {
          // A radio lies over its label.
          const box = (element.closest('label') ?? element).getBoundingClientRect()
          const isSmall = box.width > 0 && (box.width < 24 || box.height < 24)
          return isSmall ? [`${element.outerHTML.slice(0, 80)}: ${box.width} x ${box.height}`] : []
        }),
    )
    assert.deepEqual(small, [] as string[], path)
  }
})

test('in forced colours both grounds and the bars are still there', async () => {
  await page.emulateMedia({ forcedColors: 'active' })
  await openHome(page, `${origin}/?url=example.com/a`)
  const grounds = await page.$$eval('.preview .ground', (all) =>
    all.map((each) => getComputedStyle(each).backgroundColor),
  )
  assert.deepEqual(grounds, ['rgb(255, 255, 255)', 'rgb(13, 17, 23)'])
  const [first, second] = await Promise.all(
    [0, 1].map((row) => page.locator('#top-pages progress').nth(row).screenshot()),
  )
  assert.ok(first && second && !first.equals(second), 'a longer bar looks longer')
  await page.emulateMedia({ forcedColors: 'none' })
})

test('on paper there is nothing to press', async () => {
  await page.emulateMedia({ media: 'print' })
  for (const path of PATHS) {
    await page.goto(origin + path)
    assert.equal(
      await page.locator('button:visible, input:visible, select:visible').count(),
      0,
      path,
    )
  }
  await page.goto(origin)
  assert.ok(await page.isVisible('#top-pages li'), 'the lists stay')
  await page.emulateMedia({ media: 'screen' })
})
