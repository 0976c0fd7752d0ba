import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { hostOf, identifyPage, MAX_PAGE_KEY, normalizePage } from '../src/page.ts'
import { pageFilter } from '../src/pattern.ts'
import { Refusal } from '../src/refusal.ts'
import { anyCharacter, webAddress, webPath } from './harness/nasty.ts'

const long = 'a'.repeat(10_000)

const same: [value: string, key: string][] = [
  ['https://Example.com:443/a/?x=1#y', 'example.com/a'],
  ['example.com/a', 'example.com/a'],
  ['//example.com/a/', 'example.com/a'],
  ['http://example.com/a', 'example.com/a'],
  ['HTTP://EXAMPLE.COM/A', 'example.com/A'],
  ['  https://example.com/a\n', 'example.com/a'],
  ['https://example.com', 'example.com'],
  ['https://example.com/', 'example.com'],
  ['https://example.com///', 'example.com'],
  ['https://www.example.com/', 'www.example.com'],
  ['http://example.com:80/', 'example.com'],
  ['http://example.com:443/', 'example.com'],
  ['http://example.com:8080/', 'example.com:8080'],
  ['example.com:8080/x', 'example.com:8080/x'],
  ['localhost:3000/x', 'localhost:3000/x'],
  ['localhost:3000', 'localhost:3000'],
  ['my-project', 'my-project'],
  ['my_project', 'my_project'],
  ['user/repo', 'user/repo'],
  ['https://user:secret@example.com/a', 'example.com/a'],
  ['user@example.com/a', 'example.com/a'],
  ['https:example.com/a', 'example.com/a'],
  ['https:/example.com/a', 'example.com/a'],
  ['\\\\example.com\\a', 'example.com/a'],
  ['https://example.com/a/../b/./c', 'example.com/b/c'],
  ['https://example.com/%2e%2E/b', 'example.com/b'],
  ['https://example.com/%7Eme/%61', 'example.com/~me/a'],
  ['https://example.com/caf%c3%a9', 'example.com/caf%C3%A9'],
  ['https://example.com/café', 'example.com/caf%C3%A9'],
  ['https://example.com/a b', 'example.com/a%20b'],
  ['https://example.com/a%2Fb', 'example.com/a%2Fb'],
  ['https://example.com/100%', 'example.com/100%25'],
  ['https://example.com/%%41', 'example.com/%25A'],
  ['https://example.com/a|b[c]^', 'example.com/a%7Cb%5Bc%5D%5E'],
  ["https://example.com/a'b(c)", "example.com/a'b(c)"],
  ['https://example.com//a//b', 'example.com//a//b'],
  ['https://bücher.example/', 'xn--bcher-kva.example'],
  ['https://BÜCHER.example/', 'xn--bcher-kva.example'],
  ['https://例え.テスト/ページ', 'xn--r8jz45g.xn--zckzah/%E3%83%9A%E3%83%BC%E3%82%B8'],
  ['http://[::1]:3000/x', '[::1]:3000/x'],
  ['https://example.com./a', 'example.com/a'],
  ['http://127.1/', '127.0.0.1'],
  ['http://12345/', '0.0.48.57'],
  ['//1', '0.0.0.1'],
  ['192.0.2.1/x', '192.0.2.1/x'],
  ['127.0.0.1:3000/x', '127.0.0.1:3000/x'],
  ['12345', '12345'],
  ['12345/a?b#c', '12345/a'],
  ['user.123', 'user.123'],
  ['V1.2', 'v1.2'],
  ['08', '08'],
  ['1.2.3', '1.2.3'],
  ['1.2.3.4.5', '1.2.3.4.5'],
  ['999.1.2.3', '999.1.2.3'],
  ['a.b.0x1', 'a.b.0x1'],
  ['me@1.2', '1.2'],
  ['user:secret@example.com/a', 'example.com/a'],
  ['my project', 'my%20project'],
  ['my%20project', 'my%20project'],
  ['two words/über uns/', 'two%20words/%C3%BCber%20uns'],
  ['/about', '%2Fabout'],
  ['/about/team/?x', '%2Fabout/team'],
  ['/example.com', '%2Fexample.com'],
  ['%2Fabout', '%2Fabout'],
  ['me:project', 'me:project'],
  ['//count', 'count'],
  ['a;b=1', 'a;b=1'],
  ['https%3A%2F%2Fexample.com%2Fa', 'example.com/a'],
  ['https%3a//example.com/a', 'example.com/a'],
  ['example.com%2Fa%2520b', 'example.com/a%20b'],
  ['https:%2F%2Fexample.com%2Fa%3Fq', 'example.com/a'],
  ['https://example.com/--><script>', 'example.com/--%3E%3Cscript%3E'],
  ['https://example.com/"onload="', 'example.com/%22onload=%22'],
  [`https://example.com/a?${long}`, 'example.com/a'],
]
for (const [value, key] of same) {
  test(`${value.slice(0, 60)} is the page ${key}`, () => assert.equal(normalizePage(value), key))
}

