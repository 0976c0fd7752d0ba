import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import type { Face, FaceOptions } from '../../src/badge/digits/face.ts'
import { readOwnFaces } from '../../src/badge/digits/faces.ts'
import { both, createStyleSheet } from '../../src/badge/style/theme.ts'
import { compile, element, fill } from '../../src/badge/svg.ts'
import { svg } from '../harness/drawings.ts'
import { parseSvg } from '../harness/svg.ts'

type Files = Record<string, string>

/** Ten digits of 12 x 24, of which each is as high as it says, with some files changed. */
function digits(folder: string, changes: Files = {}): Files {
  const files: Files = {}
  for (let digit = 0; digit < 10; digit++) {
    files[`${folder}${digit}.svg`] =
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 12 24"><rect width="12" height="${digit}"/></svg>`
  }
  return { ...files, ...changes }
}

/** Reads a folder of the test's own, named `mine`, with these files in it. */
function read(t: TestContext, files: Files): Map<string, Face> {
  const outer = mkdtempSync(join(tmpdir(), 'tallymark-faces-'))
  t.after(() => rmSync(outer, { recursive: true }))
  const folder = join(outer, 'mine')
  mkdirSync(folder)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return readOwnFaces(folder)
}

/** @param lengths how many digits each number has */
function draw(
  face: Face | undefined,
  digits: string,
  options: Partial<FaceOptions> = {},
  lengths = [digits.length],
): string {
  const sheet = createStyleSheet('light')
  const numbers = lengths.map((length) => 10 ** (length - 1))
  const drawing = face?.put(numbers, Math.min(...lengths))?.draw({
    color: null,
    background: null,
    radius: null,
    animate: false,
    sheet,
    ...options,
  })
  assert.ok(drawing)
  const { width, height, content } = drawing
  const root = element('svg', { xmlns: 'http://www.w3.org/2000/svg', width, height }, ...content)
  return fill(compile(root), {
    text: '',
    spoken: '',
    sparklineText: '',
    digits,
    sparklinePath: '',
    frames: [],
  })
}

/** The heights of what was drawn: the digits, as `digits` makes them. */
const heights = (drawn: string) =>
  [...drawn.matchAll(/<rect width="12" height="(\d)"/g)].map(([, height]) => height)

test('a folder of ten digits is a face of its name', (t) => {
  const faces = read(t, digits(''))
  assert.deepEqual([...faces.keys()], ['mine'])
  const drawn = draw(faces.get('mine'), '90210')
  assert.deepEqual(heights(drawn), [...'90210'])
  assert.match(drawn, /^<svg [^>]*width="60" height="24">/)
  assert.deepEqual(
    [...drawn.matchAll(/<svg x="([\d.]+)" width="12" height="24" viewBox="0 0 12 24">/g)].map(
      ([, x]) => x,
    ),
    ['0', '12', '24', '36', '48'],
  )
})

test('each folder in a folder is a face, what begins with a dot is not', (t) => {
  const other = digits('.git/')
  const faces = read(t, { ...digits('led-2/'), ...digits('x/'), ...other, 'README.md': '' })
  assert.deepEqual([...faces.keys()].sort(), ['led-2', 'x'])
})

test('two numbers stand half a digit apart, on their background', (t) => {
  const face = read(t, digits('')).get('mine')
  const drawn = draw(
    face,
    '123',
    { background: both('#abc'), radius: 3, color: both('red'), animate: true },
    [2, 1],
  )
  assert.deepEqual(heights(drawn), [...'123'])
  assert.ok(drawn.includes('<rect width="42" height="24" rx="3" fill="#abc"/>'))
  assert.ok(drawn.includes('<svg x="30" '))
  assert.ok(!drawn.includes('red'))
})

