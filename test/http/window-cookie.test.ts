import assert from 'node:assert/strict'
import test from 'node:test'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { normalizePage } from '../../src/page.ts'
import { cookieName, formatToken, parseToken } from '../../src/token.ts'
import { build, cookieOf, FILE } from '../harness/app.ts'

const shared = await build(FILE)
const cases: [
  what: string,
  env: Record<string, string> | null,
  headers: Record<string, string>,
  wanted: RegExp,
][] = [
  ['plain HTTP', null, { host: 'hits.example.org' }, /; HttpOnly; SameSite=Lax$/],
  [
    'http://localhost',
    null,
    { host: 'localhost:8080' },
    /; HttpOnly; Secure; Partitioned; SameSite=None$/,
  ],
  [
    'http://app.localhost',
    null,
    { host: 'app.localhost' },
    /; Secure; Partitioned; SameSite=None$/,
  ],
  ['a host that only begins so', null, { host: 'localhost.example.org' }, /; SameSite=Lax$/],
  [
    'HTTPS that a proxy tells of, not trusted',
    null,
    { host: 'hits.example.org', 'x-forwarded-proto': 'https' },
    /; SameSite=Lax$/,
  ],
  [
    'HTTPS that a trusted proxy tells of',
    { TRUST_PROXY: 'loopback' },
    { host: 'hits.example.org', 'x-forwarded-proto': 'https' },
    /; HttpOnly; Secure; Partitioned; SameSite=None$/,
  ],
  [
    'HTTPS that an untrusted address tells of',
    { TRUST_PROXY: '10.0.0.0/8' },
    { host: 'hits.example.org', 'x-forwarded-proto': 'https' },
    /; SameSite=Lax$/,
  ],
  [
    'HTTP behind a trusted proxy',
    { TRUST_PROXY: 'true' },
    { host: 'hits.example.org', 'x-forwarded-proto': 'http' },
    /; SameSite=Lax$/,
  ],
]
for (const [what, env, headers, wanted] of cases) {
  test(`the cookie over ${what}`, async (t) => {
    const { get } = env === null ? shared : await build(t, env)
    const { headers: answered } = await get('/count?url=example.com', headers)
    const cookie = String(answered['set-cookie'])
    assert.match(cookie, /^tm_[\w-]{16}=\d+\.[0-9A-Za-z]{12}; Max-Age=300; Path=\/; HttpOnly/)
    assert.match(cookie, wanted)
  })
}

test('a page has a cookie of its own, and its value is random', async (t) => {
  const { get } = await build(t, { TOKEN_LENGTH: '30', WINDOW_SECONDS: '60' })
  const a = await get('/count?url=example.com/a')
  const b = await get('/count?url=example.com/b')
  const a2 = await get('/count?url=https://EXAMPLE.com/a/')
  const name = (response: typeof a) => cookieOf(response).split('=')[0]
  const secret = (response: typeof a) => cookieOf(response).split('.')[1]
  assert.equal(name(a), name(a2))
  assert.notEqual(name(a), name(b))
  assert.equal(new Set([a, b, a2].map(secret)).size, 3)
  assert.equal(secret(a)?.length, 30)
  assert.match(String(a.headers['set-cookie']), /Max-Age=60/)
})

test('a cookie that is forged, expired, of another page, too long or repeated is no cookie', async (t) => {
  const { get, clock } = await build(t)
  const own = cookieOf(await get('/count?url=example.com/a'))
  const [name = '', value = ''] = own.split('=')
  const [id, secret = ''] = value.split('.')
  const other = cookieOf(await get('/count?url=example.com/b')).split('=')[1]
  const forged: [what: string, cookie: string][] = [
    ['another secret', `${name}=${id}.${'x'.repeat(secret.length)}`],
    ['a secret of another case', `${name}=${id}.${[...secret].reverse().join('')}`],
    ['a part of the secret', `${name}=${id}.${secret.slice(0, -1)}`],
    ['more than the secret', `${name}=${id}.${secret}x`],
    ['another row', `${name}=${Number(id) + 1}.${secret}`],
    ['a row that is not there', `${name}=999999999.${secret}`],
    ['a row out of range', `${name}=99999999999999999999.${secret}`],
    ['a negative row', `${name}=-1.${secret}`],
    ['SQL', `${name}=1 OR 1=1.${secret}`],
    ['no secret', `${name}=${id}.`],
    ['no id', `${name}=.${secret}`],
    ['an expiry, as hit-counter had it', `${name}=99999999999.9`],
    ["another page's token", `${name}=${other}`],
    ["another page's name", `tm_AAAAAAAAAAAAAAAA=${value}`],
    ['8 kB', `${name}=${'9'.repeat(8000)}.${secret}`],
    ['8 kB of rubbish', `${';=,"\\ %'.repeat(1000)}`],
    ['200 wrong ones', Array(200).fill(`${name}=${id}.forgedforged`).join('; ')],
    ['NUL', `${name}=${id}.\u0001${secret}`],
    ['percent-encoding', `${name}=${id}%2E${secret.slice(0, -1)}%`],
  ]
  let count = 1
  for (const [what, cookie] of forged) {
    const answer = await get('/count?url=example.com/a', { cookie })
    assert.equal(answer.statusCode, 200, what)
    assert.equal(answer.body, String(++count), `${what} is a new visit`)
  }
  const repeated = Array(200).fill(own).join('; ')
  assert.equal((await get('/count?url=example.com/a', { cookie: repeated })).body, String(count))
  const among = `a=b; ${other}; ${own}; tm_x=1`
  assert.equal((await get('/count?url=example.com/a', { cookie: among })).body, String(count))
  clock.now += 300_000
  const expired = await get('/count?url=example.com/a', { cookie: own })
  assert.equal(expired.body, String(count + 1), 'an expired token is a new visit')
})

