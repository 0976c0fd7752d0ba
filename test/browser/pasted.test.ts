import assert from 'node:assert/strict'
import test from 'node:test'
import { readPasted } from '../../public/assets/pasted.js'
import { MARKUPS, tagOf } from '../../public/assets/tags.js'
import { normalizePage } from '../../src/page.ts'
import { Refusal } from '../../src/refusal.ts'

/** The page of a text that was pasted, as the server reads it; null if it is refused. */
function pageOf(text: string, keepQuery?: string[]): string | null {
  try {
    return normalizePage(readPasted(text, keepQuery).address, keepQuery)
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

/** What is pasted, the page that it becomes, and the first other page that is likely meant. */
const PASTED: [text: string, page: string | null, likely?: string][] = [
  // Plain addresses.
  ['https://example.com/', 'example.com'],
  ['example.com', 'example.com'],
  ['HTTP://EXAMPLE.COM:80/A/', 'example.com/A'],
  ['//example.com/a', 'example.com/a'],
  ['https://example.com/?q=1#x', 'example.com'],
  ['https://example.com/a?utm_source=mail&utm_medium=x', 'example.com/a'],
  ['https://example.com/a#:~:text=found', 'example.com/a'],
  ['https://user:secret@example.com/a', 'example.com/a'],
  ['  https://example.com/a  ', 'example.com/a'],
  ['\u200bhttps://example.com/a\ufeff', 'example.com/a'],
  ['https://example.com:8443/a', 'example.com:8443/a'],
  ['http://192.0.2.1/a', '192.0.2.1/a'],
  ['http://[2001:db8::1]/a', '[2001:db8::1]/a'],
  ['http://localhost:3000/', 'localhost:3000'],
  ['https://example.com/a%20b', 'example.com/a%20b'],
  ['https://example.com/c++', 'example.com/c++'],
  ['https://example.com/~me/', 'example.com/~me'],
  ['https://example.com/index.html', 'example.com/index.html'],
  // Forges.
  ['https://github.com/o/r', 'github.com/o/r'],
  ['www.github.com/o/r', 'www.github.com/o/r', 'github.com/o/r'],
  ['https://github.com/o/r.git', 'github.com/o/r.git', 'github.com/o/r'],
  ['https://github.com/o/r/', 'github.com/o/r'],
  [
    'https://github.com/o/r/blob/main/README.md',
    'github.com/o/r/blob/main/README.md',
    'github.com/o/r',
  ],
  ['https://github.com/o/r/tree/main/src', 'github.com/o/r/tree/main/src', 'github.com/o/r'],
  ['https://github.com/o/r/issues/12', 'github.com/o/r/issues/12', 'github.com/o/r'],
  ['https://github.com/o/r?tab=readme-ov-file#usage', 'github.com/o/r'],
  ['https://github.com/o', 'github.com/o'],
  ['https://www.github.com/o', 'www.github.com/o', 'github.com/o'],
  ['git@github.com:o/r.git', null, 'github.com/o/r'],
  ['ssh://git@github.com/o/r.git', null, 'github.com/o/r'],
  ['git+https://github.com/o/r.git', null, 'github.com/o/r'],
  ['git://github.com/o/r.git', null, 'github.com/o/r'],
  ['o/r', 'o/r', 'github.com/o/r'],
  ['tallymark-org/my.repo', 'tallymark-org/my.repo', 'github.com/tallymark-org/my.repo'],
  [
    'https://raw.githubusercontent.com/o/r/main/README.md',
    'raw.githubusercontent.com/o/r/main/README.md',
    'github.com/o/r',
  ],
  [
    'https://gitlab.com/g/sub/r/-/blob/main/README.md',
    'gitlab.com/g/sub/r/-/blob/main/README.md',
    'gitlab.com/g/sub/r',
  ],
  ['https://gitlab.com/g/sub/r', 'gitlab.com/g/sub/r'],
  ['git@gitlab.com:g/sub/r.git', null, 'gitlab.com/g/sub/r'],
  [
    'https://codeberg.org/o/r/src/branch/main',
    'codeberg.org/o/r/src/branch/main',
    'codeberg.org/o/r',
  ],
  ['https://bitbucket.org/o/r/src/master/', 'bitbucket.org/o/r/src/master', 'bitbucket.org/o/r'],
  ['git@git.example.com:o/r.git', null, 'git.example.com/o/r'],
  ['https://git.example.com/o/r.git', 'git.example.com/o/r.git', 'git.example.com/o/r'],
  ['https://o.github.io/r/', 'o.github.io/r'],
  // Blogs and wikis.
  ['https://blog.example.com/2026/01/15/hello-world/', 'blog.example.com/2026/01/15/hello-world'],
  ['https://medium.com/@me/a-post-1a2b3c', 'medium.com/@me/a-post-1a2b3c'],
  ['https://me.substack.com/p/a-post?r=abc', 'me.substack.com/p/a-post'],
  ['https://dev.to/me/a-post-1abc', 'dev.to/me/a-post-1abc'],
  ['https://en.wikipedia.org/wiki/Tally_marks#Clustering', 'en.wikipedia.org/wiki/Tally_marks'],
  ['https://de.wikipedia.org/wiki/Größe', 'de.wikipedia.org/wiki/Gr%C3%B6%C3%9Fe'],
  ['https://ja.wikipedia.org/wiki/日本', 'ja.wikipedia.org/wiki/%E6%97%A5%E6%9C%AC'],
  [
    'https://en.wikipedia.org/wiki/C_(programming_language)',
    'en.wikipedia.org/wiki/C_(programming_language)',
  ],
  // Names and hosts beyond ASCII.
  ['https://müller.example/größe', 'xn--mller-kva.example/gr%C3%B6%C3%9Fe'],
  ['https://xn--mller-kva.example', 'xn--mller-kva.example'],
  ['https://例え.jp/', 'xn--r8jz45g.jp'],
  ['пример.рф/о', 'xn--e1afmkfd.xn--p1ai/%D0%BE'],
  ['my-project', 'my-project'],
  ['my project', 'my%20project'],
  ['v1.2', 'v1.2'],
  ['12345', '12345'],
  // In markup.
  ['[docs](https://example.com/a)', 'example.com/a'],
  ['[docs](https://example.com/a "Title")', 'example.com/a'],
  ['[docs](<https://example.com/a>)', 'example.com/a'],
  ['[![build](https://ci.example/b.svg)](https://example.com/a)', 'example.com/a'],
  ['<https://example.com/a>', 'example.com/a'],
  ['<URL:https://example.com/a>', 'example.com/a'],
  ['<a href="https://example.com/a?b=1&amp;c=2">a</a>', 'example.com/a'],
  ["<a class='x' href='https://example.com/a'><b>a</b></a>", 'example.com/a'],
  ['<img src="https://example.com/a.png" alt="">', 'example.com/a.png'],
  ['https://example.com/a[the docs]', 'example.com/a'],
  ['[[https://example.com/a][the docs]]', 'example.com/a'],
  ['[url=https://example.com/a]docs[/url]', 'example.com/a'],
  ['`docs <https://example.com/a>`_', 'example.com/a'],
  ['[https://example.com/a docs]', 'example.com/a'],
  ['"https://example.com/a"', 'example.com/a'],
  ['„https://example.com/a“', 'example.com/a'],
  ['`example.com/a`', 'example.com/a'],
  // What is no page.
  ['javascript:alert(1)', null],
  ['mailto:me@example.com', null],
  ['ftp://example.com/a', null],
  ['two <words>', null],
]

for (const [text, page, likely] of PASTED) {
  test(`pasted: ${text}`, () => {
    assert.equal(pageOf(text), page)
    const meant = readPasted(text).near.find((near) => near.likely)
    assert.equal(meant?.address, likely)
  })
}

test('what is left out is said, with the reason', () => {
  const parts = (text: string, keep?: string[]) =>
    readPasted(text, keep).left.map(({ part }) => part)
  assert.deepEqual(parts('https://me:pw@example.com/a?q=1#x'), ['me:pw@', '?q=1', '#x'])
  assert.deepEqual(parts('https://example.com/a/'), [])
  assert.deepEqual(parts('https://example.com/a?id=1', ['id']), [])
  assert.deepEqual(parts('https://example.com/a?id=1&q=2', ['id']), ['?id=1&q=2'])
})

test('a query that tells pages apart stays, and nothing else of it', () => {
  assert.equal(
    readPasted('https://example.com/a?q=2&id=1#x', ['id']).address,
    'https://example.com/a?id=1',
  )
  assert.equal(pageOf('https://example.com/a?q=2&id=1', ['id']), 'example.com/a?id=1')
  assert.equal(readPasted('https://example.com/?%zz=1', ['id']).address, 'https://example.com/')
})

test('pages that differ by www, a file of the folder or a phone’s host are looked up, too', () => {
  const near = (text: string) => readPasted(text).near.map(({ address }) => address)
  assert.deepEqual(near('https://example.com/a'), ['www.example.com/a'])
  assert.deepEqual(near('www.example.com'), ['example.com'])
  assert.deepEqual(near('example.com/a/index.html'), [
    'example.com/a',
    'www.example.com/a/index.html',
  ])
  assert.ok(near('https://en.m.wikipedia.org/wiki/A').includes('en.wikipedia.org/wiki/A'))
  assert.deepEqual(near('my-project'), [])
})

test('what the image of a pasted tag links to is read in every markup', () => {
  const setup = {
    url: 'example.com',
    of: '',
    mode: 'count',
    image: '',
    options: new Map(),
  } as const
  for (const link of ['page', 'numbers', ''] as const) {
    for (const markup of Object.keys(MARKUPS)) {
      const tag = tagOf('https://hits.example.org', { ...setup, link }, 'hits', markup)
      const pasted = readPasted(tag)
      assert.equal(pasted.tag, 'https://hits.example.org/count/tag.svg?url=example.com', tag)
      assert.equal(pasted.link, markup === 'Address' ? '' : link, tag)
    }
  }
})

test('a page of that name is no tag', () => {
  for (const address of [
    'https://example.com/graph.svg',
    'https://example.com/count',
    'example.com/tag.svg?url=a',
  ]) {
    assert.equal(readPasted(address).tag, '')
  }
})

test('no text takes long to be read', () => {
  for (const part of ['[', '![', '<a ', 'a@', '/', '"', '`<', '[[', '%', 'www.', ' ']) {
    const begin = performance.now()
    readPasted(part.repeat(8000 / part.length))
    assert.ok(performance.now() - begin < 100, `${part}: ${performance.now() - begin} ms`)
  }
})
