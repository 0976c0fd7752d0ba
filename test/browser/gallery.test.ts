import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import test from 'node:test'
import { SHELVES } from '../../src/badge/gallery.ts'
import { build, FILE } from '../harness/app.ts'
import { launch, profile } from '../harness/browser.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const { app } = await build(FILE)
const browser = await launch(FILE)
await app.listen({ host: 'localhost', port: 0 })
const { port } = app.server.address() as { port: number }
const ORIGIN = `http://localhost:${port}`

for (const [colorScheme, width] of [
  ['dark', 320],
  ['light', 1280],
] as const) {
  test(`at ${width} px, ${colorScheme}: every sample is drawn, nothing overflows, and axe finds no fault`, async (t) => {
    const viewport = { width, height: 800 }
    const context = await profile(browser, { colorScheme, viewport })
    t.after(() => context.close())
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    await page.goto(`${ORIGIN}/gallery`)
    await page.evaluate(() => {
      for (const image of document.images) image.loading = 'eager'
    })
    await page.waitForFunction(() =>
      [...document.images].every((image) => image.complete && image.naturalWidth > 0),
    )
    const samples = SHELVES.flatMap((shelf) => shelf.samples)
    assert.equal(await page.locator('figure img').count(), 2 * samples.length)
    assert.deepEqual(complaints, [], 'none was refused')
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
    await page.evaluate(AXE)
    const { violations } = await page.evaluate(() =>
      (globalThis as never as { axe: typeof import('axe-core') }).axe.run(),
    )
    assert.deepEqual(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`),
      [],
    )
  })
}

test('a sample is taken to the tag builder by its link', async (t) => {
  const context = await profile(browser)
  t.after(() => context.close())
  const page = await context.newPage()
  await page.goto(`${ORIGIN}/gallery`)
  await page.click('a:has-text("Pill")')
  await page.waitForSelector('#snippets li')
  assert.ok(await page.isChecked('input[value=Pill]'))
  await page.click('a:has-text("See everything it can look like")')
  await page.click('a:has-text("format=indian")')
  await page.waitForSelector('#snippets li')
  assert.equal(new URL(page.url()).search, '?format=indian', 'without the number of the sample')
})
