import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { convert } from '@asciidoctor/core'
import MarkdownIt from 'markdown-it'
import { createSchema } from '../../src/badge/options/schema.ts'
import { build, FILE, readCount } from '../harness/app.ts'
import { launch, profile } from '../harness/browser.ts'
import { startProxy, startSite } from '../harness/site.ts'
import { parseSvg } from '../harness/svg.ts'

const context = await profile(await launch(FILE))
/** One to build on and one to visit with for all tests: to start a page takes longer than most of them. */
const home = await context.newPage()
const visitor = await context.newPage()

const USUAL = { HOST: 'localhost', TOP_IGNORE: '' }
/** For all tests without settings of their own: the browser keeps its scripts. */
const shared = await build(FILE, USUAL)

async function setUp(t: TestContext, env?: Record<string, string>) {
  await context.clearCookies()
  return env ? build(t, { ...USUAL, ...env }) : shared
}

/** Opens the home page, and waits until its scripts have filled it. */
async function openHome(url: string): Promise<void> {
  await home.bringToFront()
  await home.goto(url)
  await home.waitForSelector('#snippets li')
}

async function snippets(): Promise<Map<string, string>> {
  const rows = await home.$$eval('#snippets li', (items) =>
    items.map((item) => [
      item.querySelector('h4')?.textContent ?? '',
      item.querySelector('code')?.textContent ?? '',
    ]),
  )
  return new Map(rows as [string, string][])
}

/** What each markup makes of a snippet: HTML, by the markup's own program where npm has one. */
const RENDER: Record<string, (text: string) => string | Promise<string>> = {
  HTML: (text) => text,
  Markdown: (text) => new MarkdownIt().render(text),
  AsciiDoc: async (text) => String(await convert(text)),
  // There is no keeper of reStructuredText on npm; its image directive is a line, its options are indented.
  reStructuredText: (text) => {
    const [, url, alt] = /^\.\. image:: (\S+)\n {3}:alt: (.+)$/.exec(text) ?? []
    return `<img src="${url?.replaceAll('&', '&amp;')}" data-alt="${alt?.length}">`
  },
  Address: (text) => `<img src="${text.replaceAll('&', '&amp;')}">`,
}

