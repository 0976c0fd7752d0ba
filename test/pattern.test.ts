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
