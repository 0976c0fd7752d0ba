import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { createBadges } from '../../src/badge/badge.ts'
import { STYLES } from '../../src/badge/options/options.ts'
import { createSparkline } from '../../src/badge/sparkline.ts'
import { build, FILE } from '../harness/app.ts'
import { anyOptions, queryOf, type Sent, validOptions } from '../harness/options.ts'
import { runs } from '../harness/runs.ts'
import { parseSvg } from '../harness/svg.ts'

/** Sets of options that are tried by requests; four times as many are tried by calls. */
const SETS = 2 * runs(250)
const MAX_BYTES = 65_536
const PATHS = [
  '/nocount/tag.svg',
  '/active/tag.svg',
  '/sample/tag.svg',
  '/graph.svg',
  '/shields.json',
]
const { get } = await build(FILE)
let turn = 0

/** Of such characters nothing can be made but a shape; the parser would look at each for a second time. */
const PATH_DATA = / d="[MLHVCSQTAZ\d\s.,e+-]*"/gi

/** Checks that an SVG is well-formed, at most 64 kB, and holds only what the service draws. @returns its title */
function assertGood(svg: string): string {
  assertSmall(svg)
  return parseSvg(svg.replace(PATH_DATA, ' d=""')).title
}

function assertSmall(svg: string): void {
  assert.ok(Buffer.byteLength(svg) <= MAX_BYTES, `${Buffer.byteLength(svg)} bytes`)
}

/** Sends the options to one route after the other. @returns the option that the answer refuses, or null */
async function ask(sent: Sent): Promise<string | null> {
  const path = PATHS[turn++ % PATHS.length] as string
  const answer = await get(`${path}?url=example.com&${queryOf(sent)}`)
  const svg = path.endsWith('.svg')
  const title = svg ? assertGood(answer.body) : ''
  if (answer.statusCode === 200) {
    if (!svg) assert.equal(answer.json().schemaVersion, 1)
    return null
  }
  assert.equal(answer.statusCode, 400, answer.body)
  const said = svg ? title : answer.json().error.message
  const [, option = ''] = (svg ? /bad (\w+)$/ : /^(\w+) (?:must be|names) /).exec(said) ?? []
  return option
}

/** The longest values: the longest path of a logo, digits of four bytes, characters of six, colours of 64. */
const LONGEST: Sent = {
  label: '"'.repeat(80),
  prefix: '"'.repeat(20),
  suffix: '"'.repeat(20),
  format: 'en-u-nu-mathbold',
  show: '2026-01-14-total',
  base: '1000000000000',
  logo: 'elsevier',
  trend: '30d',
  animate: '1',
  theme: 'auto',
  radius: '3',
  scale: '1.25',
  ...Object.fromEntries(
    ['color', 'labelColor', 'textColor', 'logoColor'].map((name, at) => {
      const color = (red: number) => `rgba(${String(red).padStart(49, '0')},2,3,0.9)`
      return [name, `${color(at)},${color(at + 9)}`]
    }),
  ),
}
for (const style of STYLES) {
  test(`${style}: the longest of everything makes no more than 64 kB`, async () => {
    const { body, statusCode } = await get(
      `/sample/tag.svg?count=999999999999999&${queryOf({ ...LONGEST, style })}`,
    )
    assert.equal(statusCode, 200, body)
    assertGood(body)
  })
}

test('any options in requests: those that the schema reads are answered', async () => {
  await fc.assert(
    fc.asyncProperty(validOptions, async (sent) => {
      assert.equal(await ask(sent), null)
    }),
    { numRuns: SETS / 2 },
  )
})

test('anything else is answered too, or refused by the name of an option that was sent', async () => {
  await fc.assert(
    fc.asyncProperty(anyOptions, async (sent) => {
      const refused = await ask(sent)
      assert.ok(refused === null || Object.hasOwn(sent, refused), `${refused} is refused`)
    }),
    { numRuns: SETS / 2 },
  )
})

// A request takes as long as everything behind it, and reading a drawing takes longer than drawing it.
test('more of both, drawn without a server, every fourth read back', () => {
  const badges = createBadges({ label: 'hits', color: '#4c1' })
  const numbers = fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 2 })
  let drawn = 0
  const assertDrawn = (svg: string) => {
    if (drawn++ % 4 === 0) assertGood(svg)
    else assertSmall(svg)
  }
  const draw = (sent: Sent, numbers: number[]) => {
    const { appearance, problem } = badges.read(sent)
    if (problem) {
      assertDrawn(badges.refusal(`bad ${problem.option}`, appearance))
      return problem
    }
    const { trend } = appearance.options
    const sparkline = trend && createSparkline(trend, numbers)
    assertDrawn(
      badges.draw(appearance, { numbers, captions: ['today', 'in total'], sparkline }, ''),
    )
    return null
  }
  fc.assert(
    fc.property(validOptions, numbers, (sent, numbers) => {
      assert.equal(draw(sent, numbers), null)
    }),
    { numRuns: SETS },
  )
  fc.assert(
    fc.property(anyOptions, numbers, (sent, numbers) => {
      const refused = draw(sent, numbers)?.option ?? null
      assert.ok(refused === null || Object.hasOwn(sent, refused), `${refused} is refused`)
    }),
    { numRuns: 3 * SETS },
  )
})
