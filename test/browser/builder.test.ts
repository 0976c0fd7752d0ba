import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { convert } from '@asciidoctor/core'
import MarkdownIt from 'markdown-it'
import { MARKUPS } from '../../public/assets/tags.js'
import { createSchema } from '../../src/badge/options/schema.ts'
import { build, FILE, readCount } from '../harness/app.ts'
import { launch, profile } from '../harness/browser.ts'
import { openHome as open, openFolds, tagOf } from '../harness/builder.ts'
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

const openHome = (url: string) => open(home, url)
const tag = (markup?: string) => tagOf(home, markup)
const MARKUP_NAMES = Object.keys(MARKUPS)

/** An image as an element, of what a markup without a program on npm says. */
function image(src = '', alt = '', href = ''): string {
  const element = `<img src="${src.replaceAll('&', '&amp;')}" data-alt="${alt.length}">`
  return href ? `<a href="${href.replaceAll('&', '&amp;')}">${element}</a>` : element
}

function parsed(pattern: RegExp, text: string): Record<string, string> {
  const groups = pattern.exec(text)?.groups
  assert.ok(groups, text)
  return groups
}

/** What each markup makes of a tag: HTML, by the markup's own program where npm has one, else by its syntax. */
const RENDER: Record<string, (text: string) => string | Promise<string>> = {
  HTML: (text) => text,
  Markdown: (text) => new MarkdownIt().render(text),
  AsciiDoc: async (text) => String(await convert(text)),
  'AsciiDoc, in a line': async (text) => String(await convert(`Seen ${text} times.`)),
  reStructuredText(text) {
    const syntax = /^\.\. image:: (?<src>\S+)\n {3}:alt: (?<alt>.+)(\n {3}:target: (?<href>\S+))?$/
    const { src, alt, href } = parsed(syntax, text)
    return image(src, alt, href)
  },
  BBCode(text) {
    const { src, href } = parsed(
      /^(\[url=(?<href>[^\]]+)\])?\[img\](?<src>[^[\]]+)\[\/img\](\[\/url\])?$/,
      text,
    )
    return image(src, '', href)
  },
  Org(text) {
    const { src, href } = parsed(/^\[\[((?<href>[^\]]+)\]\[)?(?<src>[^[\]]+\.svg)\]\]$/, text)
    return image(src, '', href)
  },
  MediaWiki(text) {
    const { src, href } = parsed(/^(\[(?<href>\S+) )?(?<src>[^\s\]]+\.svg)\]?$/, text)
    return image(src, '', href)
  },
  Textile(text) {
    const { src, alt, href } = parsed(
      /^!(?<src>[^!()]+)\((?<alt>[^()!]*)\)!(:(?<href>\S+))?$/,
      text,
    )
    return image(src, alt, href)
  },
  JSX: (text) => text.replace('referrerPolicy', 'referrerpolicy'),
  Address: (text) => image(text),
}
/** The markups of which the rendered image has the words too. */
const WITH_WORDS = ['HTML', 'Markdown', 'AsciiDoc', 'AsciiDoc, in a line', 'JSX']

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
    await openFolds(home)
    await home.fill('#url', url)
    await home.fill('#label', label)
    await home.fill('#color', 'orange,123')
    await home.selectOption('#style', 'flat-square')
    assert.deepEqual(MARKUP_NAMES.toSorted(), Object.keys(RENDER).sort())

    const site = await startSite(t)
    let expected = 0
    for (const [name, render] of Object.entries(RENDER)) {
      site.html = await render(await tag(name))
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
      assert.match(svg, /#c75215/, `${name} is orange`)
      assert.match(svg, /crispEdges/, `${name} is flat-square`)
      assert.equal(await readCount(store, key as never), expected, name)
      if (WITH_WORDS.includes(name)) {
        assert.equal(await visitor.getAttribute('img', 'alt'), label, `${name} says it in words`)
      }
    }
  })
}

