import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import type { PageKey } from '../../src/page.ts'
import { MINUTE_MS } from '../../src/time.ts'
import { T0, temporaryFolder } from '../harness/app.ts'

const MB = 1024 * 1024
/** The size to which the log is cut. */
const KEPT = 8 * MB
const PAGES = 200

/** A store whose log has grown during a long read, which has ended. */
async function grown(t: TestContext) {
  const file = join(temporaryFolder(t), 'data.db')
  const store = await openSqliteStore(file)
  t.after(() => store.close())
  const size = () => statSync(`${file}-wal`).size
  const visit = () => {
    const pages = Array.from({ length: PAGES }, (_, at) => `p${at}.example` as PageKey)
    const window = { secret: 'x'.repeat(64), endsAt: T0 + 1000 }
    return Promise.all(pages.map((page) => store.count({ page, at: T0, window })))
  }
  await visit()
  const reader = new Database(file, { readonly: true })
  reader.exec('begin; select count(*) from page')
  reader.prepare('select count(*) from page').get()
  while (size() < 16 * MB) await visit()
  await store.maintain(T0)
  assert.ok(size() >= 16 * MB, 'while it is read, nothing can be done')
  reader.exec('commit')
  reader.close()
  return { store, size, visit }
}

test('a log that has grown during a long read shrinks with the next visits', async (t) => {
  const { size, visit } = await grown(t)
  for (let visits = 0; visits < 3; visits++) await visit()
  assert.ok(size() <= KEPT, `${size()} bytes`)
})

test('a log with removed tokens that is being read is emptied later', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  const store = await openSqliteStore(file)
  t.after(() => store.close())
  await store.maintain(T0)
  const window = { secret: 'x'.repeat(64), endsAt: T0 + 1000 }
  await store.count({ page: 'a.example' as PageKey, at: T0, window })
  await store.sweep(T0 + 2000, 10, 1000)
  const reader = new Database(file, { readonly: true })
  reader.exec('begin')
  reader.prepare('select count(*) from page').get()
  await store.maintain(T0 + MINUTE_MS)
  reader.close()
  assert.ok(statSync(`${file}-wal`).size > 0)
  await store.maintain(T0 + 2 * MINUTE_MS)
  assert.equal(statSync(`${file}-wal`).size, 0)
})

test('without visits, housekeeping shrinks it, and no hit is lost', async (t) => {
  const { store, size, visit } = await grown(t)
  await store.maintain(T0)
  assert.ok(size() <= KEPT, `${size()} bytes`)
  const before = (await store.readPage('p7.example' as PageKey, null, T0)).count
  await visit()
  assert.equal((await store.readPage('p7.example' as PageKey, null, T0)).count, before + 1)
})
