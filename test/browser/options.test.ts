import assert from 'node:assert/strict'
import test from 'node:test'
import { otherForms } from '../../public/assets/other-forms.js'
import { PRESETS } from '../../src/badge/examples.ts'
import { createSchema, GROUPS } from '../../src/badge/options/schema.ts'
import { build, FILE, readCount } from '../harness/app.ts'
import { launch, profile } from '../harness/browser.ts'

const built = await build(FILE, { HOST: 'localhost', TOP_IGNORE: '' })
const ORIGIN = built.origin
/** One for all tests: to start a page takes longer than most of them. */
const page = await (await profile(await launch(FILE))).newPage()

/** Opens the home page at an address, and waits until it shows a badge. */
async function open(query = '', origin = ORIGIN): Promise<void> {
  await page.goto(`${origin}/${query}`)
  await page.waitForFunction(() => document.querySelector('#preview-text')?.textContent)
}

/**
 * Changes the setup in the address of the open home page, as Back does, and waits until it shows a badge. To load the page
 * takes several times as long. Folds stay as they are.
 */
async function change(query = ''): Promise<void> {
  await page.evaluate((query) => {
    const text = document.querySelector('#preview-text')
    if (text) text.textContent = ''
    history.pushState(null, '', location.pathname + query)
    dispatchEvent(new PopStateEvent('popstate'))
  }, query)
  await page.waitForFunction(() => document.querySelector('#preview-text')?.textContent)
}

/** The query of the tag, which stands in the snippets. */
async function tagOf(): Promise<Record<string, string>> {
  const address = await page.textContent('#snippets li:last-child code')
  return Object.fromEntries(new URL(String(address)).searchParams)
}

/** The image on a ground, once it is drawn with these in its address. */
async function drawn(id: string, ...parts: string[]): Promise<string> {
  const found = await page.waitForFunction(
    ([id, ...parts]) => {
      const image = document.querySelector<HTMLImageElement>(`#${id}`)
      const ready = image?.complete && image.naturalWidth > 0
      return ready && parts.every((part) => image.src.includes(part)) && image.src
    },
    [id, ...parts],
  )
  return String(await found.jsonValue())
}

const look = (name: string) => page.locator(`#looks label:has-text("${name}")`)
const picked = () =>
  page.$$eval('input[name=look]:checked', (found) =>
    found.map((radio) => (radio as HTMLInputElement).value),
  )

test('each look is the tag and the preview, is marked, and comes back by its address', async () => {
  const said: string[] = []
  page.on('console', (message) => said.push(message.text()))
  await open()
  assert.deepEqual(await picked(), ['Classic'])
  for (const { name, options } of PRESETS.toReversed()) {
    await look(name).click()
    assert.deepEqual(await tagOf(), options, name)
    assert.deepEqual(await picked(), [name])
    const query = new URLSearchParams(new URL(page.url()).search)
    assert.deepEqual(Object.fromEntries(query), options)
  }
  await look('Bold').click()
  await open(new URL(page.url()).search)
  assert.deepEqual(await picked(), ['Bold'])
  await drawn('preview', 'style=for-the-badge', 'theme=light')
  assert.deepEqual(said, [], 'nothing on the console')
  await page.fill('#color', '123')
  assert.deepEqual(await picked(), [], 'it is another look now')
})

test('a look leaves alone what the badge says, and Back brings back what it took', async () => {
  await change('?url=example.com&mode=show&base=5000&radius=3')
  await look('Quiet').click()
  assert.equal((await tagOf()).label, 'views')
  await look('Pill').click()
  assert.equal((await tagOf()).label, 'seen', 'a label that a look brought goes with it')
  await page.fill('#label', 'mine')
  await look('Odometer').click()
  const kept = { url: 'example.com', label: 'mine', base: '5000', face: 'odometer', digits: '6' }
  assert.deepEqual(await tagOf(), kept)
  assert.ok(await page.isChecked('input[value=show]'))
  await page.goBack()
  await page.waitForFunction(() => location.search.includes('radius=3'))
  assert.deepEqual(await tagOf(), { url: 'example.com', radius: '3', base: '5000' })
})

test('by keyboard a look is picked with the arrows', async () => {
  await change()
  await page.focus('#url')
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  assert.deepEqual(await picked(), ['Bold'])
  assert.equal((await tagOf()).style, 'for-the-badge')
})

