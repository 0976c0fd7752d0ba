import assert from 'node:assert/strict'
import test from 'node:test'
import { Refusal } from '../../src/refusal.ts'
import type { Outcome } from '../../src/visit.ts'
import { build, cookieOf, FILE, type Scope, T0 } from '../harness/app.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0'
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
const CAMO = 'github-camo (0b06c4de)'
const PAGE = 'example.com/a'

interface Ask {
  headers?: Record<string, string>
  from?: string
  page?: string
  path?: string
}

/** A service, and a function that returns the outcome of a visit. */
async function setUp(t: Scope, env: Record<string, string> = {}) {
  const built = await build(t, env)
  async function ask({ headers = {}, from = '203.0.113.1', page = PAGE, path }: Ask = {}) {
    const answer = await built.app.inject({
      method: 'GET',
      url: `${path ?? '/count.json'}?url=${page}`,
      remoteAddress: from,
      headers: { 'user-agent': FIREFOX, ...headers },
    })
    return { answer, body: answer.json(), cookie: cookieOf(answer) }
  }
  const outcome = async (given: Ask = {}): Promise<Outcome> => (await ask(given)).body.outcome
  const number = async (page = PAGE) => Number((await built.get(`/nocount?url=${page}`)).body)
  return { ...built, ask, outcome, number }
}

// Requests that lead to each outcome. If two apply, the first in the order of outcomes wins.
const ORDER: Outcome[] = ['read', 'excluded', 'bot', 'repeat', 'limited', 'counted']
const MAKES: Record<string, Record<string, string>> = {
  read: { 'sec-purpose': 'prefetch' },
  excluded: { cookie: 'tm_me=off' },
  bot: { 'user-agent': GOOGLEBOT },
  repeat: {},
  limited: {},
  counted: {},
}
const limited = await setUp(FILE, { LIMIT_PER_ADDRESS: '1' })
for (const [at, first] of ORDER.entries()) {
  for (const [after, second] of ORDER.slice(at).entries()) {
    test(`if ${first} and ${second} both apply, the outcome is ${first}`, async () => {
      const { ask, number } = limited
      // No other test uses these pages and addresses.
      const page = `${first}.example/${second}`
      const from = `203.0.113.${10 * at + after}`
      const live = await ask({ page, from: `198.51.100.${10 * at + after}` })
      const both = [first, second]
      // The limit of this address is used up on another page.
      if (both.includes('limited')) await ask({ page: `${page}/other`, from })
      const cookies = [
        both.includes('excluded') && 'tm_me=off',
        both.includes('repeat') && live.cookie,
      ].filter(Boolean)
      const headers = {
        ...MAKES[first],
        ...MAKES[second],
        ...(cookies.length > 0 && { cookie: cookies.join('; ') }),
      }
      const { body, answer } = await ask({ page, from, headers })
      assert.equal(body.outcome, first)
      assert.equal(body.counted, first === 'counted')
      assert.equal(body.count, first === 'counted' ? 2 : 1, 'the number is shown all the same')
      assert.equal(await number(page), body.count)
      assert.equal(answer.headers['set-cookie'] !== undefined, first === 'counted')
    })
  }
}

test('robots count if the setting says so, and words exclude more user agents', async (t) => {
  const strict = await setUp(t, { UNTRACKED_AGENTS: 'uptime, SYNTHETIC' })
  assert.equal(await strict.outcome({ headers: { 'user-agent': GOOGLEBOT } }), 'bot')
  assert.equal(await strict.outcome({ headers: { 'user-agent': 'My-UpTime/2' } }), 'excluded')
  const camo = { 'user-agent': `${CAMO} synthetic` }
  assert.equal(await strict.outcome({ headers: camo }), 'excluded')
  assert.equal(await strict.outcome({ headers: { 'user-agent': CAMO } }), 'counted')
  assert.equal(await strict.outcome({ headers: { 'user-agent': 'curl/8.9.1' } }), 'counted')
  const open = await setUp(t, { BOTS: 'count', UNTRACKED_AGENTS: 'uptime' })
  assert.equal(await open.outcome({ headers: { 'user-agent': GOOGLEBOT } }), 'counted')
  assert.equal(await open.outcome({ headers: { 'user-agent': 'uptime' } }), 'excluded')
})

test('excluded addresses see the number, and do not change it', async (t) => {
  const { ask, outcome } = await setUp(t, { EXCLUDE_ADDRESSES: '192.0.2.0/24, 2001:db8::/32' })
  assert.equal(await outcome(), 'counted')
  for (const from of ['192.0.2.200', '::ffff:192.0.2.200', '2001:db8:1::1']) {
    const { body } = await ask({ from })
    assert.deepEqual([body.outcome, body.count], ['excluded', 1], from)
    assert.match(body.message, /from this address/)
  }
  assert.equal(await outcome({ from: '192.0.3.1' }), 'counted')
})

