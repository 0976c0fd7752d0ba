import assert from 'node:assert/strict'
import test from 'node:test'
import { build, FILE, readCount } from '../harness/app.ts'

/** A query, the page that it counts, and the label that its badge then has. */
const QUERIES: [query: string, page: string, label: string][] = [
  ['url=https://a.example/c++', 'a.example/c++', 'hits'],
  ['label=a+b&url=a.example', 'a.example', 'a b'],
  // A tag that was escaped twice.
  ['label=views&amp;url=https://b.example/', 'b.example', 'views'],
  ['url=https://b.example/x&amp;label=views', 'b.example/x', 'views'],
  // The page's own query, not encoded, as hit-counter's users have it.
  ['url=https://a.example/x?y=1&color=nocolour', 'a.example/x', 'hits'],
  ['url=https://a.example/x?y=1&label=mine&url=z', 'a.example/x', 'hits'],
  ['label=views&url=https://a.example/x?y=1&color=nocolour', 'a.example/x', 'views'],
  ['url=https%3A%2F%2Fa.example%2Fx%3Fy=1&label=views', 'a.example/x', 'views'],
]

const { get, store } = await build(FILE)

for (const [query, page, label] of QUERIES) {
  test(`?${query} counts ${page}`, async () => {
    const before = await readCount(store, page)
    const answer = await get(`/count/tag.svg?${query}`, { referer: 'https://other.example/page' })
    assert.equal(answer.statusCode, 200, answer.body)
    assert.match(answer.body, new RegExp(`<title>${label}: ${before + 1}</title>`))
    assert.equal(await readCount(store, page), before + 1)
    assert.equal(await readCount(store, 'other.example/page'), 0)
  })
}

test('a parameter of the page that is to be kept is kept, encoded or not', async (t) => {
  const { get, store } = await build(t, { KEEP_QUERY: 'id' })
  await get('/count?url=https://a.example/x?y=1&id=7')
  await get('/count?url=https%3A%2F%2Fa.example%2Fx%3Fid%3D7%26y%3D1')
  assert.equal(await readCount(store, 'a.example/x?id=7'), 2)
})
