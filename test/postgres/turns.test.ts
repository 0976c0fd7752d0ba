import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { Client } from 'pg'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { normalizePage } from '../../src/page.ts'
import { ALL, historyOf, readCount, sumOf, T0 } from '../harness/app.ts'
import { makeDatabase, run } from '../harness/postgres.ts'
import { startProxy } from '../harness/proxy.ts'
import { until } from '../harness/until.ts'

const A = normalizePage('a.example')
const HOUR = 3_600_000
const EVER = { from: -1e9, to: 1e9 }
const hit = (at = T0) => ({ page: A, at, window: null })

async function open(t: TestContext) {
  const url = await makeDatabase(t)
  const network = await startProxy(t, () => [Number(new URL(url).port)])
  const through = new URL(url)
  through.port = String(network.port)
  const store = await openPostgresStore(through.href)
  t.after(() => store.close().catch(() => {}))
  return { url, network, store }
}

// Each hit is one to its page and one to its host.
const HITS = `
  select ((select coalesce(sum(hits), 0) from page_day) + (select coalesce(sum(hits), 0) from page_hour) +
    (select coalesce(sum(hits), 0) from page_minute) +
    (select coalesce(sum(h), 0) from journal, unnest(hits) as h))::int as hits`

test('roll-ups are atomic: no other connection sees one half done, and none is left half done', async (t) => {
  const { url, store } = await open(t)
  for (let times = 0; times < 5; times++) await store.count(hit())
  await run(
    url,
    `create function wait() returns trigger language plpgsql as $$ begin perform pg_sleep(0.2); return new; end $$;
    create trigger wait before insert on page_day for each row execute function wait()`,
  )
  let done = false
  const chores = Promise.all([
    store.rollUpHours(T0 / HOUR + 48, { after: '', pages: 10 }),
    ...Array.from({ length: 5 }, async () => {
      store.recordUncounted(A, 'bot', T0)
      await store.writeUncounted()
      await store.maintain(T0)
    }),
  ]).finally(() => {
    done = true
  })
  let looks = 0
  for (; !done; looks++) assert.deepEqual(await run(url, HITS), [{ hits: 2 * 5 }])
  await chores
  assert.ok(looks > 3, 'it was looked at meanwhile')
  assert.deepEqual(await run(url, 'select sum(hits)::int from page_day'), [{ sum: 2 * 5 }])
  assert.equal(await sumOf(store, A, EVER), 5)
})

test('uncounted visits whose commit gets no answer are written once', async (t) => {
  const { network, store } = await open(t)
  await store.count(hit())
  store.recordUncounted(A, 'bot', T0)
  await store.writeUncounted()
  network.onSent = (data) => {
    if (!data.includes('commit\0')) return 'send'
    network.onSent = null
    return 'swallow'
  }
  store.recordUncounted(A, 'bot', T0)
  await Promise.all([store.writeUncounted(), store.maintain(T0)])
  assert.equal(network.onSent, null)
  const [, bot] = [0, (await historyOf(store, A, { from: T0 / HOUR, to: T0 / HOUR + 1 }))[0]]
  assert.deepEqual(bot, { hour: T0 / HOUR, outcome: 'bot', visits: 2 })
})

test('a connection whose row of `writer` was removed registers again', async (t) => {
  const { url, store } = await open(t)
  for (let times = 0; times < 4; times++) await store.count(hit())
  await run(url, 'delete from writer')
  store.recordUncounted(A, 'bot', T0)
  await store.writeUncounted()
  await run(url, 'delete from writer')
  store.recordUncounted(A, 'bot', T0)
  await store.writeUncounted()
  const counted = await Promise.all(Array.from({ length: 4 }, () => store.count(hit())))
  assert.deepEqual(
    counted.map(({ count }) => count),
    [5, 6, 7, 8],
  )
  assert.equal(await sumOf(store, A, EVER), 8)
})

test('no visit is refused after the clock is set back', async (t) => {
  const { store } = await open(t)
  let number = 0
  for (const seconds of [0, 0, 0, 100, 0, 0, 0, 0, -9e9, -9e9, 0]) {
    const at = T0 + seconds * 1000
    const window = { secret: `secret${number}00`, endsAt: at + 1000 }
    number += 1
    assert.equal((await store.count({ page: A, at, window })).count, number)
  }
})

test('a batch that waits too long for a lock is refused, and the server ends it too', async (t) => {
  const { url, store } = await open(t)
  await store.count(hit())
  const other = new Client({ connectionString: url })
  await other.connect()
  await other.query('begin')
  await other.query('select * from tally for update')
  await assert.rejects(store.count(hit()), { code: 'unavailable' })
  const waiting = `
    select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and application_name = 'tallymark'`
  await until(async () => (await run(url, waiting)).length === 0)
  await other.query('rollback')
  await other.end()
  assert.equal(await readCount(store, A), 1)
})

test('closing takes bounded time, even if the server does not answer', async (t) => {
  const { network, store } = await open(t)
  await store.count(hit())
  await store.top(ALL)
  network.silent = true
  const waiting = [store.count(hit()), store.top(ALL)]
  store.recordUncounted(A, 'bot', T0)
  const told = Promise.allSettled(waiting)
  await assert.rejects(store.close())
  network.silent = false
  network.cut()
  for (const each of await told) assert.equal(each.status, 'rejected')
})