test('all else is folded, one fold for each group, and opens', async () => {
  await open()
  const folds = page.locator('#groups details')
  assert.deepEqual(
    await folds.locator('summary').allTextContents(),
    GROUPS.map((g) => `${g} `),
  )
  for (let at = 0; at < GROUPS.length; at++) {
    const inside = folds.nth(at).locator('input, select').first()
    assert.ok(!(await inside.isVisible()), `${GROUPS[at]} is folded`)
    await folds.nth(at).locator('summary').click()
    assert.ok(await inside.isVisible(), `${GROUPS[at]} opens`)
  }
  for (const name of Object.keys(createSchema())) {
    assert.equal(await page.locator(`#build #${name}`).count(), 1, name)
    assert.ok(await page.isVisible(`#build label[for=${name}]`), `${name} is named`)
  }
})

/** A value for each option, none of them as it comes. */
const ALL: Record<string, string> = {
  label: 'my page',
  prefix: '#',
  suffix: ' views',
  color: 'orange,rgb(1,2,3)',
  labelColor: '24292f',
  textColor: 'fff',
  colorSteps: '100:yellow,1000:orange',
  theme: 'auto',
  style: 'plastic',
  radius: '4.5',
  scale: '1.5',
  animate: '1',
  logo: 'github',
  logoColor: 'white',
  logoWidth: '20',
  format: 'de-CH',
  base: '5000',
  show: 'today-total',
  trend: '30d',
  face: 'led',
  digits: '6',
}

test('every option that is filled in stands in the tag and in the address, which restores it', async () => {
  assert.deepEqual(Object.keys(ALL), Object.keys(createSchema()), 'every option is tried')
  await open()
  await page.evaluate(() => {
    for (const fold of document.querySelectorAll('details')) fold.open = true
  })
  for (const [name, value] of Object.entries(ALL)) {
    const control = page.locator(`#build #${name}`)
    const kind = await control.evaluate((element) => (element as HTMLInputElement).type)
    if (kind === 'select-one') await control.selectOption(value)
    else if (kind === 'checkbox') await control.check()
    else await control.fill(value)
  }
  assert.deepEqual(await tagOf(), ALL)
  const { search } = new URL(page.url())
  assert.deepEqual(Object.fromEntries(new URLSearchParams(search)), ALL)
  await open(search)
  assert.deepEqual(await tagOf(), ALL)
  const marks = await page.locator('#groups .mark').allTextContents()
  assert.equal(marks.join(', ').split(', ').length, Object.keys(ALL).length - 3, 'three stand open')
  await page.click('#start-over')
  assert.deepEqual(await tagOf(), {})
  assert.equal(new URL(page.url()).search, '')
  await page.goBack()
  await page.waitForFunction(() => location.search !== '')
  assert.deepEqual(await tagOf(), ALL, 'Back brings all of it back')
})

test('a fold tells what is set in it', async () => {
  await open('?radius=4')
  const mark = page.locator('#groups details:has-text("Shape") .mark')
  assert.equal(await mark.textContent(), 'Corners')
  await page.click('summary:has-text("Shape")')
  await page.fill('#radius', '')
  assert.equal(await mark.textContent(), '')
})

test('a wrong value has its sentence beside it, in an open fold, and nowhere else', async () => {
  await open('?url=example.com&radius=99&logo=github')
  assert.equal(await page.textContent('#preview-text'), 'radius must be a number from 0 to 14.')
  assert.ok(await page.isVisible('#radius'), 'its fold is open')
  assert.ok(!(await page.isVisible('#logo')), 'no other is')
  const wrong = () => page.$$eval('[aria-invalid=true]', (found) => found.map(({ id }) => id))
  assert.deepEqual(await wrong(), ['radius'])
  assert.equal(await page.getAttribute('#radius', 'aria-describedby'), 'radius-hint')
  assert.match(String(await page.textContent('#radius-hint')), /^radius must be/)
  await page.fill('#radius', '9')
  await page.waitForFunction(() => !document.querySelector('[aria-invalid=true]'))
  assert.equal(await page.textContent('#radius-hint'), 'A number from 0 to 14.')
})

test('the preview is a sample until a page is named, and shows both grounds', async () => {
  await change()
  assert.equal(await drawn('preview', '/sample/'), await drawn('preview-dark'))
  await page.fill('#color', '111,eee')
  await drawn('preview', '/sample/', 'theme=light')
  await drawn('preview-dark', '/sample/', 'theme=dark')
  assert.match(String(await page.textContent('#preview-text')), /follows the viewer’s system/)
  await page.fill('#url', 'example.com/new')
  await drawn('preview', '/nocount/', 'theme=light')
  await drawn('preview-dark', '/nocount/', 'theme=dark')
  assert.equal(await readCount(built.store, 'example.com/new'), 0)
  await page.fill('#label', '(prefers-color-scheme:dark)')
  await page.fill('#color', '111')
  const both = await drawn('preview', 'color=111', 'label=%28')
  assert.ok(!both.includes('theme='), 'a label is no theme')
})

