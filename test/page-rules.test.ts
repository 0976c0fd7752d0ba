import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import { MAX_PAGE_KEY, normalizePage, type PageKey } from '../src/page.ts'
import { compilePageRule, PageRewriter } from '../src/page-rules.ts'
import { Refusal } from '../src/refusal.ts'
import { webAddress } from './harness/nasty.ts'

type Pair = [pattern: string, replacement: string]

function rewriter(rules: readonly Pair[], keepQuery: string[] = []): PageRewriter {
  const compiled = rules.flatMap(([pattern, replacement], order) =>
    compilePageRule({ pattern, replacement }, keepQuery, order),
  )
  return new PageRewriter(compiled, keepQuery)
}

const BELOW: Pair[] = [['example.com/item/*', 'example.com/item']]
const INDEX: Pair[] = [['*/index.html', '*']]
const INDEX_OF_ONE: Pair[] = [['example.com/*/index.html', 'example.com/*']]
const WITHOUT_WWW: Pair[] = [['www.*.*', '*.*']]
const LOWER: Pair[] = [['github.com/*', 'lower case']]
const LANGUAGES: Pair[] = [
  ['example.com/{en,de,fr}/*', 'example.com/*'],
  ['example.com/{en,de,fr}', 'example.com'],
]
const ONE_OF_MANY: Pair[] = [['*.example.com/*', 'example.com/{2}']]
const FRAGMENTS: Pair[] = [['example.com/#/*', '']]

const CASES: [rules: Pair[], address: string, page: string][] = [
  [BELOW, 'https://example.com/item/7/x?y', 'example.com/item'],
  [BELOW, 'example.com/items', 'example.com/items'],
  [INDEX, 'example.com/index.html', 'example.com'],
  [INDEX, 'example.com/a/b/index.html#top', 'example.com/a/b'],
  [INDEX, 'example.com/myindex.html', 'example.com/myindex.html'],
  [INDEX_OF_ONE, 'example.com/a/index.html', 'example.com/a'],
  [INDEX_OF_ONE, 'other.example/a/index.html', 'other.example/a/index.html'],
  [WITHOUT_WWW, 'www.example.com/a/b.c', 'example.com/a/b.c'],
  [WITHOUT_WWW, 'www.com', 'www.com'],
  [WITHOUT_WWW, 'www.www.example.com', 'example.com'],
  [LOWER, 'https://github.com/Me/Repo', 'github.com/me/repo'],
  [LOWER, 'https://github.com/Caf%C3%A9', 'github.com/caf%C3%A9'],
  [LOWER, 'https://gitlab.com/Me', 'gitlab.com/Me'],
  [[['github.com/*', 'Lower Case']], 'https://github.com/Me', 'github.com/me'],
  [LANGUAGES, 'example.com/en/a', 'example.com/a'],
  [LANGUAGES, 'example.com/de', 'example.com'],
  [LANGUAGES, 'example.com/es/a', 'example.com/es/a'],
  [LANGUAGES, 'example.com/de/en/a', 'example.com/a'],
  [ONE_OF_MANY, 'a.b.example.com/x/y', 'example.com/x/y'],
  [ONE_OF_MANY, 'other.org/a.example.com/x', 'other.org/a.example.com/x'],
  [FRAGMENTS, 'https://example.com/#/about?tab=1', 'example.com/%23/about'],
  [FRAGMENTS, 'https://example.com/?q#/about', 'example.com/%23/about'],
  [FRAGMENTS, 'https%3A%2F%2Fexample.com%2F%23%2Fabout', 'example.com/%23/about'],
  [FRAGMENTS, 'example.com/%23/about', 'example.com/%23/about'],
  [FRAGMENTS, 'https://example.com/#/', 'example.com'],
  [FRAGMENTS, 'https://example.com/a#top', 'example.com/a'],
  [FRAGMENTS, 'https://other.example/#/about', 'other.example'],
  [[['example.com/#/*/a', '']], 'https://example.com/#/x/b', 'example.com'],
  [[['a.example/aa*aa', 'b.example']], 'a.example/aaa', 'a.example/aaa'],
  [
    [['example.com/#/item/*', 'example.com/#/item']],
    'example.com/#/item/9',
    'example.com/%23/item',
  ],
  [[['https://a.example/old/', 'http://b.example/new/']], 'a.example/old', 'b.example/new'],
  [[['bücher.example/*', 'b.example/*']], 'https://bücher.example/ä', 'b.example/%C3%A4'],
  [[['a.example/*-*-*', 'a.example/{3}/{1}']], 'a.example/x-y-z-w', 'a.example/z-w/x'],
  [[['{www.,m.,}a.example/x/*', 'b.example/y-*']], 'm.a.example/x/z', 'b.example/y-z'],
  [[['my project*', 'my project']], 'my project 2', 'my%20project'],
  [[['a.example/*', '*']], 'a.example/..b', 'a.example/..b'],
]
for (const [rules, address, page] of CASES) {
  const written = rules.map(([pattern, becomes]) => `${pattern} -> ${becomes}`).join(', ')
  test(`${address} is ${page} by ${written}`, () => {
    assert.equal(rewriter(rules).read(address), page)
  })
}

const GUIDE = readFileSync(join(import.meta.dirname, '../docs/page-rules.md'), 'utf8')
const EXAMPLES = [...GUIDE.matchAll(/^\| `(.+?)` \| (?:`(.+?)`)? ?\| `(.+?)` \| `(.+?)` \|$/gm)]
test('the examples of the guide are true', () => {
  assert.equal(EXAMPLES.length, 9)
  for (const [, pattern = '', becomes = '', address = '', page] of EXAMPLES) {
    assert.equal(rewriter([[pattern, becomes]]).read(address), page)
  }
})

