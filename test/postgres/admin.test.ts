import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { Client } from 'pg'
import type { Change, Deed } from '../../src/admin.ts'
import { openPostgresStore, type PostgresOptions } from '../../src/database/postgres.ts'
import { normalizePage, type PageKey } from '../../src/page.ts'
import type { Store } from '../../src/store.ts'
import { ALL, historyOf, readCount, sumOf, T0 } from '../harness/app.ts'
import { makeDatabase, run } from '../harness/postgres.ts'
import { type Network, startProxy } from '../harness/proxy.ts'
import { until } from '../harness/until.ts'

const [A, B, C] = ['a.example', 'b.example', 'c.example/x'].map((name) => normalizePage(name)) as [
  PageKey,
  PageKey,
  PageKey,
]
const HOUR = T0 / 3_600_000
const EVER = { from: 0, to: 1e9 }
const AROUND = { from: HOUR - 1, to: HOUR + 1 }
const DEED: Deed = { actor: 'session 1', reason: 'a test', at: T0 }
const REMOVED = { code: 'removed' }

async function open(t: TestContext, url: string, options: Partial<PostgresOptions> = {}) {
  const store = await openPostgresStore(url, { now: () => T0, ...options })
  t.after(() => store.close().catch(() => {}))
  return store
}

/** Two services on one database. */
async function openTwo(t: TestContext): Promise<{ url: string; one: Store; other: Store }> {
  const url = await makeDatabase(t)
  return { url, one: await open(t, url), other: await open(t, url) }
}

/** A service that has counted each page twice, behind a network that the test controls, and one that is not. */
async function openBehindNetwork(t: TestContext) {
  const url = await makeDatabase(t)
  const network = await startProxy(t, () => [Number(new URL(url).port)])
  const through = new URL(url)
  through.port = String(network.port)
  const store = await open(t, through.href)
  for (let times = 0; times < 2; times++)
    await Promise.all([A, B, C].map((page) => count(store, page)))
  return { url, network, store, direct: await open(t, url) }
}

const count = async (store: Store, page: PageKey) =>
  (await store.count({ page, at: T0, window: null })).count
const change = (store: Store, ...changes: Change[]) => store.admin.change(changes, DEED)
const pagesOf = async (store: Store) =>
  (await store.top(ALL)).pages.map(({ name, hits }) => `${name} ${hits}`)

/** Does this once, to the next message that contains a text. */
function once(network: Network, text: string, what: 'cut' | 'send, then cut' | 'swallow') {
  network.onSent = (data) => {
    if (!data.includes(text)) return 'send'
    network.onSent = null
    return what
  }
}

/** All tables that an action can change. */
async function stored(url: string): Promise<unknown> {
  const tables = ['page', 'alias', 'removed', 'tally', 'page_hour', 'audit', 'version', 'host']
  return Promise.all(tables.map((table) => run(url, `select * from ${table} order by 1, 2`)))
}

test('a merge, a removal, a purge and an unalias hold at once on another service that knows the pages', async (t) => {
  const { one, other } = await openTwo(t)
  for (const store of [one, other]) for (const page of [A, B, C]) await count(store, page)
  await change(one, { action: 'merge', page: A, into: B })
  assert.equal(await count(other, A), 5)
  assert.equal(await count(one, B), 6)
  for (const page of [A, B]) assert.equal(await readCount(other, page), 6)
  assert.equal(await sumOf(other, A, EVER), 6)
  assert.equal(await other.active(A, T0), 6)
  assert.deepEqual(await pagesOf(other), [`${B} 6`, `${C} 2`])

  await change(other, { action: 'remove', page: A })
  for (const page of [A, B]) {
    await assert.rejects(count(one, page), REMOVED)
    await assert.rejects(readCount(one, page), REMOVED)
    await assert.rejects(sumOf(one, page, EVER), REMOVED)
    await assert.rejects(one.history(page, [EVER]), REMOVED)
    await assert.rejects(one.active(page, T0), REMOVED)
  }
  assert.deepEqual(await pagesOf(one), [`${C} 2`])
  one.recordUncounted(A, 'bot', T0)
  one.recordUncounted(C, 'bot', T0)
  await one.writeUncounted()

  await change(one, { action: 'restore', page: B })
  // The other service refuses hits until it looks, which it does once a second.
  await other.maintain(T0)
  assert.equal(await count(other, A), 7)
  assert.ok((await historyOf(one, B, AROUND)).every(({ outcome }) => outcome === 'counted'))
  await change(one, { action: 'unalias', page: A })
  assert.equal(await count(other, A), 1)
  await change(one, { action: 'remove', page: B }, { action: 'purge', page: B })
  assert.equal(await count(other, B), 1)
})

