import assert from 'node:assert/strict'
import test from 'node:test'
import type { Page } from 'playwright-core'
import type { PageKey } from '../../src/page.ts'
import { ADMIN, newKey, newLink } from '../harness/administration.ts'
import { build, FILE, readCount } from '../harness/app.ts'
import { faultsOf, launch, profile } from '../harness/browser.ts'

const built = await build(FILE, { HOST: 'localhost', BAN_ADDRESSES: '198.51.100.0/24', ...ADMIN })
const { get, origin, clock, store } = built
/** A page and a text in which no line can be broken. */
const LONG = `long.example/${'w'.repeat(1500)}`
const deed = () => ({ actor: 'test', reason: LONG.slice(0, 500), at: clock.now })
for (const page of ['example.com/a', 'example.com/b', 'example.com/c', 'my-project', LONG]) {
  for (let visit = 0; visit < 6; visit++) await get(`/count?url=${page}`)
}
const key = (page: string) => page as PageKey
await store.admin.change(
  [
    { action: 'rename', page: key('example.com/b'), to: key('example.com/new'), alias: true },
    { action: 'remove', page: key('my-project') },
    { action: 'set', page: key(LONG), hits: 9_007_199_254_740_991 },
  ],
  deed(),
)
await store.admin.addRules(
  (['page-rule', 'untracked-agent'] as const).map((kind) => ({
    ...{ kind, pattern: `example.com/${'old'.repeat(300)}/*`, endsAt: clock.now + 1e9, ...deed() },
    replacement: kind === 'page-rule' ? 'example.com/*' : '',
  })),
)
const { secret } = await newKey(built, 'example.com')
const browser = await launch(FILE)

const SCREENS = [
  { width: 360, height: 740, colorScheme: 'dark' },
  { width: 1280, height: 800, colorScheme: 'light' },
] as const