for (const [link, expected] of [
  ['page', 'https://example.com/a_b/c%20d'],
  ['numbers', '/page?url=example.com/a_b/c%20d'],
] as const) {
  test(`in every markup the image links to ${link}, if that is chosen`, async (t) => {
    const { origin } = await setUp(t)
    await openHome(`${origin}/?url=example.com/a_b/c d&link=${link}`)
    const site = await startSite(t)
    for (const [name, render] of Object.entries(RENDER)) {
      if (name === 'Address') continue
      site.html = await render(await tag(name))
      await visitor.goto(site.origin)
      const href = await visitor.$eval('a:has(img)', (found) => (found as HTMLAnchorElement).href)
      const plain = href.replaceAll('%5F', '_').replace(origin, '')
      assert.equal(plain, expected, name)
    }
    if (link === 'numbers') assert.equal((await visitor.goto(origin + expected))?.status(), 200)
  })
}

test('the image links to the statistics of its page, unless it shall link to nothing', async (t) => {
  const { origin } = await setUp(t)
  await openHome(`${origin}/?url=example.com/a`)
  const image = `<img src="${origin}/count/tag.svg?url=example.com/a" alt="hits">`
  assert.equal(await tag('HTML'), `<a href="${origin}/page?url=example.com/a">${image}</a>`)
  await home.selectOption('#link', 'nothing')
  await home.waitForURL(/link=none/)
  assert.equal(await tag('HTML'), image)
  await openHome(home.url())
  assert.equal(await tag('HTML'), image)
  assert.equal(await home.inputValue('#link'), '')
})

test('without a url, the HTML tag carries the attribute, and finds the page it stands on', async (t) => {
  const { origin, store } = await setUp(t)
  await openHome(`${origin}/`)
  const html = await tag('HTML')
  assert.equal(
    html,
    `<img src="${origin}/count/tag.svg" alt="hits" referrerpolicy="no-referrer-when-downgrade">`,
  )
  const site = await startSite(t, html)
  await visitor.goto(`${site.origin}/deep/down/post?x=1`)
  await visitor.waitForFunction(() => (document.querySelector('img')?.naturalWidth ?? 0) > 0)
  assert.equal(await readCount(store, `${site.host}/deep/down/post` as never), 1)
})

test('paste anywhere, Enter: the tag is copied, in the markup that was chosen the last time', async (t) => {
  const { origin } = await setUp(t)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin })
  await openHome(`${origin}/`)
  await home.selectOption('#markup', 'Markdown')
  await openHome(`${origin}/`)
  assert.equal(await home.inputValue('#markup'), 'Markdown', 'it is remembered')
  await home.evaluate(() => navigator.clipboard.writeText('https://example.com/a'))
  await home.keyboard.press('Control+V')
  assert.equal(await home.inputValue('#url'), 'https://example.com/a')
  await home.keyboard.press('Enter')
  await home.waitForSelector('#copy:text-is("Copied")')
  assert.equal(await home.textContent('#said'), 'Markdown copied')
  const copied = await home.evaluate(() => navigator.clipboard.readText())
  const image = `![hits](${origin}/count/tag.svg?url=https://example.com/a)`
  assert.equal(copied, `[${image}](${origin}/page?url=https://example.com/a)`)
  await home.selectOption('#markup', 'HTML')
})

test('a tag without its page, or with a fault, is not copied as if it worked', async (t) => {
  const { origin } = await setUp(t)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin })
  await openHome(`${origin}/`)
  await home.evaluate(() => navigator.clipboard.writeText('as before'))
  const clipboard = () => home.evaluate(() => navigator.clipboard.readText())
  await home.selectOption('#markup', 'Markdown')
  await home.click('#copy')
  assert.match(String(await home.textContent('#state')), /^Enter the page first/)
  assert.equal(await home.evaluate(() => document.activeElement?.id), 'url')
  assert.equal(await clipboard(), 'as before')
  await openHome(`${origin}/?url=example.com&radius=99`)
  await home.waitForSelector('#radius[aria-invalid=true]')
  await home.click('#copy')
  assert.equal(await home.evaluate(() => document.activeElement?.id), 'radius')
  assert.equal(await clipboard(), 'as before')
  await home.fill('#radius', '9')
  await home.waitForSelector('#radius[aria-invalid=false]')
  await home.click('#copy')
  await home.waitForSelector('#copy:text-is("Copied")')
  assert.match(await clipboard(), /radius=9\)\]\(/)
  await home.selectOption('#markup', 'HTML')
})

/** What is in sight of the window: the whole of it. */
const inSight = (selector: string) =>
  home.$eval(selector, (element) => {
    const { top, bottom } = element.getBoundingClientRect()
    return top >= 0 && bottom <= innerHeight
  })
