import assert from 'node:assert/strict'
import test from 'node:test'
import { agentReader } from '../src/agent.ts'
import { identifyPage, MAX_PAGE_KEY } from '../src/page.ts'
import { compileRules, type RuleSettings } from '../src/rules.ts'
import { manyRules } from './harness/many-rules.ts'
import { LONGEST, type Parser, timesOf } from './harness/worst-inputs.ts'

/** At most; the fastest counts. */
const READINGS = 25
/** How much longer four times the characters may take: sixteen times is the square. */
const GROWTH = 10
/** Times below this, in ms, are too short to show how they grow. */
const NOISE = 0.3

const SETTINGS: RuleSettings = {
  lists: {
    ...{ ban: [], exclude: [], 'untracked-agent': [], 'untracked-page': [] },
    ...{ 'deny-page': [], 'allow-page': [] },
  },
  keepQuery: [],
}
const worst: [
  kind: 'deny-page' | 'untracked-page' | 'untracked-agent' | 'page-rule',
  string,
  string?,
][] = [
  ...Array.from(
    { length: 100 },
    (_, at) => ['page-rule', `e.com/*x*y*${at}z*q`, 'e.com/{1}'] as const,
  ),
  ['page-rule', 'e.com/*a*a*a*a*a*a*a*b', 'e.com/{3}'],
  ['page-rule', '*/index.html', '*'],
  ['deny-page', '(a+)+$'],
  ['deny-page', '(a|aa)+$'],
  ['deny-page', '([ab]*a[ab]{5}){3}!$'],
  ['deny-page', 'xyx[a-z/]{20}\\d'],
  ...Array.from({ length: 40 }, (_, at) => ['deny-page', `${'xy'.repeat(at + 2)}\\d!`] as const),
  ...Array.from({ length: 50 }, (_, at) => ['untracked-agent', `${'xy'.repeat(at + 2)}z`] as const),
  ...Array.from(
    { length: 200 },
    (_, at) => ['untracked-page', `e.com/${'a/'.repeat(at)}!`] as const,
  ),
].map((rule) => [...rule] as (typeof worst)[number])

const fresh = { id: 1, endsAt: null, actor: '', reason: '', at: 0 }
const ordinary = manyRules(9000).map((rule, id) => ({ ...rule, id }))
const book = await compileRules(SETTINGS, [
  ...ordinary,
  ...worst.map(([kind, pattern, replacement = '']) => ({ ...fresh, kind, pattern, replacement })),
])

const PIECES = [
  'a',
  'ab',
  'xy',
  'xyx/',
  '/',
  'a/',
  'word-8',
  'index.html/',
  'e.com/',
  '1',
  '%23',
  '.',
]
const inputs = (before: string, longest: number): Parser['inputs'] =>
  Object.fromEntries(
    PIECES.map((piece) => [
      piece,
      (bytes: number, nth: number) =>
        (before + piece.repeat(bytes)).slice(0, Math.floor((longest * bytes) / LONGEST) - 6) + nth,
    ]),
  )
const parsers: Parser[] = [
  {
    name: 'a page',
    parse: (text) => book.isUntracked(identifyPage(text, undefined, book.pages)),
    inputs: inputs('e.com/', MAX_PAGE_KEY),
  },
  {
    name: 'an address that is too long',
    parse: (text) => book.isUntracked(identifyPage(text, undefined, book.pages)),
    inputs: inputs('https://e.com/#/', LONGEST),
  },
  {
    name: 'a user agent',
    parse: agentReader('count', book.untrackedAgents),
    inputs: inputs('Mozilla/', LONGEST),
  },
  {
    name: 'an address of a visitor',
    parse: (text) => [book.banned.has(text), book.excluded.has(text)],
    inputs: inputs('2001:db8::', LONGEST),
  },
]
for (const parser of parsers) {
  test(`with 9,000 rules, ${parser.name} takes no time that grows with the square of its length`, async () => {
    for (const input of Object.keys(parser.inputs)) {
      const fastest = async (bytes: number) =>
        Math.min(...(await timesOf(parser, input, bytes, READINGS, NOISE)))
      const long = await fastest(LONGEST)
      if (long < NOISE) continue
      const short = await fastest(LONGEST / 4)
      assert.ok(long < GROWTH * short + NOISE, `${input}: ${short} ms, then ${long} ms`)
    }
  })
}

test('an ordinary page takes hardly longer with 9,000 rules than without', async () => {
  const without = await compileRules(SETTINGS, [])
  const withMany = await compileRules(SETTINGS, ordinary)
  const fastest = (of: typeof book) =>
    Math.min(
      ...Array.from({ length: 10 }, (_, round) => {
        const begun = performance.now()
        for (let at = 0; at < 500; at++) {
          const page = identifyPage(`site${at}.example/posts/${round}-${at}`, undefined, of.pages)
          of.isUntracked(page)
        }
        return performance.now() - begun
      }),
    )
  fastest(withMany)
  const [few, many] = [fastest(without), fastest(withMany)]
  // It takes two to three times as long. Trying each rule would take a thousand times.
  assert.ok(many < 20 * few, `${few} ms, then ${many} ms for 500 pages`)
})
