import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { UsageError } from '../../src/commands/usage.ts'
import type { StoreOptions } from '../../src/database/options.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { importIntoFile, importIntoPostgres } from '../../src/database/transfer/import.ts'
import type { PageKey } from '../../src/page.ts'
import type { Store } from '../../src/store.ts'
import { ALL, readCount, sumOf, temporaryFolder } from '../harness/app.ts'
import { runCommand } from '../harness/commands.ts'
import { type Engine, engines } from '../harness/engines.ts'
import { makeFileDatabase, run as runSql } from '../harness/postgres.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** In the middle of an hour and of a day, UTC. */
const NOW = Date.UTC(2026, 6, 15, 12, 30)
const MIDNIGHT = NOW - (NOW % DAY)
const EVER = { from: 0, to: 1e9 }
const page = (name: string | number) => `p${name}.example/x` as PageKey

const emptyDatabase = engines().includes('postgres') ? await makeFileDatabase() : async () => ''

interface Place {
  name: string
  databaseFile: string
  databaseUrl: string | undefined
  open(options?: Partial<StoreOptions>): Promise<Store>
  addImported(pages: Map<PageKey, number>): Promise<unknown>
}

async function makePlace(t: TestContext, engine: Engine): Promise<Place> {
  if (engine === 'postgres') {
    const databaseUrl = await emptyDatabase()
    const { host, pathname } = new URL(databaseUrl)
    return {
      name: `postgres://${host}${pathname}`,
      databaseFile: '',
      databaseUrl,
      open: (options) => openPostgresStore(databaseUrl, options),
      addImported: (pages) =>
        importIntoPostgres(databaseUrl, { source: 'old', marks: [], pages }, NOW),
    }
  }
  const databaseFile = join(temporaryFolder(t), 'data.db')
  return {
    name: databaseFile,
    databaseFile,
    databaseUrl: undefined,
    open: (options) => openSqliteStore(databaseFile, options),
    addImported: (pages) => importIntoFile(databaseFile, { source: 'old', marks: [], pages }),
  }
}

async function prune(
  place: Place,
  argv: string,
  keepHistoryDays = 0,
  now = NOW,
): Promise<string[]> {
  const lines: string[] = []
  const settings = { ...place, keepHistoryDays }
  const print = (line: string) => void lines.push(line)
  await runCommand(['prune', ...argv.split(' ')], settings, now, { print })
  return lines
}

async function visit(store: Store, name: PageKey, at: number, times = 1): Promise<void> {
  for (let each = 0; each < times; each++) await store.count({ page: name, at, window: null })
}

async function listed(store: Store): Promise<string[]> {
  const { pages } = await store.top({ ...ALL, pages: 1000 })
  return pages.map(({ name }) => name).sort()
}

