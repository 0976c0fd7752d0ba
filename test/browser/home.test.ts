import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import test, { type TestContext } from 'node:test'
import { build } from '../harness/app.ts'
import { launch, profile } from '../harness/browser.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

async function setUp(t: TestContext) {
  const built = await build(t, { TOP_IGNORE: '^hidden\\.example$' })
  for (const [page, visits] of [
    ['example.com/a-page-with-quite-a-long-path/that-does-not-fit/on-a-phone.html', 12],
    ['example.com/', 3],
    ['docs.example.org/guide', 7],
    ['hidden.example', 20],
  ] as const) {
    for (let visit = 0; visit < visits; visit++) await built.get(`/count?url=${page}`)
  }
  await built.app.listen({ host: 'localhost', port: 0 })
  const { port } = built.app.server.address() as { port: number }
  return { ...built, browser: await launch(t), origin: `http://localhost:${port}` }
}

test('the page counts itself by its own live badge, and asks no other host', async (t) => {
  const { browser, origin, get } = await setUp(t)
  const page = await (await profile(browser)).newPage()
  const hosts = new Set<string>()
  const complaints: string[] = []
  page.on('request', (request) => hosts.add(new URL(request.url()).origin))
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(`${origin}/?url=example.com`)
  await page.waitForSelector('#top-pages li')
  await page.waitForLoadState('networkidle')
  assert.deepEqual([...hosts], [origin])
  assert.deepEqual(complaints, [])
  const key = origin.replace('http://', '')
  assert.equal((await get(`/nocount?url=${key}`)).body, '1')
})

test("a page's number can be looked up", async (t) => {
  const { browser, origin } = await setUp(t)
  const page = await (await profile(browser)).newPage()
  await page.goto(origin)
  await page.waitForSelector('#snippets li')
  await page.fill('#lookup-url', 'https://docs.example.org/guide/')
  await page.press('#lookup-url', 'Enter')
  await page.waitForFunction(
    () =>
      document.querySelector('#lookup-result')?.textContent ===
      '7 visits of https://docs.example.org/guide/',
  )
  await page.fill('#lookup-url', 'javascript:alert(1)')
  await page.click('#lookup button')
  await page.waitForFunction(() =>
    document.querySelector('#lookup-result')?.textContent?.startsWith('That is not the address'),
  )
})

test('the lists show hosts and pages by their hits, without the ignored', async (t) => {
  const { browser, origin } = await setUp(t)
  const page = await (await profile(browser)).newPage()
  await page.goto(origin)
  await page.waitForSelector('#top-pages li')
  const list = (id: string) =>
    page.$$eval(`#${id} li`, (rows) =>
      rows.map((row) => [row.children[0]?.textContent, row.children[1]?.textContent]),
    )
  const hosts = await list('top-hosts')
  assert.deepEqual(hosts.slice(0, 2), [
    ['example.com', '15'],
    ['docs.example.org', '7'],
  ])
  assert.ok(!JSON.stringify([hosts, await list('top-pages')]).includes('hidden.example'))
  const rel = await page.getAttribute('#top-pages a', 'rel')
  assert.match(String(rel), /nofollow/)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`from 320 to 1280 px, ${colorScheme}: nothing overflows, and axe finds no fault`, async (t) => {
    const { browser, origin } = await setUp(t)
    const page = await (await profile(browser, { colorScheme })).newPage()
    for (const width of [320, 390, 768, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      await page.goto(
        `${origin}/?url=https://example.com/a-long-address/that-goes/on-and-on/and-on.html`,
      )
      await page.waitForSelector('#top-pages li')
      await page.waitForFunction(() => document.querySelector('#preview-text')?.textContent)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.equal(wide, width)
      await page.evaluate(AXE)
      const { violations } = await page.evaluate(() =>
        (globalThis as never as { axe: typeof import('axe-core') }).axe.run(),
      )
      const faults = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)
      assert.deepEqual(faults, [], `at ${width} px`)
    }
  })
}

test('by keyboard alone: skip to the builder, fill it, copy a tag, look a page up', async (t) => {
  const { browser, origin } = await setUp(t)
  const context = await profile(browser)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin })
  const page = await context.newPage()
  await page.goto(origin)
  await page.waitForSelector('#top-pages li')
  const keys = page.keyboard
  await keys.press('Tab')
  assert.equal(
    await page.evaluate(() => document.activeElement?.textContent),
    'Skip to the tag builder',
  )
  await keys.press('Enter')
  await keys.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'url')
  await keys.type('example.com/by-keyboard')
  await keys.press('Tab')
  await keys.press('ArrowRight')
  const reached: string[] = []
  for (let step = 0; step < 60; step++) {
    const { name, outlined } = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement
      const style = getComputedStyle(
        element.matches('.choice input') ? (element.nextElementSibling as Element) : element,
      )
      return {
        name:
          element.id ||
          element.getAttribute('aria-label') ||
          element.textContent ||
          element.tagName,
        outlined: style.outlineStyle !== 'none',
      }
    })
    if (name.startsWith('Copy: Markdown')) await keys.press('Enter')
    reached.push(name)
    if (name === 'Show its number') break
    assert.ok(outlined, `the focus on ${name} can be seen`)
    await keys.press('Tab')
  }
  for (const wanted of [
    'label',
    'style',
    'color',
    'labelColor',
    'Copy: HTML',
    'Copy: Address',
    'lookup-url',
  ]) {
    assert.ok(reached.includes(wanted), `${wanted} among ${reached}`)
  }
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    `![hits](${origin}/nocount/tag.svg?url=example.com/by-keyboard)`,
  )
})

test('an instance that does not answer is said, and not left as an empty form', async (t) => {
  const { browser, origin } = await setUp(t)
  const page = await (await profile(browser)).newPage()
  await page.route('**/instance.json', (route) => route.abort())
  await page.goto(origin)
  await page.waitForFunction(() =>
    document.querySelector('#preview-text')?.textContent?.includes('does not answer just now'),
  )
})

test('without JavaScript the page still counts, and says how to write a tag', async (t) => {
  const { browser, origin } = await setUp(t)
  const page = await (await profile(browser, { javaScriptEnabled: false })).newPage()
  await page.goto(origin)
  assert.match(String(await page.textContent('noscript')), /count\/tag\.svg\?url=/)
  assert.equal(await page.locator('form:visible').count(), 0, 'no form that does nothing')
})
