import assert from 'node:assert/strict'
import test from 'node:test'
import { makeBadge } from 'badge-maker'
import fc from 'fast-check'
import { createBadges } from '../../src/badge/badge.ts'
import { STYLES } from '../../src/badge/options/options.ts'
import { build } from '../harness/app.ts'
import { runs } from '../harness/runs.ts'
import { named, withoutSuffix } from '../harness/svg.ts'

/** Each count of digits at its edges, and numbers whose digits are of other widths. */
const NUMBERS = [
  0,
  ...Array.from({ length: 15 }, (_, digits) => [10 ** digits, 10 ** (digits + 1) - 1]).flat(),
  11,
  27,
  1111,
  1234,
  2222,
  8888,
  98_765,
  4_294_967_296,
  Number.MAX_SAFE_INTEGER,
]
const LABELS = ['hits', '', '1', '2', '1111 2222', '8888', 'é & <b>', 'a  b', '>1<', 'WWWWiiii']
/** Grounds on which badge-maker's white text can be read. */
const COLORS: [string, string][] = [
  ['1a7f37', ''],
  ['#0550ae', '#111'],
  ['#000', '222222'],
  ['#b00', 'rgb(10,20,30)'],
  ['rgb(0,80,160)', 'hsl(210,90%,25%)'],
]
/** A PNG of 2 x 2 px. */
const LOGO =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEUlEQVR4nGP4z8AARGDiPwMAHfAD/aAzCYkAAAAASUVORK5CYII='

interface Asked {
  label: string
  color: string
  labelColor: string
  style: (typeof STYLES)[number]
}

/** badge-maker's own badge for a message, made the way its documentation shows. */
function original(message: string, { label, color, labelColor, style }: Asked): string {
  return makeBadge({ label, message, color, style, ...(labelColor && { labelColor }) })
}

const badges = createBadges({ label: 'hits', color: '#4c1' })

function draw(number: number, asked: Partial<Asked> & Record<string, string>): string {
  const { appearance, problem } = badges.read(asked)
  assert.equal(problem, null)
  return withoutSuffix(
    badges.draw(appearance, { numbers: [number], captions: [''], sparkline: null }, ''),
  )
}

const { format: grouped } = new Intl.NumberFormat('en')

for (const style of STYLES) {
  test(`${style}: every number is drawn as badge-maker draws it, to the byte, except for its name`, () => {
    for (const label of LABELS) {
      // badge-maker leaves an empty bubble there.
      if (style === 'social' && label === '') continue
      for (const [color, labelColor] of COLORS) {
        const asked = { label, color, labelColor, style }
        const name = label === '' ? '' : `${label}: `
        for (const number of NUMBERS) {
          const drawn = draw(number, asked)
          assert.equal(drawn, named(original(`${number}`, asked), `${name}${grouped(number)}`))
        }
      }
    }
  })
}

test('a number with commas is named as it is drawn', () => {
  const asked = { label: 'hits', color: '1a7f37', labelColor: '', style: 'flat' } as const
  assert.equal(draw(1234, { ...asked, format: 'comma' }), original('1,234', asked))
})

test('any label, colour, prefix and number is drawn as badge-maker draws it', () => {
  const words = fc.string({ maxLength: 20 }).map((label) => label.trim())
  const options = fc.record({
    label: words.map((label) => label || 'hits'),
    color: fc.constantFrom('0a3069', '1a7f37', '#000', 'hsl(10,20%,30%)'),
    labelColor: fc.constantFrom('', '82071e', '000'),
    style: fc.constantFrom(...STYLES),
  })
  fc.assert(
    fc.property(options, words, words, fc.maxSafeNat(), (asked, prefix, suffix, number) => {
      const message = `${prefix}${number}${suffix}`
      const name = `${asked.label}${asked.label && ': '}${prefix}${grouped(number)}${suffix}`
      const drawn = draw(number, { ...asked, prefix, suffix })
      assert.equal(drawn, named(original(message, asked), name))
    }),
    { numRuns: runs(600) },
  )
})

test('a data: image is drawn as badge-maker draws it', () => {
  for (const style of STYLES) {
    for (const label of ['hits', '']) {
      const { appearance } = badges.read({ label, style, color: '1a7f37', logo: LOGO })
      const drawn = withoutSuffix(
        badges.draw(appearance, { numbers: [12], captions: [''], sparkline: null }, ''),
      )
      const theirs = makeBadge({ label, message: '12', color: '1a7f37', style, logoBase64: LOGO })
      assert.equal(drawn, named(theirs, label === '' ? '12' : 'hits: 12'))
    }
  }
})

test('the routes draw by the tag, else by the instance', async (t) => {
  const { get } = await build(t)
  const answer = await get(
    '/count/tag.svg?url=example.com&label=Page%20views&color=%23060&labelColor=%23123&style=plastic',
  )
  const asked = {
    label: 'Page views',
    color: '#060',
    labelColor: '#123',
    style: 'plastic',
  } as const
  assert.equal(withoutSuffix(answer.body), original('1', asked))
  const ours = { label: 'hits', color: '#2d880b' }
  const plain = await get('/count/tag.svg?url=example.com')
  assert.equal(withoutSuffix(plain.body), draw(2, ours))
  const bare = await get('/nocount/tag.svg?url=example.com&label=')
  assert.equal(withoutSuffix(bare.body), draw(2, { ...ours, label: '' }))
})

test('BADGE_LABEL and BADGE_COLOR are what a tag gets that names none', async (t) => {
  const { get } = await build(t, { BADGE_LABEL: 'views', BADGE_COLOR: '1a7f37' })
  const answer = await get('/count/tag.svg?url=example.com')
  const asked = { label: 'views', color: '1a7f37', labelColor: '', style: 'flat' } as const
  assert.equal(withoutSuffix(answer.body), original('1', asked))
  assert.throws(
    () => createBadges({ label: 'hits', color: 'nocolour' }),
    /"nocolour" is not a colour/,
  )
})
