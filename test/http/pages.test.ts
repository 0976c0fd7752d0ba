import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { SHELVES } from '../../src/badge/examples.ts'
import { PAGE_HEADERS } from '../../src/http/site/headers.ts'
import { build, FILE, freshLists, temporaryFolder } from '../harness/app.ts'

/** For tests that do not depend on visits. */
const shared = await build(FILE)

test('the home page names its files by a hash of them, and those are kept for a year', async () => {
  const { get } = shared
  const home = await get('/')
  assert.equal(home.headers['content-type'], 'text/html; charset=utf-8')
  assert.equal(home.headers['cache-control'], 'no-cache')
  const files = [...home.body.matchAll(/(?:src|href)="(assets\/[^"]+)"/g)].map(
    ([, file = '']) => file,
  )
  assert.ok(files.length >= 3)
  for (const file of files) {
    assert.match(file, /^assets\/[0-9a-f]{16}\/[\w.]+$/)
    const { statusCode, headers } = await get(`/${file}`)
    assert.equal(statusCode, 200, file)
    assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable', file)
  }
})

test('the same files under a plain name are kept for minutes', async () => {
  const { get } = shared
  const style = await get('/assets/base.css')
  assert.equal(style.headers['cache-control'], 'public, max-age=300')
  const again = await get('/assets/base.css', { 'if-none-match': String(style.headers.etag) })
  assert.equal(again.statusCode, 304)
  assert.equal((await get('/assets/0123456789abcdef/base.css')).statusCode, 404)
  assert.equal((await get('/assets/')).statusCode, 404)
})

test('the icon is found where browsers look for it, also under a prefix', async () => {
  const { get } = shared
  const { statusCode, headers } = await get('/favicon.ico')
  assert.equal(statusCode, 302)
  assert.match(String(headers.location), /^assets\/[0-9a-f]{16}\/icon\.svg$/)
  assert.equal((await get(`/${headers.location}`)).headers['content-type'], 'image/svg+xml')
})

test('crawlers are asked to leave the counting routes alone', async () => {
  const { get } = shared
  assert.equal((await get('/robots.txt')).body, 'User-agent: *\nDisallow: /count\n')
})

test('instance.json holds the settings that the page needs', async (t) => {
  const { get } = await build(t, {
    PUBLIC_URL: 'https://hits.example.org/',
    WINDOW_SECONDS: '60',
    KEEP_QUERY: 'id',
  })
  const { presets, options, ...instance } = (await get('/instance.json')).json()
  assert.equal(presets.length, 8)
  assert.deepEqual(options[0], {
    name: 'label',
    group: 'Text',
    field: { kind: 'text', most: 80 },
    wanted: 'text of at most 80 characters',
    examples: ['visits', ''],
  })
  assert.deepEqual(instance, {
    publicUrl: 'https://hits.example.org',
    windowSeconds: 60,
    keepQuery: ['id'],
    ownBadge: false,
    badge: { label: 'hits', color: '#2d880b', style: 'flat' },
    styles: ['flat', 'flat-square', 'plastic', 'for-the-badge', 'social'],
  })
})

test('the gallery needs no script, and every sample in it is drawn, on both grounds', async () => {
  const { get } = shared
  const { body, headers } = await get('/gallery')
  assert.equal(headers['content-type'], 'text/html; charset=utf-8')
  assert.equal(headers['cache-control'], 'no-cache')
  assert.equal(headers['content-security-policy'], PAGE_HEADERS['content-security-policy'])
  assert.match(body, /<title>Gallery: /)
  assert.doesNotMatch(
    body,
    /<script(?! type="module" src)|style="|\{\{|<!--|undefined|draws a badge of its own/,
  )
  const sources = [...body.matchAll(/<img src="(sample\/[^"]*)"/g)].map(([, source = '']) =>
    source.replaceAll('&#38;', '&'),
  )
  const samples = SHELVES.flatMap((shelf) => shelf.samples)
  assert.ok(sources.length > samples.length, 'dark only where it differs')
  for (const source of sources) {
    const { statusCode, body } = await get(`/${source}`)
    assert.equal(statusCode, 200, source)
    const [, total, part] = /: ([\d,]+) hits, ([\d,]+) in the last/.exec(body) ?? []
    if (source.includes('graph')) assert.ok(hits(total) >= hits(part), `${source} holds together`)
  }
  for (const { title } of SHELVES) assert.ok(body.includes(`>${title}</h2>`), title)
})

const hits = (told = '') => Number(told.replaceAll(',', ''))

const GROUNDS: [what: string, light: string, dark: string | null][] = [
  ['once, where it has one look', 'style=social', null],
  ['in a colour for each', 'color=4c1,2ea043&#38;theme=light', 'color=4c1,2ea043&#38;theme=dark'],
  ['as its viewer’s system would say', 'theme=light', 'theme=dark'],
]
for (const [what, light, dark] of GROUNDS) {
  test(`the gallery shows a badge ${what}`, async () => {
    const { body } = await shared.get('/gallery')
    const image = (query: string) => `<img src="sample/tag\\.svg\\?${query}"[^>]*></span>`
    const both = dark === null ? '</a>' : `<span class="ground dark">${image(dark)}</a>`
    assert.match(body, new RegExp(image(light) + both))
  })
}

