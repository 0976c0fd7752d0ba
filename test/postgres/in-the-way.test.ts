import assert from 'node:assert/strict'
import test from 'node:test'
import { Client } from 'pg'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { normalizePage } from '../../src/page.ts'
import { readCount, T0 } from '../harness/app.ts'
import { makeDatabase, run } from '../harness/postgres.ts'
import { until } from '../harness/until.ts'

const PAGES = Array.from({ length: 4 }, (_, number) => normalizePage(`p${number}.example`))
const hit = (page = PAGES[0] as (typeof PAGES)[0]) => ({ page, at: T0, window: null })

test('a batch in a deadlock is tried again, and counted once', async (t) => {
  const url = await makeDatabase(t)
  const name = new URL(url).pathname.slice(1)
  await run(url, `alter database ${name} set deadlock_timeout = '400ms'`)
  const store = await openPostgresStore(url)
  t.after(() => store.close())
  const countAll = () => Promise.all(PAGES.map((page) => store.count(hit(page))))
  await countAll()
  const other = new Client({ connectionString: url })
  await other.connect()
  const rows = (await other.query<{ page: string }>('select page from tally order by page')).rows
  const update = (at: number) =>
    other.query('update tally set hits = hits where page = $1', [rows[at]?.page])
  // So that the server aborts the batch.
  await other.query("set deadlock_timeout = '1min'")
  await other.query('begin')
  await update(3)
  const counted = countAll()
  // The batch has locked the first row and waits for the last. Now each waits for the other.
  const waiting =
    "select from pg_stat_activity where wait_event = 'transactionid' and datname = current_database()"
  await until(async () => (await run(url, waiting)).length > 0)
  await update(0)
  await other.query('commit')
  await other.end()
  assert.deepEqual(
    (await counted).map(({ count }) => count),
    [2, 2, 2, 2],
  )
})

test('with serializable transactions by default, two services count exactly', async (t) => {
  const url = await makeDatabase(t)
  const name = new URL(url).pathname.slice(1)
  await run(url, `alter database ${name} set default_transaction_isolation = 'serializable'`)
  const stores = [await openPostgresStore(url), await openPostgresStore(url)]
  t.after(() => Promise.all(stores.map((store) => store.close())))
  const told = new Map(PAGES.map((page) => [page, [] as number[]]))
  const clients = Array.from({ length: 16 }, async (_, client) => {
    const page = PAGES[client % 4] as (typeof PAGES)[0]
    for (let times = 0; times < 10; times++) {
      const { count } = await (stores[client % 2] as (typeof stores)[0]).count(hit(page))
      told.get(page)?.push(count)
    }
  })
  await Promise.all(clients)
  for (const [page, numbers] of told) {
    assert.deepEqual(
      numbers.sort((left, right) => left - right),
      Array.from({ length: 40 }, (_, index) => index + 1),
    )
    assert.equal(await readCount(stores[0] as (typeof stores)[0], page), 40)
  }
})
