import assert from 'node:assert/strict'
import test from 'node:test'
import { hourOf } from '../../../src/time.ts'
import { ADMIN, BEARER, signIn } from '../../harness/administration.ts'
import { build, FILE, freshLists, readCount } from '../../harness/app.ts'
import { until } from '../../harness/until.ts'

const shared = await build(FILE, { ...ADMIN, DENY_PAGES: '^denied\\.example' })
const { app, store, get, clock } = shared
const browser = await signIn(shared)

const API = '/api/v1/admin'
const read = (path: string) => get(`${API}${path}`, BEARER)
const send = (path: string, payload: object) =>
  app.inject({ method: 'POST', url: `${API}${path}`, payload, headers: BEARER })
const from = (remoteAddress: string, url = '/count?url=example.com/r') =>
  app.inject({ method: 'GET', url, remoteAddress })

test('programs add and remove rules, which hold at once', async () => {
  const added = await send('/rules', {
    rules: [
      { kind: 'ban', pattern: '192.0.2.7' },
      { kind: 'exclude', pattern: '198.51.100.0/24', endsAt: clock.now + 60_000 },
    ],
    reason: 'spam',
  })
  assert.equal(added.statusCode, 200, added.body)
  const { rules } = added.json()
  assert.deepEqual(
    rules.map(({ kind, actor, reason }: Record<string, string>) => [kind, actor, reason]),
    [
      ['ban', 'ADMIN_TOKEN', 'spam'],
      ['exclude', 'ADMIN_TOKEN', 'spam'],
    ],
  )
  assert.equal((await from('192.0.2.7')).statusCode, 403)
  assert.equal((await from('192.0.2.8')).statusCode, 200)
  assert.equal(
    (await from('198.51.100.9', '/count.json?url=example.com/r')).json().outcome,
    'excluded',
  )
  const all = (await read('/rules')).json()
  assert.equal(all.rules.length, 2)
  assert.deepEqual(all.settings, [
    { kind: 'deny-page', pattern: '^denied\\.example', setting: 'DENY_PAGES' },
  ])
  const ids = rules.map(({ id }: { id: number }) => id)
  assert.equal((await send('/rules/remove', { ids: [...ids, 999] })).json().code, 'no_such_entry')
  assert.equal((await from('192.0.2.7')).statusCode, 403, 'all or none')
  assert.equal((await send('/rules/remove', { ids })).statusCode, 200)
  assert.equal((await from('192.0.2.7')).statusCode, 200)
})

test('a rule that would ban everyone is refused, and one that bans the operator is asked again', async () => {
  const before = await store.admin.versions()
  const rule = (pattern: string, more: object = {}) =>
    send('/rules', { rules: [{ kind: 'ban', pattern }], ...more })
  for (const pattern of ['0.0.0.0/0', '::/0', 'x', '1.2.3.4/33']) {
    const refused = await rule(pattern, { confirm: true })
    assert.equal(refused.statusCode, 400, pattern)
    assert.equal(refused.json().code, 'bad_rule')
  }
  const own = await rule('127.0.0.0/8')
  assert.equal(own.json().code, 'bad_rule')
  assert.match(own.json().detail, /your own address.*"confirm": true/s)
  const form = { action: 'add', kind: 'ban', pattern: '127.0.0.1', back: 'lists' }
  const asked = await browser.post('rules', form)
  assert.equal(asked.statusCode, 200)
  assert.match(asked.body, /your own address/)
  assert.match(asked.body, /name="confirm"/)
  assert.deepEqual(await store.admin.versions(), before)
})

test('a rule that bans the proxy in front of the service is asked again', async (t) => {
  const { app } = await build(t, { ...ADMIN, TRUST_PROXY: '192.0.2.0/24' })
  const ban = (pattern: string, address: string) =>
    app.inject({
      method: 'POST',
      url: `${API}/rules`,
      payload: { rules: [{ kind: 'ban', pattern }] },
      headers: { ...BEARER, 'x-forwarded-for': '198.51.100.1' },
      remoteAddress: address,
    })
  for (const pattern of ['192.0.2.7', '192.0.0.0/16']) {
    const asked = await ban(pattern, '192.0.2.7')
    assert.equal(asked.statusCode, 400, pattern)
    assert.match(asked.json().detail, /192\.0\.2\.7, the address of the proxy.*"confirm": true/s)
  }
  assert.match((await ban('198.51.100.0/24', '192.0.2.7')).json().detail, /your own address/)
  assert.equal((await ban('192.0.2.7', '192.0.2.8')).statusCode, 200)
})

test('an end that is not a whole number is refused in words', async () => {
  const ban = { kind: 'ban', pattern: '192.0.2.19', endsAt: clock.now + 1.5 }
  assert.equal(
    (await send('/rules', { rules: [ban] })).json().detail,
    'rules[0].endsAt must be a whole number, or null.',
  )
})