/** Opens a browser that is not signed in. */
async function open(
  { width, height, colorScheme }: (typeof SCREENS)[number],
  options: object = {},
): Promise<Page> {
  const viewport = { width, height }
  return (await profile(browser, { viewport, colorScheme, ...options })).newPage()
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${origin}/admin/sign-in?token=${await newLink(built)}`)
  await page.click('main button')
  await page.waitForURL(`${origin}/admin/`)
}

/** Presses Tab until something with this name has the focus: a link, a button, a fold, or the field of a label. */
async function focus(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab')
    const [focused, outline] = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement
      const label = (element as HTMLInputElement).labels?.[0]
      const text = (label ?? element).textContent ?? ''
      return [text.replace(/\s+/g, ' ').trim(), getComputedStyle(element).outlineStyle]
    })
    if (focused !== name) continue
    assert.notEqual(outline, 'none', `${name} shows that it has the focus`)
    return
  }
  assert.fail(`no key leads to ${name}`)
}

/** Presses a button or follows a link, by the keyboard. */
async function press(page: Page, name: string): Promise<void> {
  await focus(page, name)
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')])
}

async function type(page: Page, name: string, text: string): Promise<void> {
  await focus(page, name)
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type(text)
}

const alert = (page: Page) => page.locator('main [role=alert]').innerText()
const notice = (page: Page) => page.locator('main .notice').innerText()

for (const screen of SCREENS) {
  const name = `by keyboard alone, at ${screen.width} px, ${screen.colorScheme}`
  test(`${name}: sign in, mend a number, remove and restore, ban, sign out`, async () => {
    const page = await open(screen)
    const counted = `example.com/keyboard-${screen.width}`
    await get(`/count?url=${counted}`)
    await page.goto(`${origin}/admin/sign-in?token=${await newLink(built)}`)
    await press(page, 'Sign this browser in')

    await type(page, 'Part of an address', `keyboard-${screen.width}`)
    await press(page, 'Search')
    await press(page, counted)
    assert.equal(await page.textContent('h1'), counted)
    await type(page, 'Number', 'many')
    await press(page, 'Set the number')
    assert.match(await alert(page), /whole number/)
    const wrong = page.locator('[aria-invalid=true]')
    assert.equal(await wrong.inputValue(), 'many', 'what was typed is still there')
    const described = String(await wrong.getAttribute('aria-describedby'))
    assert.equal(await page.innerText(`#${described}`), await alert(page))
    await type(page, 'Number', '1,234')
    await type(page, 'Reason', 'Carried over')
    await press(page, 'Set the number')
    assert.equal(await notice(page), 'The number is set.')
    assert.equal(await page.innerText('.total dd'), '1,234')
    assert.match(await page.innerText('.entries li'), /Number set from 1 to 1,234\s+Carried over/)
    assert.equal(await readCount(store, counted), 1234)

    await press(page, 'Remove this page')
    assert.equal(await readCount(store, counted), 1234, 'it is asked again')
    await type(page, 'Reason', 'Spam')
    await press(page, 'Remove')
    assert.equal((await get(`/count?url=${counted}`)).statusCode, 410)
    await press(page, 'Bin')
    await focus(page, `Choose ${counted}`)
    await page.keyboard.press('Space')
    await press(page, 'Restore')
    assert.equal(await notice(page), `${counted} is restored.`)
    assert.equal(await readCount(store, counted), 1234)

    await press(page, 'Lists')
    await type(page, 'Address or range', '0.0.0.0/0')
    await press(page, 'Add it')
    assert.match(await alert(page), /every address/)
    await type(page, 'Address or range', `203.0.113.${screen.width % 256}`)
    await type(page, 'Reason', 'Floods a page')
    await press(page, 'Add it')
    assert.match(await notice(page), /^203\.0\.113\.\d+ is banned\.$/)
    assert.match(await page.innerText('table'), /Floods a page/)

    await press(page, 'Sign out')
    assert.equal(await page.textContent('h1'), 'Sign in')
    await page.goto(`${origin}/admin/`)
    assert.equal(await page.textContent('h1'), 'Sign in')
  })

  const where = `at ${screen.width} px, ${screen.colorScheme}`
  test(`${where}: axe finds nothing on any page, nothing is too wide, and everything can be hit`, async () => {
    const page = await open(screen)
    // The text of a page is the same at every width and in every theme: all rules once, and those about what is seen each time.
    const rules = screen === SCREENS[0] ? undefined : ['color-contrast', 'target-size']
    const look = async (name: string) => {
      assert.deepEqual(await faultsOf(page, rules), [], name)
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.equal(width, screen.width, `${name} is not too wide`)
      const small = await page.$$eval('button, input, select, summary, nav a, .brand', (all) =>
        all.flatMap((element) => {
          const { width, height } = element.getBoundingClientRect()
          return width > 0 && Math.min(width, height) < 24 ? [element.outerHTML] : []
        }),
      )
      assert.deepEqual(small, [] as string[], name)
    }
    for (const path of ['sign-in', 'sign-in?token=x', `sign-in?token=${'x'.repeat(43)}`]) {
      await page.goto(`${origin}/admin/${path}`)
      await look(path)
    }
    await page.click('main button')
    assert.match(await alert(page), /used already/)
    await look('a link that does not work')
    await signIn(page)
    const titles = new Set<string>()
    for (const path of [
      ...['./', './?part=nothing-has-this', './?done=remove&n=2', 'bin', 'bin?part=nothing', 'a/b'],
      ...['page?url=example.com/a', 'page?url=example.com/b', 'page?url=my-project', 'page?url=x'],
      ...[
        'lists',
        'lists?kind=page-rule',
        `lists?address=198.51.100.1&page=${LONG}`,
        'lists?kind=untracked-agent',
      ],
      ...[
        `page?url=${LONG}`,
        'spikes',
        'audit',
        'audit?page=example.com/new',
        'access',
        'page?url=%00',
      ],
    ]) {
      await page.goto(`${origin}/admin/${path}`)
      await page.$$eval('details', (all) => {
        for (const each of all) (each as HTMLDetailsElement).open = true
      })
      await look(path)
      assert.equal(await page.locator('h1').count(), 1, path)
      titles.add(await page.title())
    }
    assert.ok(titles.size > 8, 'pages have titles of their own')
    await page.goto(`${origin}/admin/`)
    await page.locator('tbody [type=checkbox]').first().check()
    await page.click('[value=remove]')
    await look('a question')
    await page.goto(`${origin}/admin/access`)
    await page.fill('#key-name', 'docs')
    await page.fill('#key-prefix', 'example.com')
    await page.click('#key button')
    await look('a key')
    await page.goto(`${origin}/page?url=example.com/a`)
    await page.click('summary')
    await look('the form of owners')
  })
}