/** How much of the window's height the part takes that stays in sight. */
const shareOfSticky = () =>
  home.$eval('.preview', (element) => {
    const parts = [element, element.parentElement as Element]
    const isSticky = parts.some((part) => getComputedStyle(part).position === 'sticky')
    return isSticky ? element.getBoundingClientRect().height / innerHeight : 0
  })

test('on a phone the field, the preview and Copy are on one screen, and the last two stay', async (t) => {
  const { origin } = await setUp(t)
  await home.setViewportSize({ width: 360, height: 740 })
  await openHome(`${origin}/?url=example.com`)
  for (const part of ['#url', '.preview', '#copy', '#snippet']) assert.ok(await inSight(part), part)
  await openFolds(home)
  await home.$eval('#digits', (element) => element.scrollIntoView({ block: 'center' }))
  assert.ok(await inSight('#copy'), 'however far down')
  assert.ok(await inSight('.preview'))
  for (const [width, height] of [
    [360, 740],
    [740, 360],
    [320, 256],
    [1280, 720],
  ] as const) {
    await home.setViewportSize({ width, height })
    assert.ok((await shareOfSticky()) < 1 / 3, `${width} x ${height}`)
  }
  await home.setViewportSize({ width: 1280, height: 720 })
})

test('"only show" makes tags that never count', async (t) => {
  const { origin } = await setUp(t)
  await openHome(`${origin}/`)
  await home.fill('#url', 'example.com')
  await home.check('input[value=show]', { force: true })
  for (const name of MARKUP_NAMES) {
    assert.ok((await tag(name)).includes(`${origin}/nocount/tag.svg?url=example.com`), name)
  }
})

test('the preview is the badge as the server draws it, and building counts nothing', async (t) => {
  const { origin, store, get } = await setUp(t)
  await get('/count?url=example.com/a')
  await openHome(`${origin}/`)
  await home.fill('#url', 'https://example.com/a')
  await openFolds(home)
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
    document.querySelector('#color-hint')?.textContent?.startsWith('Colour must be a colour'),
  )
  assert.equal(await home.getAttribute('#color', 'aria-invalid'), 'true')
  assert.equal(await home.getAttribute('#url', 'aria-invalid'), 'false')
})

test('a page of a forge gets Markdown, another one HTML, until a markup is chosen', async (t) => {
  const { origin } = await setUp(t)
  await openHome(`${origin}/`)
  await home.evaluate(() => localStorage.clear())
  await openHome(`${origin}/?url=https://github.com/owner/project`)
  const snippet = () => home.inputValue('#snippet')
  assert.match(await snippet(), /^!?\[/)
  await home.fill('#url', 'https://example.com/github.com')
  await home.waitForFunction(() =>
    /^<a href="[^"]*"><img/.test(
      document.querySelector<HTMLTextAreaElement>('#snippet')?.value ?? '',
    ),
  )
  await home.selectOption('#markup', 'BBCode')
  await home.fill('#url', 'https://github.com/owner/project')
  await home.waitForURL(/github/)
  assert.match(await snippet(), /^\[url=[^\]]*\]\[img\]/)
})

test('the setup lives in the address, and an address brings it back', async (t) => {
  const { origin } = await setUp(t)
  await openHome(`${origin}/`)
  assert.equal(new URL(home.url()).search, '')
  await home.fill('#url', 'https://example.com/a?b=1&c=2')
  await openFolds(home)
  await home.fill('#label', '')
  await home.fill('#labelColor', '123')
  await home.selectOption('#style', 'social')
  await home.check('input[value=show]', { force: true })
  const before = await tag()
  await home.waitForURL(/mode=show/)
  await openHome(home.url())
  await home.waitForSelector('#label', { state: 'attached' })
  assert.equal(await tag(), before)
  assert.equal(await home.inputValue('#url'), 'https://example.com/a?b=1&c=2')
  assert.equal(await home.inputValue('#label'), '')
  assert.equal(await home.inputValue('#style'), 'social')
  assert.ok(await home.isChecked('input[value=show]'))
  const query = 'url=https://example.com/a&label=&labelColor=123&style=social'
  assert.ok(before.replaceAll('&amp;', '&').includes(query), before)
})

