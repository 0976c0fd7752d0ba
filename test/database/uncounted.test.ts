import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import Database from 'better-sqlite3'
import { UncountedQueue } from '../../src/database/batch.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import type { PageKey } from '../../src/page.ts'
import type { UncountedVisits } from '../../src/store.ts'
import { T0, temporaryFolder } from '../harness/app.ts'

const page = (number: number) => `p${number}.example` as PageKey

/** A queue that records what it writes. */
function collecting() {
  const written: UncountedVisits[] = []
  return { written, uncounted: new UncountedQueue(async (slice) => void written.push(...slice)) }
}

test('visits of one page, hour and outcome share an entry', async () => {
  const { written, uncounted } = collecting()
  for (let times = 0; times < 1000; times++) uncounted.add(page(1), 'repeat', T0 + times)
  uncounted.add(page(1), 'bot', T0)
  uncounted.add(page(1), 'repeat', T0 + 3_600_000)
  uncounted.add(page(2), 'repeat', T0)
  await uncounted.write()
  assert.deepEqual(
    written.map(({ visits }) => visits),
    [1000, 1, 1, 1],
  )
  await uncounted.write()
  assert.equal(written.length, 4)
})

test('a full queue takes no new entries, but counts visits of those that it has', async () => {
  const { written, uncounted } = collecting()
  for (let number = 0; number < 20_000; number++) uncounted.add(page(number), 'bot', T0)
  uncounted.add(page(5), 'bot', T0)
  await uncounted.write()
  assert.equal(written.length, 10_000)
  assert.equal(written.find((visits) => visits.page === page(5))?.visits, 2)
})

test('many entries are written in several slices, each once', async (t) => {
  const store = await openSqliteStore(join(temporaryFolder(t), 'data.db'))
  t.after(() => store.close())
  const many = Array.from({ length: 1234 }, (_, number) => page(number))
  for (const name of many) store.recordUncounted(name, 'bot', T0)
  await store.writeUncounted()
  await store.writeUncounted()
  const span = { from: 0, to: 1e9 }
  const told = await Promise.all(
    [0, 499, 500, 733, 734, 1233].map((number) => store.history(page(number), [span])),
  )
  for (const [rows] of told) assert.deepEqual(rows, [{ outcome: 'bot', visits: 1 }])
})

test('a history that is read while many are written includes them all; so it does after closing and opening', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  const store = await openSqliteStore(file)
  for (let number = 0; number < 3000; number++) store.recordUncounted(page(number), 'bot', T0)
  const written = store.writeUncounted()
  const told = await Promise.all(
    [0, 1500, 2999].map((number) => store.history(page(number), [{ from: 0, to: 1e9 }])),
  )
  for (const [rows] of told) assert.deepEqual(rows, [{ outcome: 'bot', visits: 1 }])
  await written
  for (let number = 0; number < 3000; number++) store.recordUncounted(page(number), 'bot', T0)
  const again = store.writeUncounted()
  await store.close()
  await again
  const look = new Database(file, { readonly: true })
  t.after(() => look.close())
  assert.equal(
    look.prepare('select sum(visits) from page_outcome where page_id > 0').pluck().get(),
    6000,
  )
})

test('entries that could not be written stay in the queue, with later ones', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  const store = await openSqliteStore(file)
  t.after(() => store.close())
  await store.count({ page: page(1), at: T0, window: null })
  const other = new Database(file)
  t.after(() => other.close())
  other.exec('begin immediate')
  for (let times = 0; times < 3; times++) store.recordUncounted(page(1), 'repeat', T0)
  const written = store.writeUncounted()
  store.recordUncounted(page(1), 'repeat', T0)
  await assert.rejects(written, { code: 'unavailable' })
  other.exec('commit')
  await store.writeUncounted()
  const [rows = []] = await store.history(page(1), [{ from: 0, to: 1e9 }])
  assert.deepEqual(
    rows.map(({ outcome, visits }) => `${outcome} ${visits}`),
    ['counted 1', 'repeat 4'],
  )
})

test('nothing is written for a page that a limit excludes', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  const store = await openSqliteStore(file, { maxPages: 1 })
  t.after(() => store.close())
  await store.count({ page: page(1), at: T0, window: null })
  for (const number of [1, 2, 3]) store.recordUncounted(page(number), 'bot', T0)
  await store.writeUncounted()
  const look = new Database(file, { readonly: true })
  t.after(() => look.close())
  const rows = look.prepare('select page_id, visits from page_outcome').raw().all()
  // The page, and its host.
  assert.deepEqual(rows, [
    [-1, 1],
    [1, 1],
  ])
})
