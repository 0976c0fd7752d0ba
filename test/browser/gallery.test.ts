import assert from 'node:assert/strict'
import test from 'node:test'
import { SHELVES } from '../../src/badge/examples.ts'
import { build, FILE } from '../harness/app.ts'
import { faultsOf, launch, profile } from '../harness/browser.ts'

const { origin } = await build(FILE, { HOST: 'localhost' })
const context = await profile(await launch(FILE))
const page = await context.newPage()

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
  const images = await page.locator('figure img').count()
  assert.ok(images > samples.length && images < 2 * samples.length, 'dark only where it differs')
  assert.equal(await page.locator('figure a img').count(), images, 'each picture is a link')
  assert.deepEqual(complaints, [], 'none was refused')
  for (const [colorScheme, width] of [
    ['dark', 320],
    ['light', 1280],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 800 })
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
    assert.deepEqual(await faultsOf(page), [], colorScheme)
  }
})

test('a sample is taken to the tag builder by its picture', async () => {
  await page.goto(`${origin}/gallery`)
  await page.click('a:has(img[alt="A badge: Pill"])')
  await page.waitForSelector('input[value=Pill]:checked', { state: 'attached' })
  await page.click('a:has-text("See everything it can look like")')
  await page.click('a:has(img[alt="A badge: format=indian"])')
  await page.waitForSelector('#snippet')
  assert.equal(new URL(page.url()).search, '?format=indian', 'without the number of the sample')
  await page.goto(`${origin}/gallery`)
  await page.click('a:has(img[alt^="A card: days=90"])')
  await page.waitForSelector('#label', { state: 'attached' })
  assert.match(await page.inputValue('#snippet'), /graph\.svg\?days=90&amp;color=/)
})

test('each sample has a button that copies its tag', async () => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin })
  await page.goto(`${origin}/gallery`)
  await page.click('button[aria-label="Copy the tag: Odometer"]')
  await page.waitForSelector('button:text-is("Copied")')
  assert.equal(await page.textContent('#said'), 'HTML copied')
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    `<img src="${origin}/count/tag.svg?face=odometer&amp;digits=6" alt="hits" referrerpolicy="no-referrer-when-downgrade">`,
  )
})