test('Back brings back the setup that the address says', async (t) => {
  const { origin } = await setUp(t)
  await openHome(`${origin}/?url=a.example`)
  await home.evaluate(() => document.querySelector<HTMLAnchorElement>('.skip')?.click())
  await home.waitForURL('**#main')
  await home.fill('#url', 'b.example')
  await home.waitForURL('**/?url=b.example#main')
  await home.goBack()
  await home.waitForFunction(
    () => document.querySelector<HTMLInputElement>('#url')?.value === 'a.example',
  )
  assert.ok((await tag('Address')).endsWith('url=a.example'))
})

test('the pickers show the colour that is named', async (t) => {
  const { origin } = await setUp(t, { BADGE_COLOR: 'orange' })
  await openHome(`${origin}/?labelColor=abc`)
  await openFolds(home)
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
  assert.equal(await home.locator('#live').count(), 0)
  await home.waitForFunction(
    () => document.querySelector<HTMLImageElement>('#preview')?.alt === 'hits: 1,234',
  )
  assert.match(String(await home.textContent('#state')), /^A sample/)
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
    /the query \(except for id, v\) make no difference/,
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
  await home.waitForSelector('#label', { state: 'attached' })
  assert.equal(await home.$$eval('img[src="x"], main script', (found) => found.length), 0)
  assert.deepEqual(complaints, [] as string[])
  const site = await startSite(t, await tag('HTML'))
  visitor.on('dialog', (dialog) => complaints.push(dialog.message()))
  await visitor.goto(site.origin)
  assert.equal(await visitor.$$eval('img', (found) => found.length), 1)
  assert.deepEqual(complaints, [] as string[])
})

test('every copy button of the scripts copies, and says so', async (t) => {
  const { origin } = await setUp(t)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin })
  await openHome(`${origin}/?url=example.com`)
  await home.click('summary:has-text("own script")')
  const rows = home.locator('.snippets li')
  await rows.first().waitFor()
  assert.equal(await rows.count(), 2)
  for (let row = 0; row < 2; row++) {
    const name = await rows.nth(row).locator('h3').textContent()
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
  for (const name of MARKUP_NAMES) {
    const text = (await tag(name)).replaceAll('&amp;', '&')
    assert.ok(text.includes('https://hits.example.org/badges/count/tag.svg?url=example.com'), name)
  }
})

test('under a path prefix the page, its files and its tags work', async (t) => {
  const { origin } = await setUp(t)
  const under = await startProxy(t, origin, '/tools/hits')
  await openHome(`${under}?url=example.com/x`)
  assert.ok((await tag('Address')).startsWith(`${under}count/tag.svg?`))
  await home.waitForFunction(
    () => document.querySelector<HTMLImageElement>('#preview')?.alt === 'hits: 0',
  )
  await home.waitForFunction(() => [...document.images].every((image) => image.naturalWidth > 0))
})

test('the number of the whole site is a choice, which counts the page that is named beside it', async (t) => {
  const { origin, store } = await setUp(t)
  await openHome(`${origin}/?url=https://site.example:8080/a`)
  await home.check('input[name=of][value=site]')
  await home.waitForURL(/of=site/)
  const counted = await tag('Markdown')
  const query = 'url=https://site.example:8080/a&site=site.example:8080'
  const linked = (image: string) => `[![hits](${image})](${origin}/site?host=site.example:8080)`
  assert.equal(counted, linked(`${origin}/count/tag.svg?${query}`))
  await home.check('input[name=mode][value=show]')
  assert.equal(await tag('Markdown'), linked(`${origin}/nocount/tag.svg?site=site.example:8080`))
  const [, address = ''] = /\]\((.*?)\)/.exec(counted) ?? []
  await visitor.goto(address)
  await visitor.goto(address.replace('/a&', '/b&'))
  assert.equal(await readCount(store, 'site.example:8080/a'), 1)
  assert.equal(await readCount(store, '//site.example:8080'), 2)
  // A tag that is pasted says the same.
  await openHome(`${origin}/`)
  await home.fill('#url', counted)
  await home.waitForURL(/of=site/)
  assert.equal(await tag('Markdown'), counted)
  // Without an address there is no site.
  await openHome(`${origin}/?of=site`)
  await home.click('#copy')
  await home.waitForSelector('#state:has-text("the number of a site needs its address")')
})