const refused: string[] = [
  'javascript:alert(1)',
  'javascript://example.com/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'mailto:me@example.com',
  'ftp://example.com/a',
  'file:///etc/passwd',
  'about:blank',
  'chrome://settings',
  'http://',
  'https://?x',
  '/',
  '///',
  '/a<b>',
  ':::',
  'two <words>',
  'two words\u202e',
  'my%2520project',
  'magnet:?x',
  'view-source:http://example.com',
  '?x',
  '#x',
  'a..b',
  'http://./',
  'exam"ple.com',
  'exam`{}ple.com',
  'exa<mple.com',
  '--><script>alert(1)</script>.com',
  'http://example.com:99999/',
  'http://1.2.3.4.5/',
  'http://[::1/',
  'http://exa%00mple.com',
  'example.com/a\u0000b',
  'example.com/a\nb',
  'exam\tple.com',
  'example.com/\ud800',
  '\udfff.com',
  'https%253A%252F%252Fexample.com%252Fa',
  'https%3A%2F%2Fexample.com%2F100%',
  `https://example.com/${long}`,
  `${long}.com`,
]
for (const value of refused) {
  test(`${JSON.stringify(value.slice(0, 60))} is refused as bad_page`, () => {
    assert.throws(
      () => normalizePage(value),
      (error) => error instanceof Refusal && error.code === 'bad_page' && error.status === 400,
    )
  })
}

test('a URL as long as a request line is read or refused, and a longer one is not read', () => {
  const pieces = ['/', '\\', '%', '%2f', '.', './', ':', '@', '?', '[', 'é', 'a.']
  for (const piece of pieces) {
    const run = piece.repeat(Math.floor(16_000 / piece.length))
    for (const input of [`x.e/${run}x`, `${run}x`, `https://${run}`, `x.e/?a=${run}`]) {
      const key = keyOrNull(input, ['a'])
      assert.ok(key === null || key.length <= MAX_PAGE_KEY)
    }
  }
  assert.throws(() => normalizePage(`x.e/?${'a'.repeat(20_000)}`), { brief: 'url too long' })
})

test('a name without a scheme is an IPv4 address only in full', () => {
  const label = fc.oneof(
    fc.nat(300).map(String),
    fc.nat(0xffff).map((number) => `0x${number.toString(16)}`),
    fc.nat(600).map((number) => `0${number.toString(8)}`),
    fc.constantFrom('a', 'v1', 'user', '1a'),
  )
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 6 }), webPath, (labels, path) => {
      const name = labels.join('.')
      const whole = keyOrNull(`${name}${path}`)
      if (whole === null) return
      assert.equal(hostOf(whole as never), name)
    }),
  )
})

test('what is an address once it is decoded and trimmed is that page', () => {
  for (const name of ['café', 'пример.рф', 'example.com', 'me:80']) {
    const page = normalizePage(name)
    for (const end of ['%20', ' ?id=1', '%20/ ', ' #a']) {
      assert.equal(normalizePage(`${name}${end}`), page)
      assert.equal(normalizePage(page), page)
    }
  }
  assert.throws(() => normalizePage('%41+x://443'), { code: 'bad_page' })
  assert.throws(() => normalizePage('me..ftp:/%2Fa'), { code: 'bad_page' })
  assert.equal(normalizePage('my project%20'), 'my%20project')
})

