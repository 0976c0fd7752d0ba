import assert from 'node:assert/strict'
import test from 'node:test'
import { BLOCKED, embed, launch, profile, shownBadge } from '../harness/browser.ts'

// Third-party cookies are blocked in all of these. The badge over a connection that counts as safe keeps its partitioned
// cookie even so; the one from 127.0.0.1, over plain HTTP, keeps none, as in Safari.
const cases = [
  { withoutCookie: 'count', host: 'localhost', reloads: [1, 1], next: 2 },
  { withoutCookie: 'fingerprint', host: 'localhost', reloads: [1, 1], next: 2 },
  { withoutCookie: 'count', host: '127.0.0.1', reloads: [2, 3], next: 4 },
  { withoutCookie: 'fingerprint', host: '127.0.0.1', reloads: [1, 1], next: 2 },
]
for (const { withoutCookie, host, reloads, next } of cases) {
  test(`WITHOUT_COOKIE=${withoutCookie}, the badge from ${host}, third-party cookies blocked`, async (t) => {
    const { site, clock, port } = await embed(t, { WITHOUT_COOKIE: withoutCookie }, host)
    // The site is on the other of the two names, which browsers take for another site.
    const other = host === 'localhost' ? site.origin : site.origin.replace('127.0.0.1', 'localhost')
    site.html = `<img src="http://${host}:${port}/count/tag.svg?url=example.com/post">`
    const context = await profile(await launch(t, BLOCKED))
    const page = await context.newPage()
    assert.equal(await shownBadge(page, `${other}/post`), 1)
    for (const number of reloads) {
      clock.now += 60_000
      assert.equal(await shownBadge(page, null), number)
    }
    clock.now += 180_000
    assert.equal(await shownBadge(page, null), next, 'after the window it counts')
  })
}

test('Global Privacy Control counts each load and leaves no cookie, recognised or not', async (t) => {
  const { site, origin } = await embed(t, { WITHOUT_COOKIE: 'fingerprint' })
  site.html = `<img src="${origin}/count/tag.svg?url=example.com/post">`
  const context = await profile(await launch(t), { extraHTTPHeaders: { 'Sec-GPC': '1' } })
  const page = await context.newPage()
  assert.equal(await shownBadge(page, `${site.origin}/post`), 1)
  assert.equal(await shownBadge(page, null), 2)
  assert.deepEqual(await context.cookies(), [])
})
