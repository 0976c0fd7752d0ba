import assert from 'node:assert/strict'
import test from 'node:test'
import { scripts } from '../../public/assets/scripts.js'
import { build, FILE } from '../harness/app.ts'
import { launch, profile, shownText } from '../harness/browser.ts'
import { startSite } from '../harness/site.ts'
import { until } from '../harness/until.ts'

const KEPT = ['id', "it's<b>"]
const { origin, get } = await build(FILE, { HOST: 'localhost' })
const keeping = await build(FILE, { HOST: 'localhost', KEEP_QUERY: KEPT.join(',') })
const page = await (await profile(await launch(FILE))).newPage()

const SECRETS = '?token=s3cret&id=1&id=2%2b3&it%27s%3Cb%3E=4#access_token=s3cret'

test('the script sends no fragment, and of the query only what tells pages apart', async (t) => {
  const sent: string[] = []
  const failed: string[] = []
  page.on('requestfailed', (request) =>
    failed.push(`${request.url()}: ${request.failure()?.errorText}`),
  )
  page.on('response', async (response) => {
    if (!response.ok()) failed.push(`${response.url()}: ${await response.text()}`)
  })
  page.on('request', (request) => sent.push(request.url()))
  for (const [base, keepQuery, key] of [
    [origin, [], '//post'],
    [keeping.origin, KEPT, '//post?id=1&id=2%2B3&it%27s%3Cb%3E=4'],
  ] as const) {
    const site = await startSite(
      t,
      `<p id="hits"></p><script>${scripts(base, keepQuery)[0]?.text}</script>`,
    )
    await page.goto(`${site.origin}//post${SECRETS}`)
    assert.equal(await shownText(page).catch(() => failed.join()), 1)
    const asked = sent.filter((url) => url.startsWith(base))
    assert.equal(asked.length, 1)
    assert.match(asked[0] ?? '', /\/count\.json\?url=/, 'which no general rule of a blocker hits')
    assert.doesNotMatch(asked[0] ?? '', /s3cret|token/)
    const asking = base === origin ? get : keeping.get
    const url = encodeURIComponent(`${site.origin}${key}`)
    assert.equal((await asking(`/nocount?url=${url}`)).body, '1', key)
  }
})

test('the home page writes this script for its own instance', async () => {
  await page.goto(keeping.origin)
  await page.click('summary:has-text("own script")')
  await page.waitForSelector('#scripts li')
  const written = await page.$$eval('#scripts code', (codes) =>
    codes.map((code) => code.textContent),
  )
  assert.deepEqual(
    written,
    scripts(keeping.origin, KEPT).map(({ text }) => text),
  )
})

/** What `navigator.sendBeacon` takes, as code, for a page with a plus and a letter beyond ASCII. */
const BEACONS: [what: string, data: string][] = [
  ['a string', 'url'],
  ['JSON as a string', 'JSON.stringify({ url })'],
  ['URLSearchParams', 'new URLSearchParams({ url })'],
  ['FormData', '(() => { const form = new FormData(); form.set("url", url); return form })()'],
  ['a Blob of JSON', 'new Blob([JSON.stringify({ url })], { type: "application/json" })'],
  ['a Blob of text', 'new Blob([url], { type: "text/plain" })'],
]
for (const [what, data] of BEACONS) {
  for (const path of ['/count', '/count.json']) {
    test(`POST ${path} takes what sendBeacon sends of ${what}, from another site`, async (t) => {
      const { origin: from } = await startSite(t)
      await page.goto(from)
      const name = `beacon.example/${path.length}/${BEACONS.findIndex(([each]) => each === what)}/c++é`
      const sent = await page.evaluate(
        `{ const url = ${JSON.stringify(`https://${name}`)}; navigator.sendBeacon('${origin}${path}', ${data}) }`,
      )
      assert.equal(sent, true)
      const key = name.replace('é', '%C3%A9')
      await until(async () => (await get(`/nocount?url=${encodeURIComponent(key)}`)).body === '1')
    })
  }
}

test('a beacon without a body counts the page of its query, and opens a window', async (t) => {
  const { origin: from } = await startSite(t)
  await page.goto(from)
  const beacon = () => page.evaluate(`navigator.sendBeacon('${origin}/count?url=query.example')`)
  const outcomes = async () => (await get('/why.json?url=query.example')).json().total
  await beacon()
  await until(async () => (await outcomes()).counted === 1)
  await beacon()
  await until(async () => (await outcomes()).repeat === 1)
})
