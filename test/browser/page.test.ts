import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { PageKey } from '../../src/page.ts'
import { freshLists, T0 } from '../harness/app.ts'
import { faultsOf } from '../harness/browser.ts'
import { shown, startMoving, textOf } from '../harness/moving.ts'
import { startProxy } from '../harness/proxy.ts'

/** How soon a number moves, in ms. */
const SOON_MS = 1000
/** A port on which nobody listens. */
const NOBODY = 1
const DAY_MS = 86_400_000
const LONG = 'blog.example.com/2026/a-page-with-quite-a-long-path/that-does-not-fit/on-a-phone.html'

/** The service, in which every visit counts and every page is listed. */
const start = (t: TestContext, env: Record<string, string> = {}) =>
  startMoving(t, { WINDOW_SECONDS: '0', TOP_IGNORE: '', ...env })
const COUNT = '[data-number=count] dd'

test('the numbers of a page and a site move within a second, and are right after the network was cut', async (t) => {
  const { get, open, port } = await start(t)
  await get('/count?url=a.example/x')
  let isCut = false
  const network = await startProxy(t, () => (isCut ? [NOBODY] : [port]))
  const page = await open()
  const site = await open()
  const complaints: string[] = []
  for (const each of [page, site]) each.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(`http://localhost:${network.port}/page?url=a.example/x`)
  await site.goto(`http://localhost:${network.port}/site?host=a.example`)
  for (const each of [page, site]) await each.waitForSelector('#state:has-text("Live")')
  await get('/count?url=a.example/x')
  const waits = await Promise.all([page, site].map((each) => shown(each, COUNT, '2')))
  assert.ok(Math.max(...waits) < SOON_MS, String(waits))
  await shown(page, '[data-number=active]', '2')
  await shown(page, '[data-number="7d"] dd', '2')

  isCut = true
  network.cut()
  await page.waitForSelector('#state:has-text("Connecting")')
  for (let visit = 0; visit < 3; visit++) await get('/count?url=a.example/x')
  isCut = false
  for (const each of [page, site]) await shown(each, COUNT, '5')
  assert.deepEqual(complaints, [])
})

test('by keyboard alone: the arrow keys read the chart, bar by bar, and a screen reader hears it', async (t) => {
  const { get, open, origin, clock } = await start(t)
  clock.now = T0 - DAY_MS
  await get('/count?url=a.example/x')
  clock.now = T0
  for (let visit = 0; visit < 3; visit++) await get('/count?url=a.example/x')
  const page = await open()
  await page.goto(`${origin}/page?url=a.example/x`)
  const chart = page.locator('#chart[role=slider]')
  await chart.focus()
  const said = () => chart.getAttribute('aria-valuetext')
  await page.keyboard.press('End')
  assert.equal(await said(), '15 Jan 2026: 3 hits')
  assert.equal(await textOf(page, '#reading'), '15 Jan 2026: 3 hits')
  await page.keyboard.press('ArrowLeft')
  assert.equal(await said(), '14 Jan 2026: 1 hit')
  await page.keyboard.press('Home')
  assert.equal(await said(), '17 Dec 2025: 0 hits')
  await page.keyboard.press('ArrowLeft')
  assert.equal(await said(), '17 Dec 2025: 0 hits')
  await page.keyboard.press('Escape')
  assert.equal(await textOf(page, '#reading'), '')
  const box = await page.locator('.plot').boundingBox()
  assert.ok(box)
  await page.mouse.move(box.x + box.width - 3, box.y + box.height / 2)
  assert.equal(await textOf(page, '#reading'), '15 Jan 2026: 3 hits')
  await page.focus('.units a:has-text("Month")')
  await page.keyboard.press('Enter')
  await page.waitForSelector('h2:has-text("Hits by month")')
  await page.focus('.table summary')
  await page.keyboard.press('Enter')
  assert.ok(await page.isVisible('.table th:has-text("Jan 2026")'))
})

test('without a script, everything is there', async (t) => {
  const { get, open, origin } = await start(t)
  await get('/count?url=a.example/x')
  const page = await open({ javaScriptEnabled: false })
  await page.goto(`${origin}/page?url=a.example/x`)
  assert.equal(await textOf(page, COUNT), '1')
  assert.equal(await page.locator('#chart .hits').count(), 1)
  assert.equal(await page.locator('button.copy:visible').count(), 0)
  await page.click('.units a:has-text("Hour")')
  assert.equal(await textOf(page, '#chart-title'), 'Hits by hour')
  await page.click('a:has-text("All pages of a.example")')
  assert.equal(await textOf(page, COUNT), '1')
  await page.click('.ranks a')
  assert.match(page.url(), /\/page\?url=a\.example%2Fx$/)
})

test('the lists of the home page lead to the statistics', async (t) => {
  const service = await start(t)
  const { get, open, origin } = service
  await get('/count?url=a.example/x')
  await freshLists(service)
  const page = await open()
  await page.goto(origin)
  await page.click('#top-pages a')
  assert.equal(await textOf(page, 'h1'), 'a.example/x')
  await page.goBack()
  await page.click('#top-hosts a')
  assert.equal(await textOf(page, 'h1'), 'a.example')
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`statistics on every screen, ${colorScheme}: nothing overflows, and axe finds no fault`, async (t) => {
    const { get, open, origin, store, clock } = await start(t)
    clock.now = T0 - 3650 * DAY_MS
    await get(`/count?url=${LONG}`)
    for (let day = 20; day >= 0; day--) {
      clock.now = T0 - day * DAY_MS
      for (let visit = 0; visit < (day % 5) + 1; visit++) await get(`/count?url=${LONG}`)
      await get(`/count?url=${LONG}`, { 'user-agent': 'Googlebot/2.1' })
    }
    await get('/count?url=one.example')
    const change = { action: 'add', page: LONG as PageKey, hits: 1_000_000 } as const
    await store.admin.change([change], { actor: 'test', reason: '', at: clock.now })
    const page = await open({ colorScheme, reducedMotion: 'reduce' })
    for (const [name, path] of [
      ['page', `/page?url=${LONG}`],
      ['hours', `/page?url=${LONG}&unit=hour`],
      ['years', `/page?url=${LONG}&unit=month`],
      ['site', '/site?host=blog.example.com'],
      ['one', '/page?url=one.example'],
      ['empty', '/page?url=new.example'],
      ['wrong', '/page?url=%3Cb%3E'],
    ] as const) {
      await page.goto(origin + path)
      if (name !== 'wrong') await page.waitForSelector('#state:has-text("Live")')
      for (const width of [320, 360, 1280]) {
        await page.setViewportSize({ width, height: 800 })
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth)
        assert.equal(overflow, width, `${name}, ${width} px`)
        if (width > 320) assert.deepEqual(await faultsOf(page), [], `${name}, ${width} px`)
        const { SHOTS } = process.env
        const file = `${SHOTS}/page-${name}-${colorScheme}-${width}.png`
        if (SHOTS) await page.screenshot({ path: file, fullPage: true })
      }
    }
  })
}
