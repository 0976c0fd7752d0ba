import assert from 'node:assert/strict'
import test from 'node:test'
import { build, FILE, freshLists } from '../harness/app.ts'
import { faultsOf, launch, profile } from '../harness/browser.ts'
import { openFolds, openHome, settled, tagOf } from '../harness/builder.ts'

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
    await openHome(
      page,
      `${origin}/?url=https://example.com/a-long-address/that-goes/on-and-on/and-on.html&face=lcd&digits=5`,
    )
    await openFolds(page)
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
  await openHome(page, origin)
  const keys = page.keyboard
  await keys.press('Tab')
  assert.equal(
    await page.evaluate(() => document.activeElement?.textContent),
    'Skip to the content',
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
    if (name === 'markup') await keys.type('Markdown')
    if (name === 'Classic' || name === 'count') await keys.press('ArrowRight')
    if (name.startsWith('Colours')) {
      await keys.press('Enter')
      await page.waitForSelector('#color')
    }
    if (name === 'Colour: brightgreen') await page.waitForURL(/mode=show/)
    reached.push(name)
    if (name === 'Show its numbers') break
    assert.ok(outlined, `the focus on ${name} can be seen`)
  }
  for (const wanted of [
    'copy',
    'snippet',
    'link',
    'color',
    'labelColor',
    'start-over',
    'lookup-url',
  ]) {
    assert.ok(reached.includes(wanted), `${wanted} among ${reached}`)
  }
  await page.focus('#url')
  await keys.press('Enter')
  await page.waitForSelector('#copy:text-is("Copied")')
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    `[![views](${origin}/nocount/tag.svg?url=example.com/by-keyboard&label=views&` +
      'color=f6f8fa,161b22&labelColor=eaeef2,21262d&style=flat-square&format=comma)]' +
      `(${origin}/page?url=example.com/by-keyboard)`,
  )
})

for (const [what, status, sentence] of [
  ['is stopped', 0, 'This counter does not answer just now'],
  ['answers 429', 429, 'This counter got too many requests from your address'],
  ['answers 500', 500, 'This counter has a fault (500) just now'],
  ['answers 503', 503, 'This counter is busy just now'],
] as const) {
  test(`while the service ${what}, the page says so, shows no number, and still writes the tag`, async () => {
    const uncaught: string[] = []
    page.on('pageerror', (error) => uncaught.push(String(error)))
    await openHome(page, `${origin}/?url=example.com`)
    await page.route(/\/preview\.json/, (route) =>
      status === 0 ? route.abort() : route.fulfill({ status }),
    )
    await page.fill('#url', 'example.com/other')
    await page.waitForSelector(`#state.wrong:has-text("${sentence}")`)
    assert.match(await tagOf(page, 'Address'), /example\.com\/other$/)
    assert.equal(await page.locator('.ground.missing').count(), 2, 'no sample stands as the number')
    assert.match(String(await page.textContent('#url-hint')), /has not said yet/)
    await page.unroute(/\/preview\.json/)
    await page.waitForSelector('#state:has-text("With the page’s current number")')
    assert.equal(await page.locator('.ground.missing').count(), 0)
    assert.deepEqual(uncaught, [] as string[])
  })
}

test('a service that has ended is said, and each field still changes the tag', async (t) => {
  const uncaught: string[] = []
  page.on('pageerror', (error) => uncaught.push(String(error)))
  const ending = await build(t, { HOST: 'localhost' })
  await openHome(page, `${ending.origin}/?url=example.com`)
  await openFolds(page)
  await ending.app.close()
  await page.fill('#url', 'example.com/other')
  await page.fill('#label', 'seen')
  await page.waitForSelector('#state.wrong:has-text("does not answer just now")')
  assert.match(await tagOf(page, 'Address'), /example\.com\/other&label=seen$/)
  assert.deepEqual(uncaught, [] as string[])
})

test('options and scripts that do not load are said to', async () => {
  const uncaught: string[] = []
  page.on('pageerror', (error) => uncaught.push(String(error)))
  await openHome(page, origin)
  await page.route(/\/assets\//, (route) => route.abort())
  await page.check('input[value=Bold]', { force: true })
  await page.waitForSelector('#state:has-text("Reload the page to change this")')
  await page.click('summary:has-text("own script")')
  await page.waitForSelector('#scripts:has-text("Reload the page to try again")')
  await page.unroute(/\/assets\//)
  assert.deepEqual(uncaught, [] as string[])
})

test('a service that is slow is waited for, and that is said; a badge that fails is said too', async () => {
  await openHome(page, origin)
  const goOn = Promise.withResolvers<void>()
  await page.route(/\/preview\.json/, async (route) => {
    await goOn.promise
    await route.continue()
  })
  await page.fill('#url', 'example.com/slow')
  await page.waitForSelector('#state:has-text("Waiting for this counter")')
  goOn.resolve()
  await page.waitForSelector('#state:has-text("With the page’s current number")')
  await page.unroute(/\/preview\.json/)
  await page.route(/\/nocount\/tag\.svg/, (route) => route.abort())
  await page.fill('#url', 'example.com/broken')
  await page.waitForSelector('#state:has-text("did not draw the badge")')
  await page.unroute(/\/nocount\/tag\.svg/)
})

test('a browser that refuses to change its address keeps the tag and the preview right', async () => {
  const uncaught: string[] = []
  page.on('pageerror', (error) => uncaught.push(String(error)))
  await openHome(page, origin)
  await page.evaluate(() => {
    history.replaceState = () => {
      throw new DOMException('more than 100 times', 'SecurityError')
    }
  })
  await page.fill('#url', 'example.com/dragged')
  assert.match(await tagOf(page, 'Address'), /example\.com\/dragged$/)
  await page.waitForFunction(
    () => document.querySelector('#url-hint strong')?.textContent === 'example.com/dragged',
  )
  assert.deepEqual(uncaught, [] as string[])
})

test('many changes make one request for JSON, one for the badge, and one change of the address', async () => {
  await openHome(page, `${origin}/?url=example.com`)
  const requests: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    // What moves the numbers of the lists is asked for when the page has time for it.
    if (pathname !== '/live' && !pathname.endsWith('.js')) requests.push(pathname)
  })
  await page.evaluate(() => {
    const changed = globalThis as never as { changes: number }
    changed.changes = 0
    const { replaceState } = history
    history.replaceState = (...state) => {
      changed.changes += 1
      replaceState.apply(history, state)
    }
  })
  await page.press('#url', 'End')
  await page.keyboard.type('/abcdefghij')
  await page.waitForFunction(
    () => document.querySelector('#url-hint strong')?.textContent === 'example.com/abcdefghij',
  )
  await settled(page)
  assert.deepEqual(requests, ['/preview.json', '/nocount/tag.svg'])
  assert.equal(await page.evaluate('changes'), 1)
})

