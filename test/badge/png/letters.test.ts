import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { createBadges } from '../../../src/badge/badge.ts'
import { STYLES } from '../../../src/badge/options/options.ts'
import { checkFonts } from '../../../src/badge/png/find-fonts.ts'
import { Fonts } from '../../../src/badge/png/fonts.ts'
import { layOut } from '../../../src/badge/png/lay-out.ts'
import { type Drawing, Pngs } from '../../../src/badge/png/pngs.ts'
import { FILE } from '../../harness/app.ts'
import { bundled, collection, fontFor, NOWHERE } from '../../harness/fonts.ts'
import { type Picture, readPng } from '../../harness/png.ts'

const SCALE = 3
const [NOBODYS = '', OTHER = ''] = NOWHERE

const badges = createBadges({ label: 'hits', color: '#4c1' })

function badge(label: string, more: Record<string, string> = {}): string {
  const { appearance, problem } = badges.read({ label, style: 'flat-square', ...more })
  assert.equal(problem, null)
  return badges.draw(appearance, { numbers: [7], captions: [''], sparkline: null }, 'example.com')
}

/** Draws badges until its scope ends. */
function drawer(t: Pick<TestContext, 'after'>, folder: string | null = null) {
  const problems: string[] = []
  const pngs = new Pngs(folder, (problem) => problems.push(problem))
  t.after(() => pngs.close())
  const draw = (label: string, more: Record<string, string> = {}): Promise<Drawing> =>
    pngs.reserve('test', 'badge', (draw) => draw(badge(label, more), SCALE))
  return { draw, problems }
}

/** A folder with font files, which is gone when the test ends. */
function folderOf(t: Pick<TestContext, 'after'>, files: Record<string, Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallymark-fonts-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  return folder
}

const isLight = (pixel: number[]) => pixel.slice(0, 3).every((part) => part > 150)
const isDark = ([red, , , alpha]: number[]) => (red as number) < 120 && alpha === 255

/** How wide the letters of a label are, in pixels of the PNG, and how many columns within are empty. */
async function ink(label: string): Promise<{ width: number; gaps: number }> {
  const png = readPng((await draw(label)).png)
  // The number's ground is green.
  let right = 0
  while (right < png.width && (png.at(right, 3)[1] as number) < 150) right += 1
  const columns = [...Array(right).keys()].filter(
    (x) => png.count({ left: x, right: x + 1, top: 0, bottom: png.height }, isLight) > 0,
  )
  const width = (columns.at(-1) as number) - (columns[0] as number) + 1
  return { width, gaps: width - columns.length }
}

const { draw } = drawer(FILE)

for (const [script, one, other] of [
  ['Thai', 'กก', 'ขข'],
  ['Devanagari', 'कक', 'खख'],
  ['Bengali', 'কক', 'খখ'],
  ['emoji', '👀', '🚀'],
  ['Arabic', 'بب', 'تت'],
] as const) {
  test(`letters are drawn and not boxes, in every style: ${script}`, async () => {
    for (const style of STYLES) {
      const [first, second] = [await draw(one, { style }), await draw(other, { style })]
      assert.deepEqual([first.missing, second.missing], ['', ''])
      assert.notDeepEqual(first.png, second.png, style)
    }
  })
}

test('letters of one badge come from as many fonts as it needs', async () => {
  const all = await draw('a क ก 👀')
  assert.equal(all.missing, '')
  for (const label of ['a ख ก 👀', 'a क ข 👀', 'a क ก 🚀', 'b क ก 👀']) {
    assert.notDeepEqual((await draw(label)).png, all.png, label)
  }
})

test('letters of several fonts stand side by side as each alone', async () => {
  const parts = ['हार्दिक', 'ผู้เข้าชม', 'দর্শন']
  const alone = await Promise.all(parts.map(ink))
  const together = await ink(parts.join(''))
  const sum = alone.reduce((sum, { width }) => sum + width, 0)
  assert.ok(Math.abs(together.width - sum) < 12, `${together.width} px together, ${sum} px alone`)
})

test('Arabic letters are joined', async () => {
  const joined = await ink('بسيط')
  const apart = await ink([...'بسيط'].join('\u200c'))
  assert.equal(joined.gaps, 0)
  assert.ok(apart.gaps >= 3, `${apart.gaps} px between letters that are not joined`)
})

for (const [script, letter] of [
  ['Devanagari', 'हि'],
  ['Bengali', 'কি'],
  ['Thai', 'กำ'],
] as const) {
  test(`a vowel that stands beside its letter has room: ${script}`, async () => {
    const [one, five] = [await ink(letter), await ink(letter.repeat(5))]
    assert.ok(five.width > 4.7 * one.width, `${one.width} px for one, ${five.width} px for five`)
  })
}

