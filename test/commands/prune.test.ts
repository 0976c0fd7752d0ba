import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { rollUpHours } from '../../src/housekeeping.ts'
import type { PageKey } from '../../src/page.ts'
import type { Store } from '../../src/store.ts'
import { historyOf, readCount, sumOf, temporaryFolder } from '../harness/app.ts'
import { runCommand } from '../harness/commands.ts'
import { type Engine, engines } from '../harness/engines.ts'
import { makeDatabase, makeFileDatabase } from '../harness/postgres.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** In the middle of an hour and of a day, UTC. */
const NOW = Date.UTC(2026, 6, 15, 12, 30)
const HOURS = Math.floor(NOW / HOUR)
const EVER = { from: 0, to: 1e9 }
const page = (number: number) => `p${number}.example` as PageKey

const emptyDatabase = engines().includes('postgres') ? await makeFileDatabase() : async () => ''

/** A database to prune. */
interface Place {
  name: string
  databaseFile: string
  databaseUrl?: string
  open(): Promise<Store>
}

const PLACES: Record<Engine, (t: TestContext) => Promise<Place>> = {
  sqlite: async (t) => {
    const databaseFile = join(temporaryFolder(t), 'data.db')
    return { name: databaseFile, databaseFile, open: () => openSqliteStore(databaseFile) }
  },
  postgres: async () => {
    const databaseUrl = await emptyDatabase()
    const { host, pathname } = new URL(databaseUrl)
    const name = `postgres://${host}${pathname}`
    return { name, databaseFile: '', databaseUrl, open: () => openPostgresStore(databaseUrl) }
  },
}

async function prune(place: Place | string, days: number, ...argv: string[]): Promise<string[]> {
  const lines: string[] = []
  const where = typeof place === 'string' ? { databaseFile: place } : place
  const settings = { ...where, keepHistoryDays: days }
  await runCommand(['prune', ...argv], settings, NOW, { print: (line) => lines.push(line) })
  return lines
}

async function visit(store: Store, number: number, daysAgo: number, endsAt = NOW - 1) {
  const window = { secret: 'secretsecret', endsAt }
  await store.count({ page: page(number), at: NOW - daysAgo * DAY, window })
}

async function fill(t: TestContext, engine: Engine = 'sqlite'): Promise<Place> {
  const place = await PLACES[engine](t)
  const store = await place.open()
  // In the order of time, as if the clock were never set back.
  for (const daysAgo of [50, 12, 11]) await visit(store, 1, daysAgo)
  await visit(store, 3, 11)
  for (const daysAgo of [10, 9]) await visit(store, 1, daysAgo)
  await visit(store, 2, 5, NOW + 1000)
  await visit(store, 1, 1)
  store.recordUncounted(page(3), 'bot', NOW - 11 * DAY)
  store.recordUncounted(page(3), 'bot', NOW - 11 * DAY)
  store.recordUncounted(page(3), 'repeat', NOW - 10 * DAY)
  await rollUpHours(store, 40, NOW)
  await store.close()
  return place
}