test('without a script everything works, and nothing is shown that needs one', async () => {
  const page = await open(SCREENS[1], { javaScriptEnabled: false })
  await signIn(page)
  assert.equal(await page.locator('.all').count(), 0)
  for (const name of ['example.com/a', 'example.com/c']) {
    await page.getByLabel(`Choose ${name}`).check()
  }
  await page.click('[value=remove]')
  assert.match(await page.innerText('main'), /Remove 2 pages\?[\s\S]*example\.com\/c/)
  await page.click('main [type=submit]')
  assert.match(await notice(page), /2 pages are removed/)
  await page.goto(`${origin}/admin/bin`)
  for (const name of ['example.com/a', 'example.com/c']) {
    await page.getByLabel(`Choose ${name}`).check()
  }
  await page.click('[value=restore]')
  assert.equal(await notice(page), '2 pages are restored.')
  await page.goto(`${origin}/admin/access`)
  await page.click('#link button')
  assert.match(await page.innerText('#secret'), /\/admin\/sign-in\?token=/)
  assert.equal(await page.locator('[data-copy]').isVisible(), false)
})

test('a script chooses all rows at once', async () => {
  const page = await open(SCREENS[0])
  await signIn(page)
  const boxes = page.locator('tbody [type=checkbox]')
  await page.getByLabel('Choose all').check()
  assert.ok(await boxes.last().isChecked())
  assert.equal(await page.innerText('.bar [role=status]'), `${await boxes.count()} chosen`)
  await boxes.first().uncheck()
  const all = page.getByLabel('Choose all')
  assert.equal(await all.evaluate((box: HTMLInputElement) => box.indeterminate), true)
})

test('the history goes back to the page of the list that was open', async () => {
  for (let at = 0; at < 60; at++) await get(`/count?url=paged.example/${at}`)
  const page = await open(SCREENS[1])
  await signIn(page)
  await page.fill('#part', 'paged.example')
  await page.click('.lookup button')
  await page.click('[rel=next]')
  assert.equal(await page.locator('tbody tr').count(), 10)
  assert.equal(await page.locator('[rel=next]').count(), 0)
  await page.goBack()
  assert.equal(await page.locator('tbody tr').count(), 50)
})

test('an owner changes the number on /page with a key, and reads why it is refused', async () => {
  const page = await open(SCREENS[0])
  await page.goto(`${origin}/page?url=example.com/a`)
  await page.click('summary:has-text("your key")')
  await page.fill('#key', `${secret}x`)
  await page.fill('#hits', '77')
  await page.click('details .form button')
  assert.match(await alert(page), /unknown, or was revoked/)
  assert.equal(await page.inputValue('#hits'), '77')
  assert.equal(await page.inputValue('#key'), '', 'the key is not shown again')
  await page.fill('#key', secret)
  await page.click('details .form button')
  assert.equal(await page.innerText('main [role=status]'), 'The number is set.')
  assert.equal(await readCount(store, 'example.com/a'), 77)
  await page.click('summary:has-text("your key")')
  await page.fill('#key', secret)
  await page.getByLabel('Remove the page').check()
  await page.click('details .form button')
  assert.match(await page.innerText('main'), /Remove example\.com\/a \(77 hits\)\?/)
  assert.equal(await readCount(store, 'example.com/a'), 77, 'it is asked again')
  await page.click('.note button')
  assert.match(await page.innerText('main [role=status]'), /is removed/)
  await page.click('summary:has-text("your key")')
  await page.fill('#key', secret)
  assert.ok(await page.getByLabel('Restore the page').isChecked())
  await page.click('details .form button')
  assert.equal(await page.innerText('.total dd'), '77')
})