test('behind a trusted proxy it is the visitor’s address that is excluded', async (t) => {
  const { outcome } = await setUp(t, { EXCLUDE_ADDRESSES: '192.0.2.0/24', TRUST_PROXY: 'loopback' })
  const through = (visitor: string) => ({
    from: '127.0.0.1',
    headers: { 'x-forwarded-for': visitor },
  })
  assert.equal(await outcome(through('192.0.2.1')), 'excluded')
  assert.equal(await outcome(through('192.0.2.1:4711')), 'excluded')
  assert.equal(await outcome(through('198.51.100.1')), 'counted')
  assert.equal(await outcome({ headers: { 'x-forwarded-for': '192.0.2.1' } }), 'counted', 'forged')
  assert.equal(await outcome(through('<script>')), 'counted', 'garbage is nobody')
})

test('untracked pages are shown and never counted: pages with those below them, and patterns', async (t) => {
  const { outcome, number } = await setUp(t, {
    UNTRACKED_PAGES: 'https://Example.com/drafts/, /\\.local(\\/|$)/',
  })
  const pages: [page: string, outcome: Outcome][] = [
    ['example.com/drafts', 'excluded'],
    ['example.com/drafts/', 'excluded'],
    ['example.com/drafts/one', 'excluded'],
    ['example.com/drafts2', 'counted'],
    ['example.com', 'counted'],
    ['notexample.com/drafts', 'counted'],
    ['box.local/x', 'excluded'],
    ['box.localhost/x', 'counted'],
  ]
  for (const [page, expected] of pages) {
    assert.equal(await outcome({ page }), expected, page)
    assert.equal(await number(page), expected === 'counted' ? 1 : 0, page)
  }
})

test('banned addresses are answered 403, whatever they ask for', async (t) => {
  const { app, number } = await setUp(t, { BAN_ADDRESSES: '192.0.2.0/24' })
  const paths = [
    '/',
    '/count?url=a',
    '/count/tag.svg?url=a',
    '/nothing',
    '/healthz',
    '/me',
    '/top.json',
  ]
  for (const url of [...paths, '/assets/base.css', '/count/%zz', '/why.json', '/privacy']) {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE'] as const) {
      const answer = await app.inject({ method, url, remoteAddress: '192.0.2.9' })
      assert.equal(answer.statusCode, 403, `${method} ${url}`)
    }
    const other = await app.inject({ method: 'GET', url, remoteAddress: '192.0.3.9' })
    assert.notEqual(other.statusCode, 403, url)
  }
  const badge = await app.inject({ url: '/count/tag.svg?url=a', remoteAddress: '192.0.2.9' })
  assert.match(badge.body, /hits: banned/)
  const json = await app.inject({ url: '/count.json?url=a', remoteAddress: '192.0.2.9' })
  assert.deepEqual(json.json(), {
    error: { code: 'banned', message: 'This counter does not answer your address.' },
  })
  assert.equal(await number('a'), 2, 'the other address alone counted')
})

test('behind a trusted proxy it is the visitor’s address that is banned', async (t) => {
  const { app } = await setUp(t, { BAN_ADDRESSES: '192.0.2.0/24', TRUST_PROXY: 'loopback' })
  const status = async (visitor: string) => {
    const headers = { 'x-forwarded-for': visitor }
    return (await app.inject({ url: '/active', headers })).statusCode
  }
  assert.deepEqual([await status('192.0.2.1'), await status('192.0.3.1')], [403, 200])
})

test('an address may have a limited number of live visits, and another when one has ended', async (t) => {
  const { ask, outcome, clock } = await setUp(t, { LIMIT_PER_ADDRESS: '2' })
  const page = (number: number) => ({ page: `example.com/${number}` })
  assert.equal(await outcome(page(1)), 'counted')
  clock.now += 100_000
  assert.equal(await outcome(page(2)), 'counted')
  clock.now += 50_500
  const third = await ask(page(3))
  assert.equal(third.body.outcome, 'limited')
  assert.match(third.body.message, /the first of them ends in 149 s\.$/)
  assert.equal(third.body.count, 0)
  assert.equal(await outcome({ ...page(3), from: '203.0.113.2' }), 'counted', 'another address')
  assert.equal(await outcome({ ...page(3), from: '::ffff:203.0.113.2' }), 'counted')
  assert.equal(await outcome({ ...page(3), from: '::ffff:203.0.113.2' }), 'limited')
  clock.now += 149_499
  assert.equal(await outcome(page(3)), 'limited')
  clock.now += 1
  assert.equal(await outcome(page(3)), 'counted', 'the first has ended')
  assert.equal(await outcome(page(4)), 'limited')
})