for (const engine of engines()) {
  test(`${engine}: idle pages are removed; a dry run says how many, and changes nothing`, async (t) => {
    const place = await makePlace(t, engine)
    const store = await place.open()
    await visit(store, page('few'), NOW - 40 * DAY, 2)
    await visit(store, page('first-day-kept'), MIDNIGHT - 30 * DAY)
    await visit(store, page('last-day-gone'), MIDNIGHT - 30 * DAY - 1)
    await visit(store, page('many'), NOW - 40 * DAY, 3)
    await visit(store, page('recent'), NOW)
    await visit(store, page('robots'), NOW - 40 * DAY)
    store.recordUncounted(page('robots'), 'bot', NOW)
    store.recordUncounted(page('only-noted'), 'bot', NOW - 31 * DAY)
    await store.writeUncounted()
    await store.rollUpHours(Math.floor(MIDNIGHT / HOUR) - 35 * 24, { after: '', pages: 1000 })
    await visit(store, 'p"\u009b"' as PageKey, NOW - 40 * DAY)
    await visit(store, page('newest'), NOW)
    await store.close()
    await place.addImported(new Map([[page('imported'), 1]]))
    const before = readFileIfAny(place)
    const dry = await prune(place, '--pages-below 3 --idle-days 30 --dry-run')
    const which = 'with fewer than 3 hits, and no visit since 2026-06-15'
    assert.equal(dry[0], `would remove 4 pages ${which}`)
    assert.deepEqual(dry.slice(1, 5).sort(), [
      '  "p\\"\\u009b\\"" (1 hits)',
      '  "pfew.example/x" (2 hits)',
      '  "plast-day-gone.example/x" (1 hits)',
      '  "ponly-noted.example/x" (0 hits)',
    ])
    assert.deepEqual(dry.slice(5), [`in ${place.name}`])
    assert.deepEqual(readFileIfAny(place), before)
    assert.deepEqual(await prune(place, '--pages-below 3 --idle-days 30'), [
      `removed 4 pages ${which}`,
      `from ${place.name}`,
    ])
    const after = await place.open()
    t.after(() => after.close())
    const kept = ['first-day-kept', 'imported', 'many', 'newest', 'recent', 'robots'].map(page)
    assert.deepEqual(await listed(after), kept)
    assert.equal(await readCount(after, page('few')), 0)
    assert.equal(await sumOf(after, page('few'), EVER), 0)
    await visit(after, page('few'), NOW)
    assert.equal(await readCount(after, page('few')), 1)
    assert.equal(await sumOf(after, page('few'), EVER), 1)
    assert.deepEqual(await listed(after), [...kept, page('few')].sort())
    assert.match(String(await prune(place, '--pages-below 3 --idle-days 30')), /^removed 0 pages/)
  })

  test(`${engine}: a running service has room for new pages at once, and counts a removed page from 1`, async (t) => {
    const place = await makePlace(t, engine)
    const store = await place.open({ maxPages: 300, maxPagesPerHost: 250 })
    t.after(() => store.close())
    const junk = Array.from({ length: 250 }, (_, name) => `junk.example/${name}` as PageKey)
    const honest = Array.from({ length: 50 }, (_, name) => page(name))
    await Promise.all(junk.map((name) => visit(store, name, NOW - 9 * DAY)))
    for (const name of honest) await visit(store, name, NOW)
    await store.maintain(NOW)
    const refused = { code: 'too_many_pages' }
    await assert.rejects(visit(store, page('new'), NOW), refused)
    await assert.rejects(visit(store, 'junk.example/new' as PageKey, NOW), refused)
    const [done] = await prune(place, '--pages-below 2 --idle-days 7')
    assert.match(String(done), /^removed 250 pages/)
    await store.maintain(NOW + 1000)
    const again = [
      ...junk.slice(0, 100),
      ...Array.from({ length: 150 }, (_, at) => page(`new${at}`)),
    ]
    await Promise.all(again.map((name) => visit(store, name, NOW)))
    for (const name of again) assert.equal(await readCount(store, name), 1, name)
    assert.deepEqual(await listed(store), [...honest, ...again].sort())
    await assert.rejects(visit(store, page('last'), NOW), refused, 'as many as before')
    for (const name of honest) assert.equal(await readCount(store, name), 1)
    // It notices the next removal too.
    const later = await prune(place, '--pages-below 2 --idle-days 1', 0, NOW + 2 * DAY)
    assert.match(String(later), /^removed (299|300) pages/)
    await store.maintain(NOW + 2000)
    const once = again.slice(0, 50)
    for (const name of once) await visit(store, name, NOW)
    assert.deepEqual(
      (await listed(store)).filter((name) => once.includes(name as PageKey)),
      once.toSorted(),
    )
  })

  test(`${engine}: a page that is visited meanwhile keeps the visit, and also its number if the visit came first`, async (t) => {
    const place = await makePlace(t, engine)
    const store = await place.open()
    t.after(() => store.close())
    const names = Array.from({ length: 1000 }, (_, name) => page(name))
    await Promise.all(names.map((name) => visit(store, name, NOW - 9 * DAY, 2)))
    await store.maintain(NOW)
    // Another process removes a slice while every fifth page of all slices is visited.
    const other = await place.open()
    const rule = { below: 5, beforeHour: MIDNIGHT / HOUR - 7 * 24 }
    let removed = 0
    let slice = 0
    for (let after: string | null = ''; after !== null; slice++) {
      const visited = names.filter((_, at) => at % 5 === slice)
      const removing = other.removeIdle(rule, { after, pages: 200 })
      await Promise.all(visited.map((name) => visit(store, name, NOW)))
      const done = await removing
      removed += done.removed
      after = done.next
    }
    await other.close()
    for (const name of names.filter((_, at) => at % 5 >= slice)) await visit(store, name, NOW)
    await store.maintain(NOW + 1000)
    const after = await Promise.all(names.map((name) => readCount(store, name)))
    assert.equal(after.filter((count) => count === 1).length, removed)
    assert.ok(removed > 0 && removed < 1000, `${removed} removed`)
    assert.equal(after.filter((count) => count === 3).length, 1000 - removed)
    await Promise.all(names.map((name) => visit(store, name, NOW)))
    assert.equal((await listed(store)).length, 1000)
  })

  test(`${engine}: exactly the pages of the rule are removed, for any visits, before and after rolling up`, async (t) => {
    const visits = fc.array(
      fc.record({
        name: fc.nat(5),
        daysAgo: fc.integer({ min: 6, max: 9 }),
        kind: fc.constantFrom('hit', 'hit', 'note'),
      }),
      { minLength: 1, maxLength: 25 },
    )
    await fc.assert(
      fc.asyncProperty(
        visits,
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (given, below, fold) => {
          const place = await makePlace(t, engine)
          const store = await place.open()
          const hits = new Map<number, number>()
          const last = new Map<number, number>()
          for (const { name, daysAgo, kind } of given.toSorted((a, b) => b.daysAgo - a.daysAgo)) {
            const at = MIDNIGHT - daysAgo * DAY + 5 * HOUR
            if (kind === 'hit') await visit(store, page(name), at)
            else store.recordUncounted(page(name), 'bot', at)
            hits.set(name, (hits.get(name) ?? 0) + (kind === 'hit' ? 1 : 0))
            last.set(name, Math.min(daysAgo, last.get(name) ?? daysAgo))
          }
          await store.writeUncounted()
          await visit(store, page('newest'), NOW)
          await store.maintain(NOW)
          if (fold) {
            const hour = MIDNIGHT / HOUR - 24
            for (let after: string | null = ''; after !== null; )
              after = await store.rollUpHours(hour, { after, pages: 2 })
          }
          const gone = [...hits].filter(
            ([name, many]) => many < below && Number(last.get(name)) > 7,
          )
          const argv = `--pages-below ${below} --idle-days 7`
          const dry = await prune(place, `${argv} --dry-run`)
          assert.match(String(dry), new RegExp(`^would remove ${gone.length} pages? `))
          assert.match(
            String(await prune(place, argv)),
            new RegExp(`^removed ${gone.length} pages? `),
          )
          for (const [name, many] of hits) {
            const expected = gone.some(([other]) => other === name) ? 0 : many
            assert.equal(await readCount(store, page(name)), expected)
            assert.equal(await sumOf(store, page(name), EVER), expected)
          }
          // The roll-up when the service closes does not create a removed page again.
          await store.close()
          const after = await place.open()
          for (const [name] of gone) assert.equal(await readCount(after, page(name)), 0)
          await after.close()
        },
      ),
      { numRuns: 8 },
    )
  })
}

