import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { readSettings } from '../../config.ts'
import type { Rule, RuleKind } from '../../src/admin.ts'
import { checks } from '../../src/checks.ts'
import { Watcher } from '../../src/http/watcher.ts'
import { KnownPages } from '../../src/known-pages.ts'
import { normalizePage } from '../../src/page.ts'
import { pageRewriter } from '../../src/page-rules.ts'
import { Refusal } from '../../src/refusal.ts'
import type { Store } from '../../src/store.ts'
import { build, freshLists, readCount, T0, type TestApp, temporaryFolder } from '../harness/app.ts'
import { until } from '../harness/until.ts'

const DEED = { actor: 'session 1', reason: 'test', at: T0 }

function rule(
  kind: RuleKind,
  pattern: string,
  replacement = '',
  endsAt: number | null = null,
): Omit<Rule, 'id'> {
  return { ...DEED, kind, pattern, replacement, endsAt }
}

async function outcomeOf({ app }: TestApp, url: string, more: object = {}): Promise<string> {
  const path = `/count.json?url=${encodeURIComponent(url)}`
  const answer = await app.inject({ url: path, ...more })
  const { outcome, error } = answer.json()
  return outcome ?? error.code
}

test('rules that are made on one service hold on another within two seconds, beside the settings', async (t) => {
  const env = {
    DATABASE_FILE_PATH: join(temporaryFolder(t), 'shared.db'),
    WINDOW_SECONDS: '0',
    DENY_PAGES: '^denied\\.example',
    BAN_ADDRESSES: '192.0.2.1',
  }
  const [one, other] = [await build(t, env), await build(t, env)]
  const outcomes = async (service: TestApp) => [
    await outcomeOf(service, 'a.example', { remoteAddress: '192.0.2.9' }),
    await outcomeOf(service, 'a.example', { remoteAddress: '198.51.100.9' }),
    await outcomeOf(service, 'a.example', {
      headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux) Watchman/2' },
    }),
    await outcomeOf(service, 'shown.example/a'),
    await outcomeOf(service, 'spam.example'),
    await outcomeOf(service, 'denied.example'),
    await outcomeOf(service, 'a.example', { remoteAddress: '192.0.2.1' }),
  ]
  const before = [...Array(5).fill('counted'), 'blocked_page', 'banned']
  assert.deepEqual(await outcomes(one), before)
  assert.deepEqual(await outcomes(other), before)
  await one.store.admin.addRules([
    rule('ban', '192.0.2.0/24'),
    rule('exclude', '198.51.100.0/24'),
    rule('untracked-agent', 'watchman'),
    rule('untracked-page', 'shown.example'),
    rule('deny-page', '^spam\\.example'),
  ])
  const begun = performance.now()
  const after = [
    ...['banned', 'excluded', 'excluded', 'excluded', 'blocked_page', 'blocked_page', 'banned'],
  ]
  for (const service of [one, other]) {
    await until(async () => (await outcomes(service))[0] === 'banned')
    assert.deepEqual(await outcomes(service), after)
  }
  assert.ok(performance.now() - begun < 2000)

  const { rules } = await one.store.admin.rules(T0)
  await one.store.admin.removeRules(
    rules.map(({ id }) => id),
    DEED,
  )
  for (const service of [one, other]) {
    await until(async () => (await outcomes(service))[0] === 'counted')
    assert.deepEqual(await outcomes(service), before)
  }
})

test('a rule ends when the clock says so', async (t) => {
  const service = await build(t, { WINDOW_SECONDS: '0' })
  const { store, clock } = service
  await store.admin.addRules([
    rule('deny-page', '^a\\.example', '', T0 + 60_000),
    rule('deny-page', '^b\\.example', '', T0 + 3_600_000),
  ])
  await until(async () => (await outcomeOf(service, 'a.example')) === 'blocked_page')
  clock.now = T0 + 60_000
  await until(async () => (await outcomeOf(service, 'a.example')) === 'counted')
  assert.equal(await outcomeOf(service, 'b.example'), 'blocked_page')
})

test('every route that takes a page goes by the page rules, and cached pages are forgotten', async (t) => {
  const service = await build(t, { WINDOW_SECONDS: '0' })
  const { app, store } = service
  const old = 'https://www.example.com/item/7'
  const page = 'example.com/item'
  const pageFrom = async (path: string) => (await app.inject({ url: path })).json().page
  assert.equal(await pageFrom(`/count.json?url=${old}`), 'www.example.com/item/7')
  await store.admin.addRules([
    rule('page-rule', 'www.*.*', '*.*'),
    rule('page-rule', 'example.com/item/*', page),
    rule('page-rule', 'app.example/#/*'),
  ])
  await until(async () => (await pageFrom(`/nocount.json?url=${old}`)) === page)
  await service.get(`/count?url=${old}`)
  await service.get('/count', { referer: old })
  await app.inject({ method: 'POST', url: '/count', payload: { url: old } })
  assert.equal(await readCount(store, page), 3)
  for (const path of ['/count.json', '/why.json', '/active.json', '/preview.json']) {
    assert.equal(await pageFrom(`${path}?url=${old}`), page, path)
  }
  for (const [path, number] of [
    ['/page', /item[\s\S]*>4</],
    ['/nocount', /^4/],
    ['/nocount/tag.svg', />4</],
    ['/shields.json', /"4"/],
    ['/graph.svg', />4</],
  ] as const) {
    assert.match((await service.get(`${path}?url=${old}`)).body, number, path)
  }
  const route = encodeURIComponent('https://app.example/#/about')
  assert.equal(await pageFrom(`/count.json?url=${route}`), 'app.example/%23/about')
  assert.equal(await pageFrom(`/count.json?url=${route}`), 'app.example/%23/about')
  assert.equal(await readCount(store, 'app.example/%23/about'), 2)
})

