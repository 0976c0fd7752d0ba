import assert from 'node:assert/strict'
import test from 'node:test'
import { DAY_MS } from '../../src/time.ts'
import { build, FILE, readCount } from '../harness/app.ts'

// Made before the first test: the runner ends a file as soon as it has no test left to run.
const untouched = await build(FILE)

const described = (svg: string) => /<desc>([^<]*)/.exec(svg)?.[1] ?? ''
const titled = (svg: string) => /<title>([^<]*)/.exec(svg)?.[1]

test('the card shows the hits of each day and all of them, and counts nothing', async (t) => {
  const { get, clock, store } = await build(t)
  for (const hits of [3, 0, 2]) {
    for (let hit = 0; hit < hits; hit++) await get('/count?url=example.com/a')
    clock.now += DAY_MS
  }
  const { body, statusCode, headers } = await get('/graph.svg?url=example.com/a&days=4&base=100')
  assert.equal(statusCode, 200)
  assert.match(String(headers['content-security-policy']), /sandbox/)
  assert.equal(titled(body), 'example.com/a: 105 hits, 5 in the last 4 days')
  assert.equal(described(body), '15 Jan 2026: 3; 16 Jan 2026: 0; 17 Jan 2026: 2; 18 Jan 2026: 0.')
  assert.equal(await readCount(store, 'example.com/a'), 5)
})

test('visits that did not count are on no card', async (t) => {
  const { get } = await build(t)
  await get('/count?url=example.com', { 'user-agent': 'Googlebot/2.1' })
  const { body } = await get('/graph.svg?url=example.com&days=1')
  assert.equal(titled(body), 'example.com: 0 hits, 0 in the last day')
})

test('days begin in the zone that the tag names', async (t) => {
  const { get, clock } = await build(t)
  clock.now = Date.UTC(2026, 0, 15, 23, 30)
  await get('/count?url=example.com')
  const utc = await get('/graph.svg?url=example.com&days=1')
  assert.equal(described(utc.body), '15 Jan 2026: 1.')
  const berlin = await get('/graph.svg?url=example.com&days=1&tz=Europe/Berlin')
  assert.equal(described(berlin.body), '16 Jan 2026: 1.')
})

test('a card shows thirty days and follows its viewer’s theme by default; label, colour, theme and scale are as in tags', async () => {
  const { get } = untouched
  const plain = (await get('/graph.svg?url=example.com')).body
  assert.match(titled(plain) ?? '', /in the last 30 days$/)
  assert.match(plain, /prefers-color-scheme:dark/)
  const own = await get(
    '/graph.svg?url=example.com&label=views&color=0969da&theme=light&scale=2&days=',
  )
  assert.match(titled(own.body) ?? '', /: 0 views/)
  assert.doesNotMatch(own.body, /prefers-color-scheme/)
  assert.match(own.body, /width="960"/)
  assert.notEqual(own.body, plain)
})

for (const [query, brief] of [
  ['url=example.com&days=0', 'bad days'],
  ['url=example.com&days=367', 'bad days'],
  ['url=example.com&days=1e2', 'bad days'],
  ['url=example.com&days=1&days=2', 'bad days'],
  ['url=example.com&tz=Nowhere', 'bad tz'],
  ['url=example.com&color=nocolour', 'bad color'],
  ['days=3', 'no url given'],
]) {
  test(`${query} is refused on a badge`, async () => {
    const { get } = untouched
    const { statusCode, body } = await get(`/graph.svg?${query}`)
    assert.equal(statusCode, 400)
    assert.equal(titled(body), `hits: ${brief}`)
  })
}

test('a sample card needs no page', async () => {
  const { get } = untouched
  const { body } = await get('/sample/graph.svg?days=7&count=5000')
  assert.match(titled(body) ?? '', /^example\.com\/my-page: 5,000 hits, \d+ in the last 7 days$/)
  assert.equal((await get('/sample/graph.svg?days=x')).statusCode, 400)
})
