import assert from 'node:assert/strict'
import test from 'node:test'
import { ADMIN } from '../harness/administration.ts'
import { build, FILE } from '../harness/app.ts'
import { embed, faultsOf, launch, profile } from '../harness/browser.ts'

const { origin, get } = await build(FILE, { HOST: 'localhost', ...ADMIN })
const browser = await launch(FILE)

for (const [colorScheme, width] of [
  ['dark', 360],
  ['light', 360],
  ['light', 1280],
  ['dark', 1280],
] as const) {
  test(`/api at ${width} pixels, ${colorScheme}: axe finds no fault, nothing overflows, nothing is loaded from elsewhere`, async () => {
    const page = await (await profile(browser, { colorScheme })).newPage()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.setViewportSize({ width, height: 800 })
    await page.goto(`${origin}/api`)
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
    assert.deepEqual(await faultsOf(page), [])
    assert.deepEqual(
      asked.filter((url) => new URL(url).origin !== origin),
      [],
    )
  })
}

test('/api works without a script and by keyboard: a link leads to each route, which shows all of it', async () => {
  const page = await (await profile(browser, { javaScriptEnabled: false })).newPage()
  await page.goto(`${origin}/api`)
  const { paths } = (await get('/openapi.json')).json()
  for (const [path, item] of Object.entries<Record<string, { operationId: string }>>(paths)) {
    if (!path.startsWith('/api/')) continue
    for (const [method, { operationId }] of Object.entries(item)) {
      const section = page.locator(`#${operationId}`)
      const text = (await section.textContent()) ?? ''
      assert.ok(text.includes(method.toUpperCase()) && text.includes(path), path)
      assert.match(text, /curl ".*Answer.*Refusals/s, path)
      assert.equal(await page.locator(`nav a[href="#${operationId}"]`).count(), 1, path)
    }
  }
  await page.focus('nav a[href="#getApiV1Series"]')
  await page.keyboard.press('Enter')
  assert.equal(new URL(page.url()).hash, '#getApiV1Series')
  const series = (await page.textContent('#getApiV1Series')) ?? ''
  for (const part of ['unit', 'hour, day, month', 'keptFrom', 'bad_option', 'limited']) {
    assert.ok(series.includes(part), part)
  }
})

test('a page of another site reads and counts many pages, and with its cookies does not count again', async (t) => {
  const { site, origin } = await embed(t)
  const page = await (await profile(browser)).newPage()
  await page.goto(site.origin)
  const send = (end: string, credentials: 'include' | 'omit', type: string) =>
    page.evaluate(
      async ([url, credentials, type]) => {
        const answer = await fetch(url, {
          method: 'POST',
          credentials,
          headers: { 'content-type': type },
          body: JSON.stringify({ pages: ['blog.example/a', 'blog.example/b', '%01'] }),
        })
        const { pages } = await answer.json()
        return pages.map(
          (entry: { outcome?: string; hits?: number; problem?: { code: string } }) =>
            entry.problem ? entry.problem.code : `${entry.outcome} ${entry.hits}`,
        )
      },
      [`${origin}/api/v1/pages/${end}`, credentials, type] as const,
    )
  assert.deepEqual(await send('read', 'omit', 'text/plain'), ['read 0', 'read 0', 'bad_page'])
  const counted = await send('count', 'include', 'application/json')
  assert.deepEqual(counted, ['counted 1', 'counted 1', 'bad_page'])
  const again = await send('count', 'include', 'text/plain')
  assert.deepEqual(again, ['repeat 1', 'repeat 1', 'bad_page'])
  assert.deepEqual(await send('count', 'omit', 'text/plain'), [
    'counted 2',
    'counted 2',
    'bad_page',
  ])
})