test('the home page loads by at most 15 requests and 60 kB, and nothing in it moves', async () => {
  const fresh = await (await profile(browser, { viewport: { width: 360, height: 740 } })).newPage()
  const devTools = await fresh.context().newCDPSession(fresh)
  await devTools.send('Network.enable')
  let requests = 0
  let later = 0
  let bytes = 0
  devTools.on('Network.requestWillBeSent', ({ request }) => {
    // What moves the numbers comes when the page has been shown and has time for it.
    if (/\/(live\?|(moving|live|moved)\.js)/.test(request.url)) later += 1
    else requests += 1
  })
  devTools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  await openHome(fresh, `${origin}/?url=example.com`)
  await fresh.waitForLoadState('networkidle')
  assert.ok(requests <= 15, `${requests} requests`)
  assert.ok(later <= 4, `${later} requests later`)
  assert.ok(bytes <= 60_000, `${bytes} bytes`)
  const shift = await fresh.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          const shifts = list.getEntries() as unknown as { value: number }[]
          resolve(shifts.reduce((sum, { value }) => sum + value, 0))
        }).observe({ type: 'layout-shift', buffered: true })
        setTimeout(() => resolve(0), 300)
      }),
  )
  assert.ok(shift < 0.02, `${shift}`)
  await fresh.close()
})

test('tags that work on this machine only, or over http only, are said to', async (t) => {
  await page.goto(origin)
  assert.ok(await page.isVisible('#local'))
  assert.ok(!(await page.isVisible('#insecure')))
  for (const [url, id] of [
    ['http://hits.example.org', 'insecure'],
    ['https://hits.example.org', ''],
  ] as const) {
    const other = await build(t, { HOST: 'localhost', PUBLIC_URL: url })
    await openHome(page, other.origin)
    assert.ok(!(await page.isVisible('#local')), url)
    assert.equal(await page.isVisible('#insecure'), id === 'insecure', url)
  }
})

test('the page says which page it counts, what it leaves out, and which other one may be meant', async () => {
  for (let visit = 0; visit < 3; visit++) await get('/count?url=github.com/o/r')
  await openHome(page, origin)
  await page.fill('#url', '[docs](https://www.github.com/o/r/blob/main/README.md?q=1#x)')
  await page.waitForSelector('#near button')
  assert.equal(
    await page.textContent('#url-hint'),
    'Counts the page www.github.com/o/r/blob/main/README.md (0 hits). Taken from Markdown. ' +
      'Left out: ?q=1, because a page is the same with any query. ' +
      'Left out: #x, because it names a place within the page.',
  )
  assert.equal(await page.textContent('#near'), 'Did you mean github.com/o/r (3 hits)?')
  await page.click('#near button')
  assert.equal(await page.inputValue('#url'), 'github.com/o/r')
  await page.waitForFunction(
    () => document.querySelector('#url-hint strong')?.textContent === 'github.com/o/r',
  )
  assert.equal(await page.locator('#near button').count(), 0)
  await page.fill('#url', 'git@github.com:o/r.git')
  await page.waitForSelector('#url[aria-invalid=true]')
  assert.equal(await page.textContent('#near'), 'Did you mean github.com/o/r (3 hits)?')
})

test('without JavaScript the page counts, looks pages up, lists them, and says how to write a tag', async () => {
  const page = await (await profile(browser, { javaScriptEnabled: false })).newPage()
  await page.goto(origin)
  const text = String(await page.textContent('noscript'))
  assert.ok(text.includes(`${origin}/count/tag.svg?url=`), 'with its own address')
  assert.equal(await page.locator('#build:visible').count(), 0, 'no form that does nothing')
  assert.ok((await page.locator('#top-pages li').count()) > 0)
  await page.fill('#lookup-url', 'https://docs.example.org/guide/')
  await page.press('#lookup-url', 'Enter')
  await page.waitForSelector('.total')
  assert.equal(await page.textContent('.total dd'), '7')
})
