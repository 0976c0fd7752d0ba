import assert from 'node:assert/strict'
import test from 'node:test'
import type { Page } from 'playwright-core'
import { freshLists } from '../harness/app.ts'
import { faultsOf } from '../harness/browser.ts'
import { shown, startMoving as start, textOf } from '../harness/moving.ts'
import { startProxy } from '../harness/proxy.ts'
import { fastest, until } from '../harness/until.ts'

/** How soon a number moves, in ms. */
const SOON_MS = 1000
/** A port on which nobody listens. */
const NOBODY = 1
const LONG = 'example.com/a-page-with-quite-a-long-path/that-does-not-fit/on-a-phone.html'

const rowsOf = (page: Page, list: string) =>
  page.$$eval(`#${list} li`, (rows) =>
    rows.map((row) => [row.querySelector('a')?.textContent, row.querySelector('b')?.textContent]),
  )

test('/now moves within a second of a visit, and again after the network was cut', async (t) => {
  const { get, open, port } = await start(t)
  let isCut = false
  const network = await startProxy(t, () => (isCut ? [NOBODY] : [port]))
  const page = await open()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(`http://localhost:${network.port}/now`)
  await page.waitForSelector('#state:has-text("Live")')
  assert.equal(await textOf(page, '#active'), '0')
  assert.ok(await page.isVisible('#nobody'))
  let visits = 0
  const took = await fastest(SOON_MS, async () => {
    await get('/count?url=a.example/x')
    visits += 1
    return shown(page, '#active', String(visits))
  })
  assert.ok(took < SOON_MS, `${took} ms`)
  assert.deepEqual(await rowsOf(page, 'visits'), [['a.example/x', String(visits)]])
  await until(async () => (await rowsOf(page, 'pages'))[0]?.[1] === String(visits))
  assert.deepEqual(await rowsOf(page, 'pages'), [['a.example/x', String(visits)]])

  isCut = true
  network.cut()
  await page.waitForSelector('#state:has-text("Connecting")')
  await get('/count?url=b.example')
  isCut = false
  await page.waitForSelector('#state:has-text("Live")')
  await shown(page, '#active', String(visits + 1))
  assert.deepEqual((await rowsOf(page, 'visits'))[0], ['b.example', '1'])
  await until(async () => (await rowsOf(page, 'pages')).length === 2)
  assert.deepEqual(complaints, [])

  await page.click('#pause')
  await get('/count?url=c.example')
  await page.waitForTimeout(600)
  assert.equal(await textOf(page, '#active'), String(visits + 1))
  await page.click('#pause')
  await shown(page, '#active', String(visits + 2))
})

test('the numbers of the home page move within a second, and are right again after the network was cut', async (t) => {
  const service = await start(t)
  const { get, open, port } = service
  for (const page of ['a.example/x', 'a.example/x', 'b.example']) await get(`/count?url=${page}`)
  await freshLists(service)
  let isCut = false
  const network = await startProxy(t, () => (isCut ? [NOBODY] : [port]))
  const page = await open()
  await page.goto(`http://localhost:${network.port}/`)
  await page.waitForResponse((answer) => answer.url().includes('/live?'))
  const first = '#top-pages li:has(a[title="a.example/x"]) b'
  const second = '#top-pages li:has(a[title="b.example"]) b'
  const took = await fastest(SOON_MS, async (time) => {
    await get('/count?url=a.example/x')
    return shown(page, first, String(2 + time))
  })
  assert.ok(took < SOON_MS, `${took} ms`)
  const badge = page.waitForResponse((answer) => answer.url().includes('/nocount/tag.svg'))
  await get(`/count?url=localhost:${network.port}`)
  assert.match(await (await badge).text(), /hits: 2/)
  isCut = true
  network.cut()
  await get('/count?url=b.example')
  await page.waitForTimeout(300)
  assert.equal(await textOf(page, second), '1')
  isCut = false
  await shown(page, second, '2')
})

test('without a script, /now shows what the server knows, and says how to see more', async (t) => {
  const { get, open, origin } = await start(t)
  const watcher = await open()
  await watcher.goto(`${origin}/now`)
  await watcher.waitForSelector('#state:has-text("Live")')
  await get('/count?url=a.example/x')
  await watcher.waitForSelector('#visits li')
  const page = await open({ javaScriptEnabled: false })
  // Numbers are cached for some fifty times as long as reading them takes.
  await until(async () => {
    await page.goto(`${origin}/now`)
    return (await textOf(page, '#active')) === '1'
  })
  assert.match(String(await textOf(page, 'noscript')), /reload the page/)
  assert.equal(await page.getAttribute('#pages a', 'href'), 'page?url=a.example%2Fx')
  assert.equal(
    await textOf(page, '#visits li time'),
    new Date((await page.getAttribute('#visits time', 'datetime')) ?? '')
      .toISOString()
      .slice(11, 19),
  )
  assert.equal(await page.isVisible('#pause'), false)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`/now on every screen, ${colorScheme}: nothing overflows, and axe finds no fault`, async (t) => {
    const { get, open, origin } = await start(t)
    const page = await open({ colorScheme, reducedMotion: 'reduce' })
    await page.goto(`${origin}/now`)
    await page.waitForSelector('#state:has-text("Live")')
    for (const each of [
      LONG,
      LONG,
      'docs.example.org/guide',
      'example.com/%E6%97%A5%E6%9C%AC',
      'my-project',
    ]) {
      await get(`/count?url=${encodeURIComponent(each)}`)
      await page.waitForTimeout(120)
    }
    await get('/count?url=docs.example.org/guide', { 'user-agent': 'Googlebot/2.1' })
    await until(async () => (await rowsOf(page, 'pages')).length === 4)
    await page.waitForSelector('#visits i')
    await until(
      async () =>
        (await textOf(page, '#pages')) !== null &&
        String(await textOf(page, '#pages')).includes('日本'),
    )
    for (const width of [320, 360, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
      assert.deepEqual(await faultsOf(page), [], `${width} px`)
      const { SHOTS } = process.env
      if (SHOTS)
        await page.screenshot({ path: `${SHOTS}/now-${colorScheme}-${width}.png`, fullPage: true })
    }
  })
}