test('an address may have a limited number of live visits on one page, and as many on another', async (t) => {
  const { ask, outcome, clock } = await setUp(t, {
    LIMIT_PER_ADDRESS_AND_PAGE: '2',
    LIMIT_PER_ADDRESS: '5',
  })
  const outcomes: unknown[] = []
  for (const at of [1, 1, 1, 2, 2, 2, 3, 4]) {
    outcomes.push(await outcome({ page: `example.com/${at}` }))
    clock.now += 10_000
  }
  const [yes, no] = ['counted', 'limited']
  assert.deepEqual(
    outcomes,
    [yes, yes, no, yes, yes, no, yes, no],
    'the last one is the sixth in all',
  )
  assert.equal(await outcome({ page: 'example.com/1', from: '203.0.113.2' }), 'counted')
  // Both limits end at 300 s; the message names the later one.
  const { body } = await ask({ page: 'example.com/2' })
  assert.match(body.message, /ends in 250 s\.$/)
  clock.now += 220_000
  assert.equal(await outcome({ page: 'example.com/1' }), 'counted', 'the first has ended')
  assert.equal(await outcome({ page: 'example.com/1' }), 'limited')
})

test('the outcome is a repeat even if the limit is reached too', async (t) => {
  const { ask, clock } = await setUp(t, { LIMIT_PER_ADDRESS: '2', WITHOUT_COOKIE: 'fingerprint' })
  await ask({ page: 'example.com/other' })
  clock.now += 100_000
  await ask()
  clock.now += 40_000
  const { body } = await ask()
  assert.equal(body.outcome, 'repeat')
  assert.match(body.message, /last visit is 40 s old/)
})

test('image proxies have no limit, and neither have browsers that ask for privacy', async (t) => {
  const { outcome } = await setUp(t, { LIMIT_PER_ADDRESS: '1' })
  for (const headers of [{ 'user-agent': CAMO }, { 'sec-gpc': '1' }, { dnt: '1' }]) {
    for (let times = 0; times < 3; times++) assert.equal(await outcome({ headers }), 'counted')
  }
  assert.equal(await outcome(), 'counted', 'none of them used it up')
  assert.equal(await outcome(), 'limited')
})

for (const name of ['LIMIT_PER_ADDRESS', 'LIMIT_PER_ADDRESS_AND_PAGE'])
  test(`${name}: of many visits at once, only as many as the limit allows count`, async (t) => {
    const { ask, number } = await setUp(t, { [name]: '3' })
    const asked = await Promise.all(Array.from({ length: 20 }, () => ask()))
    const outcomes = asked.map(({ body }) => body.outcome)
    assert.equal(outcomes.filter((outcome) => outcome === 'counted').length, 3)
    assert.equal(outcomes.filter((outcome) => outcome === 'limited').length, 17)
    assert.equal(await number(), 3)
  })

test('a visit that could not be stored does not count towards a limit', async (t) => {
  const env = {
    LIMIT_PER_ADDRESS: '1',
    LIMIT_PER_ADDRESS_AND_PAGE: '1',
    WITHOUT_COOKIE: 'fingerprint',
  }
  const { ask, outcome, store } = await setUp(t, env)
  const { count } = store
  store.count = async () => {
    throw new Refusal('unavailable', 'try again soon', 'No.')
  }
  for (let times = 0; times < 3; times++) assert.equal((await ask()).answer.statusCode, 503)
  store.count = count
  assert.equal(await outcome(), 'counted')
  assert.equal(await outcome(), 'repeat')
})

test('without a cookie each visit counts, or a browser is recognised for a window', async (t) => {
  const counting = await setUp(t)
  for (let times = 0; times < 3; times++) assert.equal(await counting.outcome(), 'counted')
  const { ask, outcome, clock } = await setUp(t, { WITHOUT_COOKIE: 'fingerprint' })
  assert.equal(await outcome(), 'counted')
  clock.now += 60_000
  const again = await ask()
  assert.equal(again.body.outcome, 'repeat')
  assert.equal(
    again.body.message,
    "Not counted: this browser's last visit is 60 s old; visits count again after 300 s.",
  )
  assert.equal(await outcome({ page: 'example.com/b' }), 'counted', 'another page')
  assert.equal(await outcome({ from: '203.0.113.2' }), 'counted', 'another address')
  assert.equal(await outcome({ headers: { 'user-agent': 'curl/8' } }), 'counted', 'another agent')
  clock.now += 239_999
  assert.equal(await outcome(), 'repeat')
  clock.now += 1
  assert.equal(await outcome(), 'counted', 'the window has ended')
})