test('a form adds a rule with an end, and removes it', async () => {
  const add = (fields: Record<string, string>) =>
    browser.post('rules', { action: 'add', kind: 'ban', back: 'lists', ...fields })
  const added = await add({ pattern: '192.0.2.20', ends: '2026-02-01', reason: 'spam' })
  assert.match(String(added.headers.location), /^lists\?done=add-rule&said=/)
  const told = (await browser.get(`/admin/${added.headers.location}`)).body
  assert.match(told, /192\.0\.2\.20 is banned until 2026-02-01 00:00 UTC\./)
  assert.match(told, /192\.0\.2\.20<\/bdi><\/code> <b class="mark">new</)
  const again = await add({ pattern: '192.0.2.20' })
  assert.equal(again.statusCode, 200)
  assert.match(again.body, /192\.0\.2\.20 is on the list already, until 2026-02-01 00:00 UTC/)
  await add({ pattern: '192.0.2.21', ends: '2026-02-01T13:30' })
  const { rules } = await store.admin.rules(clock.now)
  assert.deepEqual(
    rules.map(({ pattern, endsAt }) => [pattern, endsAt]),
    [
      ['192.0.2.20', Date.UTC(2026, 1, 1)],
      ['192.0.2.21', Date.UTC(2026, 1, 1, 13, 30)],
    ],
  )
  for (const wrong of [
    { pattern: '192.0.2.22', ends: 'tomorrow' },
    { pattern: '192.0.2.22', ends: '2026-13-01' },
    { pattern: '192.0.2.22', ends: '2026-02-31' },
    { pattern: '192.0.2.22', ends: '2026-02-30T12:00' },
    { pattern: '192.0.2.22', ends: '2020-01-01' },
    { pattern: '' },
    { pattern: 'x'.repeat(1001), kind: 'untracked-agent' },
    { pattern: 'a\u0000bc', kind: 'untracked-agent' },
    { pattern: '192.0.2.22', kind: 'other' },
    { pattern: '192.0.2.22', becomes: 'example.com' },
  ]) {
    assert.equal((await add(wrong)).statusCode, 400, JSON.stringify(wrong))
  }
  const removed = await browser.post('rules', {
    action: 'remove',
    id: rules.map(({ id }) => String(id)),
    back: 'lists',
  })
  assert.equal(removed.headers.location, 'lists?done=remove-rule&n=2')
  assert.deepEqual((await store.admin.rules(clock.now)).rules, [])
})

test('a page rule is tried on known pages, and merges them if that is wanted', async () => {
  for (const page of ['shop.example/item/1', 'shop.example/item/2', 'shop.example/other']) {
    await get(`/count?url=${page}`)
  }
  const rule = {
    kind: 'page-rule',
    pattern: 'shop.example/item/*',
    replacement: 'shop.example/item',
  }
  const tried = (await send('/rules/try', { rules: [rule] })).json()
  assert.equal(tried.changed, 2)
  assert.deepEqual(tried.pages, [
    { page: 'shop.example/item/1', becomes: 'shop.example/item' },
    { page: 'shop.example/item/2', becomes: 'shop.example/item' },
  ])
  assert.equal(
    (await send('/rules/try', { rules: [{ ...rule, replacement: '*/*' }] })).statusCode,
    400,
  )
  const form = {
    ...{ action: 'add', kind: 'page-rule', pattern: rule.pattern, becomes: rule.replacement },
    back: 'lists',
  }
  const asked = await browser.post('rules', form)
  assert.equal(asked.statusCode, 200)
  assert.match(asked.body, /name="confirm"/)
  assert.deepEqual((await store.admin.rules(clock.now)).rules, [])
  const added = await browser.post('rules', { ...form, confirm: 'yes', merge: 'yes' })
  assert.equal(added.headers.location, 'lists?done=add-and-merge&n=2')
  assert.equal(await readCount(store, 'shop.example/item'), 2)
  assert.equal((await get('/count?url=shop.example/item/3')).body, '3')
  const [kept] = (await store.admin.rules(clock.now)).rules
  const again = await send('/rules/merge', { ids: [kept?.id], confirm: true })
  assert.equal(again.json().merged, 0)
  assert.equal((await send('/rules/merge', { ids: [999] })).json().code, 'no_such_entry')
})

test('programs try what would become of a visit', async () => {
  await send('/rules', {
    rules: [{ kind: 'untracked-agent', pattern: 'MyMonitor' }],
    reason: 'own',
  })
  const query = new URLSearchParams({
    ...{ address: '203.0.113.1', agent: 'mymonitor/1', page: 'https://Example.com/a/' },
  })
  const tried = (await read(`/try?${query}`)).json()
  assert.equal(tried.outcome, 'excluded')
  assert.equal(tried.agent.entry.rule.reason, 'own')
  assert.equal(tried.page.page, 'example.com/a')
  const denied = (await read('/try?page=denied.example')).json()
  assert.deepEqual([denied.outcome, denied.page.entry.setting], ['refused', 'DENY_PAGES'])
})

test('spikes are listed by hour', async () => {
  for (let hit = 0; hit < 5; hit++) await get('/count?url=spike.example')
  const { hour, spikes } = (await read('/spikes')).json()
  assert.equal(hour, hourOf(clock.now))
  assert.ok(
    spikes.some(
      ({ page, hits }: { page: string; hits: number }) => page === 'spike.example' && hits === 5,
    ),
  )
  assert.deepEqual((await read('/spikes?hour=1')).json().spikes, [])
})

