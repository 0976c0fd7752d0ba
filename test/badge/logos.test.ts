import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import test from 'node:test'
import fc from 'fast-check'
import { titleToSlug } from 'simple-icons/sdk'
import { readIcon } from '../../src/badge/options/logo.ts'
import { drawIcon } from '../../src/badge/style/additions.ts'
import { writeSvg } from '../../src/badge/svg.ts'
import { svg as inSvg } from '../harness/drawings.ts'
import { parseSvg } from '../harness/svg.ts'

const PACKAGE = new URL('../', import.meta.resolve('simple-icons/icons.json'))
const LIST: { title: string; slug: string }[] = JSON.parse(
  readFileSync(new URL('data/simple-icons.json', PACKAGE), 'utf8'),
)

test('every icon of the package is known by its slug, and by its title', () => {
  const files = readdirSync(new URL('icons/', PACKAGE))
  assert.ok(files.length > 3000)
  const unknown = [
    ...files.map((file) => file.replace('.svg', '')),
    ...LIST.map(({ title }) => title),
  ].filter((name) => readIcon(name) === null)
  assert.deepEqual(unknown, [])
  assert.deepEqual(files.sort(), LIST.map(({ slug }) => `${slug}.svg`).sort())
})

test("a title's slug is the one that simple-icons itself makes of it", () => {
  const wrong = LIST.filter(({ title, slug }) => titleToSlug(title) === slug)
    // The hyphen makes it another name with the same slug. One in ten, and those with letters that have a rule of their own.
    .filter(({ title }, index) => index % 10 === 0 || /[^\w ]/.test(title))
    .filter(({ title, slug }) => {
      const icon = readIcon(slug)
      return icon === null || readIcon(`-${title}`)?.path !== icon.path
    })
  assert.deepEqual(wrong, [])
})

test('names are understood as people write them', () => {
  const same: [string, string][] = [
    ['Node.js', 'nodedotjs'],
    ['NODEDOTJS', 'nodedotjs'],
    ['node-dot-js', 'nodedotjs'],
    ['android studio', 'androidstudio'],
    ['C++', 'cplusplus'],
    ['F#', 'fsharp'],
    ['Chromecast', 'googlecast'],
    ['Spring_Creators', 'spring_creators'],
  ]
  for (const [name, slug] of same) {
    assert.equal(readIcon(slug)?.slug, slug)
    assert.deepEqual(readIcon(name), readIcon(slug), name)
  }
})

test('a logo is the path and the colour of the package', () => {
  const { path, color } = readIcon('github') ?? {}
  assert.ok(readFileSync(new URL('icons/github.svg', PACKAGE), 'utf8').includes(`d="${path}"`))
  assert.equal(color, '#181717')
})

test('names that are no logo are not known, and read no file', () => {
  const names = [
    '',
    ' ',
    'constructor',
    '__proto__',
    'hasOwnProperty',
    '../icons/github',
    'github.svg',
    'github/../gitlab',
    '/etc/passwd',
    'no such brand',
    'github'.padEnd(101),
  ]
  for (const name of names) {
    assert.equal(readIcon(name), null, name.slice(0, 30))
  }
  const known = new Set(LIST.map(({ slug }) => slug))
  fc.assert(
    fc.property(fc.string(), (name) => {
      const icon = readIcon(name)
      if (icon) assert.match(icon.path, /^[Mm][\w\s.,-]+$/)
      else assert.ok(!known.has(name))
    }),
  )
})

test('a logo is drawn in its box, in the paint that is given', () => {
  const box = { x: 5, y: 3, width: 28, height: 14 }
  const svg = writeSvg(drawIcon('M0 0h24v24z', box, { fill: '#fff', class: 'c0' }))
  assert.equal(
    svg,
    '<svg x="5" y="3" width="28" height="14" viewBox="0 0 24 24"><path fill="#fff" class="c0" d="M0 0h24v24z"/></svg>',
  )
  assert.deepEqual(parseSvg(inSvg(svg)).elements, ['svg', 'svg', 'path'])
})
