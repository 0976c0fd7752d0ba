import assert from 'node:assert/strict'
import test from 'node:test'
import { imageAddress } from '../../public/assets/tags.js'
import { PRESETS } from '../../src/badge/examples.ts'
import { createSchema, GROUPS } from '../../src/badge/options/schema.ts'
import { build, FILE, readCount } from '../harness/app.ts'
import { launch, profile } from '../harness/browser.ts'
import { openFolds, openHome, queryOfTag } from '../harness/builder.ts'

const built = await build(FILE, { HOST: 'localhost', TOP_IGNORE: '' })
const ORIGIN = built.origin
/** One for all tests: to start a page takes longer than most of them. */
const browser = await launch(FILE)
const page = await (await profile(browser)).newPage()

const open = (query = '', origin = ORIGIN) => openHome(page, `${origin}/${query}`)
const tagOf = () => queryOfTag(page)

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
    await page.waitForFunction(
      (wanted) => [...new URLSearchParams(location.search)].sort().join() === wanted,
      Object.entries(options).sort().join(),
    )
    assert.deepEqual(await tagOf(), options, name)
    assert.deepEqual(await picked(), [name])
    const query = new URLSearchParams(new URL(page.url()).search)
    assert.deepEqual(Object.fromEntries(query), options)
  }
  await look('Bold').click()
  await page.waitForURL(/for-the-badge/)
  await open(new URL(page.url()).search)
  await page.waitForSelector('input[value=Bold]:checked', { state: 'attached' })
  assert.deepEqual(await picked(), ['Bold'])
  await drawn('preview', 'style=for-the-badge', 'theme=light')
  await openFolds(page)
  assert.deepEqual(said, [], 'nothing on the console')
  await page.fill('#color', '123')
  assert.deepEqual(await picked(), [], 'it is another look now')
})

test('a look leaves alone what the badge says, and Back brings back what it took', async () => {
  await open('?url=example.com&mode=show&base=5000&radius=3')
  await openFolds(page)
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
  await page.waitForFunction(
    () => document.querySelector<HTMLInputElement>('#radius')?.value === '3',
  )
  assert.deepEqual(await tagOf(), { url: 'example.com', radius: '3', base: '5000' })
})

test('by keyboard a look is picked with the arrows', async () => {
  await open()
  await page.focus('input[value=Classic]')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.waitForURL(/for-the-badge/)
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
    await inside.waitFor()
  }
  for (const name of Object.keys(createSchema())) {
    assert.equal(await page.locator(`#build #${name}`).count(), 1, name)
    assert.ok(await page.isVisible(`#build label[for=${name}]`), `${name} is named`)
  }
})

/** A value for each option, none of them as it comes. */
const ALL: Record<string, string> = {
  tz: 'Europe/Berlin',
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
  const names = ['tz', ...Object.keys(createSchema())]
  assert.deepEqual(Object.keys(ALL), names, 'every option is tried')
  await open()
  await openFolds(page)
  for (const [name, value] of Object.entries(ALL)) {
    const control = page.locator(`#build #${name}`)
    const kind = await control.evaluate((element) => (element as HTMLInputElement).type)
    if (kind === 'select-one') await control.selectOption(value)
    else if (kind === 'checkbox') await control.check()
    else await control.fill(value)
  }
  assert.deepEqual(await tagOf(), ALL)
  await page.waitForURL(/digits=6/)
  const { search } = new URL(page.url())
  assert.deepEqual(Object.fromEntries(new URLSearchParams(search)), ALL)
  await open(search)
  assert.deepEqual(await tagOf(), ALL)
  await page.waitForSelector('#label', { state: 'attached' })
  const marks = await page.locator('#groups .mark').allTextContents()
  assert.equal(marks.join(', ').split(', ').length, Object.keys(ALL).length)
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
  await page.waitForFunction(() => document.querySelector('[data-group=Shape] .mark')?.textContent)
  assert.equal(await mark.textContent(), 'Corners')
  await page.click('summary:has-text("Shape")')
  await page.fill('#radius', '')
  assert.equal(await mark.textContent(), '')
})

test('each wrong value has its sentence beside it, in an open fold, and all are named at once', async () => {
  await open('?url=example.com&radius=99&logo=github&tz=Nowhere&scale=0')
  await page.waitForSelector('#tz[aria-invalid=true]')
  assert.equal(
    await page.textContent('#state'),
    'This tag does not work yet. Please correct: Corners, Size, Time zone.',
  )
  assert.equal(await page.getAttribute('#state', 'role'), 'status')
  assert.ok(await page.isVisible('#radius'), 'its fold is open')
  assert.ok(!(await page.isVisible('#logo')), 'no other is')
  const wrong = () => page.$$eval('[aria-invalid=true]', (found) => found.map(({ id }) => id))
  assert.deepEqual((await wrong()).sort(), ['radius', 'scale', 'tz'])
  assert.equal(await page.getAttribute('#radius', 'aria-describedby'), 'radius-hint')
  assert.match(String(await page.textContent('#radius-hint')), /^Corners must be/)
  await page.fill('#radius', '9')
  await page.fill('#scale', '2')
  await page.fill('#tz', 'UTC')
  await page.waitForFunction(() => !document.querySelector('[aria-invalid=true]'))
  assert.equal(await page.textContent('#radius-hint'), 'A number from 0 to 14.')
  assert.match(String(await page.textContent('#state')), /^With the page’s current number/)
})