const SETUPS: [what: string, url: string, label: string, key: string][] = [
  ['a plain page', 'https://example.com/my-page', 'hits', 'example.com/my-page'],
  [
    'an odd page and label',
    'https://example.com/a_b__c/~x~/d--e..f/(g)*h*\'i\'/é?[q]="1"#frag',
    'A [b] *c* __d__ & "e" <f> `g`',
    "example.com/a_b__c/~x~/d--e..f/(g)*h*'i'/%C3%A9",
  ],
]
for (const [what, url, label, key] of SETUPS) {
  test(`every output, pasted into a page, shows the right badge: ${what}`, async (t) => {
    const { origin, store } = await setUp(t)
    await openHome(`${origin}/`)
    await home.fill('#url', url)
    await home.fill('#label', label)
    await home.fill('#color', 'orange,123')
    await home.selectOption('#style', 'flat-square')
    const texts = await snippets()
    assert.deepEqual([...texts.keys()].sort(), Object.keys(RENDER).sort())

    const site = await startSite(t)
    let expected = 0
    for (const [name, text] of texts) {
      site.html = await (RENDER[name] as (text: string) => string | Promise<string>)(text)
      // Every badge is a first visit.
      await context.clearCookies()
      const [response] = await Promise.all([
        visitor.waitForResponse((each) => each.url().startsWith(`${origin}/count/tag.svg`)),
        visitor.goto(`${site.origin}/some/post`),
      ])
      await visitor.waitForFunction(() => (document.querySelector('img')?.naturalWidth ?? 0) > 0)
      expected += 1
      const svg = await response.text()
      assert.equal(parseSvg(svg).title, `${label}: ${expected}`, name)
      assert.match(svg, /#ea7233/, `${name} is orange`)
      assert.match(svg, /crispEdges/, `${name} is flat-square`)
      assert.equal(await readCount(store, key as never), expected, name)
      if (name === 'HTML' || name === 'Markdown' || name === 'AsciiDoc') {
        assert.equal(await visitor.getAttribute('img', 'alt'), label, `${name} says it in words`)
      }
    }
  })
}

test('without a url, the HTML tag carries the attribute, and finds the page it stands on', async (t) => {
  const { origin, store } = await setUp(t)
  await openHome(`${origin}/`)
  const html = (await snippets()).get('HTML') ?? ''
  assert.equal(
    html,
    `<img src="${origin}/count/tag.svg" alt="hits" referrerpolicy="no-referrer-when-downgrade">`,
  )
  assert.ok(await home.isVisible('#unnamed'), 'the others need a page')
  const site = await startSite(t, html)
  await visitor.goto(`${site.origin}/deep/down/post?x=1`)
  await visitor.waitForFunction(() => (document.querySelector('img')?.naturalWidth ?? 0) > 0)
  assert.equal(await readCount(store, `${site.host}/deep/down/post` as never), 1)
  await home.fill('#url', 'example.com')
  assert.ok(!(await home.isVisible('#unnamed')))
})

test('"only show" makes tags that never count', async (t) => {
  const { origin } = await setUp(t)
  await openHome(`${origin}/`)
  await home.fill('#url', 'example.com')
  await home.check('input[value=show]', { force: true })
  for (const [name, text] of await snippets()) {
    assert.ok(text.includes(`${origin}/nocount/tag.svg?url=example.com`), name)
  }
})

test('the preview is the badge as the server draws it, and building counts nothing', async (t) => {
  const { origin, store, get } = await setUp(t)
  await get('/count?url=example.com/a')
  await openHome(`${origin}/`)
  await home.fill('#url', 'https://example.com/a')
  await home.fill('#label', 'views')
  await home.waitForFunction(
    () => document.querySelector<HTMLImageElement>('#preview')?.alt === 'views: 1',
  )
  assert.equal(await readCount(store, 'example.com/a' as never), 1)
  await home.fill('#url', 'two <words>')
  await home.waitForFunction(() =>
    document.querySelector('#url-hint')?.textContent?.startsWith('That is not the address'),
  )
  assert.equal(await home.getAttribute('#url', 'aria-invalid'), 'true')
  await home.fill('#url', 'https://example.com/a')
  await home.fill('#color', 'nocolour')
  await home.waitForFunction(() =>
    document.querySelector('#preview-text')?.textContent?.startsWith('color must be a colour'),
  )
  assert.equal(await home.getAttribute('#color', 'aria-invalid'), 'true')
  assert.equal(await home.getAttribute('#url', 'aria-invalid'), 'false')
})

test('the setup lives in the address, and an address brings it back', async (t) => {
  const { origin } = await setUp(t)
  await openHome(`${origin}/`)
  assert.equal(new URL(home.url()).search, '')
  await home.fill('#url', 'https://example.com/a?b=1&c=2')
  await home.fill('#label', '')
  await home.click('summary:has-text("Colours")')
  await home.fill('#labelColor', '123')
  await home.selectOption('#style', 'social')
  await home.check('input[value=show]', { force: true })
  const before = await snippets()
  await openHome(home.url())
  assert.deepEqual(await snippets(), before)
  assert.equal(await home.inputValue('#url'), 'https://example.com/a?b=1&c=2')
  assert.equal(await home.inputValue('#label'), '')
  assert.equal(await home.inputValue('#style'), 'social')
  assert.ok(await home.isChecked('input[value=show]'))
  assert.ok(before.get('HTML')?.includes('label=&amp;labelColor=123&amp;style=social'))
})

test('Back brings back the setup that the address says', async (t) => {
  const { origin } = await setUp(t)
  await openHome(`${origin}/?url=a.example`)
  await home.evaluate(() => document.querySelector<HTMLAnchorElement>('.skip')?.click())
  await home.waitForURL('**#builder')
  await home.fill('#url', 'b.example')
  await home.waitForURL('**/?url=b.example#builder')
  await home.goBack()
  await home.waitForFunction(
    () => document.querySelector<HTMLInputElement>('#url')?.value === 'a.example',
  )
  assert.ok((await snippets()).get('Address')?.endsWith('url=a.example'))
})

test('the pickers show the colour that is named', async (t) => {
  const { origin } = await setUp(t, { BADGE_COLOR: 'orange' })
  await openHome(`${origin}/?labelColor=abc`)
  const swatch = (name: string) => home.inputValue(`input[data-for=${name}]`)
  assert.equal(await swatch('labelColor'), '#aabbcc')
  assert.equal(await swatch('color'), '#ea7233', 'orange, as badge-maker means it')
  await home.fill('#color', 'rgb(1,2,30)')
  assert.equal(await swatch('color'), '#01021e')
  await home.fill('#color', '')
  assert.equal(await swatch('color'), '#ea7233')
})

test('an instance that serves chosen pages greets with no refusal', async (t) => {
  const { origin } = await setUp(t, { ALLOW_PAGES: '^example\\.com(/|$)' })
  await openHome(origin)
  await home.waitForSelector('#live', { state: 'hidden' })
  await home.waitForFunction(
    () => document.querySelector<HTMLImageElement>('#preview')?.alt === 'hits: 1,234',
  )
  assert.match(String(await home.textContent('#preview-text')), /^A sample/)
  await home.fill('#url', 'example.com/a')
  await home.waitForFunction(
    () => document.querySelector<HTMLImageElement>('#preview')?.alt === 'hits: 0',
  )
})

test('the page says what this instance does', async (t) => {
  const first = await setUp(t, { WINDOW_SECONDS: '86400', KEEP_QUERY: 'id,v' })
  await openHome(first.origin)
  assert.match(String(await home.textContent('#window')), /alone, for 1 day\. While/)
  assert.match(
    String(await home.textContent('.how')),
    /the query \(but for id, v\) make no difference/,
  )
  const second = await setUp(t, { WINDOW_SECONDS: '0' })
  await openHome(second.origin)
  assert.match(String(await home.textContent('#window')), /^Here every load counts/)
})

test('an address that a stranger made puts nothing but text into the page', async (t) => {
  const { origin } = await setUp(t)
  // The page of the test before may still request a preview from a service that has ended.
  await home.goto('about:blank')
  const complaints: string[] = []
  home.on('dialog', (dialog) => complaints.push(dialog.message()))
  home.on('pageerror', (error) => complaints.push(String(error)))
  const evil = encodeURIComponent('"><img src=x onerror=alert(1)><script>alert(2)</script>')
  const fields = ['url', 'mode', ...Object.keys(createSchema())]
  await home.goto(`${origin}/?${fields.map((name) => `${name}=${evil}`).join('&')}`)
  await home.waitForSelector('#snippets li')
  assert.equal(await home.$$eval('img[src="x"], main script', (found) => found.length), 0)
  assert.deepEqual(complaints, [] as string[])
  const site = await startSite(t, (await snippets()).get('HTML') ?? '')
  visitor.on('dialog', (dialog) => complaints.push(dialog.message()))
  await visitor.goto(site.origin)
  assert.equal(await visitor.$$eval('img', (found) => found.length), 1)
  assert.deepEqual(complaints, [] as string[])
})

test('every copy button copies, and says so', async (t) => {
  const { origin } = await setUp(t)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin })
  await openHome(`${origin}/?url=example.com`)
  await home.click('summary:has-text("Other forms")')
  const rows = home.locator('.snippets li')
  const many = await rows.count()
  assert.equal(many, 10, 'five tags, three other forms and two scripts')
  for (let row = 0; row < many; row++) {
    const name = await rows.nth(row).locator('h4').textContent()
    await rows.nth(row).locator('button').click()
    await home.waitForFunction(
      (wanted) => document.querySelector('#said')?.textContent === wanted,
      `${name} copied`,
    )
    assert.equal(await rows.nth(row).locator('button').textContent(), 'Copied')
    const text = await rows.nth(row).locator('code').textContent()
    assert.equal(await home.evaluate(() => navigator.clipboard.readText()), text)
  }
})

test('PUBLIC_URL is what the tags are written with', async (t) => {
  const { origin } = await setUp(t, { PUBLIC_URL: 'https://hits.example.org/badges/' })
  await openHome(`${origin}/?url=example.com`)
  for (const [name, text] of await snippets()) {
    assert.ok(text.includes('https://hits.example.org/badges/count/tag.svg?url=example.com'), name)
  }
})

test('under a path prefix the page, its files and its tags work', async (t) => {
  const { origin } = await setUp(t)
  const under = await startProxy(t, origin, '/tools/hits')
  await openHome(`${under}?url=example.com/x`)
  assert.ok((await snippets()).get('Address')?.startsWith(`${under}count/tag.svg?`))
  await home.waitForFunction(
    () => document.querySelector<HTMLImageElement>('#preview')?.alt === 'hits: 0',
  )
  await home.waitForFunction(() => [...document.images].every((image) => image.naturalWidth > 0))
})