test('no site can find out whether a browser without a cookie has seen a page of another site', async (t) => {
  const { outcome } = await setUp(t, { WITHOUT_COOKIE: 'fingerprint' })
  const from = (referer: string) => ({ headers: { referer } })
  assert.equal(await outcome(from('https://example.com/')), 'counted')
  assert.equal(await outcome(from('https://example.com/a?b')), 'repeat', 'one site')
  assert.equal(
    await outcome(from('https://evil.example/')),
    'counted',
    'as if nobody had been here',
  )
  assert.equal(await outcome(), 'counted')
  assert.equal(await outcome(from('no address')), 'repeat', 'none either')
  assert.equal(await outcome(from('http://localhost:3000/')), 'counted')
  assert.equal(await outcome(from('http://localhost:4000/')), 'counted', 'two sites')
})

test('of visits at once from one browser without a cookie, one counts', async (t) => {
  const { ask, number } = await setUp(t, { WITHOUT_COOKIE: 'fingerprint' })
  await Promise.all(Array.from({ length: 20 }, () => ask()))
  assert.equal(await number(), 1)
})

test('image proxies are not recognised, and neither are browsers that ask for privacy', async (t) => {
  const { outcome } = await setUp(t, { WITHOUT_COOKIE: 'fingerprint' })
  for (const headers of [{ 'user-agent': CAMO }, { 'sec-gpc': '1' }, { dnt: '1' }]) {
    for (let times = 0; times < 3; times++) assert.equal(await outcome({ headers }), 'counted')
  }
})

for (const header of ['sec-gpc', 'dnt']) {
  test(`${header}: 1 counts, and leaves no cookie and no token; other values change nothing`, async (t) => {
    const { ask, databaseFile, store } = await setUp(t)
    const { body, answer } = await ask({ headers: { [header]: '1' } })
    assert.equal(body.outcome, 'counted')
    assert.equal(answer.headers['set-cookie'], undefined)
    const { default: Database } = await import('better-sqlite3')
    const database = new Database(databaseFile, { readonly: true })
    t.after(() => database.close())
    assert.equal(database.prepare('select count(*) from token').pluck().get(), 0)
    const plain = await ask({ headers: { [header]: '0' } })
    assert.match(plain.cookie, /^tm_/)
    // A cookie from before is still accepted: it contains nothing new.
    const repeat = await ask({ headers: { [header]: '1', cookie: plain.cookie } })
    assert.equal(repeat.body.outcome, 'repeat')
    await store.ping()
  })
}

test('a delayed visit from before midnight does not bring back the old day', async (t) => {
  const { outcome, clock } = await setUp(t, { WITHOUT_COOKIE: 'fingerprint' })
  const midnight = T0 + 12 * 3_600_000
  clock.now = midnight + 5
  assert.equal(await outcome(), 'counted')
  clock.now = midnight - 1
  assert.equal(await outcome(), 'repeat')
  clock.now = midnight - 86_400_001
  assert.equal(await outcome(), 'counted', 'but a clock that was set back by days does')
})

test('at midnight UTC the key is replaced, and all visitors are forgotten', async (t) => {
  const env = { WITHOUT_COOKIE: 'fingerprint', LIMIT_PER_ADDRESS: '1' }
  const { outcome, clock } = await setUp(t, env)
  clock.now = T0 + 12 * 3_600_000 - 1000
  assert.equal(await outcome(), 'counted')
  assert.equal(await outcome(), 'repeat')
  clock.now += 1000
  assert.equal(await outcome(), 'counted')
})

test('hashes are removed at the end of the window, even without further visits', async (t) => {
  const env = { WITHOUT_COOKIE: 'fingerprint', LIMIT_PER_ADDRESS: '5' }
  const { outcome, recognition, clock } = await setUp(t, env)
  assert.equal(await outcome(), 'counted')
  recognition.sweep(clock.now + 299_999)
  assert.equal(await outcome(), 'repeat')
  recognition.sweep(clock.now + 300_000)
  assert.equal(await outcome(), 'counted', 'as if nobody had been here')
})

test('no hash is made of visits that cannot count', async (t) => {
  const env = { WITHOUT_COOKIE: 'fingerprint', EXCLUDE_ADDRESSES: '192.0.2.1' }
  const { ask, recognition } = await setUp(t, env)
  const recognise = t.mock.method(recognition, 'recognise')
  await ask({ headers: { 'user-agent': GOOGLEBOT } })
  await ask({ from: '192.0.2.1' })
  await ask({ path: '/nocount.json' })
  assert.equal(recognise.mock.callCount(), 0)
})

test('after the clock is set back, no visitor is blocked for longer than a window', async (t) => {
  const { outcome, clock } = await setUp(t, { WITHOUT_COOKIE: 'fingerprint' })
  clock.now = T0 + 3_600_000
  assert.equal(await outcome(), 'counted')
  clock.now = T0
  assert.equal(await outcome(), 'counted')
  assert.equal(await outcome(), 'repeat')
  clock.now += 300_000
  assert.equal(await outcome(), 'counted')
})
