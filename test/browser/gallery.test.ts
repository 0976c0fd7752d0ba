import assert from 'node:assert/strict'
import test from 'node:test'
import { SHELVES } from '../../src/badge/examples.ts'
import { build, FILE } from '../harness/app.ts'
import { faultsOf, launch, profile } from '../harness/browser.ts'

const { origin } = await build(FILE, { HOST: 'localhost' })
const page = await (await profile(await launch(FILE))).newPage()

test('every sample is drawn on both grounds, nothing overflows, and axe finds no fault', async () => {
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  await page.goto(`${origin}/gallery`)
  await page.evaluate(() => {
    for (const image of document.images) image.loading = 'eager'
  })
  await page.waitForFunction(() =>
    [...document.images].every((image) => image.complete && image.naturalWidth > 0),
  )
  const samples = SHELVES.flatMap((shelf) => shelf.samples)
  assert.equal(await page.locator('figure img').count(), 2 * samples.length)
  assert.deepEqual(complaints, [], 'none was refused')
  for (const [colorScheme, width] of [
    ['dark', 320],
    ['light', 1280],
  ] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 800 })
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
    assert.deepEqual(await faultsOf(page), [], colorScheme)
  }
})

test('a sample is taken to the tag builder by its link', async () => {
  await page.goto(`${origin}/gallery`)
  await page.click('a:has-text("Pill")')
  await page.waitForSelector('#snippets li')
  assert.ok(await page.isChecked('input[value=Pill]'))
  await page.click('a:has-text("See everything it can look like")')
  await page.click('a:has-text("format=indian")')
  await page.waitForSelector('#snippets li')
  assert.equal(new URL(page.url()).search, '?format=indian', 'without the number of the sample')
})
