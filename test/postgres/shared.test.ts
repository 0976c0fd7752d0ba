import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { openPostgresStore, type PostgresOptions } from '../../src/database/postgres.ts'
import { normalizePage } from '../../src/page.ts'
import { Recognition } from '../../src/recognition.ts'
import type { Store } from '../../src/store.ts'
import { DAY_MS, firstHourKept } from '../../src/time.ts'
import { Counter, type Visit } from '../../src/visit.ts'
import { ALL, historyOf, isLive, readCount, sumOf, T0 } from '../harness/app.ts'
import { makeDatabase, run } from '../harness/postgres.ts'

const A = normalizePage('a.example/x')
const HOUR = 3_600_000
const EVER = { from: -1e9, to: 1e9 }
const hit = (page = A, at = T0) => ({ page, at, window: null })

async function open(
  t: TestContext,
  url: string,
  options: Partial<PostgresOptions> = {},
): Promise<Store> {
  const store = await openPostgresStore(url, options)
  t.after(() => store.close())
  return store
}

test('ten services can start at once on an empty database', async (t) => {
  const url = await makeDatabase(t, undefined, true)
  const stores = await Promise.all(Array.from({ length: 10 }, () => open(t, url)))
  const counted = await Promise.all(stores.map((store) => store.count(hit())))
  assert.deepEqual(
    counted.map(({ count }) => count).sort((left, right) => left - right),
    Array.from({ length: 10 }, (_, index) => index + 1),
  )
  const migrations = await run<{ name: string }>(url, 'select name from kysely_migration')
  assert.equal(new Set(migrations.map(({ name }) => name)).size, migrations.length)
})

test('each service immediately sees what the other writes', async (t) => {
  const url = await makeDatabase(t)
  const [one, two] = [await open(t, url), await open(t, url)]
  const window = { secret: 'secretsecret', endsAt: T0 + 1000 }
  const { token } = await one.count({ page: A, at: T0, window })
  assert.ok(token)
  assert.equal(await isLive(two, A, token, T0 + 999), true, 'the window')
  assert.equal(await isLive(two, A, { ...token, secret: 'secretsecreT' }, T0), false)
  assert.equal((await two.count(hit())).count, 2)
  assert.equal(await readCount(one, A), 2)
  assert.equal(await sumOf(one, A, EVER), 2, 'numbers over time, before rolling up')
  assert.equal(await two.active(A, T0), 2)
  assert.equal(await one.active(null, T0), 2)
  two.recordUncounted(A, 'bot', T0)
  await two.writeUncounted()
  assert.deepEqual(await historyOf(one, A, { from: T0 / HOUR, to: T0 / HOUR + 1 }), [
    { hour: T0 / HOUR, outcome: 'bot', visits: 1 },
    { hour: T0 / HOUR, outcome: 'counted', visits: 2 },
  ])
  assert.deepEqual((await one.top(ALL)).pages, [{ name: A, hits: 2 }])
})

test('two services roll up, and numbers over time stay', async (t) => {
  const url = await makeDatabase(t)
  const options = { activeMs: 60_000 }
  const stores = [await open(t, url, options), await open(t, url, options)]
  let hits = 0
  for (let minute = 0; minute < 130; minute += 10) {
    const at = T0 + minute * 60_000
    for (const store of stores) await store.count(hit(A, at))
    hits += 2
    await Promise.all(stores.map((store) => store.maintain(at)))
    assert.equal(await sumOf(stores[0] as Store, A, EVER), hits)
  }
  const late = T0 + 300 * 60_000
  await Promise.all(stores.map((store) => store.maintain(late)))
  for (const store of stores) {
    assert.equal(await sumOf(store, A, { from: T0 / HOUR, to: T0 / HOUR + 1 }), 12)
    assert.equal(await sumOf(store, A, EVER), 26)
  }
  const rows = 'select (select count(*) from journal) + (select count(*) from page_minute) as rows'
  assert.deepEqual(await run(url, rows), [{ rows: '0' }], 'all is in its hours')
})

test('another service rolls up the journal of a killed one', async (t) => {
  const url = await makeDatabase(t)
  const dead = await open(t, url)
  await dead.count(hit())
  const store = await open(t, url)
  await store.maintain(T0 + 30_000)
  assert.deepEqual(await run(url, 'select count(*) from journal'), [{ count: '1' }], 'it may live')
  await store.maintain(T0 + 120_000)
  assert.deepEqual(await run(url, 'select count(*) from journal'), [{ count: '0' }])
  assert.equal(await sumOf(store, A, EVER), 1)
})

test('one of the services begins a chore, once in its interval', async (t) => {
  const url = await makeDatabase(t)
  const stores = await Promise.all(Array.from({ length: 4 }, () => open(t, url)))
  const claims = async (now: number) =>
    (await Promise.all(stores.map((store) => store.claim('roll-up', HOUR, now)))).filter(Boolean)
      .length
  assert.equal(await claims(T0), 1)
  assert.equal(await claims(T0 + HOUR / 2), 0)
  assert.equal(await claims(T0 + HOUR), 1)
  assert.equal(await stores[0]?.claim('sweep', 1000, T0 + HOUR), true, 'each chore by itself')
  assert.equal(await claims(T0 - 9 * HOUR), 1, 'a clock that was set back holds nothing up')
})

