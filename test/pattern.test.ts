import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'

import { RE2JS } from 're2js'
import {
  checkDenyingPatterns,
  checkPageList,
  checkPagePatterns,
  checkPatterns,
  matchAny,
  PatternList,
} from '../src/pattern.ts'
import { requiredLiterals } from '../src/pattern-literals.ts'

test('no pattern blocks the service, however long the page and however many patterns there are', () => {
  const slow = ['(a+)+$', '(a|aa)+$', '([a-z]+)*\\d$', '(.*a){20}x', 'secret.*draft.*b$']
  const many = Array.from(
    { length: 300 },
    (_, at) => `^h${at}\\.example(:\\d+)?(/|$)|draft-${at}.*x`,
  )
  const matches = matchAny([...slow, ...many])
  for (const piece of ['a', 'ab', 'secret', 'draft-7', 'h1.example/']) {
    const page = `e.com/${piece.repeat(2000).slice(0, 2041)}!`
    const begun = performance.now()
    assert.equal(matches(page), false)
    // V8's own engine would practically never finish.
    assert.ok(performance.now() - begun < 1000, `${piece}: ${performance.now() - begun} ms`)
  }
  assert.equal(matches('h299.example:8080/x'), true)
  assert.equal(matches('h300.example'), false)
})

test('patterns mean what they mean in JavaScript', () => {
  const patterns = [
    '^example\\.com(/|$)',
    'example.com',
    '\\.(png|jpe?g)$',
    '^[^/]+/a{1,3}$',
    '\\bdraft\\b',
    '[?&]id=\\d+',
    '\\x61\\u0062',
    '(?<name>x)y',
    '^(?:a|b)*?c',
    '\\w\\-\\/',
    '~\\S\\W',
  ]
  const page = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'abcxy/.?=&-~1'), maxLength: 12 }),
    fc.constantFrom('example.com', 'notexample.com/a.png', 'e.com/my-draft?id=7', 'e.com/aaaa'),
  )
  for (const pattern of patterns) {
    const matches = matchAny([pattern])
    const script = new RegExp(pattern)
    fc.assert(fc.property(page, (text) => matches(text) === script.test(text)))
  }
})

test('a pattern that RE2 does not support, or that can never match, is refused with the reason', () => {
  const refused: [pattern: string, why: RegExp][] = [
    ['a(?=b)', /RE2 has no lookahead/],
    ['(?<!x)b', /lookbehind/],
    ['(a)\\1', /back reference/],
    ['(', /missing closing \)/],
    ['*.example.com', /missing argument to repetition/],
    ['^a{1', /half a pair of braces/],
    ['(((a{10}){10}){10}){10}', /repeat/],
    ['https://example.com/', /a page has no scheme/],
    ['^https?://example\\.com', /a page has no scheme/],
    ['^(https?:)?//x\\.com', /scheme/],
    ['a.example b.example', /no spaces/],
    ['^a\\.example;^b\\.example', /separate patterns by commas/],
    ['^müller\\.de', /Punycode/],
    ['^/about', /begins with its host/],
    ['^example\\.com/$', /no slash at its end/],
    ['^Example\\.com', /lower case/],
  ]
  for (const [pattern, why] of refused) {
    assert.throws(() => checkPagePatterns(['fine', pattern]), { message: why }, pattern)
    assert.throws(
      () => checkPagePatterns([pattern]),
      (error: Error) => error.message.includes(pattern),
    )
  }
  checkPagePatterns([
    '^example\\.com(:\\d+)?([/?]|$)',
    'example.com/Draft',
    '(?i)^Example',
    '/',
    'web/http',
  ])
})

test('a pattern that denies every page is refused, one that allows every page is not', () => {
  for (const all of ['.', '.*', 'x*', 'example\\.com|', '(?:)', '^', '[a-z0-9]']) {
    assert.throws(() => checkDenyingPatterns([all]), /matches every page/, all)
    assert.throws(() => checkPageList([`/${all}/`]), /matches every page/, all)
    checkPagePatterns([all])
  }
  checkDenyingPatterns(['example', '^a', '\\d{4}'])
})

test('what a pattern requires is in every text that it matches', () => {
  const tables: [pattern: string, literals: string[][] | null][] = [
    ['^h12\\.example(:\\d+)?([/?]|$)', [['h12.example']]],
    ['spam12.example', [['spam12', 'example']]],
    ['(?i)SPAM', [['spam']]],
    ['abcd?', [['abc']]],
    ['abc?', null],
    ['abc{0,2}d', null],
    ['abc{2}', [['abc']]],
    ['abc|def', [['abc'], ['def']]],
    ['abc|d', null],
    ['a(b|c)defg', [['defg']]],
    ['[abc]def', [['def']]],
    ['\\Qa.b\\E', null],
    ['\\x41bcd', null],
    ['abc(?i)def', null],
    ['abc+d', [['abc']]],
  ]
  for (const [pattern, literals] of tables) {
    assert.deepEqual(requiredLiterals(pattern), literals, pattern)
  }
  const piece = fc.constantFrom(
    ...['abc', 'xyz', 'a', '.', '\\.', '\\d', '[a-c]', '[^a]', '(abc|xyz)', '(?:abc)', '(?i:abc)'],
    ...[
      '*',
      '+',
      '?',
      '{2}',
      '{0,1}',
      '|',
      '^',
      '$',
      '\\b',
      '(?i)',
      '(',
      ')',
      '[',
      ']',
      '1',
      '/',
      '-',
    ],
  )
  const pattern = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''))
  const texts = fc.array(fc.constantFrom('abc', 'xyz', 'a', 'ABC', '.', '1', '/', 'b', '-'), {
    maxLength: 8,
  })
  let matched = 0
  fc.assert(
    fc.property(pattern, texts, (pattern, pieces) => {
      const text = pieces.join('')
      const literals = requiredLiterals(pattern)
      if (literals === null) return
      try {
        checkPatterns([pattern])
      } catch {
        return
      }
      if (!RE2JS.compile(RE2JS.translateRegExp(pattern)).matcher(text).find()) return
      matched += 1
      const lower = text.toLowerCase()
      assert.ok(literals.some((all) => all.every((literal) => lower.includes(literal))))
      assert.equal(matchAny([pattern])(text), true)
    }),
    { numRuns: 20_000 },
  )
  assert.ok(matched > 50, `${matched} patterns matched`)
})

test('ten thousand patterns take a page no longer than a few', () => {
  const patterns = Array.from({ length: 10_000 }, (_, at) =>
    at % 2 ? `^h${at}\\.example(:\\d+)?([/?]|$)` : `spam-${at}.*buy`,
  )
  const list = new PatternList(patterns)
  assert.equal(list.find('h9999.example:8080/x'), '^h9999\\.example(:\\d+)?([/?]|$)')
  assert.equal(list.find('a.example/spam-42/buy'), 'spam-42.*buy')
  assert.equal(list.find('h10001.example'), null)
  const capitals = new PatternList(['/Draft', '(?i)^a\\.example/SECRET'])
  assert.equal(capitals.find('b.example/Draft'), '/Draft')
  assert.equal(capitals.find('b.example/draft'), null)
  assert.equal(capitals.find('a.example/sEcret'), '(?i)^a\\.example/SECRET')
  const begun = performance.now()
  for (let at = 0; at < 1000; at++) assert.equal(list.find(`a${at}.example/b/spam/${at}`), null)
  // RE2 alone takes 60 ms for each page.
  assert.ok(performance.now() - begun < 2000, `${performance.now() - begun} ms`)
})