test('of several cookies of one name, one that holds keeps a reload from counting', async (t) => {
  const { get } = await build(t)
  const own = cookieOf(await get('/count?url=example.com/a'))
  const [name = '', value = ''] = own.split('=')
  const old = cookieOf(await get('/count?url=example.com/a'))
  const forged = `${name}=1.forgedforged`
  const orders: [what: string, cookie: string][] = [
    ['a forged one first', `${forged}; ${own}`],
    ['a forged one last', `${own}; ${forged}`],
    ['three forged ones first', `${Array(3).fill(forged).join('; ')}; ${own}`],
    ['one that is no token, and one without a value', `${name}=x; ${name}=; ${own}`],
    ['a hundred that are no tokens', `${Array(100).fill(`${name}=x`).join('; ')}; ${own}`],
    ['without spaces', `a=b;${forged};${own};c=d`],
    ['with more spaces', `  ${forged} ;   ${own}  `],
    ['two that hold', `${old}; ${own}`],
  ]
  for (const [what, cookie] of orders) {
    const answer = await get('/count.json?url=example.com/a', { cookie })
    assert.deepEqual([answer.json().outcome, answer.json().count], ['repeat', 2], what)
  }
  const others: [what: string, cookie: string][] = [
    ['the end of another name', `x${own}`],
    ['a part of a value', `a=b ${own}`],
    ['only forged ones', Array(200).fill(forged).join('; ')],
    ['quotes', `${name}="${value}"`],
  ]
  for (const [at, [what, cookie]] of others.entries()) {
    const answer = await get('/count.json?url=example.com/a', { cookie })
    assert.deepEqual([answer.json().outcome, answer.json().count], ['counted', 3 + at], what)
  }
})

test('WINDOW_SECONDS=0 counts every visit and sets no cookie', async (t) => {
  const { get } = await build(t, { WINDOW_SECONDS: '0' })
  const first = await get('/count?url=example.com')
  assert.equal(first.headers['set-cookie'], undefined)
  const cookie = 'tm_o3mm9u6vuaVeN4wR=1.aaaaaaaaaaaa'
  assert.equal((await get('/count?url=example.com', { cookie })).body, '2')
})

test('the stored data of visits link no two pages, and hold nothing about visitors', async (t) => {
  const { get, databaseFile } = await build(t)
  const headers = {
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0 Zebra/7',
    referer: 'https://referrer.example/from',
    'x-forwarded-for': '203.0.113.7',
  }
  await get('/count?url=example.com/a', headers)
  const { headers: answered } = await get('/count?url=example.com/b', headers)
  assert.ok(answered['set-cookie'])
  const database = new Database(databaseFile, { readonly: true })
  t.after(() => database.close())
  const tables = database
    .prepare("select name from sqlite_master where type = 'table'")
    .pluck()
    .all()
  const dump = JSON.stringify(
    tables.map((name) => database.prepare(`select * from "${name}"`).all()),
  )
  assert.match(dump, /example\.com\/a/)
  for (const secret of ['Zebra', 'referrer', '203.0.113', '127.0.0.1']) {
    assert.ok(!dump.includes(secret), `${secret} is not stored`)
  }
  assert.deepEqual(
    database
      .prepare('select * from token')
      .columns()
      .map(({ name }) => name),
    ['id', 'page_id', 'secret', 'ends_at'],
  )
})

test('any value of a cookie is either a token, exactly as it was written, or not one', () => {
  const value = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('1', '0', '.', 'a', 'Z', ' ', '-') }),
    fc.tuple(fc.nat(), fc.stringMatching(/^[0-9A-Za-z]{8,64}$/)).map((parts) => parts.join('.')),
  )
  fc.assert(
    fc.property(value, (text) => {
      const token = parseToken(text)
      if (token === null) return
      assert.ok(Number.isSafeInteger(token.id) && token.id >= 0)
      assert.match(text, new RegExp(`^0*${token.id}\\.${token.secret}$`))
    }),
    { numRuns: 2000 },
  )
})

test('WINDOW_SECONDS=0 counts a browser whose window was open before', async (t) => {
  const { get, store, clock } = await build(t, { WINDOW_SECONDS: '0' })
  const key = normalizePage('example.com')
  const window = { secret: 'secretsecret', endsAt: clock.now + 60_000 }
  const { token } = await store.count({ page: key, at: clock.now, window })
  assert.ok(token)
  const cookie = `${cookieName(key)}=${formatToken(token)}`
  assert.equal((await get('/count?url=example.com', { cookie })).body, '2')
})
