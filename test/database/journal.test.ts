import assert from 'node:assert/strict'
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { importIntoFile } from '../../src/database/transfer/import.ts'
import type { PageKey } from '../../src/page.ts'
import type { Store } from '../../src/store.ts'
import { ALL, readCount, T0, temporaryFolder } from '../harness/app.ts'

const HOUR = 3_600_000
const page = (number: number) => `p${number}.example` as PageKey

/** A copy of the files as they are now, as a crash would leave them. */
function copyOf(file: string, copy: string): string {
  for (const end of ['', '-wal']) {
    if (existsSync(file + end)) copyFileSync(file + end, copy + end)
  }
  return copy
}

test('after a crash at any point, numbers and hours are the same', async (t) => {
  const folder = temporaryFolder(t)
  let run = 0
  // Pages 70 apart are in different parts; a batch of 2,000 hits rolls up more than one part.
  const batches = fc.array(
    fc.record({
      pages: fc.array(fc.nat(5), { minLength: 1, maxLength: 8 }),
      times: fc.constantFrom(1, 1, 300),
      hour: fc.nat(2),
      crash: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  await fc.assert(
    fc.asyncProperty(batches, async (series) => {
      run += 1
      let file = join(folder, `${run}.db`)
      let store = await openSqliteStore(file)
      await Promise.all(
        Array.from({ length: 400 }, (_, number) =>
          store.count({ page: page(number), at: T0, window: null }),
        ),
      )
      const expected = new Map<PageKey, number>()
      for (const [index, { pages, times, hour, crash }] of series.entries()) {
        const hits = Array.from({ length: times }, () => pages.map((number) => page(number * 70)))
        for (const key of hits.flat()) expected.set(key, (expected.get(key) ?? 1) + 1)
        await Promise.all(
          hits.flat().map((key) => store.count({ page: key, at: T0 + hour * HOUR, window: null })),
        )
        if (crash) {
          file = copyOf(file, join(folder, `${run}-${index}.db`))
          const other = await openSqliteStore(file)
          await store.close()
          store = other
        }
        for (const [key, total] of expected) assert.equal(await readCount(store, key), total)
      }
      await store.close()
      const look = new Database(file)
      const hours = look
        .prepare(
          `select key, tally.hits, (select sum(hits) from page_hour where page_id = page.id)
           from page join tally on tally.page_id = page.id`,
        )
        .raw()
        .all() as [PageKey, number, number][]
      assert.equal(hours.length, 400)
      for (const [key, total, inHours] of hours) {
        assert.deepEqual([total, inHours], [expected.get(key) ?? 1, expected.get(key) ?? 1], key)
      }
      assert.equal(look.prepare('select count(*) from journal').pluck().get(), 0)
      look.close()
    }),
    { numRuns: 4 },
  )
})

test('the journal is trimmed, but hits that wait stay', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'test.db')
  const store = await openSqliteStore(file, { maxWaiting: 1_000_000 })
  const other = await openSqliteStore(file, { maxWaiting: 1_000_000 })
  t.after(async () => {
    await store.close()
    await other.close()
  })
  const look = new Database(file, { readonly: true })
  t.after(() => look.close())
  let total = 0
  const count = async (by: Store, hits: number) => {
    total += hits
    await Promise.all(
      Array.from({ length: hits }, (_, index) =>
        by.count({ page: page(index % 5000), at: T0, window: null }),
      ),
    )
  }
  const rows = () => look.prepare('select count(*) from journal').pluck().get() as number

  // One and a half rounds of all parts, in small batches, so that without trimming there would be more rows.
  for (let batch = 0; batch < 208; batch++) await count(store, 512)
  assert.ok(rows() < 180, `${rows()} rows after more than a turn of one service`)
  // Each service notices that the other has written, and reads the journal again.
  for (let round = 0; round < 2; round++) await count(round % 2 ? store : other, 64 * 128)
  assert.ok(rows() < 400, `${rows()} rows after two that took turns`)

  const crashed = await openSqliteStore(copyOf(file, join(folder, 'copy.db')))
  const { hosts } = await crashed.top({ ...ALL, hosts: 100 })
  await crashed.close()
  const copy = new Database(join(folder, 'copy.db'), { readonly: true })
  assert.equal(copy.prepare('select sum(hits) from tally where page_id > 0').pluck().get(), total)
  assert.equal(
    copy.prepare('select sum(hits) from page_hour where page_id > 0').pluck().get(),
    total,
  )
  copy.close()
  const most = Math.max(...hosts.map(({ hits }) => hits))
  assert.ok(most >= total / 5000, 'lists that are read before anything else know what waits')
})

test('the top lists are exact beside another service that rolls up, and after a batch that failed', async (t) => {
  const file = join(temporaryFolder(t), 'test.db')
  const store = await openSqliteStore(file)
  t.after(() => store.close())
  const hits = (many: number) =>
    Promise.allSettled(
      Array.from({ length: many }, () => store.count({ page: page(1), at: T0, window: null })),
    )
  await hits(20)
  const expected = [{ name: page(1), hits: 20 }]
  assert.deepEqual((await store.top(ALL)).pages, expected)
  await (await openSqliteStore(file)).close()
  assert.deepEqual((await store.top(ALL)).pages, expected)
  const look = new Database(file)
  look.exec("create trigger fail before insert on journal begin select raise(abort, 'no'); end;")
  await hits(500)
  assert.deepEqual((await store.top(ALL)).pages, expected)
  look.exec('drop trigger fail')
  look.close()
})

test('the top lists consider all pages, also when they are read in several slices', async (t) => {
  const store = await openSqliteStore(join(temporaryFolder(t), 'test.db'))
  t.after(() => store.close())
  const many = Array.from({ length: 2500 }, (_, number) => page(number))
  const often = [page(3), page(1234), page(2499), page(2499)]
  await Promise.all(
    [...many, ...often].map((key) => store.count({ page: key, at: T0, window: null })),
  )
  const { pages, hosts } = await store.top({ ...ALL, pages: 3, hosts: 1 })
  assert.deepEqual(pages, [
    { name: page(2499), hits: 3 },
    { name: page(3), hits: 2 },
    { name: page(1234), hits: 2 },
  ])
  assert.deepEqual(hosts, [{ name: page(2499), hits: 3 }])
})

test('two services on one file count exactly, and each number occurs once', async (t) => {
  const file = join(temporaryFolder(t), 'test.db')
  const stores = [await openSqliteStore(file), await openSqliteStore(file)]
  const counts: number[] = []
  for (let round = 0; round < 30; round++) {
    const counted = await Promise.all(
      stores.flatMap((store) =>
        Array.from({ length: 1 + (round % 5) }, () =>
          store.count({ page: page(1), at: T0, window: null }),
        ),
      ),
    )
    counts.push(...counted.map(({ count }) => count))
    for (const store of stores) assert.equal(await readCount(store, page(1)), counts.length)
  }
  assert.deepEqual(
    counts.sort((a, b) => a - b),
    counts.map((_, index) => index + 1),
  )
  for (const store of stores) await store.close()
  const look = new Database(file, { readonly: true })
  assert.equal(
    look.prepare('select hits from tally where page_id > 0').pluck().get(),
    counts.length,
  )
  look.close()
})

test('hits that are imported beside a running service are in the next number', async (t) => {
  const file = join(temporaryFolder(t), 'test.db')
  const store = await openSqliteStore(file)
  t.after(() => store.close())
  await store.count({ page: page(1), at: T0, window: null })
  const pages = new Map([
    [page(1), 40],
    [page(2), 7],
  ])
  await importIntoFile(file, { source: 'old', marks: [], pages })
  assert.equal(await readCount(store, page(1)), 41)
  assert.equal(await readCount(store, page(2)), 7)
  assert.equal((await store.count({ page: page(1), at: T0, window: null })).count, 42)
  assert.equal((await store.count({ page: page(2), at: T0, window: null })).count, 8)
})

test('a database of the first version is brought up to date, with its numbers', async (t) => {
  const file = join(temporaryFolder(t), 'test.db')
  const old = new Database(file)
  old.exec(`
    create table kysely_migration (name varchar(255) not null primary key, timestamp varchar(255) not null);
    create table kysely_migration_lock (id varchar(255) not null primary key, is_locked integer default 0 not null);
    insert into kysely_migration values ('0001_first', '2026-11-01T00:00:00.000Z');
    insert into kysely_migration_lock values ('migration_lock', 0);
    create table page (id integer primary key, key text not null unique, host text not null);
    create table tally (page_id integer primary key, hits integer not null);
    create table page_hour (page_id integer not null, hour integer not null, hits integer not null,
      constraint page_hour_key primary key (page_id, hour)) without rowid;
    create table token (id integer primary key, page_id integer not null, secret text not null, ends_at integer not null);
    create table imported (source text not null, page_id integer not null, hits integer not null,
      constraint imported_key primary key (source, page_id)) without rowid;
    insert into page values (1, 'a.example/x', 'a.example'), (2, 'a.example/y', 'a.example'), (3, 'b.example', 'b.example');
    insert into tally values (1, 5), (2, 6), (3, 7);
    insert into page_hour values (1, 490000, 5), (2, 490000, 6), (3, 490000, 7);
  `)
  old.close()
  const store = await openSqliteStore(file, { maxPagesPerHost: 2 })
  t.after(() => store.close())
  assert.equal(
    (await store.count({ page: 'a.example/x' as PageKey, at: T0, window: null })).count,
    6,
  )
  assert.equal(await readCount(store, 'b.example'), 7)
  const lists = await store.top({ hosts: 2, pages: 0, rules: { allow: [], deny: [] }, ignore: [] })
  assert.deepEqual(lists.hosts, [
    { name: 'a.example', hits: 12 },
    { name: 'b.example', hits: 7 },
  ])
  const third = store.count({ page: 'a.example/z' as PageKey, at: T0, window: null })
  await assert.rejects(third, { code: 'too_many_pages' })
})

test('old hits in the journal are rolled up with the pages of their slice, also after a crash', async (t) => {
  const folder = temporaryFolder(t)
  const old = T0 - 50 * 24 * HOUR
  const beforeHour = T0 / HOUR - 12
  for (const [afterPage, pages] of [
    [0, 200],
    [59, 11],
    [127, 1],
  ] as const) {
    const file = join(folder, `${afterPage}.db`)
    const store = await openSqliteStore(file)
    await Promise.all(
      Array.from({ length: 250 }, (_, number) =>
        store.count({ page: page(number), at: old, window: null }),
      ),
    )
    const slice = Array.from({ length: pages }, (_, index) => page(afterPage + index))
    await store.prune(beforeHour, { after: String(afterPage), pages })
    const again = await openSqliteStore(copyOf(file, join(folder, `${afterPage}-copy.db`)))
    for (const opened of [store, again]) {
      for (const key of slice) {
        assert.deepEqual(await opened.sums(key, [{ from: 0, to: 1e9 }]), [0], key)
        assert.equal(await readCount(opened, key), 1, key)
      }
    }
    await again.close()
    await store.close()
  }
})
