import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { checkDenyingPatterns, checkPageList, checkPagePatterns, matchAny } from '../src/pattern.ts'

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
    '^example\\.com([/?]|$)',
    '^example\\.com(:\\d+)?([/?]|$)',
    '^e\\.com/a(/|$)',
    '^e\\.com/',
    '^e\\.com/a/',
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
    fc
      .tuple(
        fc.constantFrom('example.com', 'e.com/a'),
        fc.string({ unit: fc.constantFrom(...':8/?ax'), maxLength: 4 }),
      )
      .map(([site, rest]) => site + rest),
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

test('ten thousand patterns of sites take a page no longer than a few', () => {
  const patterns = Array.from(
    { length: 10_000 },
    (_, at) => `^h${at}\\.example${['/spam(/|$)', '(:\\d+)?([/?]|$)', '/'][at % 3]}`,
  )
  const matches = matchAny(patterns)
  assert.equal(matches('h9997.example:8080/x'), true)
  assert.equal(matches('h9999.example/spam/1'), true)
  assert.equal(matches('h9999.example/spam1'), false)
  assert.equal(matches('h9998.example/x'), true)
  assert.equal(matches('h9998.example'), false)
  assert.equal(matches('h10001.example'), false)
  const begun = performance.now()
  for (let at = 0; at < 1000; at++) assert.equal(matches(`a${at}.example/b/spam/${at}`), false)
  // RE2 alone takes 60 ms for each page.
  assert.ok(performance.now() - begun < 2000, `${performance.now() - begun} ms`)
})

test('a pattern tells capitals from small letters, unless it says otherwise', () => {
  const matches = matchAny(['/Draft', '(?i)^a\\.example/SECRET', '^b\\.example/Site(/|$)'])
  assert.equal(matches('b.example/Draft'), true)
  assert.equal(matches('b.example/draft'), false)
  assert.equal(matches('b.example/Site/1'), true)
  assert.equal(matches('b.example/site/1'), false)
  assert.equal(matches('a.example/sEcret'), true)
})
