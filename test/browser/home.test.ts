import assert from 'node:assert/strict'
import test from 'node:test'
import { build, FILE, freshLists } from '../harness/app.ts'
import { faultsOf, launch, profile } from '../harness/browser.ts'

const env = { HOST: 'localhost', TOP_IGNORE: '^hidden\\.example$' }
const built = await build(FILE, env)
const { get, origin } = built
for (const [page, visits] of [
  ['example.com/a-page-with-quite-a-long-path/that-does-not-fit/on-a-phone.html', 12],
  ['example.com/', 3],
  ['docs.example.org/guide', 7],
  ['hidden.example', 20],
] as const) {
  for (let visit = 0; visit < visits; visit++) await get(`/count?url=${page}`)
}
await freshLists(built)
const browser = await launch(FILE)
const context = await profile(browser)
/** One for all tests: to start a page takes longer than most of them. */
const page = await context.newPage()

test('the page counts itself by its own live badge, and asks no other host', async () => {
  const hosts = new Set<string>()
  const complaints: string[] = []
  page.on('request', (request) => hosts.add(new URL(request.url()).origin))
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(`${origin}/?url=example.com&color=4c1,2ea043`)
  await page.waitForSelector('#top-pages li')
  await page.waitForLoadState('networkidle')
  assert.deepEqual([...hosts], [origin])
  assert.deepEqual(complaints, [])
  const key = origin.replace('http://', '')
  assert.equal((await get(`/nocount?url=${key}`)).body, '1')
})

test("a page's number can be looked up", async () => {
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

test('the lists show hosts and pages by their hits, without the ignored', async () => {
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
  test(`on every screen, ${colorScheme}: nothing overflows, and axe finds no fault`, async () => {
    await page.emulateMedia({ colorScheme })
    await page.goto(
      `${origin}/?url=https://example.com/a-long-address/that-goes/on-and-on/and-on.html&face=lcd&digits=5`,
    )
    await page.waitForSelector('#top-pages li')
    await page.waitForFunction(() => document.querySelector('#preview-text')?.textContent)
    await page.evaluate(() => {
      for (const fold of document.querySelectorAll('details')) fold.open = true
    })
    for (const width of [360, 390, 768, 320, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
      // What is too wide in a card is cut off, and does not widen the page.
      const wide = await page.$$eval('main *', (all) =>
        all.filter((each) => each.getBoundingClientRect().right > innerWidth).map(String),
      )
      assert.deepEqual(wide, [], `${width} px`)
      // The page is laid out in one way below 864 px, and in another above.
      if (width === 320 || width === 1280) assert.deepEqual(await faultsOf(page), [], `${width} px`)
    }
  })
}

test('by keyboard alone: skip to the builder, fill it, copy a tag, look a page up', async () => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin })
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
  const reached: string[] = []
  for (let step = 0; step < 60; step++) {
    await keys.press('Tab')
    const { name, outlined } = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement
      const style = getComputedStyle(
        element.type === 'radio' ? (element.nextElementSibling as Element) : element,
      )
      return {
        name:
          element.id ||
          element.getAttribute('aria-label') ||
          element.textContent ||
          element.value ||
          element.tagName,
        outlined: style.outlineStyle !== 'none',
      }
    })
    if (name === 'Classic' || name === 'count') await keys.press('ArrowRight')
    if (name.startsWith('Colours')) await keys.press('Enter')
    if (name.startsWith('Copy: Markdown')) await keys.press('Enter')
    reached.push(name)
    if (name === 'Show its number') break
    assert.ok(outlined, `the focus on ${name} can be seen`)
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
    `![views](${origin}/nocount/tag.svg?url=example.com/by-keyboard&label=views&` +
      'color=f6f8fa,161b22&labelColor=eaeef2,21262d&style=flat-square&format=comma)',
  )
})

test('an instance that does not answer is said, and not left as an empty form', async () => {
  await page.route('**/instance.json', (route) => route.abort())
  await page.goto(origin)
  await page.waitForFunction(() =>
    document.querySelector('#preview-text')?.textContent?.includes('does not answer just now'),
  )
  await page.unroute('**/instance.json')
})

test('without JavaScript the page still counts, and says how to write a tag', async () => {
  const page = await (await profile(browser, { javaScriptEnabled: false })).newPage()
  await page.goto(origin)
  assert.match(String(await page.textContent('noscript')), /count\/tag\.svg\?url=/)
  assert.equal(await page.locator('form:visible').count(), 0, 'no form that does nothing')
})
