import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { Client } from 'pg'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { normalizePage } from '../../src/page.ts'
import { T0 } from '../harness/app.ts'
import { makeDatabase, run } from '../harness/postgres.ts'
import { type Network, startProxy } from '../harness/proxy.ts'
import { until } from '../harness/until.ts'

const A = normalizePage('a.example')
const B = normalizePage('b.example')
const hit = (page = A) => ({ page, at: T0, window: null })
/** Occurs in the messages that send a batch of hits. */
const isBatch = (data: Buffer) => data.includes('addHits')

/** A store that has counted once, so that its statements are prepared, behind a network that the test controls. */
async function open(t: TestContext) {
  const url = await makeDatabase(t)
  const proxy = await startProxy(t, () => [Number(new URL(url).port)])
  const through = new URL(url)
  through.port = String(proxy.port)
  const store = await openPostgresStore(through.href)
  t.after(() => store.close())
  // Once for each connection that writes.
  await Promise.all([store.count(hit()), store.count(hit(B))])
  await Promise.all([store.count(hit()), store.count(hit(B))])
  return { url, proxy, store }
}

/** Does this to the next batch that is sent. */
function once(proxy: Network, what: 'cut' | 'send, then cut' | 'swallow') {
  proxy.onSent = (data) => {
    if (!isBatch(data)) return 'send'
    proxy.onSent = null
    return what
  }
}

/** The server's processes that are running a batch. */
const BLOCKED = `
  select pid from pg_stat_activity
  where datname = current_database() and state = 'active' and query like '%), counted as%'
    and pid <> pg_backend_pid()`

async function stored(url: string, page = A): Promise<number> {
  const [row] = await run<{ hits: string }>(
    url,
    `select hits from tally join page on page.hash = tally.page where key = '${page}'`,
  )
  return Number(row?.hits)
}

test('a connection that dies after its commit, before the answer: each hit is answered with its number, and stored once', async (t) => {
  const { url, proxy, store } = await open(t)
  const before = await stored(url)
  once(proxy, 'swallow')
  const counted = await Promise.all(Array.from({ length: 20 }, () => store.count(hit())))
  assert.equal(proxy.onSent, null, 'the connection was cut')
  assert.deepEqual(
    counted.map(({ count }) => count),
    Array.from({ length: 20 }, (_, index) => before + 1 + index),
  )
  assert.equal(await stored(url), before + 20)
  assert.equal((await store.count(hit())).count, before + 21, 'and it goes on')
})

test('a connection that dies before its commit arrives: nothing is stored, and all hits are refused as not counted', async (t) => {
  const { url, proxy, store } = await open(t)
  const before = await stored(url)
  once(proxy, 'cut')
  const counted = await Promise.allSettled(Array.from({ length: 20 }, () => store.count(hit())))
  assert.equal(proxy.onSent, null, 'the connection was cut')
  for (const each of counted) {
    assert.equal(each.status, 'rejected')
    assert.equal(each.reason.code, 'unavailable')
    assert.match(each.reason.message, /nothing was counted/)
  }
  assert.equal(await stored(url), before)
  assert.equal((await store.count(hit())).count, before + 1, 'and it goes on')
})

test('a batch that still waits in the server when its connection dies is not stored after it was refused', async (t) => {
  const { url, proxy, store } = await open(t)
  const before = await stored(url)
  const other = new Client({ connectionString: url })
  await other.connect()
  await other.query('begin')
  await other.query('select * from tally for update')
  once(proxy, 'send, then cut')
  const counting = store.count(hit())
  await assert.rejects(counting, { code: 'unavailable' })
  await other.query('rollback')
  await other.end()
  // Only this test still waits for it.
  await until(async () => (await run(url, BLOCKED)).length === 0)
  assert.equal((await store.count(hit())).count, before + 1)
  assert.equal(await stored(url), before + 1)
})