test('a page that a rule refuses leaves the lists of the home page', async (t) => {
  const service = await build(t, { WINDOW_SECONDS: '0' })
  for (const url of ['a.example', 'spam.example/x']) await service.get(`/count?url=${url}`)
  const names = async () =>
    (await service.get('/top.json')).json().pages.map(({ name }: { name: string }) => name)
  await freshLists(service)
  assert.deepEqual((await names()).sort(), ['a.example', 'spam.example/x'])
  await service.store.admin.addRules([rule('deny-page', '^spam\\.example')])
  // The clock stands still, so the lists would stay.
  await until(async () => !(await names()).includes('spam.example/x'))
  assert.deepEqual(await names(), ['a.example'])
  await until(async () => {
    const { hosts } = (await service.get('/top.json')).json()
    return hosts.length === 1
  })
})

test('while the database cannot be read the old rules hold, and it is logged once', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let failure: Error | null = null
  let rules: Rule[] = [{ ...rule('ban', '192.0.2.1'), id: 1 }]
  let version = 1
  let reads = 0
  const admin = {
    async versions() {
      reads += 1
      if (failure) throw failure
      return { pages: version, rules: version }
    },
    rules: async () => ({ version, rules }),
  }
  const lines: unknown[] = []
  const log = { error: (...line: unknown[]) => void lines.push(line) }
  const watcher = await Watcher.start({
    settings: readSettings(checks, { LOG_LEVEL: 'silent' }),
    store: { admin } as unknown as Store,
    now: () => T0,
    log: log as never,
  })
  let pages = 0
  watcher.on('pages', () => {
    pages += 1
  })
  watcher.begin()
  t.after(() => watcher.end())
  const poll = async () => {
    const before = reads
    t.mock.timers.tick(1000)
    await until(() => reads > before)
    // Whoever looks now waits for the poll to end.
    await watcher.look().catch(() => {})
  }
  assert.equal(watcher.book.banned.has('192.0.2.1'), true)
  failure = new Refusal('unavailable', 'unavailable', 'The database is gone.')
  for (let times = 0; times < 3; times++) await poll()
  assert.equal(watcher.book.banned.has('192.0.2.1'), true)
  assert.equal(lines.length, 1)
  failure = null
  version = 2
  rules = [
    { ...rule('ban', '192.0.2.2'), id: 2 },
    { ...rule('deny-page', '('), id: 3 },
  ]
  await poll()
  await poll()
  assert.equal(watcher.book.banned.has('192.0.2.1'), false)
  assert.equal(watcher.book.banned.has('192.0.2.2'), true, 'an invalid rule disturbs no other')
  assert.equal(pages, 1)
  assert.equal(lines.length, 2)
  failure = new Error('again')
  await poll()
  await assert.rejects(watcher.look(), /again/)
  assert.equal(lines.length, 3)
})

test('page rules are tried on known pages, which are merged if that is wanted', async (t) => {
  const { store } = await build(t)
  const names = ['a.example/item/1', 'a.example/item/2', 'b.example/x', 'b.example/gone/1']
  for (const name of [...names, 'b.example/gone', 'c.example']) {
    await store.count({ page: normalizePage(name), at: T0, window: null })
  }
  await store.admin.change([{ page: normalizePage('b.example/gone'), action: 'remove' }], DEED)
  const rules = [
    { pattern: 'a.example/item/*', replacement: 'a.example/item' },
    { pattern: 'b.example/gone/*', replacement: 'b.example/gone' },
    { pattern: 'c.example', replacement: 'd.example' },
  ]
  const pages = new KnownPages(store.admin, await pageRewriter(rules, []), rules.slice(0, 2))
  const item = { becomes: 'a.example/item' }
  const gone = { page: 'b.example/gone/1', becomes: 'b.example/gone' }
  const found = await pages.find()
  assert.deepEqual(
    { ...found, pages: found.pages.toSorted((a, b) => (a.page < b.page ? -1 : 1)) },
    {
      known: 5,
      changed: 3,
      pages: [{ page: 'a.example/item/1', ...item }, { page: 'a.example/item/2', ...item }, gone],
    },
  )
  const { problems, ...counts } = await pages.merge(DEED)
  assert.deepEqual(counts, { merged: 2, left: 1 })
  assert.deepEqual(
    problems.map(({ problem, ...page }) => [page, /removed/.test(problem)]),
    [[gone, true]],
  )
  assert.equal(await readCount(store, 'a.example/item'), 2)
  assert.equal(await readCount(store, 'a.example/item/1'), 2, 'its address is an alias')
  assert.equal((await pages.merge(DEED)).merged, 0)
})