function readFileIfAny({ databaseUrl, databaseFile }: Place) {
  return databaseUrl === undefined ? readFileSync(databaseFile) : null
}

test('sqlite: a thousand removed pages leave no rows, and no id is given twice', async (t) => {
  const place = await makePlace(t, 'sqlite')
  const store = await place.open()
  const names = Array.from({ length: 1000 }, (_, name) => page(name))
  await Promise.all(names.map((name) => visit(store, name, NOW - 9 * DAY)))
  for (const name of names) store.recordUncounted(name, 'bot', NOW - 9 * DAY)
  await store.writeUncounted()
  // Its hits are still in the journal.
  await prune(place, '--pages-below 2 --idle-days 7')
  await store.close()
  const again = await place.open()
  await visit(again, page('new'), NOW)
  await again.close()
  const database = new Database(place.databaseFile, { readonly: true })
  t.after(() => database.close())
  const one = (sql: string) => database.prepare(sql).pluck().get()
  // The newest page stays, so that its id is not given again.
  assert.equal(one('select group_concat(id) from page'), '1000,1001')
  assert.equal(one('select count(*) from host'), 2)
  // Those of pages, and those of their hosts.
  for (const ids of ['page_id > 0', 'page_id < 0']) {
    for (const table of ['tally', 'page_hour'])
      assert.equal(one(`select count(*) from ${table} where ${ids}`), 2, table)
    assert.equal(one(`select count(*) from page_outcome where ${ids}`), 1)
  }
  assert.equal(one('select removed_pages from file'), 999)
  assert.equal(one('select sum(pages) from host'), 2)
  assert.equal(one('pragma integrity_check'), 'ok')
})

