import assert from 'node:assert/strict'
import test from 'node:test'
import { createBadges } from '../../src/badge/badge.ts'
import { build, FILE } from '../harness/app.ts'

const badges = createBadges({ label: 'hits', color: '#4c1' })
const { get } = await build(FILE)

const COLOURS = [
  'blau',
  '12',
  '#12345',
  '4c1,blau',
  '4c1,',
  '4c1,4c1,4c1',
  'url(#a)',
  'constructor',
]
const TEXTS = ['a\nb', '\u0000', '\ud800', '\ufffe']
/** Values that are none, by option. */
const BAD = new Map<string, string[]>([
  ['label', [...TEXTS, 'x'.repeat(81)]],
  ['prefix', [...TEXTS, 'x'.repeat(21)]],
  ['suffix', [...TEXTS, 'x'.repeat(21)]],
  ['color', COLOURS],
  ['labelColor', COLOURS],
  ['textColor', COLOURS],
  ['logoColor', COLOURS],
  [
    'colorSteps',
    ['red', '1', '1:', '-1:red', '1.5:red', '1:blau', '1:red,', `1:red${',1:red'.repeat(12)}`],
  ],
  ['theme', ['Light', 'night', '__proto__']],
  ['style', ['flat ', 'Flat', 'toString']],
  ['radius', ['-1', '14.1', '15', '1e1', 'x', '٣']],
  ['scale', ['0', '0.49', '4.01', '-1', '1,5', '2x']],
  ['animate', ['2', 'ja', '-1']],
  [
    'logo',
    [
      'no-such-logo',
      '../../package',
      'data:image/png;base64,AAAA',
      'data:,',
      'https://example.com/a.png',
    ],
  ],
  ['logoWidth', ['0', '101', '-5', 'auto']],
  ['format', ['xx-nonsense-', 'Comma', 'tlh', '_']],
  ['base', ['-1', '1.5', '1000000000001', '1e3', '0x10']],
  ['show', ['never', 'today-', '-total', 'today-total-7d', 'today,total', '2026-1-1']],
  ['trend', ['8d', '30', 'total']],
  ['face', ['clock', 'Odometer', 'hasOwnProperty']],
  ['digits', ['0', '13', '1.5', '-1']],
])

test('what an option cannot be is refused in a sentence that names it', () => {
  assert.deepEqual(
    [...BAD.keys()].sort(),
    Object.keys(badges.schema).sort(),
    'every option has some',
  )
  for (const [option, values] of BAD) {
    for (const value of values) {
      const { appearance, problem } = badges.read({ style: 'plastic', [option]: value })
      const { wanted } = Object.entries(badges.schema).find(([name]) => name === option)?.[1] ?? {}
      assert.deepEqual(problem, { option, sentence: `${option} must be ${wanted}.` }, value)
      if (option !== 'style')
        assert.equal(appearance.options.style, 'plastic', 'the others are read')
    }
  }
})

test('two values are none, and an empty one counts as missing, except for the label', () => {
  const usual = badges.read({}).appearance.options
  for (const [option, { examples }] of Object.entries(badges.schema)) {
    const twice = { [option]: [examples[0], examples[0]] }
    assert.equal(badges.read(twice).problem?.option, option)
    const { appearance, problem } = badges.read({ [option]: '' })
    assert.equal(problem, null)
    assert.deepEqual(appearance.options, option === 'label' ? { ...usual, label: '' } : usual)
  }
})

test('what stands at the limits is taken', () => {
  for (const [option, values] of [
    ['label', ['x'.repeat(80)]],
    ['prefix', ['x'.repeat(20)]],
    ['suffix', ['x'.repeat(20)]],
    ['colorSteps', [`1:red${',1:red'.repeat(11)}`, '0:rgb(1,2,3)', '999999999999999:red']],
    ['radius', ['0', '14', '0.5']],
    ['scale', ['0.5', '4', '1.25']],
    ['animate', ['1', '0', 'true', 'NO', 'on', 'off']],
    ['logoWidth', ['1', '100']],
    ['base', ['0', '1000000000000']],
    ['show', ['2026', '2026-01', '2026-01-15', '2026-01-15-total', 'total-2026-01-15']],
    ['digits', ['1', '12']],
  ] as [string, string[]][]) {
    for (const value of values)
      assert.equal(badges.read({ [option]: value }).problem, null, `${option}=${value}`)
  }
})

test('the first wrong option is told, on the badge in short, and in words where they are asked for', async () => {
  const url = '/nocount/tag.svg?url=example.com&scale=9&label=views&radius=99'
  const badge = await get(url)
  assert.equal(badge.statusCode, 400)
  assert.match(badge.body, /<title>views: bad radius<\/title>/)
  const words = await get(url, { accept: 'text/plain' })
  assert.equal(words.body, 'radius must be a number from 0 to 14.\n')
})

test('base is added to totals alone, and names tell what numbers are of', async () => {
  const { get, clock } = await build(FILE)
  const title = async (url: string) => /<title>(.*)<\/title>/.exec((await get(url)).body)?.[1]
  for (const [query, expected] of [
    ['', 'hits: 1,234'],
    ['count=999', 'hits: 999'],
    ['base=5000', 'hits: 6,234'],
    ['base=5000&show=today', 'hits: 56 today'],
    ['base=5000&show=total', 'hits: 6,234'],
    ['base=5000&show=today-total&label=', '56 today, 6,234 in total'],
    ['show=7d-30d', 'hits: 312 in 7 days, 1,184 in 30 days'],
    ['show=yesterday', 'hits: 56 yesterday'],
    ['show=month-year', 'hits: 56 this month, 56 this year'],
    ['show=2026-01-02', 'hits: 56 on 2026-01-02'],
    ['show=2026-01-2026', 'hits: 56 in 2026-01, 56 in 2026'],
    ['face=lcd&show=today-total', 'hits: 56 today, 1,234 in total'],
    ['show=2026-13', 'hits: bad show'],
    ['face=lcd&trend=7d', 'hits: 1,234'],
  ] as const) {
    assert.equal(await title(`/sample/tag.svg?${query}`), expected)
  }
  await get('/count?url=example.com')
  clock.now += 24 * 3_600_000
  const badge = '/count/tag.svg?url=example.com&base=1233&show=today-total'
  assert.equal(await title(badge), 'hits: 1 today, 1,235 in total')
  const shields = await get('/shields.json?url=example.com&base=1233&format=comma')
  assert.equal(shields.json().message, '1,235')
})

// In a time that grows with the square of their length, these would take hours.
test('lists of a million items are refused; a colour may stand behind as many spaces', () => {
  const many = 1_000_000
  for (const [option, value] of [
    ['color', ','.repeat(many)],
    ['color', 'rgb(1,'.repeat(many)],
    ['colorSteps', ','.repeat(many)],
    ['colorSteps', '1:red,'.repeat(many)],
    ['show', 'today-'.repeat(many)],
    ['format', 'a-'.repeat(many)],
    ['logo', 'a '.repeat(many)],
    ['logo', `data:image/svg+xml,${'%41'.repeat(many)}`],
  ] as const) {
    assert.equal(badges.read({ [option]: value }).problem?.option, option)
  }
  assert.equal(badges.read({ color: `${' '.repeat(many)}red` }).problem, null)
})
