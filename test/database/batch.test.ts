import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { type BatchOptions, BatchQueue } from '../../src/database/batch.ts'
import type { StoreOptions } from '../../src/database/options.ts'
import { connect } from '../../src/database/sqlite/connection.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { normalizePage } from '../../src/page.ts'
import { readCount, T0, temporaryFolder } from '../harness/app.ts'

const PAGE = normalizePage('example.com')
const HOUR = 3_600_000

async function open(t: TestContext, options: Partial<StoreOptions> = {}) {
  const file = join(temporaryFolder(t), 'test.db')
  const store = await openSqliteStore(file, options)
  const look = new Database(file)
  t.after(async () => {
    look.close()
    await store.close()
  })
  return { store, look }
}

test('hits are kept by page and UTC hour, with the number', async (t) => {
  const { store, look } = await open(t)
  const times = [T0, T0 + 1, T0 + HOUR - 1, T0 + HOUR, T0 - 1]
  await Promise.all(times.map((at) => store.count({ page: PAGE, at, window: null })))
  await store.close()
  const hour = T0 / HOUR
  const rows = 'select hour, hits from page_hour where page_id > 0 order by hour'
  assert.deepEqual(look.prepare(rows).raw().all(), [
    [hour - 1, 1],
    [hour, 3],
    [hour + 1, 1],
  ])
  assert.equal(look.prepare('select hits from tally where page_id > 0').pluck().get(), 5)
})

const COUNTS = ['page', 'host', 'journal', 'token', 'tally', 'page_hour']

for (const table of COUNTS) {
  test(`a batch that fails at ${table} rejects all of its hits and stores nothing`, async (t) => {
    // Enough hits that every part of the pages is rolled up into these tables.
    const many = table === 'tally' || table === 'page_hour' ? 64 * 1024 : 100
    const { store, look } = await open(t, { maxWaiting: 2 * many })
    const window = { secret: 'secretsecret', endsAt: T0 + 1000 }
    await store.count({ page: PAGE, at: T0, window })
    const rows = () =>
      COUNTS.map((name) => look.prepare(`select count(*) from ${name}`).pluck().get())
    const before = rows()
    look.exec(
      `create trigger fail_insert before insert on ${table} begin select raise(abort, 'no'); end;
       create trigger fail_update before update on ${table} begin select raise(abort, 'no'); end;`,
    )
    const other = normalizePage('other.example')
    const batch = await Promise.allSettled(
      Array.from({ length: many }, (_, index) =>
        store.count({
          page: index === 1 ? other : PAGE,
          at: T0,
          window: index < 9 ? window : null,
        }),
      ),
    )
    for (const result of batch) {
      assert.equal(result.status, 'rejected')
      assert.equal(result.reason.code, 'unavailable')
      assert.doesNotMatch(result.reason.message, /abort|no'/)
    }
    assert.deepEqual(rows(), before)
    assert.equal(await readCount(store, PAGE), 1)

    look.exec('drop trigger fail_insert; drop trigger fail_update;')
    const [first, second] = await Promise.all(
      [PAGE, other].map((page) => store.count({ page, at: T0, window })),
    )
    assert.deepEqual(
      [first?.count, second?.count],
      [2, 1],
      'counting continues as if nothing had happened',
    )
    assert.equal(
      await readCount(store, other),
      1,
      'and a page that the failed batch made is made again',
    )
  })
}

test('the log is synced with every commit, and does not grow without limit', async (t) => {
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

test('DURABILITY=normal syncs at checkpoints only', (t) => {
  const driver = connect(join(temporaryFolder(t), 'test.db'), 'normal')
  t.after(() => driver.close())
  assert.equal(driver.pragma('synchronous', { simple: true }), 1, '1 is NORMAL')
})

test('one batch is written at a time, even when the store is closed between a hit and its batch', async () => {
  const written: number[][] = []
  let atOnce = 0
  const commits = new BatchQueue<number, number>(
    async (batch) => {
      atOnce += 1
      assert.equal(atOnce, 1)
      for (let turn = 0; turn < 5; turn++) await nextTurn()
      atOnce -= 1
      written.push(batch)
      return batch
    },
    { maxWaiting: 10, waitingMessage: '' },
  )
  const first = commits.add(1)
  const drained = commits.drain()
  const second = commits.add(2)
  await drained
  assert.deepEqual(written, [[1], [2]])
  assert.deepEqual(await Promise.all([first, second]), [1, 2])
})

/** A queue that records the batches it runs, each with functions that answer it. */
function connections(options: Partial<BatchOptions>) {
  const sent: { hits: number[]; answer(): void; fail(): void }[] = []
  const group = new BatchQueue<number, number>(
    (hits) =>
      new Promise((resolve, reject) => {
        sent.push({ hits, answer: () => resolve(hits), fail: () => reject(new Error('away')) })
      }),
    { maxWaiting: 100, waitingMessage: '', ...options },
  )
  return { sent, group }
}

test('another batch runs when it is as large as those that are running, or they are answered', async () => {
  const { sent, group } = connections({ connections: 2 })
  const answered = [1, 2, 3].map((hit) => group.add(hit))
  await nextTurn()
  answered.push(group.add(4), group.add(5))
  await nextTurn()
  assert.deepEqual(
    sent.map(({ hits }) => hits),
    [[1, 2, 3]],
    'two items wait, because three are running',
  )
  answered.push(group.add(6))
  await nextTurn()
  assert.deepEqual(sent[1]?.hits, [4, 5, 6])
  answered.push(group.add(7))
  sent[1]?.answer()
  sent[0]?.answer()
  await nextTurn()
  assert.deepEqual(sent[2]?.hits, [7], 'no batch is running')
  sent[2]?.answer()
  assert.deepEqual(await Promise.all(answered), [1, 2, 3, 4, 5, 6, 7])
})

test('a batch has a maximum size; further items use another connection, or wait', async () => {
  const { sent, group } = connections({ connections: 2, maxBatch: 2 })
  const answered = [1, 2, 3, 4, 5].map((hit) => group.add(hit))
  await nextTurn()
  assert.deepEqual(
    sent.map(({ hits }) => hits),
    [
      [1, 2],
      [3, 4],
    ],
  )
  for (const { answer } of sent) answer()
  await nextTurn()
  sent[2]?.answer()
  assert.deepEqual(await Promise.all(answered), [1, 2, 3, 4, 5])
})

for (const together of [true, false]) {
  test(`a hit that waits while a batch fails ${together ? 'is rejected too' : 'is written next'}`, async () => {
    const { sent, group } = connections({ failTogether: together })
    const first = group.add(1)
    await nextTurn()
    const second = group.add(2)
    sent[0]?.fail()
    await assert.rejects(first, { message: 'away' })
    if (together) return assert.rejects(second, { message: 'away' })
    await nextTurn()
    sent[1]?.answer()
    assert.equal(await second, 2)
  })
}
