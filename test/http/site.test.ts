import assert from 'node:assert/strict'
import test from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { build, FILE } from '../harness/app.ts'

const shared = await build(FILE, { KEEP_QUERY: 'id' })
const { get } = shared

for (const [accepts, encoding] of [
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0, gzip;q=0.5', 'gzip'],
  ['GZIP', 'gzip'],
  ['identity', undefined],
  ['', undefined],
] as const) {
  test(`pages and files are sent as ${encoding ?? 'they are'} to who accepts "${accepts}"`, async () => {
    for (const path of [
      '/',
      '/gallery',
      '/assets/home.js',
      '/assets/home.css',
      '/privacy',
      '/sample/looks.svg',
    ]) {
      const plain = await get(path)
      const { headers, rawPayload } = await get(path, { 'accept-encoding': accepts })
      assert.equal(headers['content-encoding'], encoding, path)
      assert.equal(headers.vary, 'Accept-Encoding', path)
      assert.equal(Number(headers['content-length']), rawPayload.length, path)
      const text =
        encoding === 'br'
          ? brotliDecompressSync(rawPayload)
          : encoding === 'gzip'
            ? gunzipSync(rawPayload)
            : rawPayload
      assert.equal(text.toString(), plain.body, path)
      if (encoding) assert.ok(rawPayload.length < plain.body.length / 2, path)
    }
  })
}

test('a browser that has the home page gets 304', async () => {
  const { headers } = await get('/')
  const again = await get('/', {
    'if-none-match': String(headers.etag),
    'accept-encoding': 'br',
  })
  assert.equal(again.statusCode, 304)
  assert.equal(again.body, '')
})

test('badges are not compressed, and cost nothing by it', async () => {
  const { headers } = await get('/count/tag.svg?url=example.com', { 'accept-encoding': 'br' })
  assert.equal(headers['content-encoding'], undefined)
})