test('period and within exclude each other and show, which is said at the field', async () => {
  for (const [query, field] of [
    ['period=7d&within=days=1', 'period'],
    ['period=7d&show=today', 'show'],
    ['period=never', 'period'],
    ['within=1', 'within'],
  ] as const) {
    await open(`?url=example.com&${query}`)
    await page.waitForSelector(`#${field}[aria-invalid=true]`)
  }
})

test("the time zone of the browser is offered, and days begin in the instance's without it", async () => {
  const zoned = await (await profile(browser, { timezoneId: 'Asia/Tokyo' })).newPage()
  await openHome(zoned, `${ORIGIN}/?url=example.com&show=today`)
  await openFolds(zoned)
  assert.match(String(await zoned.textContent('#tz-hint')), /midnight in UTC/)
  assert.match(String(await zoned.textContent('#state')), /midnight in UTC; see “Over time”/)
  await zoned.click('button:has-text("Use Asia/Tokyo")')
  assert.equal((await queryOfTag(zoned)).tz, 'Asia/Tokyo')
  await zoned.close()
})

test('a tag that is pasted, in whatever markup, fills in all that it says', async () => {
  const query = 'url=example.com/a&period=7d&tz=Europe/Paris&label=seen&color=blue'
  const address = `https://hits.example.org/nocount/tag.svg?${query}`
  for (const tag of [
    address,
    `[![seen](${address})](https://example.com/a)`,
    `<a href="x"><img alt="seen" src="${address.replaceAll('&', '&amp;')}"></a>`,
    `.. image:: ${address}\n   :alt: seen`,
    `image::${address}["seen"]`,
    `[img]${address}[/img]`,
    `!${address}(seen)!`,
    `[[${address}#.svg]]`,
  ]) {
    await open()
    await page.fill('#url', tag)
    assert.equal(await page.inputValue('#url'), 'example.com/a', tag)
    assert.deepEqual(await tagOf(), Object.fromEntries(new URLSearchParams(query)), tag)
    assert.ok(await page.isChecked('input[value=show]'))
    const isLinked = /^(\[!\[|<a)/.test(tag)
    assert.equal(await page.inputValue('#link'), isLinked ? 'page' : '', tag)
  }
  await page.waitForSelector('#url-hint:has-text("Taken from a tag of hits.example.org.")')
})

test('logos are found by their names, with pictures, once their fold opens', async () => {
  const lists: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/logos')) lists.push(request.url())
  })
  await open()
  assert.deepEqual(lists, [])
  await page.click('summary:has-text("Logo")')
  await page.waitForSelector('.logos button:has-text("GitHub")')
  await page.fill('#logo-search', 'node.js')
  await page.waitForSelector('.logos li:first-child button:has-text("Node.js")')
  await page.waitForFunction(
    () => (document.querySelector<HTMLImageElement>('.logos img')?.naturalWidth ?? 0) > 0,
  )
  await page.press('#logo-search', 'Enter')
  assert.equal((await tagOf()).logo, 'nodedotjs')
  await page.fill('#logo-search', 'no such thing')
  await page.waitForSelector('text=No logo has such a name.')
  for (const [wrong, right] of [
    ['nodejs', 'nodedotjs'],
    ['githbu', 'github'],
  ] as const) {
    await page.fill('#logo', wrong)
    await page.waitForSelector(`#logo-hint:has-text("Did you mean ${right}?")`)
  }
})

test('colours with a name are a click, and the pickers are named light and dark', async () => {
  await open()
  await openFolds(page)
  await page.click('button[aria-label="Colour: blue"]')
  assert.equal((await tagOf()).color, 'blue')
  assert.equal(await page.inputValue('input[data-for=color][data-ground=light]'), '#007ec6')
  const wells = page.locator('.colours label:has([data-for=color])')
  assert.deepEqual(await wells.allTextContents(), ['light', 'dark'])
})