for (const engine of engines()) {
  test(`${engine}: it removes the history that is too old, and ended tokens; the dry run and the run say so`, async (t) => {
    const place = await fill(t, engine)
    const before = place.databaseUrl === undefined && readFileSync(place.databaseFile)
    assert.deepEqual(await prune(place, 10, '--dry-run'), [
      'would remove numbers over time older than 10 days: 3 hours, 1 day and 1 outcome of 2 pages',
      'would remove 7 tokens of windows that have ended',
      `in ${place.name}; totals stay as they are`,
    ])
    if (before) assert.deepEqual(readFileSync(place.databaseFile), before, 'nothing is written')
    assert.deepEqual(await prune(place, 10), [
      'removed numbers over time older than 10 days: 3 hours, 1 day and 1 outcome of 2 pages',
      'removed 7 tokens of windows that have ended',
      `from ${place.name}; totals stay as they are`,
    ])
    const store = await place.open()
    t.after(() => store.close())
    assert.equal(await readCount(store, page(1)), 6)
    assert.equal(await sumOf(store, page(1), EVER), 3)
    assert.equal(await sumOf(store, page(3), EVER), 0)
    assert.deepEqual(await historyOf(store, page(3), { from: HOURS - 300, to: HOURS }), [
      { hour: Math.floor((NOW - 10 * DAY) / HOUR), outcome: 'repeat', visits: 1 },
    ])
    assert.match((await prune(place, 10))[0] ?? '', /: 0 hours, 0 days and 0 outcomes of 0 pages$/)
  })

  test(`${engine}: without KEEP_HISTORY_DAYS, only tokens are removed`, async (t) => {
    const place = await fill(t, engine)
    const kept = 'KEEP_HISTORY_DAYS is 0: numbers over time are kept for ever'
    const dry = await prune(place, 0, '--dry-run')
    assert.deepEqual(dry.slice(0, 2), [kept, 'would remove 7 tokens of windows that have ended'])
    const done = await prune(place, 0)
    assert.deepEqual(done.slice(0, 2), [kept, 'removed 7 tokens of windows that have ended'])
    const store = await place.open()
    t.after(() => store.close())
    assert.equal(await sumOf(store, page(1), EVER), 6)
  })

  test(`${engine}: a dry run reports what the run then does, for any history; and whole days are kept`, async (t) => {
    const midnight = NOW - (NOW % DAY)
    // Times around the first day that is kept, which begins at midnight.
    const visits = fc.array(
      fc.record({
        number: fc.nat(150),
        days: fc.integer({ min: -2, max: 2 }),
        hours: fc.constantFrom(0, 23),
        kind: fc.nat(4),
      }),
      { minLength: 1, maxLength: 40 },
    )
    await fc.assert(
      fc.asyncProperty(
        visits,
        fc.constantFrom(10, 40, 50),
        fc.boolean(),
        fc.boolean(),
        async (given, kept, crash, tidy) => {
          const place = await PLACES[engine](t)
          const store = await place.open()
          const expected = new Map<number, number>()
          const inTime = given.toSorted((a, b) => b.days - a.days || a.hours - b.hours)
          for (const { number, days, hours, kind } of inTime) {
            const at = midnight - (kept + days) * DAY + hours * HOUR
            if (kind === 0) {
              store.recordUncounted(page(number), 'bot', at)
              continue
            }
            const window = { secret: 'secretsecret', endsAt: NOW - 1 + (kind % 2) }
            await store.count({ page: page(number), at, window })
            expected.set(number, (expected.get(number) ?? 0) + (days <= 0 ? 1 : 0))
          }
          await store.writeUncounted()
          if (tidy) await store.maintain(NOW)
          await rollUpHours(store, 40, NOW)
          if (crash) {
            for (const { number } of given)
              await store.count({ page: page(number), at: NOW, window: null })
          } else await store.close()
          const dry = await prune(place, kept, '--dry-run')
          const done = await prune(place, kept)
          if (crash) await store.close()
          assert.deepEqual(
            done.map((line) => line.replace(/^removed/, 'would remove').replace(/^from/, 'in')),
            dry,
          )
          const after = await place.open()
          for (const [number, hits] of expected) {
            const before = { from: 0, to: midnight / HOUR }
            assert.equal(await sumOf(after, page(number), before), hits)
          }
          await after.close()
        },
      ),
      { numRuns: engine === 'sqlite' ? 10 : 5 },
    )
  })

  test(`${engine}: all pages of many are pruned, a slice at a time`, async (t) => {
    const place = await PLACES[engine](t)
    const store = await place.open()
    const at = NOW - 20 * DAY
    await Promise.all(
      Array.from({ length: 450 }, (_, number) =>
        store.count({ page: page(number), at, window: { secret: 'secretsecret', endsAt: NOW } }),
      ),
    )
    await store.close()
    for (const argv of [['--dry-run'], []]) {
      const [history = '', tokens = ''] = await prune(place, 10, ...argv)
      assert.match(history, /: 450 hours, .* of 450 pages$/)
      assert.match(tokens, / 450 tokens/)
    }
  })

  test(`${engine}: running windows stay, however long they are`, async (t) => {
    const place = await PLACES[engine](t)
    const store = await place.open()
    t.after(() => store.close())
    const window = { secret: 'secretsecret', endsAt: NOW + 30 * DAY }
    const { token } = await store.count({ page: page(1), at: NOW, window })
    await prune(place, 10)
    assert.equal((await store.readPage(page(1), token, NOW)).liveUntil, NOW + 30 * DAY)
  })
}