test('visits that did not count go to the page for which the address stands when they are written', async (t) => {
  const { one, other } = await openTwo(t)
  for (const page of [A, B]) await count(other, page)
  for (const page of [A, B, A]) other.recordUncounted(page, 'bot', T0)
  await change(one, { action: 'merge', page: A, into: B })
  await other.writeUncounted()
  assert.deepEqual(await historyOf(one, B, AROUND), [
    { hour: HOUR, outcome: 'bot', visits: 3 },
    { hour: HOUR, outcome: 'counted', visits: 2 },
  ])
})

test('a rule that one service adds is known to the other by its version', async (t) => {
  const { one, other } = await openTwo(t)
  const { version } = await other.admin.rules(T0)
  const rule = { kind: 'ban', pattern: '192.0.2.0/24', replacement: '', endsAt: null } as const
  await one.admin.addRules([{ ...rule, ...DEED }])
  assert.ok((await other.admin.versions()).rules > version)
  assert.equal((await other.admin.rules(T0)).rules[0]?.pattern, rule.pattern)
})

test('a writer that registers while an action is under way waits for it', async (t) => {
  const { url, one, other } = await openTwo(t)
  for (const page of [A, B]) await count(other, page)
  const blocker = new Client({ connectionString: url })
  await blocker.connect()
  await blocker.query('begin')
  await blocker.query('lock table audit')
  const merged = change(one, { action: 'merge', page: A, into: B })
  await until(async () => (await run(url, WAITING)).length === 1)
  const late = await open(t, url)
  const counted = Promise.all([count(late, A), count(other, B), count(late, B)])
  await until(async () => (await run(url, WAITING)).length >= 3)
  await blocker.query('rollback')
  await blocker.end()
  await merged
  assert.deepEqual((await counted).sort(), [3, 4, 5])
  assert.equal(await readCount(one, A), 5)
})

/** The server's processes that wait for a lock. */
const WAITING = `
  select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`

for (const text of ['fenceAll', 'moveHours', 'addEntries']) {
  test(`a connection that is cut at ${text} in the middle of an action leaves nothing of it, and holds up nobody`, async (t) => {
    const { url, network, store, direct } = await openBehindNetwork(t)
    // Once, so that messages name the prepared statement alone.
    await change(store, { action: 'merge', page: C, into: A }, { action: 'unalias', page: C })
    const before = await stored(url)
    for (const what of ['cut', 'send, then cut'] as const) {
      once(network, text, what)
      await assert.rejects(change(store, { action: 'merge', page: A, into: B }), {
        code: 'unavailable',
      })
      assert.equal(network.onSent, null, 'the connection was cut')
      // Once the server has noticed that.
      await until(
        async () =>
          (await run(url, "select 1 from pg_stat_activity where state ~ 'in transaction'"))
            .length === 0,
      )
      assert.deepEqual(await stored(url), before)
    }
    assert.equal(await count(direct, A), 5)
    await change(store, { action: 'merge', page: A, into: B })
    assert.equal(await count(direct, A), 8)
    assert.equal(await count(store, B), 9)
  })
}

test('an action whose commit gets no answer is done once, and answered', async (t) => {
  const { network, store, direct } = await openBehindNetwork(t)
  once(network, 'commit\0', 'swallow')
  const [merged] = await change(store, { action: 'merge', page: A, into: B })
  assert.equal(network.onSent, null)
  assert.deepEqual([merged?.page, merged?.hits], [B, 4])
  assert.equal(await count(store, A), 5)
  assert.equal(await count(direct, B), 6)
  assert.equal((await direct.admin.audit({ page: null, before: null, limit: 9 })).length, 1)
})

test('a batch whose outcome is not known when an action fences its writer is answered as it was written', async (t) => {
  const { network, store, direct } = await openBehindNetwork(t)
  once(network, 'addHits', 'swallow')
  const counted = Promise.all([count(store, A), count(store, A), count(store, B)])
  await until(() => network.onSent === null)
  await change(direct, { action: 'merge', page: A, into: B })
  assert.deepEqual(await counted, [3, 4, 3])
  assert.equal(await count(store, A), 8)
  assert.equal(await sumOf(store, B, EVER), 8)
})