test('a key may have 2,048 characters and no more', () => {
  const key = `e.com/${'a'.repeat(MAX_PAGE_KEY - 6)}`
  assert.equal(normalizePage(key).length, MAX_PAGE_KEY)
  assert.throws(() => normalizePage(`${key}a`), { brief: 'url too long' })
})

test('only the kept parameters are part of the key, in one order', () => {
  const keep = ['id', 'lang']
  const key = 'example.com/a?id=1+2&lang=en'
  assert.equal(normalizePage('https://example.com/a/?lang=en&x=1&id=1%202#y', keep), key)
  assert.equal(normalizePage(key, keep), key)
  assert.equal(normalizePage('https://example.com/?id=7', keep), 'example.com?id=7')
  assert.equal(normalizePage('https://example.com/?x=7', keep), 'example.com')
  assert.equal(hostOf(normalizePage('https://example.com/?id=7', keep)), 'example.com')
})

test('the query takes precedence over the Referer', () => {
  const rules = { keepQuery: [], isServed: () => true }
  assert.equal(identifyPage('a.example', 'https://b.example/', rules), 'a.example')
  assert.equal(identifyPage(undefined, 'https://b.example/x', rules), 'b.example/x')
  assert.equal(identifyPage('', 'https://b.example/x', rules), 'b.example/x')
  assert.throws(() => identifyPage(undefined, undefined, rules), { code: 'no_page' })
  assert.throws(() => identifyPage(['a', 'b'], undefined, rules), { code: 'bad_page' })
})

test('the deny list wins over the allow list; both search anywhere in the key', () => {
  const isServed = pageFilter({ allow: ['example\\.com'], deny: ['private'] })
  const rules = { keepQuery: [], isServed }
  assert.equal(identifyPage('www.example.com/a', undefined, rules), 'www.example.com/a')
  assert.throws(() => identifyPage('example.com/private', undefined, rules), {
    code: 'blocked_page',
    status: 403,
  })
  assert.throws(() => identifyPage('example.org', undefined, rules), { code: 'blocked_page' })
})

/** The page's key, or null for a refusal. Any other error fails the property. */
function keyOrNull(value: string, keep?: string[]): string | null {
  try {
    return normalizePage(value, keep)
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

test('any text gives a normal form or a refusal, and the normal form of a normal form is itself', () => {
  const nasty = fc.string({
    unit: fc.constantFrom(
      ...'aZ09./:?#@%&=+-_~[]\\|"<>\'é語\u0000\n\t \ud800',
      '%2F',
      '%25',
      '%3A',
      '..',
      '//',
    ),
    maxLength: 40,
  })
  const anything = fc.oneof(nasty, fc.string({ unit: anyCharacter }), webAddress)
  fc.assert(
    fc.property(anything, fc.constantFrom<string[][]>([], ['a', 'Z']), (value, keep) => {
      const key = keyOrNull(value, keep)
      if (key === null) return
      assert.ok(key.length > 0 && key.length <= MAX_PAGE_KEY)
      assert.match(key, /^[\x21-\x7e]+$/)
      assert.doesNotMatch(key, /[<>"\\^`{|}#]/)
      assert.doesNotMatch(key, /\/(\?|$)/, 'no slash at the end')
      assert.ok(/^(\[[\da-f:.]+\]|[^/?[]+)/.test(key), `${key} begins with a host or a name`)
      assert.equal(keyOrNull(key, keep), key)
    }),
    { numRuns: 5000 },
  )
})

test('scheme, default port, credentials, slash, query, fragment and case of the host do not matter', () => {
  fc.assert(
    fc.property(
      fc.domain(),
      webPath,
      fc.constantFrom('http://', 'https://', 'HTTPS://', '//', '', 'https://me:pw@'),
      fc.constantFrom('', ':80', ':443'),
      fc.constantFrom('', '/', '//'),
      fc.constantFrom('', '?', '?a=b', '?a=/b', '#c', '?a#c/d'),
      (domain, path, scheme, port, slash, rest) => {
        const plain = keyOrNull(`https://${domain}${path}`)
        const odd = keyOrNull(`${scheme}${domain.toUpperCase()}${port}${path}${slash}${rest}`)
        assert.equal(odd, plain)
      },
    ),
    { numRuns: 2000 },
  )
})