test('the preview is a sample until a page is named, and shows both grounds', async () => {
  await open()
  await openFolds(page)
  assert.equal(await drawn('preview', '/sample/'), await drawn('preview-dark'))
  await page.fill('#color', '111,eee')
  await drawn('preview', '/sample/', 'theme=light')
  await drawn('preview-dark', '/sample/', 'theme=dark')
  await page.waitForSelector('#state:has-text("follows the viewer’s system")')
  await page.fill('#url', 'example.com/new')
  await drawn('preview', '/nocount/', 'theme=light')
  await drawn('preview-dark', '/nocount/', 'theme=dark')
  assert.equal(await readCount(built.store, 'example.com/new'), 0)
  await page.fill('#label', '(prefers-color-scheme:dark)')
  await page.fill('#color', '222')
  const both = await drawn('preview', 'color=222', 'label=%28')
  assert.ok(!both.includes('theme='), 'a label is no theme')
})

test('a badge that has no room in the preview is said to be larger', async () => {
  const captions = () => page.locator('.preview figcaption').allTextContents()
  await open('?scale=2')
  await openFolds(page)
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
  await open()
  await openFolds(page)
  const pick = (ground: string, value: string) =>
    page.fill(`input[data-for=color][data-ground=${ground}]`, value)
  await pick('dark', '#2ea043')
  assert.equal((await tagOf()).color, '2d880b,2ea043', 'the light one is as it was')
  await pick('light', '#010203')
  assert.equal((await tagOf()).color, '010203,2ea043')
  await page.fill('#color', 'rgb(255,0,0)')
  assert.equal(await page.inputValue('input[data-for=color][data-ground=dark]'), '#ff0000')
})

test('what means nothing beside a face or a style is greyed out, and that is said', async () => {
  const idle = () => page.$$eval('#build .field :disabled[name]', (all) => all.map(({ id }) => id))
  const said = () => page.isVisible('#idle')
  const colours = ['color', 'labelColor', 'colorSteps', 'digits']
  const ofBadges = ['style', 'textColor', 'logo', 'logoColor', 'logoWidth', 'format', 'trend']
  for (const [query, expected, isSaid] of [
    ['', ['digits'], false],
    ['?style=social', colours, true],
    ['?face=lcd&style=social', ofBadges, true],
    ['?face=tally', ['digits'], false],
  ] as const) {
    await open(query)
    await openFolds(page)
    assert.deepEqual((await idle()).sort(), expected.toSorted(), query)
    assert.equal(await said(), isSaid, query)
  }
})

test('the other images answer, with the options that they have, and link as they are told', async () => {
  await open('?url=example.com/a&label=my+page&color=0969da&scale=1.5&trend=30d')
  const address = async (image: string) => {
    await page.selectOption('#image', image)
    await page.selectOption('#markup', 'Address')
    return (await page.inputValue('#snippet')).replace(ORIGIN, '')
  }
  const card = await address('card')
  assert.equal(card, '/graph.svg?url=example.com/a&label=my%20page&color=0969da&scale=1.5')
  assert.equal((await built.get(card)).statusCode, 200)
  await drawn('preview', '/graph.svg')
  const png = await address('png')
  assert.match(png, /^\/count\/tag\.png\?url=example\.com\/a&.*&scale=2&trend=30d$/)
  assert.equal((await built.get(png)).headers['content-type'], 'image/png')
  const shields = await address('shields')
  assert.equal(new URL(shields).origin, 'https://img.shields.io')
  const endpoint = String(new URL(shields).searchParams.get('url')).replace(ORIGIN, '')
  const { label, color } = (await built.get(endpoint)).json()
  assert.deepEqual([label, color], ['my page', '#0969da'])
})

test('a PNG is asked for in the size that it can have', () => {
  for (const [scale, expected] of Object.entries({ 0.5: 1, 1.4: 1, 1.5: 2, 3: 3, 4: 3, x: 1 })) {
    const options = new Map([['scale', scale]])
    const setup = {
      url: 'a.example',
      of: '',
      mode: 'show',
      options,
      image: 'png',
      link: '',
    } as const
    assert.equal(imageAddress('', setup), `nocount/tag.png?url=a.example&scale=${expected}`)
  }
})

test("with an operator's own badge there are no looks, and only the options that it has", async (t) => {
  const template = '<svg xmlns="http://www.w3.org/2000/svg"><text>{label} {count}</text></svg>'
  const { origin } = await build(t, { HOST: 'localhost' }, template)
  await open('?style=plastic&label=mine', origin)
  await openFolds(page)
  assert.ok(!(await page.isVisible('text=Pick a look')))
  assert.equal(await page.locator('input[name=look]').count(), 0, 'and none is drawn')
  assert.deepEqual(await page.$$eval('#build [id$=hint]', (all) => all.map(({ id }) => id)), [
    'url-hint',
    ...['label-hint', 'prefix-hint', 'suffix-hint', 'format-hint', 'base-hint'],
    ...['period-hint', 'within-hint', 'tz-hint', 'days-hint', 'show-hint'],
  ])
  assert.deepEqual(await tagOf(), { label: 'mine' })
})