test('a batch that was cut off before an action is counted as nothing', async (t) => {
  const { network, store, direct } = await openBehindNetwork(t)
  once(network, 'addHits', 'cut')
  const counted = count(store, A)
  counted.catch(() => {})
  await until(() => network.onSent === null)
  await change(direct, { action: 'merge', page: A, into: B })
  await assert.rejects(counted, { code: 'unavailable' })
  assert.equal(await count(store, A), 5)
  assert.equal(await sumOf(store, B, EVER), 5)
})

test('a replica that lags behind an action is not read until it has caught up', async (t) => {
  const [url, readUrl] = [await makeDatabase(t), await makeDatabase(t)]
  const store = await open(t, url, { readUrl })
  const copy = await open(t, readUrl)
  for (const each of [store, copy]) await count(each, A)
  /** What is read once the service has looked how far the replica is, which it does in the background. */
  const look = async () => {
    await store.maintain(T0)
    return store.replica.readPage(A, null, T0).then(
      (state) => state.count,
      ({ code }) => code,
    )
  }
  assert.equal(await look(), 1)
  await change(store, { action: 'remove', page: A })
  await until(async () => (await look()) === 'removed')
  await run(
    readUrl,
    "insert into chore values ('removal', 99) on conflict (name) do update set at = 99",
  )
  await until(async () => (await look()) === 1)
})

test('the audit log can only be added to', async (t) => {
  const { url, one } = await openTwo(t)
  await change(one, { action: 'set', page: A, hits: 5 })
  const statements = ["update audit set reason = 'none'", 'delete from audit', 'truncate audit']
  for (const statement of statements) await assert.rejects(run(url, statement), /only added/)
  const [entry] = await one.admin.audit({ page: A, before: null, limit: 9 })
  assert.equal(entry?.reason, 'a test')
})

test('a service of the version before goes on counting until another one has brought the tables up to date', async (t) => {
  const url = await makeDatabase(t)
  const store = await open(t, url)
  await count(store, A)
  const added = ['alias', 'removed', 'version', 'audit', 'rule', 'link', 'session', 'owner_key']
  await run(
    url,
    `drop table ${added}; drop function refuse_change; alter table page drop made, drop version, drop log;
    alter table writer drop counts_hosts; alter table host drop counter; drop index page_host; drop table live;
    truncate journal; delete from tally where page not in (select hash from page);
    delete from kysely_migration where name >= '0004_administration'`,
  )
  // What the version before sends.
  const before = new Client({ connectionString: url })
  await before.connect()
  const reading = new Client({ connectionString: url })
  await reading.connect()
  await reading.query('begin')
  await reading.query('select count(*) from page')
  const migrated = open(t, url)
  await until(async () => (await run(url, WAITING)).length >= 1)
  await before.query('insert into tally values (gen_random_uuid(), 1)')
  await before.query('insert into writer values (gen_random_uuid(), 0, null, false, 0)')
  await reading.query('rollback')
  assert.equal(await count(await migrated, A), 2)
  await before.query("insert into page (hash, key) values (gen_random_uuid(), 'old.example')")
  // From here on, it would count no hosts, so it can only read.
  await assert.rejects(
    before.query(
      'insert into writer (id, batch, fenced, at) values (gen_random_uuid(), 0, false, 0)',
    ),
    /counts_hosts/,
  )
  assert.deepEqual(
    await run(url, 'select id from writer where not fenced and not counts_hosts'),
    [],
  )
  await Promise.all([before.end(), reading.end()])
})

test('however many rules are added, their entries in the audit log are written by one statement', async (t) => {
  const url = await makeDatabase(t)
  const store = await open(t, url)
  const rules = Array.from({ length: 20 }, (_, place) => ({
    ...{ kind: 'ban' as const, pattern: `192.0.2.${place}`, replacement: '', endsAt: null },
    ...DEED,
  }))
  const added = await store.admin.addRules(rules)
  const entries = await store.admin.audit({ page: null, before: null, limit: 50 })
  assert.deepEqual(
    entries.map(({ after }) => (after as { id: number }).id),
    added.map(({ id }) => id).reverse(),
  )
  // Rows that one statement has written have the same number within the transaction.
  const [row] = await run<{ statements: string }>(
    url,
    'select count(distinct cmin::text) as statements from audit',
  )
  assert.equal(Number(row?.statements), 1)
})
