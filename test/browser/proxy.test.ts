import assert from 'node:assert/strict'
import test from 'node:test'
import { embed, launch, profile, shownBadge } from '../harness/browser.ts'
import { startCamo } from '../harness/camo.ts'
import { listen } from '../harness/site.ts'

const README = 'url=https://github.com/me/my-project'

for (const env of [{}, { LIMIT_PER_ADDRESS: '1', WITHOUT_COOKIE: 'fingerprint' }] as const) {
  test(`in a README every load counts, through the forge's proxy, with ${JSON.stringify(env)}`, async (t) => {
    const { site, origin, get } = await embed(t, env)
    const camo = await startCamo(t)
    site.html = `<img src="${camo.address(`${origin}/count/tag.svg?${README}`)}">`
    const browser = await launch(t)
    const context = await profile(browser)
    const page = await context.newPage()
    for (let load = 1; load <= 2; load++) {
      assert.equal(await shownBadge(page, load === 1 ? `${site.origin}/readme` : null), load)
    }
    const other = await (await profile(browser)).newPage()
    assert.equal(await shownBadge(other, `${site.origin}/readme`), 3)
    assert.deepEqual(await context.cookies(), [], 'no cookie comes through')
    assert.equal((await get(`/nocount?${README}`)).body, '3')
    assert.equal(camo.asked, 3, 'nothing is cached on the way')
    const today = (await get(`/why.json?${README}`)).json().total
    assert.deepEqual(today, { counted: 3, repeat: 0, bot: 0, excluded: 0, limited: 0 })
  })
}

test('a refusal is drawn there too', async (t) => {
  const { site, origin } = await embed(t)
  const camo = await startCamo(t)
  site.html = `<img src="${camo.address(`${origin}/count/tag.svg`)}">`
  const page = await (await profile(await launch(t))).newPage()
  const [response] = await Promise.all([
    page.waitForResponse((each) => each.url().startsWith(camo.address('').split('/', 3).join('/'))),
    page.goto(`${site.origin}/readme`),
  ])
  assert.equal(response.status(), 400)
  assert.match(await response.text(), /no url given/)
  await page.waitForFunction(() => (document.querySelector('img')?.naturalWidth ?? 0) > 0)
})

test('the proxy’s rules are real: no referrer, no cookie, its own name; and a year if nothing is said', async (t) => {
  const seen: (string | undefined)[][] = []
  const host = await listen(t, (incoming, outgoing) => {
    const { referer, cookie, 'user-agent': agent } = incoming.headers
    seen.push([referer, cookie, agent])
    outgoing.setHeader('set-cookie', 'seen=1')
    outgoing.setHeader('content-type', incoming.url === '/page' ? 'text/html' : 'image/svg+xml')
    outgoing.end('<svg xmlns="http://www.w3.org/2000/svg"/>')
  })
  const camo = await startCamo(t)
  const get = (url: string) =>
    fetch(url, { headers: { cookie: 'a=b', referer: 'https://x.example/' } })
  for (let times = 0; times < 3; times++) {
    const answer = await get(camo.address(`http://${host}/image`))
    assert.equal(answer.headers.get('set-cookie'), null)
    assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000')
  }
  assert.deepEqual(seen, [[undefined, undefined, 'github-camo (0b06c4de)']])
  assert.equal((await get(camo.address(`http://${host}/page`))).status, 502)
  assert.equal((await get(camo.address('x').replace(/\/[0-9a-f]+\//, '/00/'))).status, 404)
})