const REFUSED: [pattern: string, replacement: string, why: RegExp][] = [
  ['a.example/*', '', /say what/],
  ['a.example/**', 'a.example', /write it once/],
  ['/about', 'a.example', /begins with its host/],
  ['a.example/*', 'a.example/*/*', /has 2 \* and the pattern 1/],
  ['a.example/*', 'a.example/{2}', /there is no \{2\}/],
  ['a.example/*', 'a.example/{0}', /there is no \{0\}/],
  ['a.example/*/*', 'a.example/{1}/*', /as many, or none/],
  ['a.example/{a,{b,c}}', 'a.example', /braces/],
  ['a.example/{a', 'a.example', /braces/],
  ['a.example/a', 'a.example/{b,c}', /belong into the pattern/],
  ['a.example/?id=*', 'a.example', /no query/],
  ['*://a.example/*', 'a.example', /not like the address/],
  ['a.example/x', '::', /not like the address/],
  ['bü*.example/x', 'a.example', /cannot stand there/],
  ['a/*/*/*/*/*/*/*/*/*/*/*', 'a', /more than 10/],
  [`a/${'{1,2,3,4,5,6,7,8,9,0}'.repeat(3)}`, 'a', /more than 100/],
]
for (const [pattern, replacement, why] of REFUSED) {
  test(`${pattern} -> ${replacement || 'nothing'} is refused`, () => {
    assert.throws(() => compilePageRule({ pattern, replacement }, []), { message: why })
  })
}

test('rules are tried one after the other, then again, and those that never end change nothing', () => {
  const chain = rewriter([
    ['b.example', 'c.example'],
    ['a.example', 'b.example'],
  ])
  assert.deepEqual(
    chain.rewrite('a.example' as PageKey).steps.map(({ page }) => page),
    ['b.example', 'c.example'],
  )
  const goingOn = rewriter([
    ['b.example', 'c.example'],
    ['a.example', 'b.example'],
    ['b.example', 'd.example'],
  ])
  assert.equal(goingOn.read('a.example'), 'd.example')
  const general = rewriter([
    ['*/b', 'c.example'],
    ['a.example/*', 'd.example'],
  ])
  assert.equal(general.read('a.example/b'), 'c.example')
  const circle = rewriter([
    ['a.example', 'b.example'],
    ['b.example', 'a.example'],
    ['c.example/*', 'c.example/x/*'],
  ])
  for (const page of ['a.example', 'b.example', 'c.example/y']) {
    assert.equal(circle.read(page), page)
    assert.equal(circle.rewrite(page as PageKey).ended, false)
  }
})

test('a page that very many rules match one after the other stays as it is', () => {
  const same = Array.from({ length: 150 }, (): Pair => ['example.com/*', 'lower case'])
  const rules = rewriter([...same, ['example.com/*z*', 'example.com/*y*']])
  assert.equal(rules.read('example.com/z'), 'example.com/y')
  const long = 'example.com/zzzzz' as PageKey
  assert.deepEqual(rules.rewrite(long).ended, false)
  assert.equal(rules.read(long), long)
})

test('a kept query stays beside a fragment, and its case is kept', () => {
  const rules = rewriter([...FRAGMENTS, ['example.com/*', 'lower case']], ['id'])
  assert.equal(rules.read('https://example.com/?id=A#/About'), 'example.com/%23/about?id=A')
  assert.equal(rules.read('https://example.com/#/About?id=B'), 'example.com/%23/about?id=B')
  assert.equal(rules.read('https://example.com/?id=A#/About?id=B'), 'example.com/%23/about?id=B')
})

const piece = fc.constantFrom(
  ...[
    '*',
    'a',
    'b.',
    '.',
    '/',
    'A',
    '/x',
    'www.',
    'com',
    '{en,de}',
    '#/',
    'index.html',
    '-',
    '%41',
    'é',
  ],
)
const written = fc.oneof(
  fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join('')),
  fc.constantFrom('*', '*.*', '*/x*', 'a/*', 'www.*', '*a*', '*/{en,de}/*', '*/#/*'),
)
const becomes = fc.oneof(written, fc.constantFrom('lower case', '{1}', 'a/{2}', '*', 'a.example/*'))

test('whatever the rules, what becomes of an address is a page that becomes itself', () => {
  let changed = 0
  fc.assert(
    fc.property(
      fc.array(fc.tuple(written, becomes), { minLength: 1, maxLength: 4 }),
      fc.oneof(written, webAddress),
      fc.constantFrom<string[][]>([], ['a']),
      (pairs, address, keepQuery) => {
        const valid = pairs.filter((pair) => isValid(pair, keepQuery))
        const rules = rewriter(valid, keepQuery)
        const page = readOrNull(() => rules.read(address))
        assert.equal(page === null, readOrNull(() => normalizePage(address, keepQuery)) === null)
        if (page === null) return
        if (page !== normalizePage(address, keepQuery)) changed += 1
        assert.equal(normalizePage(page, keepQuery), page)
        assert.equal(rules.read(page), page)
        assert.ok(page.length <= MAX_PAGE_KEY)
      },
    ),
    { numRuns: 3000 },
  )
  assert.ok(changed > 100, `${changed} addresses were changed`)
})

function isValid([pattern, replacement]: Pair, keepQuery: string[]): boolean {
  try {
    compilePageRule({ pattern, replacement }, keepQuery)
    return true
  } catch {
    return false
  }
}

function readOrNull<Value>(read: () => Value): Value | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