test('a text that is wider than it was estimated stays in its box', async () => {
  // It is bold there, and DejaVu's bold Arabic is wide.
  const label = 'مشاهدات الصفحة والزيارات'
  const { png } = await draw(label, { style: 'social' })
  const picture: Picture = readPng(png)
  const box = (left: number, right: number) =>
    picture.count(
      { left: left * SCALE, right: right * SCALE, top: 0, bottom: picture.height },
      isDark,
    )
  const width = Number(
    /<rect stroke="none"[^>]* width="([\d.]+)"/.exec(badge(label, { style: 'social' }))?.[1],
  )
  assert.ok(box(2, width) > 100, 'it is drawn')
  assert.deepEqual([box(0, 2), box(width - 1, width + 5)], [0, 0])
})

test('what DejaVu can write is drawn as it is, and no font is looked for', async () => {
  const fonts = new Fonts('/no/such/folder', () => assert.fail('nothing is looked for'))
  for (const label of ['hits', 'Größe', 'Просмотры', 'Ώρες', '١٢٣', '✓']) {
    assert.deepEqual(await fonts.choose(badge(label)), { fonts: [], missing: '' })
  }
  for (const label of ['hits', 'Größe']) {
    const svg = badge(label)
    const drawn = layOut(svg, [], () => assert.fail('nothing is measured'))
    assert.equal(drawn, svg)
  }
})

test('what no font has is a box, and the drawing says so; so does one that was kept', async () => {
  for (let time = 0; time < 2; time++) {
    const { missing } = await draw(`a${NOBODYS}b${OTHER} ${NOBODYS}`)
    assert.equal(missing, NOBODYS + OTHER)
  }
})

test("an operator's own fonts are used, in a file of one face and in a collection", async (t) => {
  const files = {
    'own.ttf': fontFor(NOBODYS),
    'more.ttc': collection([bundled('NotoSansThai'), fontFor(OTHER)]),
  }
  const own = drawer(t, folderOf(t, files))
  const [one, other] = [await own.draw(NOBODYS), await own.draw(OTHER)]
  assert.deepEqual([one.missing, other.missing, own.problems], ['', '', []])
  assert.notDeepEqual(one.png, (await draw(NOBODYS)).png)
  // Both have the same glyph.
  assert.deepEqual(one.png, other.png)
})

test("an operator's own fonts come before Tallymark's", async (t) => {
  const own = drawer(t, folderOf(t, { 'own.ttf': fontFor('ก', 12) }))
  assert.notDeepEqual((await own.draw('กก')).png, (await draw('กก')).png)
  assert.deepEqual((await own.draw('ขข')).png, (await draw('ขข')).png)
})

test('font files that are damaged are passed over, and reported once', async (t) => {
  const good = fontFor(NOBODYS)
  const folder = folderOf(t, {
    'a-cut.ttf': good.subarray(0, good.length - 20),
    'b-other.ttf': Buffer.from('<html>Not found</html>'),
    'c-empty.otf': Buffer.alloc(0),
    'd-good.ttf': good,
  })
  const own = drawer(t, folder)
  for (const label of [NOBODYS, `${NOBODYS}${NOBODYS}`]) {
    assert.equal((await own.draw(label)).missing, '')
  }
  const named = own.problems.map((problem) => /(\S+) cannot be used: (.*)/.exec(problem)?.slice(1))
  assert.deepEqual(named, [
    [join(folder, 'a-cut.ttf'), 'it is cut off'],
    [join(folder, 'b-other.ttf'), 'it is no TrueType or OpenType font'],
    [join(folder, 'c-empty.otf'), 'it is cut off'],
  ])
})

test('a font that is gone when it is needed leaves boxes, and is asked for no more', async (t) => {
  const folder = folderOf(t, { 'a.ttf': fontFor(NOBODYS), 'b.ttf': fontFor(OTHER) })
  const own = drawer(t, folder)
  assert.equal((await own.draw(NOBODYS)).missing, '')
  rmSync(join(folder, 'b.ttf'))
  for (const label of [OTHER, `${OTHER}!`]) assert.equal((await own.draw(label)).missing, OTHER)
  assert.equal(own.problems.length, 1)
  assert.match(own.problems[0] as string, /b\.ttf is no longer used: .*ENOENT/)
  assert.equal((await own.draw(`${NOBODYS}!`)).missing, '')
})

test('a folder without a font that can be used is refused', (t) => {
  assert.doesNotThrow(() =>
    checkFonts(folderOf(t, { 'a.ttf': bundled('NotoSansThai'), 'b.ttf': Buffer.alloc(9) })),
  )
  assert.throws(() => checkFonts(join(tmpdir(), 'no-such-folder')), /ENOENT/)
  assert.throws(() => checkFonts(folderOf(t, { 'a.txt': Buffer.alloc(9) })), /holds no font/)
  assert.throws(
    () => checkFonts(folderOf(t, { 'a.ttf': Buffer.alloc(9) })),
    /a\.ttf cannot be used/,
  )
})