test('limits on pages apply to all services together', async (t) => {
  const url = await makeDatabase(t)
  const limits = { maxPages: 30, maxPagesPerHost: 20 }
  const stores = [await open(t, url, limits), await open(t, url, limits)]
  const asked = Array.from({ length: 100 }, (_, number) =>
    (stores[number % 2] as Store).count(hit(normalizePage(`h${number % 4}.example/${number}`))),
  )
  const told = await Promise.allSettled(asked)
  assert.equal(told.filter(({ status }) => status === 'fulfilled').length, 30)
  for (const each of told) {
    if (each.status === 'rejected') assert.equal(each.reason.code, 'too_many_pages')
  }
  assert.deepEqual(await run(url, 'select count(*) from page'), [{ count: '30' }])
  assert.deepEqual(await run(url, 'select sum(pages) from host'), [{ sum: '60' }])
})

test('commits wait for the disk whatever the role’s setting, unless DURABILITY is normal', async (t) => {
  const url = await makeDatabase(t)
  const name = new URL(url).pathname.slice(1)
  await run(url, `alter database ${name} set synchronous_commit = off`)
  for (const [durability, setting] of [
    ['full', 'on'],
    ['normal', 'off'],
  ] as const) {
    const store = await open(t, url, { durability })
    // Records the setting of the connections that write, by a rule of the table.
    await run(
      url,
      `create or replace function seen() returns trigger language plpgsql as $$
        begin
          insert into imported values (
            concat_ws(' ', current_setting('synchronous_commit'),
              current_setting('idle_in_transaction_session_timeout'), current_setting('statement_timeout')),
            new.page, 1
          ) on conflict do nothing;
          return new;
        end $$;
      create or replace trigger seen before insert on tally for each row when (new.hits = 1 and new.page < 'ffffffff-ffff-ffff-0000-000000000000') execute function seen()`,
    )
    await store.count(hit())
    assert.deepEqual(await run(url, 'select source from imported'), [
      { source: `${setting} 5s 5s` },
    ])
    await run(url, 'delete from imported')
  }
})

test('reads go to the replica, and counting to the database itself', async (t) => {
  const [url, readUrl] = [await makeDatabase(t), await makeDatabase(t)]
  const replica = await open(t, readUrl)
  const store = await open(t, url, { readUrl })
  await store.count(hit())
  for (let times = 0; times < 5; times++) await replica.count(hit())
  assert.equal(await readCount(store, A), 1)
  assert.equal((await store.replica.readPage(A, null, T0)).count, 5)
  assert.deepEqual(await store.replica.sums(A, [EVER]), [5])
  assert.deepEqual((await store.replica.top(ALL)).pages, [{ name: A, hits: 5 }])
  assert.equal(await store.replica.active(A, T0), 5)
})

test('a read-only visit is answered from the replica, and any other from the database itself', async (t) => {
  const [url, readUrl] = [await makeDatabase(t), await makeDatabase(t)]
  const replica = await open(t, readUrl)
  for (let times = 0; times < 5; times++) await replica.count(hit())
  const store = await open(t, url, { readUrl })
  const options = { windowMs: 300_000, limit: 0, pageLimit: 0, fingerprint: false }
  const { windowMs } = options
  const counter = new Counter(store, new Recognition(options), { windowMs, tokenLength: 12 })
  const visit: Visit = {
    page: A,
    readOnly: false,
    excluded: null,
    bot: false,
    tokens: [],
    reserved: false,
    site: null,
    visitor: null,
    spans: [EVER],
    now: T0,
  }
  const { count, sums, token } = await counter.count(visit)
  assert.deepEqual([count, sums], [1, [1]])
  const again = await counter.count({ ...visit, tokens: token ? [token] : [] })
  assert.deepEqual([again.decision.outcome, again.count, again.sums], ['repeat', 1, [1]])
  const bot = await counter.count({ ...visit, bot: true })
  assert.deepEqual([bot.decision.outcome, bot.count, bot.sums], ['bot', 1, [1]])
  const looked = await counter.count({ ...visit, readOnly: true })
  assert.deepEqual([looked.decision.outcome, looked.count, looked.sums], ['read', 5, [5]])
  // The database is gone before the store is closed.
  await store.writeUncounted()
})

test('whatever a service writes, others see the time of its clock, and not that of the history', async (t) => {
  const url = await makeDatabase(t)
  const store = await openPostgresStore(url, { now: () => T0 })
  t.after(() => store.close())
  const page = normalizePage('a.example')
  await store.count({ page, at: T0, window: null })
  store.recordUncounted(page, 'bot', T0 - 30 * DAY_MS)
  await store.writeUncounted()
  const beforeHour = firstHourKept(20, T0)
  const slice = { after: '', pages: 10 }
  await store.rollUpHours(beforeHour, slice)
  await store.prune(beforeHour, slice)
  await store.removeIdle({ below: 9, beforeHour }, slice)
  const late = await run(url, `select at from writer where at <> ${T0}`)
  assert.deepEqual(late, [])
})
