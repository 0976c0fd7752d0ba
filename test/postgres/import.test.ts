import assert from 'node:assert/strict'
import test from 'node:test'
import { Client } from 'pg'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { importIntoPostgres } from '../../src/database/transfer/import.ts'
import { normalizePage, type PageKey } from '../../src/page.ts'
import { siteKey } from '../../src/site.ts'
import { readCount, T0 } from '../harness/app.ts'
import { makeDatabase, run } from '../harness/postgres.ts'
import { until } from '../harness/until.ts'

const [A, B, NEW] = ['a.example/x', 'b.example', 'new.example'].map((name) =>
  normalizePage(name),
) as [PageKey, PageKey, PageKey]
const DEED = { actor: 'session 1', reason: 'a test', at: T0 }

test('hits are imported to the page that their address stands for, even if it is merged meanwhile', async (t) => {
  const url = await makeDatabase(t)
  const store = await openPostgresStore(url, { now: () => T0 })
  t.after(() => store.close())
  for (const page of [A, B]) await store.count({ page, at: T0, window: null })
  const waiting = async (many: number) => {
    const rows = await run(
      url,
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    return rows.length >= many
  }

  // The import has found A, and waits to make the other page. Then it continues after the merge.
  const other = new Client({ connectionString: url })
  await other.connect()
  await other.query("begin; update host set pages = pages where name = ''")
  const pages = new Map([A, NEW].map((page) => [page, 34]))
  const importing = importIntoPostgres(url, { source: 'old', marks: [], pages }, T0)
  await until(() => waiting(1))
  const merging = store.admin.change([{ action: 'merge', page: A, into: B }], DEED)
  await until(() => waiting(2))
  await other.query('commit')
  await other.end()
  await Promise.all([importing, merging])

  assert.equal(await readCount(store, B), 36)
  assert.equal(await readCount(store, siteKey('b.example')), 36)
  assert.equal(await readCount(store, siteKey('a.example')), 0)
})