test('the gallery links to the tag builder, without the number of a sample', async () => {
  const { get } = shared
  const { body } = await get('/gallery')
  assert.ok(body.includes('href="./?format=indian"'))
  assert.doesNotMatch(body, /href="[^"]*count=/)
  assert.ok(body.includes('href="./?days=90&#38;color=0969da,58a6ff&#38;image=card"'))
})

test("the gallery says where an operator's own badge is drawn", async (t) => {
  const template = '<svg xmlns="http://www.w3.org/2000/svg"><text>{count}</text></svg>'
  const { get } = await build(t, {}, template)
  assert.match((await get('/gallery')).body, /draws a badge of its own/)
})

test('the lists leave private and loopback hosts out by default', async (t) => {
  const hidden = [
    'localhost/a',
    'localhost:3000',
    'app.localhost',
    'printer.local',
    'wiki.internal',
    'shop.test',
    'router.lan',
    'nas.home.arpa',
    '127.0.0.1:8080',
    '10.1.2.3',
    '192.168.0.9/x',
    '172.16.0.1',
    '172.31.255.255',
    '169.254.1.1',
    '0.0.0.0',
    '[::1]:80',
    '[fd00::1]',
    '[fe80::1]',
  ]
  const shown = [
    'example.com',
    '172.32.0.1',
    '11.0.0.1',
    'localhost.example',
    '[2001:db8::1]',
    'my-page',
  ]
  for (const [env, expected] of [
    [{}, shown],
    [{ TOP_IGNORE: '', TOP_PAGES: '100' }, [...hidden, ...shown]],
  ] as const) {
    const built = await build(t, env)
    for (const page of [...hidden, ...shown]) await built.get(`/count?url=${page}`)
    const { pages } = await freshLists(built)
    const wanted = expected.map((page) => page.replace(':80', page.startsWith('[') ? '' : ':80'))
    assert.deepEqual(pages.map(({ name }) => name).sort(), [...wanted].sort())
  }
})

test('TOP_HOSTS and TOP_PAGES say how many are listed', async (t) => {
  const built = await build(t, { TOP_HOSTS: '1', TOP_PAGES: '0' })
  for (const page of ['a.example', 'b.example', 'b.example']) await built.get(`/count?url=${page}`)
  assert.deepEqual(await freshLists(built), {
    hosts: [{ name: 'b.example', hits: 2 }],
    pages: [],
  })
})

test('the lists are read once in 15 seconds for any number of requests, and again after a failure', async (t) => {
  const { get, clock, store } = await build(t)
  // The service has read them when it began to listen.
  await get('/top.json')
  clock.now += 15_000
  let reads = 0
  let last: Promise<unknown> = Promise.resolve()
  const { top } = store.replica
  store.replica.top = (query) => {
    reads += 1
    const read = top(query)
    last = read.then(() => nextTurn())
    return read
  }
  await Promise.all([get('/top.json'), get('/top.json'), get('/top.json')])
  await last
  clock.now += 14_999
  await get('/top.json')
  assert.equal(reads, 1)
  clock.now += 1
  await get('/top.json')
  assert.equal(reads, 2)
  await last
  store.replica.top = async () => {
    throw new Error('no')
  }
  clock.now += 15_000
  assert.equal((await get('/top.json')).statusCode, 200, 'the lists of before')
  assert.equal((await get('/top.json')).statusCode, 500)
  store.replica.top = top
  assert.equal((await get('/top.json')).statusCode, 200)
})

test('while the lists are read again, a request gets the cached ones at once', async (t) => {
  const built = await build(t)
  const { get, clock, store } = built
  await get('/count?url=a.example')
  const before = await freshLists(built)
  const goOn = Promise.withResolvers<void>()
  const { top } = store.replica
  let read: Promise<unknown> = Promise.resolve()
  store.replica.top = (query) => {
    const lists = goOn.promise.then(() => top(query))
    read = lists.then(() => nextTurn())
    return lists
  }
  await get('/count?url=a.example')
  clock.now += 15_000
  assert.deepEqual((await get('/top.json')).json(), before)
  goOn.resolve()
  await read
  const { hosts } = (await get('/top.json')).json()
  assert.deepEqual(hosts, [{ name: 'a.example', hits: 2 }])
})

test("the gallery shows an operator's own digits, if there are any", async (t) => {
  assert.doesNotMatch((await shared.get('/gallery')).body, /Digits of this counter/)
  const folder = join(temporaryFolder(t), 'neon')
  mkdirSync(folder)
  for (let digit = 0; digit < 10; digit++) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M${digit} 0h1v9"/></svg>`
    writeFileSync(join(folder, `${digit}.svg`), svg)
  }
  const { get } = await build(t, { FACES_DIR: folder })
  const { body } = await get('/gallery')
  assert.match(body, /Digits of this counter/)
  const [, address = ''] = /<img[^>]* src="(sample\/tag\.svg\?face=neon[^"]*)"/.exec(body) ?? []
  const badge = await get(`/${address.replaceAll('&#38;', '&')}`)
  assert.equal(badge.statusCode, 200)
  assert.match(badge.body, /M4 0h1v9/)
})
