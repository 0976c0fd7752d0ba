import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import test from 'node:test'
import type { Page } from 'playwright-core'
import { build } from '../harness/app.ts'
import { BLOCKED, embed, launch, profile, shownBadge } from '../harness/browser.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const badge = (origin: string) => `<img src="${origin}/count/tag.svg?url=example.com/post">`

async function press(page: Page, name: string) {
  await page.keyboard.press('Tab')
  while ((await page.evaluate(() => document.activeElement?.textContent)) !== name) {
    await page.keyboard.press('Tab')
  }
  await Promise.all([page.waitForURL(/asked=/), page.keyboard.press('Enter')])
}

test('on /me a browser turns its counting off for badges on other sites, and on again', async (t) => {
  const { site, origin, clock } = await embed(t)
  site.html = badge(origin)
  const browser = await launch(t)
  const context = await profile(browser)
  const page = await context.newPage()
  const url = `${site.origin}/post`
  assert.equal(await shownBadge(page, url), 1)
  clock.now += 300_000
  await page.goto(`${origin}/me`)
  await press(page, 'Do not count me on this browser')
  assert.equal(await page.textContent('h2'), 'This browser is not counted.')
  assert.equal(await page.locator('[role=alert]').count(), 0)
  const [cookie] = (await context.cookies()).filter(({ name }) => name === 'tm_me')
  assert.deepEqual(
    [cookie?.value, cookie?.sameSite, cookie?.secure, cookie?.httpOnly],
    ['off', 'None', true, true],
  )
  for (let load = 0; load < 2; load++) {
    assert.equal(await shownBadge(page, load === 0 ? url : null), 1, 'the number is shown')
    clock.now += 300_000
  }
  const other = await (await profile(browser)).newPage()
  assert.equal(await shownBadge(other, url), 2, 'another browser counts')
  await page.goto(`${origin}/me`)
  await press(page, 'Count me again')
  assert.equal(await page.textContent('h2'), 'This browser is counted.')
  assert.equal(await shownBadge(page, url), 3)
})

test('over HTTPS a browser keeps the cookie with the prefix, and gives the older one up', async (t) => {
  const { app } = await build(t, { TRUST_PROXY: 'loopback' })
  const context = await profile(await launch(t))
  const host = 'https://hits.example'
  // Stands in for a proxy with a certificate: the browser treats what it is handed here as an answer over HTTPS.
  await context.route(`${host}/**`, async (route) => {
    const asked = route.request()
    const { ':authority': _, ...headers } = await asked.allHeaders()
    const answer = await app.inject({
      method: asked.method() as 'GET' | 'POST',
      url: asked.url().slice(host.length),
      headers: { ...headers, host: 'hits.example', 'x-forwarded-proto': 'https' },
      payload: asked.postData() ?? '',
    })
    const told = Object.entries(answer.headers).map(([name, value]) => [
      name,
      [value].flat().join('\n'),
    ])
    await route.fulfill({
      // Where a redirection leads, the browser would ask the network.
      status: answer.statusCode === 303 ? 200 : answer.statusCode,
      headers: Object.fromEntries(told),
      body: answer.rawPayload,
    })
  })
  await context.addCookies([
    { name: 'tm_me', value: 'off', url: host, secure: true, sameSite: 'None' },
  ])
  const page = await context.newPage()
  const own = async () =>
    (await context.cookies(host))
      .filter(({ name }) => name.endsWith('tm_me'))
      .map(({ name }) => name)
  await page.goto(`${host}/me`)
  assert.equal(
    await page.textContent('h2'),
    'This browser is not counted.',
    'the older one is read',
  )
  const choose = async () => {
    await Promise.all([page.waitForNavigation(), page.click('button')])
    await page.goto(`${host}/me`)
    return page.textContent('h2')
  }
  assert.equal(await choose(), 'This browser is counted.')
  assert.deepEqual(await own(), [])
  assert.equal(await choose(), 'This browser is not counted.')
  assert.deepEqual(await own(), ['__Host-tm_me'])
})

test('with third-party cookies blocked it cannot reach other sites, as the page says', async (t) => {
  const { site, origin } = await embed(t)
  site.html = badge(origin)
  const page = await (await profile(await launch(t, BLOCKED))).newPage()
  await page.goto(`${origin}/me`)
  assert.match(String(await page.textContent('main')), /while third-party cookies are allowed/)
  await press(page, 'Do not count me on this browser')
  assert.equal(await page.textContent('h2'), 'This browser is not counted.', 'here it holds')
  assert.equal(await shownBadge(page, `${site.origin}/post`), 1, 'there it counts')
  const here = await page.request.get(`${origin}/count.json?url=example.com/post`)
  assert.equal((await here.json()).outcome, 'excluded')
})

test('both pages hold up to axe, light and dark, on a phone too, and ask no other host', async (t) => {
  const limits = { LIMIT_PER_ADDRESS: '9', WITHOUT_COOKIE: 'fingerprint' }
  const { origin, port } = await build(t, { HOST: 'localhost', ...limits })
  const browser = await launch(t)
  for (const colorScheme of ['light', 'dark'] as const) {
    const viewport = { width: colorScheme === 'dark' ? 360 : 1100, height: 800 }
    const context = await profile(browser, { colorScheme, viewport, bypassCSP: true })
    const page = await context.newPage()
    const hosts = new Set<string>()
    page.on('request', (request) => hosts.add(new URL(request.url()).host))
    for (const path of ['/me', '/privacy']) {
      await page.goto(origin + path)
      await page.addScriptTag({ content: AXE })
      const { violations } = (await page.evaluate('axe.run()')) as { violations: { id: string }[] }
      assert.deepEqual(
        violations.map(({ id }) => id),
        [],
        `${path}, ${colorScheme}`,
      )
      const overflow = 'document.documentElement.scrollWidth - innerWidth'
      assert.ok(((await page.evaluate(overflow)) as number) <= 0, `${path} is not too wide`)
    }
    assert.deepEqual([...hosts], [`localhost:${port}`])
  }
})
