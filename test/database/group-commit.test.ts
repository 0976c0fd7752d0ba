import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { connect, openSqliteStore } from '../../src/database/sqlite.ts'
import { normalizePage } from '../../src/page.ts'
import { T0, temporaryFolder } from '../harness/app.ts'

const PAGE = normalizePage('example.com')
const HOUR = 3_600_000

async function open(t: TestContext) {
  const file = join(temporaryFolder(t), 'test.db')
  const store = await openSqliteStore(file)
  const look = new Database(file)
  t.after(async () => {
    look.close()
    await store.close()
  })
  return { store, look }
}

test('hits are kept by page and UTC hour, in the same transaction as the number', async (t) => {
  const { store, look } = await open(t)
  const times = [T0, T0 + 1, T0 + HOUR - 1, T0 + HOUR, T0 - 1]
  await Promise.all(times.map((at) => store.count({ page: PAGE, at, window: null })))
  const hour = T0 / HOUR
  assert.deepEqual(look.prepare('select hour, hits from page_hour order by hour').raw().all(), [
    [hour - 1, 1],
    [hour, 3],
    [hour + 1, 1],
  ])
  assert.equal(
    look.prepare('select sum(hits) from page_hour').pluck().get(),
    await store.read(PAGE),
  )
})

for (const table of ['page', 'tally', 'page_hour', 'token']) {
  test(`a batch that fails at ${table} is refused whole and stores nothing`, async (t) => {
    const { store, look } = await open(t)
    const window = { secret: 'secretsecret', endsAt: T0 + 1000 }
    await store.count({ page: PAGE, at: T0, window })
    look.exec(
      `create trigger fail_insert before insert on ${table} begin select raise(abort, 'no'); end;
       create trigger fail_update before update on ${table} begin select raise(abort, 'no'); end;`,
    )
    const other = normalizePage('other.example')
    const batch = await Promise.allSettled(
      [PAGE, other, PAGE].map((page) => store.count({ page, at: T0, window })),
    )
    for (const result of batch) {
      assert.equal(result.status, 'rejected')
      assert.equal(result.reason.code, 'unavailable')
      assert.doesNotMatch(result.reason.message, /abort|no'/)
    }
    const rows = ['page', 'tally', 'page_hour', 'token'].map((name) =>
      look.prepare(`select count(*) from ${name}`).pluck().get(),
    )
    assert.deepEqual(rows, [1, 1, 1, 1])
    assert.equal(await store.read(PAGE), 1)

    look.exec('drop trigger fail_insert; drop trigger fail_update;')
    const [first, second] = await Promise.all(
      [PAGE, other].map((page) => store.count({ page, at: T0, window })),
    )
    assert.deepEqual(
      [first?.count, second?.count],
      [2, 1],
      'counting goes on as if nothing had been',
    )
    assert.equal(await store.read(other), 1, 'and a page that the failed batch made is made anew')
  })
}

test('the log is on disk with every commit, and does not grow without end', async (t) => {
  const { store, look } = await open(t)
  assert.equal(look.pragma('journal_mode', { simple: true }), 'wal')
  for (let round = 0; round < 60; round++) {
    const pages = Array.from({ length: 50 }, (_, index) => normalizePage(`p/${round}/${index}`))
    await Promise.all(pages.map((page) => store.count({ page, at: T0, window: null })))
  }
  const [{ log }] = look.pragma('wal_checkpoint(passive)') as [{ log: number }]
  assert.ok(log < 2500, `${log} pages of 4 kB in the log`)
})

test('every connection syncs the disk at each commit', (t) => {
  const driver = connect(join(temporaryFolder(t), 'test.db'))
  t.after(() => driver.close())
  assert.equal(driver.pragma('journal_mode', { simple: true }), 'wal')
  assert.equal(driver.pragma('synchronous', { simple: true }), 2, '2 is FULL')
  assert.equal(driver.pragma('busy_timeout', { simple: true }), 2000)
})
