import assert from 'node:assert/strict'
import test from 'node:test'
import { asWritten, linkTo } from '../../src/http/site/written.ts'
import { normalizePage } from '../../src/page.ts'

/** Addresses that people read as they write them. */
const CLEAR = [
  'example.com/a',
  'müller.example/größe',
  'ja.wikipedia.org/wiki/日本',
  'ja.wikipedia.org/wiki/カタカナとABC',
  'ko.wikipedia.org/wiki/한국어',
  'пример.рф/об/привет-мир',
  'example.com/привет-world',
  'el.example/καλημέρα',
  'عربي.example/نص',
  'example.com/naïve-café',
]
for (const address of CLEAR) {
  test(`${address} is shown as people write it`, () => {
    const page = normalizePage(address)
    assert.equal(asWritten(page), address)
    assert.equal(normalizePage(asWritten(page)), page, 'and is still the same page')
  })
}

/** Addresses that could be mistaken for others, or that break apart when they are decoded. */
const ENCODED: [what: string, address: string][] = [
  ['Cyrillic letters among Latin ones', 'pаypal.com'],
  ['a name of Cyrillic lookalikes alone', 'аррӏе.com'],
  ['lookalikes in a path', 'example.com/ассоunt'],
  ['two scripts in a word', 'example.com/abвг'],
  ['a space that is not seen', 'example.com/a%E2%80%8Bb'],
  ['text turned around', 'example.com/%E2%80%AEgpj'],
  ['a slash', 'example.com/a%2Fb'],
  ['a slash that looks like one', 'example.com/a%E2%88%95b'],
  ['a space', 'example.com/a%20b'],
  ['a question mark', 'example.com/a%3Fb'],
  ['bytes that are no UTF-8', 'example.com/%FF%FE'],
  ['an accent alone', 'example.com/e%CC%81'],
  ['an emoji', 'example.com/%F0%9F%98%80'],
]
for (const [what, address] of ENCODED) {
  test(`${what} stays encoded`, () => {
    const page = normalizePage(address)
    assert.equal(asWritten(page), page)
    assert.match(asWritten(page), /^[\x21-\x7e]+$/)
  })
}

test('a page with a kept fragment links to that fragment', () => {
  assert.match(linkTo('example.com/%23/about'), /href="https:\/\/example\.com\/#\/about"/)
  assert.match(linkTo('example.com/a%23b'), /href="https:\/\/example\.com\/a%23b"/)
})