test('old hits that are still in the journal are removed too, while the service runs', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  const earlier = await openSqliteStore(file)
  await visit(earlier, 1, 30)
  await earlier.close()
  const store = await openSqliteStore(file)
  t.after(() => store.close())
  // The hour 30 days ago has a row already.
  for (const daysAgo of [0, 20, 30]) await visit(store, 1, daysAgo)
  const [dry = ''] = await prune(file, 10, '--dry-run')
  assert.match(dry, /: 2 hours, 0 days and 0 outcomes of 1 page$/)
  const [done = ''] = await prune(file, 10)
  assert.match(done, /: 2 hours, 0 days and 0 outcomes of 1 page$/)
  assert.equal(await sumOf(store, page(1), EVER), 1)
  assert.equal((await store.count({ page: page(1), at: NOW, window: null })).count, 5)
  assert.equal(await sumOf(store, page(1), EVER), 2)
})

test('an invalid command line and files that are not databases are refused', async (t) => {
  const { databaseFile: file } = await fill(t)
  await assert.rejects(prune(file, 1, '--drry-run'), /Did you mean --dry-run/)
  await assert.rejects(prune(file, 1, 'now'), /Too many arguments for 'prune'/)
  for (const argv of [[], ['--dry-run']]) {
    await assert.rejects(prune(`${file}.not`, 1, ...argv), /There is no database/)
  }
  writeFileSync(`${file}.txt`, 'no database, but long enough to be read as one'.repeat(50))
  for (const argv of [[], ['--dry-run']]) {
    const message = /^Error: Cannot prune .*: it is no SQLite database; /
    await assert.rejects(prune(`${file}.txt`, 1, ...argv), message)
  }
})

test('a dry run does not change an empty file, and says what it is', async (t) => {
  const { databaseFile } = await fill(t)
  const file = `${databaseFile}.empty`
  writeFileSync(file, '')
  await assert.rejects(prune(file, 10, '--dry-run'), /: it is empty; run this without --dry-run/)
  assert.equal(readFileSync(file).length, 0)
  assert.match((await prune(file, 10)).join(' '), /: 0 hours/)
})

test('a dry run does not change a database of an earlier version, and says what to do', async (t) => {
  const { databaseFile: file } = await fill(t)
  const database = new Database(file)
  const newer = [
    'page_outcome',
    'file',
    'imported_source',
    'version',
    'changed_page',
    'removed_page',
  ]
  for (const table of [...newer, 'alias', 'audit', 'rule', 'link', 'session', 'owner_key'])
    database.exec(`drop table ${table}`)
  database.exec(`
    drop index page_host;
    alter table journal rename column rolled_up to folded`)
  for (const table of ['tally', 'page_hour', 'page_day'])
    database.exec(`delete from ${table} where page_id < 0`)
  database.exec(`delete from kysely_migration where name >= '0004_outcome'`)
  database.close()
  await assert.rejects(prune(file, 10, '--dry-run'), /an earlier version made it; run this without/)
  const [done = ''] = await prune(file, 10)
  assert.match(done, /3 hours, 1 day and 0 outcomes/)
})

test('a dry run does not change an empty or missing PostgreSQL database, and says so', {
  skip: !engines().includes('postgres'),
}, async (t) => {
  const databaseUrl = await makeDatabase(t, undefined, true)
  const at = (url: string): Place => ({
    name: '',
    databaseFile: '',
    databaseUrl: url,
    open: () => openPostgresStore(url),
  })
  await assert.rejects(
    prune(at(databaseUrl), 10, '--dry-run'),
    /: it is empty, or an earlier version made it; run this without/,
  )
  await assert.rejects(prune(at('postgres://me:secret@127.0.0.1:1/x'), 10), (error) => {
    assert.match(
      String(error),
      /^Error: Cannot prune postgres:\/\/127\.0\.0\.1:1\/x: .*ECONNREFUSED/,
    )
    return true
  })
  assert.match((await prune(at(databaseUrl), 10)).join(' '), /: 0 hours/)
})