test('postgres: removed pages leave no rows', {
  skip: !engines().includes('postgres'),
}, async (t) => {
  const place = await makePlace(t, 'postgres')
  const store = await place.open()
  t.after(() => store.close())
  const names = Array.from({ length: 500 }, (_, name) => page(name))
  await Promise.all(names.map((name) => visit(store, name, NOW - 9 * DAY)))
  for (const name of names) store.recordUncounted(name, 'bot', NOW - 9 * DAY)
  await store.writeUncounted()
  await prune(place, '--pages-below 2 --idle-days 7')
  const tables = [
    'page',
    'tally',
    'page_minute',
    'page_hour',
    'page_day',
    'page_outcome',
    'journal',
  ]
  for (const table of tables)
    assert.deepEqual(await runSql(String(place.databaseUrl), `select * from ${table}`), [], table)
  const hosts = await runSql(String(place.databaseUrl), 'select name, pages::int from host')
  assert.deepEqual(hosts, [{ name: '', pages: 0 }])
})

test('an invalid command line removes nothing', async (t) => {
  const place = await makePlace(t, 'sqlite')
  const store = await place.open()
  await visit(store, page(1), NOW - 99 * DAY)
  await visit(store, page(2), NOW)
  await store.close()
  const wrong: [RegExp, string, number?][] = [
    [/^--pages-below and --idle-days belong together\.$/, '--pages-below 3'],
    [/^--pages-below and --idle-days belong together/, '--idle-days 3'],
    [
      /'--pages-below <hits>' argument '0' .*must be a whole number from 1 on/,
      '--pages-below 0 --idle-days 3',
    ],
    [
      /'--idle-days <days>' argument '1\.5' .*must be a whole number/,
      '--pages-below 2 --idle-days 1.5',
    ],
    [/'--idle-days <days>' argument 'x' .*must be a whole number/, '--pages-below 2 --idle-days x'],
    [/^--idle-days is 31, but KEEP_HISTORY_DAYS is 30/, '--pages-below 2 --idle-days 31', 30],
    [/^Too many arguments for 'prune'/, '--pages-below 2 --idle-days 3 now'],
  ]
  for (const [message, argv, days] of wrong) {
    await assert.rejects(prune(place, argv, days), (error) => {
      assert.ok(error instanceof UsageError)
      assert.match(error.message, message)
      return true
    })
  }
  const after = await place.open()
  t.after(() => after.close())
  assert.equal(await readCount(after, page(1)), 1)
})