test('a badge that has no room in the preview is said to be larger', async () => {
  const captions = () => page.locator('.preview figcaption').allTextContents()
  await change('?scale=2')
  await drawn('preview-dark', 'scale=2')
  assert.deepEqual(await captions(), ['On light', 'On dark'])
  await page.fill(
    '#label',
    'a label that is as long as a label can be, and twice as large as others',
  )
  for (const ground of ['On light', 'On dark']) {
    await page.waitForSelector(`figcaption:text-is("${ground}, smaller than it is")`)
  }
})

test('the pickers fill in a colour for each ground', async () => {
  await change()
  const pick = (ground: string, value: string) =>
    page.fill(`input[data-for=color][data-ground=${ground}]`, value)
  await pick('dark', '#2ea043')
  assert.equal((await tagOf()).color, '44cc11,2ea043', 'the light one is as it was')
  await pick('light', '#010203')
  assert.equal((await tagOf()).color, '010203,2ea043')
  await page.fill('#color', 'rgb(255,0,0)')
  assert.equal(await page.inputValue('input[data-for=color][data-ground=dark]'), '#ff0000')
})

test('what means nothing beside a face or a style is greyed out, and that is said', async () => {
  const idle = () => page.$$eval('#build .field :disabled[name]', (all) => all.map(({ id }) => id))
  const said = async () => (await page.textContent('#preview-text'))?.includes('greyed out')
  await change()
  assert.deepEqual([await idle(), await said()], [['digits'], false])
  await change('?style=social')
  assert.deepEqual(
    [await idle(), await said()],
    [['color', 'labelColor', 'colorSteps', 'digits'], true],
  )
  await change('?face=lcd&style=social')
  const ofBadges = ['style', 'textColor', 'logo', 'logoColor', 'logoWidth', 'format', 'trend']
  assert.deepEqual([await idle(), await said()], [ofBadges, true])
  await change('?face=tally')
  assert.deepEqual([await idle(), await said()], [['digits'], false], 'it is a badge beyond 100')
})

test('the other forms answer, with the options that they have', async () => {
  await change('?url=example.com/a&label=my+page&color=0969da&scale=1.5&trend=30d')
  const found = await page.locator('#others code').allTextContents()
  const [card = '', png = '', shields = ''] = found.map((address) => address.replace(ORIGIN, ''))
  assert.equal(card, '/graph.svg?url=example.com/a&label=my%20page&color=0969da&scale=1.5')
  assert.equal((await built.get(card)).statusCode, 200)
  assert.match(png, /^\/count\/tag\.png\?url=example\.com\/a&.*&scale=2&trend=30d$/)
  assert.equal((await built.get(png)).headers['content-type'], 'image/png')
  assert.equal(new URL(shields).origin, 'https://img.shields.io')
  const endpoint = String(new URL(shields).searchParams.get('url')).replace(ORIGIN, '')
  const { label, color } = (await built.get(endpoint)).json()
  assert.deepEqual([label, color], ['my page', '#0969da'])
})

test('a PNG is asked for in the size that it can have', () => {
  for (const [scale, expected] of Object.entries({ 0.5: 1, 1.4: 1, 1.5: 2, 3: 3, 4: 3, x: 1 })) {
    const options = new Map([['scale', scale]])
    const [, png] = otherForms('', { url: 'a.example', mode: 'show', options })
    assert.equal(png?.text, `/nocount/tag.png?url=a.example&scale=${expected}`)
  }
})

test("with an operator's own badge there are no looks, and only the options that it has", async (t) => {
  const template = '<svg xmlns="http://www.w3.org/2000/svg"><text>{label} {count}</text></svg>'
  const { origin } = await build(t, { HOST: 'localhost' }, template)
  await open('?style=plastic&label=mine', origin)
  assert.ok(!(await page.isVisible('text=Pick a look')))
  assert.equal(await page.locator('input[name=look]').count(), 0, 'and none is drawn')
  assert.deepEqual(await page.$$eval('#build [id$=hint]', (all) => all.map(({ id }) => id)), [
    'url-hint',
    ...['label-hint', 'prefix-hint', 'suffix-hint', 'format-hint', 'base-hint', 'show-hint'],
  ])
  assert.deepEqual(await tagOf(), { label: 'mine' })
})