test('digits of another size are drawn 24 px high', (t) => {
  const files: Files = {}
  for (let digit = 0; digit < 10; digit++)
    files[`${digit}.svg`] =
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-5 7.5 100 300"><path d="M${digit} 0"/></svg>`
  const drawn = draw(read(t, files).get('mine'), '7')
  assert.ok(
    drawn.includes(
      'width="8" height="24" viewBox="0 0 100 300"><g transform="translate(5 -7.5)"><path d="M7 0"/></g>',
    ),
  )
})

test('a digit that stands twice has one gradient, and digits do not take that of another', (t) => {
  const painted = (color: string) =>
    svg(
      `<linearGradient id="a"><stop stop-color="${color}"/></linearGradient><circle r="9" fill="url(#a)"/>`,
    )
  const plain = svg('')
  const files = Object.fromEntries([...'0123456789'].map((digit) => [`${digit}.svg`, plain]))
  const face = read(t, { ...files, '3.svg': painted('#333'), '4.svg': painted('#444') }).get('mine')
  const drawn = draw(face, '3433')
  const ids = [...drawn.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  assert.equal(new Set(ids).size, 2)
  assert.equal(ids.length, 2)
  const colors = [...drawn.matchAll(/url\(#([^)]+)\)/g)].map(
    ([, id]) => new RegExp(`id="${id}"><stop stop-color="(#\\d+)"`).exec(drawn)?.[1],
  )
  assert.deepEqual(colors, ['#333', '#444', '#333', '#333'])
})

test('digits that cannot be used are refused, by file and reason', (t) => {
  const path = (length: number) => svg(`<path d="${'M0 0'.padEnd(length, ' 1')}"/>`)
  const wide = Object.fromEntries(
    [...'0123456789'].map((digit) => [
      `${digit}.svg`,
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 97 24"/>',
    ]),
  )
  const refused: [Files, RegExp][] = [
    [{}, /mine holds neither 0\.svg to 9\.svg nor folders/],
    [{ 'README.md': '' }, /mine holds neither/],
    [{ 'a/README.md': '' }, /mine\/a\/0\.svg/],
    [{ '1.svg': svg('') }, /mine\/0\.svg/],
    [digits('', { '3.svg': '<svg' }), /3\.svg cannot be used: it is not well-formed XML/],
    [digits('', { '3.svg': svg('<script/>') }), /3\.svg cannot be used: it has a <script>/],
    [digits('', { '3.svg': svg('') }), /3\.svg is 24 by 24 and 0\.svg 12 by 24/],
    [
      digits('', { '3.svg': `${svg('')}${' '.repeat(16_384)}` }),
      /3\.svg is larger than 16384 bytes/,
    ],
    [
      digits('', { '3.svg': path(5000).replace('0 0 24 24', '0 0 12 24') }),
      /too large: the largest is 50\d\d bytes/,
    ],
    [wide, /more than 4 times as wide as high/],
    [digits('lcd/'), /the face lcd of .* is there already/],
    [digits('Big/'), /folder .*Big cannot name a face/],
    [digits('a b/'), /cannot name a face/],
    [digits(`${'a'.repeat(33)}/`), /cannot name a face/],
  ]
  for (const [files, sentence] of refused) assert.throws(() => read(t, files), sentence)
  assert.throws(() => readOwnFaces(join(tmpdir(), 'no such folder')), /no such file or directory/)
})

test('an answer of two numbers of 16 of the largest digits stays below 64 kB', (t) => {
  const large = (folder: string, length: number) =>
    read(
      t,
      digits(folder, {
        [`${folder}8.svg`]: svg(`<path d="${'M0 0'.padEnd(length, ' 1')}"/>`).replace(
          '0 0 24 24',
          '0 0 12 24',
        ),
      }),
    )
  const drawn = draw(large('a/', 1820).get('a'), '8'.repeat(32))
  assert.ok(drawn.length > 59_000 && drawn.length < 64_000, `${drawn.length}`)
  assert.deepEqual(parseSvg(drawn).elements.filter((name) => name === 'path').length, 32)
})
