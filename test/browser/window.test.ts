import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import type { Page } from 'playwright-core'
import { scripts } from '../../public/assets/scripts.js'
import { temporaryFolder } from '../harness/app.ts'
import { BLOCKED, embed, launch, profile, shownBadge, shownText } from '../harness/browser.ts'
import { startServer } from '../harness/server.ts'
import { listen, startSite } from '../harness/site.ts'
import { until } from '../harness/until.ts'

const badge = (origin: string) => `<img src="${origin}/count/tag.svg?url=example.com/post">`
const script = (origin: string) =>
  `<p id="hits"></p><script>${scripts(origin, [])[0]?.text}</script>`

for (const [how, flags] of [
  ['', []],
  [', with third-party cookies blocked', BLOCKED],
] as const) {
  test(`a badge and the fetch snippet on another site count once a window${how}`, async (t) => {
    const browser = await launch(t, [...flags])
    const { site, origin, clock } = await embed(t)
    site.html = badge(origin) + script(origin)
    const url = `${site.origin}/post`
    const shown = async (page: Page, url: string | null) => [
      await shownBadge(page, url),
      await shownText(page),
    ]
    const page = await (await profile(browser)).newPage()
    assert.deepEqual(await shown(page, url), [1, 1], 'the first visit counts')
    for (let reload = 1; reload <= 2; reload++) {
      assert.deepEqual(await shown(page, null), [1, 1], `reload ${reload} does not`)
    }
    const other = await (await profile(browser)).newPage()
    assert.deepEqual(await shown(other, url), [2, 2], 'another profile counts')
    assert.deepEqual(await shown(page, null), [2, 2], 'and is seen by the first')
    clock.now += 300_000
    assert.deepEqual(await shown(page, null), [3, 3], 'after the window the first counts again')
    assert.deepEqual(await shown(page, null), [3, 3])
  })
}

test('blocking is real: of two cookies, only the partitioned one comes back', async (t) => {
  const seen: (string | undefined)[] = []
  const host = await listen(t, (incoming, outgoing) => {
    if (incoming.url !== '/pixel') return outgoing.end()
    seen.push(incoming.headers.cookie)
    outgoing.setHeader('set-cookie', [
      'plain=1; SameSite=None; Secure',
      'parted=1; SameSite=None; Secure; Partitioned',
    ])
    outgoing.end()
  })
  const site = await startSite(t, `<img src="http://localhost:${host.split(':')[1]}/pixel">`)
  const page = await (await profile(await launch(t, BLOCKED))).newPage()
  await page.goto(site.origin)
  await page.reload()
  assert.deepEqual(seen, [undefined, 'parted=1'])
})

test('a short window ends by itself, in the browser and in the database', async (t) => {
  const server = await startServer(t, {
    DATABASE_FILE_PATH: join(temporaryFolder(t), 'data.db'),
    WINDOW_SECONDS: '2',
  })
  const site = await startSite(t, badge(server.origin))
  const context = await profile(await launch(t))
  const page = await context.newPage()
  const cookies = async () => (await context.cookies()).filter(({ name }) => name.startsWith('tm_'))
  assert.equal(await shownBadge(page, `${site.origin}/post`), 1)
  const [cookie] = await cookies()
  assert.equal(cookie?.httpOnly, true)
  assert.equal(cookie?.sameSite, 'None')
  assert.equal(cookie?.secure, true)
  await until(async () => (await cookies()).length === 0)
  assert.equal(await shownBadge(page, null), 2)
})

test('without a url, the attribute brings the whole path; without the attribute, only the origin comes', async (t) => {
  const { site, origin, get } = await embed(t)
  const browser = await launch(t)
  const path = `/2026/${'a-long-path/'.repeat(20)}post.html`
  const page = await (await profile(browser)).newPage()
  site.html = `<img src="${origin}/count/tag.svg" alt="hits" referrerpolicy="no-referrer-when-downgrade">`
  assert.equal(await shownBadge(page, `${site.origin}${path}?utm=1`), 1)
  assert.equal((await get(`/nocount?url=${site.host}${path}`)).body, '1')
  site.html = `<img src="${origin}/count/tag.svg" alt="hits">`
  assert.equal(await shownBadge(page, `${site.origin}${path}`), 1)
  assert.equal((await get(`/nocount?url=${site.host}`)).body, '1')
})

test('a badge opened by itself runs nothing, loads nothing and is drawn', async (t) => {
  const { origin } = await embed(t)
  const page = await (await profile(await launch(t))).newPage()
  const complaints: string[] = []
  const asked: string[] = []
  page.on('dialog', (dialog) => complaints.push(dialog.message()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => asked.push(request.url()))
  const label = encodeURIComponent('--><script>alert(1)</script>')
  await page.goto(`${origin}/nocount/tag.svg?url=example.com&label=${label}`)
  assert.equal(await page.evaluate(() => document.documentElement.tagName), 'svg')
  assert.equal(await page.evaluate(() => document.querySelectorAll('script, image, a').length), 0)
  assert.deepEqual(complaints, [])
  assert.deepEqual(
    asked.filter((url) => !url.includes('/nocount/') && !url.endsWith('/favicon.ico')),
    [],
  )
})