test('a browser that opens no page gets one, with links that lead home; programs get a line', async () => {
  for (const [path, root] of [
    ['/nothing', './'],
    ['/a/b/nothing', '../../'],
  ] as const) {
    const page = await get(path, { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
    assert.equal(page.statusCode, 404)
    assert.match(String(page.headers['content-type']), /^text\/html/)
    assert.match(String(page.headers['content-security-policy']), /default-src 'none'/)
    assert.ok(page.body.includes(`href="${root}"`), path)
    assert.ok(page.body.includes(`href="${root}gallery"`), path)
    assert.match(page.body, new RegExp(`href="${root}assets/[0-9a-f]{16}/text.css"`))
    assert.equal((await get(path)).body, 'There is nothing here; the tag builder is at the root.\n')
  }
  const deep = await get(`/${'a/'.repeat(5000)}`, { accept: 'text/html' })
  assert.ok(deep.body.length < 20_000)
  const blocked = await build(FILE, { DENY_PAGES: '^example\\.com' })
  const refused = await blocked.get('/page?url=example.com', { accept: 'text/html' })
  assert.equal(refused.statusCode, 403)
  assert.match(refused.body, /This counter does not serve that page/)
})

test('/page shows all numbers of a page, counts nothing, and escapes what a stranger wrote', async (t) => {
  const { get, clock } = await build(t, { BADGE_LABEL: 'hits' })
  const shown = async (url: string) => (await get(`/page?url=${encodeURIComponent(url)}`)).body
  assert.match(await shown('example.com/größe'), /<dd>0<\/dd>/)
  for (let visit = 0; visit < 3; visit++) await get('/count?url=example.com/gr%C3%B6%C3%9Fe')
  await get('/count?url=example.com/gr%C3%B6%C3%9Fe', { 'user-agent': 'Googlebot/2.1' })
  clock.now += 3 * 86_400_000
  await get('/count?url=example.com/gr%C3%B6%C3%9Fe')
  const body = await shown('https://example.com/größe/')
  const numbers = [...body.matchAll(/<dd>(\d+)<\/dd>/g)].map(([, number]) => Number(number))
  assert.deepEqual(numbers, [4, 1, 4, 4, 1], 'in total, today, 7 and 30 days, robots')
  assert.match(body, /A robot that says so/)
  assert.ok(body.includes('href="https://example.com/gr%C3%B6%C3%9Fe"'))
  assert.ok(body.includes('>example.com/größe</a>'))
  assert.match(body, /graph\.svg\?url=example\.com/)
  const refused = await get('/page?url=%22%3E%3Cscript%3E')
  assert.equal(refused.statusCode, 400)
  assert.ok(refused.body.includes('value="&#34;&#62;&#60;script&#62;"'))
  assert.doesNotMatch(refused.body, /<script>/)
  assert.equal((await get('/page')).statusCode, 200)
  assert.match(await shown('a name'), /<span title="a%20name">a%20name<\/span>/)
})

test('/preview.json names all that is wrong, the page, and pages with a similar address', async () => {
  await get('/count?url=near.example')
  const read = async (query: string) => (await get(`/preview.json?${query}`)).json()
  assert.deepEqual(await read('url=https://www.near.example/?id=1&near=near.example&near=%3C'), {
    page: 'www.near.example?id=1',
    count: 0,
    near: [],
    wrong: [],
    follows: false,
  })
  const { near } = await read('url=https%3A%2F%2Fwww.near.example%2F&near=near.example&near=%3C')
  assert.deepEqual(near, [{ address: 'near.example', page: 'near.example', count: 1 }])
  const wrong = async (query: string) =>
    (await read(query)).wrong.map(({ name }: { name: string }) => name)
  assert.deepEqual(await wrong('url=%3C&radius=99&scale=x&period=never&tz=no'), [
    ...['url', 'radius', 'scale', 'period', 'tz'],
  ])
  assert.deepEqual(await wrong('period=7d&within=days=1'), ['period'])
  assert.deepEqual(await wrong('period=7d&show=today'), ['show'])
  assert.deepEqual(await wrong('show=9999-99-99'), ['show'])
  assert.deepEqual(await wrong(''), [])
  assert.equal((await read('face=lcd')).follows, true)
})

test('a fresh instance says what its lists will be', async (t) => {
  const fresh = await build(t)
  await fresh.get('/top.json')
  assert.match((await fresh.get('/')).body, /Nothing has been counted yet/)
  const without = await build(t, { TOP_HOSTS: '0', TOP_PAGES: '0' })
  await without.get('/top.json')
  assert.doesNotMatch((await without.get('/')).body, /Nothing has been counted yet/)
})

test('/logos.json names every logo, and /logos.svg draws those that are asked for', async () => {
  const list: string[][] = (await get('/logos.json')).json()
  assert.ok(list.length > 3000)
  assert.deepEqual(list.find(([slug]) => slug === 'nodedotjs')?.slice(0, 2), [
    'nodedotjs',
    'Node.js',
  ])
  const picture = await get('/logos.svg?names=nodedotjs,nothing,../a,github,GitHub,Node.js')
  assert.equal(picture.headers['content-type'], 'image/svg+xml')
  const views = [...picture.body.matchAll(/<view id="([^"]+)"/g)].map(([, id]) => id)
  assert.deepEqual(views, ['nodedotjs', 'github'])
  const all = list.map(([slug]) => slug).join(',')
  const most = await get(`/logos.svg?names=${all.slice(0, 5000)}`)
  assert.equal([...most.body.matchAll(/<view /g)].length, 24)
})

test('of many different texts at once, only some are compressed, and each is sent', async () => {
  const list: string[][] = (await get('/logos.json')).json()
  const names = list.slice(0, 200).map(([slug]) => slug)
  const requests = Array.from({ length: 150 }, (_, at) => names.slice(at, at + 24).join())
  const replies = await Promise.all(
    requests.map((slugs) => get(`/logos.svg?names=${slugs}`, { 'accept-encoding': 'gzip' })),
  )
  let characters = 0
  for (const [at, { headers, rawPayload }] of replies.entries()) {
    const isCompressed = headers['content-encoding'] === 'gzip'
    const text = (isCompressed ? gunzipSync(rawPayload) : rawPayload).toString()
    if (isCompressed) characters += text.length
    assert.equal([...text.matchAll(/<view id="([^"]+)"/g)].map(([, id]) => id).join(), requests[at])
  }
  assert.ok(characters > 0 && characters < 2_000_000, `${characters} were compressed`)
  const { headers } = await get('/logos.svg?names=github,npm', { 'accept-encoding': 'gzip' })
  assert.equal(headers['content-encoding'], 'gzip', 'afterwards')
})

test('the home page is always that of its address, of a named page, and of the newest lists', async (t) => {
  const { get, store, clock } = await build(t)
  await get('/top.json')
  const home = async (host: string, query = '') => (await get(`/${query}`, { host })).body
  const first = await home('a.example')
  assert.match(first, /http:\/\/a\.example/)
  assert.equal(await home('a.example'), first)
  const other = await home('b.example')
  assert.equal(other.replaceAll('b.example', 'a.example'), first)
  assert.notEqual(other, first)
  assert.notEqual(await home('a.example', '?url=c.example'), first)
  store.replica.top = async () => ({ hosts: [{ name: 'new.example', hits: 1 }], pages: [] })
  clock.now += 60_000
  await home('a.example')
  assert.match(await home('a.example'), /new\.example/)
})

test('the home page does not wait for its lists, and is there without them', async (t) => {
  const { get, store, clock } = await build(t)
  await get('/count?url=a.example')
  store.replica.top = () => new Promise(() => {})
  clock.now += 60_000
  assert.equal((await get('/')).statusCode, 200)
  store.replica.top = async () => {
    throw new Error('no')
  }
  assert.equal((await get('/')).statusCode, 200)
})