test('a removed page is in no list of any service within two seconds, and a restored one is again', async (t) => {
  const one = await build(t, ADMIN)
  const { DATABASE_FILE_PATH } = { DATABASE_FILE_PATH: one.databaseFile }
  const two = await build(t, { ...ADMIN, DATABASE_FILE_PATH })
  await one.get('/count?url=listed.example/a')
  await one.get('/count?url=listed.example/b')
  await one.get('/count?url=my-name')
  const names = async ({ get }: typeof one) => {
    const { hosts, pages } = (await get('/top.json')).json()
    return [...hosts, ...pages].map(({ name }: { name: string }) => name)
  }
  for (const each of [one, two]) {
    await freshLists(each)
    assert.ok((await names(each)).includes('listed.example/a'))
    assert.match((await each.get('/')).body, /listed\.example\/a/)
  }
  const change = (page: string, action: string) =>
    one.app.inject({
      method: 'POST',
      url: `${API}/page?url=${page}`,
      payload: { action },
      headers: BEARER,
    })
  const begin = performance.now()
  await change('listed.example/a', 'remove')
  await change('my-name', 'remove')
  // The clock of the services stands still, so that no list becomes too old by itself.
  for (const each of [one, two]) {
    await until(async () => {
      const listed = await names(each)
      return !listed.includes('listed.example/a') && !listed.includes('my-name')
    })
    assert.doesNotMatch((await each.get('/')).body, /listed\.example\/a|my-name/)
  }
  assert.ok(performance.now() - begin < 2000)
  await change('listed.example/a', 'restore')
  await until(async () => (await names(two)).includes('listed.example/a'))
})

test('an operator names a page by its fragment if a page rule keeps that', async () => {
  const { rules } = (
    await send('/rules', { rules: [{ kind: 'page-rule', pattern: 'app.example/#/*' }] })
  ).json()
  const address = encodeURIComponent('https://app.example/#/about')
  await get(`/count?url=${address}`)
  const page = (await read(`/page?url=${address}`)).json()
  assert.deepEqual([page.page, page.hits], ['app.example/%23/about', 1])
  assert.equal((await read(`/page?url=${page.page}`)).json().page, page.page)
  await send('/rules/remove', { ids: rules.map(({ id }: { id: number }) => id) })
  assert.equal((await read(`/page?url=${address}`)).statusCode, 404)
})

test('rules of several kinds are added together, and known pages merged by the page rules among them', async () => {
  await get('/count?url=mixed.example/x/1')
  const added = await send('/rules', {
    rules: [
      { kind: 'ban', pattern: '192.0.2.99' },
      { kind: 'page-rule', pattern: 'mixed.example/x/*', replacement: 'mixed.example/x' },
    ],
    merge: true,
  })
  assert.equal(added.statusCode, 200, added.body)
  assert.equal(added.json().merged.merged, 1)
  assert.equal(await readCount(store, 'mixed.example/x'), 1)
  const ids = added.json().rules.map(({ id }: { id: number }) => id)
  assert.equal((await send('/rules/remove', { ids })).statusCode, 200)
})

test('each of many rules that are sent at once is added', async () => {
  const patterns = Array.from({ length: 12 }, (_, at) => `203.0.113.${at}`)
  const answers = await Promise.all(
    patterns.map((pattern) => send('/rules', { rules: [{ kind: 'exclude', pattern }] })),
  )
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    patterns.map(() => 200),
  )
  const ids = answers.map((answer) => answer.json().rules[0].id)
  assert.equal((await send('/rules/remove', { ids })).statusCode, 200)
})

test('rules that are sent at once are checked together', async (t) => {
  const one = await build(t, ADMIN)
  const two = await build(t, { ...ADMIN, DATABASE_FILE_PATH: one.databaseFile })
  const add = ({ app }: typeof one, patterns: readonly string[], confirm = true) =>
    app.inject({
      method: 'POST',
      url: `${API}/rules`,
      payload: { rules: patterns.map((pattern) => ({ kind: 'ban', pattern })), confirm },
      headers: BEARER,
    })
  const kept = async () => (await one.store.admin.rules(one.clock.now)).rules
  for (const other of [one, two]) {
    const answers = await Promise.all([add(one, ['0.0.0.0/1']), add(other, ['128.0.0.0/1'])])
    assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [200, 400])
    assert.equal((await kept()).length, 1)
    const ids = (await kept()).map(({ id }) => id)
    await one.store.admin.removeRules(ids, { actor: 'test', reason: '', at: one.clock.now })
    // The test's own address may have been banned.
    for (const { app } of [one, two]) {
      await until(async () => (await app.inject({ url: '/' })).statusCode === 200)
    }
  }
  const many = (network: number) =>
    Array.from({ length: 4000 }, (_, at) => `10.${network}.${at >> 8}.${at & 255}`)
  const answers = await Promise.all([0, 1, 2, 3].map((network) => add(one, many(network))))
  assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [200, 200, 400, 400])
  assert.equal((await kept()).length, 8000)
})
