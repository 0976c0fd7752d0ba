import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { CommandFailure } from '../../src/commands/usage.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { openDatabase } from '../../src/database/sqlite/open.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { importIntoFile } from '../../src/database/transfer/import.ts'
import { rollUpHours } from '../../src/housekeeping.ts'
import type { PageKey } from '../../src/page.ts'
import { siteKey } from '../../src/site.ts'
import type { Store } from '../../src/store.ts'
import type { Token } from '../../src/token.ts'
import { historyOf, isLive, readCount, sumOf, temporaryFolder } from '../harness/app.ts'
import { runCommand } from '../harness/commands.ts'
import { engines } from '../harness/engines.ts'
import { makeDatabase, makeFileDatabase, run } from '../harness/postgres.ts'
import { BARE, MAIN } from '../harness/server.ts'
import { WRONG } from '../harness/wrong-files.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** In the middle of an hour and of a day, UTC. */
const NOW = Date.UTC(2026, 6, 15, 12, 30)
const A = 'a.example/x' as PageKey
const B = 'b.example' as PageKey

/** A test that needs a PostgreSQL server. */
function moving(name: string, run: (t: TestContext) => Promise<void>): void {
  test(name, { skip: !engines().includes('postgres') }, run)
}

const emptyDatabase = engines().includes('postgres') ? await makeFileDatabase() : async () => ''

async function setUp(t: TestContext) {
  const file = join(temporaryFolder(t), 'old.db')
  const url = await emptyDatabase()
  async function using<Result>(opening: Promise<Store>, work: (store: Store) => Promise<Result>) {
    const store = await opening
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }
  const warnings: string[] = []
  return {
    file,
    url,
    /** What it warned of, in all runs. */
    warnings,
    async move(now = NOW, ...argv: string[]): Promise<string> {
      const lines: string[] = []
      const settings = { databaseFile: file, databaseUrl: url }
      await runCommand(['migrate-to-postgres', ...argv], settings, now, {
        print: (line) => lines.push(line),
        warn: (line) => warnings.push(line),
      })
      return lines.join('\n').replace(/ +/g, ' ')
    },
    old: <Result>(work: (store: Store) => Promise<Result>) => using(openSqliteStore(file), work),
    young: <Result>(work: (store: Store) => Promise<Result>) => using(openPostgresStore(url), work),
  }
}

async function visit(store: Store, page: PageKey, at: number, times = 1) {
  for (let each = 0; each < times; each++) await store.count({ page, at, window: null })
}

/** All that a store says of pages: their numbers, their last days by the hour, and a year by the day. */
async function told(store: Store, pages: readonly PageKey[]) {
  const midnight = Math.floor(NOW / DAY) * 24
  const days = Array.from({ length: 365 }, (_, day) => midnight + (day - 360) * 24)
  const all = []
  for (const page of pages) {
    all.push({
      page,
      count: await readCount(store, page),
      hours: await historyOf(store, page, { from: midnight - 72, to: midnight + 72 }),
      days: await store.sums(
        page,
        days.map((from) => ({ from, to: from + 24 })),
      ),
    })
  }
  return all
}

moving('all that the file holds is there afterwards, and a second run is refused', async (t) => {
  const { file, url, move, old, young } = await setUp(t)
  const hostile = [
    '{"a","b\\\\"}',
    "o'neill.example/a,b,,{}",
    'x.example/%E2%82%AC?q=%22',
    'null',
    'a.example/\\',
    'ü.example/"',
  ] as PageKey[]
  // Whole hosts as well.
  const sites = ['a.example', 'b.example', 'x.example'].map(siteKey)
  const pages = [A, B, ...hostile, ...sites]
  await old(async (store) => {
    for (const daysAgo of [300, 100, 99, 2, 1, 0]) await visit(store, A, NOW - daysAgo * DAY, 3)
    for (const page of hostile) await visit(store, page, NOW, 2)
    store.recordUncounted(A, 'bot', NOW - 100 * DAY)
    store.recordUncounted(A, 'bot', NOW - 100 * DAY + HOUR)
    store.recordUncounted(A, 'repeat', NOW)
    store.recordUncounted(B, 'limited', NOW - DAY)
    await store.writeUncounted()
    await rollUpHours(store, 90, NOW)
    // What is folded gets a late one, and what is a row already gets one that waits.
    await visit(store, A, NOW - 99 * DAY)
  })
  await importIntoFile(file, { source: 'hit-counter', marks: [], pages: new Map([[A, 7]]) })
  const others = new Map([
    [A, 100],
    [hostile[0] as PageKey, 5],
    // Makes a page, and no more.
    ['zero.example' as PageKey, 0],
  ])
  await importIntoFile(file, { source: "o'ther", marks: [], pages: others })
  await old((store) => visit(store, A, NOW))
  const first = await move()
  assert.match(first, /^ SQLite PostgreSQL\npages 9 9\nhits 144 144\nhits over time 32 32$/m)
  assert.match(first, /^visits: bot 2 2$/m)
  assert.match(first, /^visits: limited 1 1$/m)
  assert.match(first, /^All numbers are there\. Start the service with DATABASE_URL now/m)
  const expected = await old((store) => told(store, pages))
  assert.deepEqual(await young((store) => told(store, pages)), expected)
  assert.deepEqual(
    await run(
      url,
      'select source, p.key, hits from imported i join page p on p.hash = i.page order by 1, 2, 3',
    ),
    [
      { source: 'hit-counter', key: A, hits: '7' },
      { source: "o'ther", key: A, hits: '100' },
      { source: "o'ther", key: hostile[0], hits: '5' },
    ].toSorted((left, right) => (left.source + left.key < right.source + right.key ? -1 : 1)),
  )
  assert.deepEqual(
    await run(url, "select pages from host where name in ('', 'a.example') order by 1"),
    [{ pages: '2' }, { pages: '9' }],
  )
  await assert.rejects(move(), /^Error: DATABASE_URL names a database that has pages already\./)
  assert.deepEqual(await young((store) => told(store, pages)), expected)
})

moving('windows hold over the move, whenever they end', async (t) => {
  const { file, url, move, old, young } = await setUp(t)
  const ends = [NOW + 1000, NOW + 5000, NOW - 1, NOW + 300 * DAY, NOW, NOW + 60 * DAY]
  const given: { token: Token; page: PageKey; endsAt: number }[] = []
  await old(async (store) => {
    for (const [at, endsAt] of ends.entries()) {
      const page = at % 2 ? A : B
      const { token } = await store.count({
        page,
        at: NOW,
        window: { secret: `secret00${at}`, endsAt },
      })
      given.push({ token: token as Token, page, endsAt })
    }
  })
  const database = await openDatabase(file)
  // Of later blocks, at the first place, and behind a gap.
  const ids = [1024, 5000, 5119, 2 ** 40]
  for (const id of ids) {
    database.exec(`insert into token values (${id}, 1, 'secretlate${id}', ${NOW + DAY})`)
    given.push({ token: { id, secret: `secretlate${id}` }, page: B, endsAt: NOW + DAY })
  }
  database.close()
  assert.match(await move(), /^live windows 8$/m)
  const check = async (store: Store) => {
    for (const { token, page, endsAt } of given) {
      const live = endsAt > NOW ? endsAt : null
      assert.equal((await store.readPage(page, token, NOW)).liveUntil, live)
      assert.equal(await isLive(store, page === A ? B : A, token, NOW), false)
      const wrong = { ...token, secret: token.secret.replace('s', 'S') }
      assert.equal(await isLive(store, page, wrong, NOW), false)
      for (const id of [token.id - 1, token.id + 1])
        assert.equal(await isLive(store, page, { ...token, id }, NOW), false)
    }
  }
  await young(check)
  assert.deepEqual(await run(url, 'select count(*)::int as rows from token'), [{ rows: 6 }])
  await young(async (store) => {
    await store.capWindows(NOW + 1000)
    // All tokens of a row end with it, those that ended before have no place in it.
    assert.equal(await store.sweep(NOW + 1000, 100, DAY), 8)
  })
})

moving(
  'visits that wait in the journal of a service that did not end in order are copied',
  async (t) => {
    const { file, move, old, young } = await setUp(t)
    await old((store) => visit(store, A, NOW, 5))
    const database = await openDatabase(file)
    const hour = Math.floor(NOW / HOUR)
    database.exec(`insert into journal (hour, hits, pages) values (${hour}, 2, '[1]')`)
    database.close()
    assert.match(await move(), /^hits 7 7\nhits over time 7 7$/m)
    assert.equal(await young((store) => sumOf(store, A, { from: hour, to: hour + 1 })), 7)
  },
)

moving(
  'a file that a service counts into is refused, and so is a database with pages',
  async (t) => {
    const { url, move, old, young } = await setUp(t)
    await old(async (store) => {
      await visit(store, A, NOW, 5)
      await assert.rejects(move(), /^Error: \S+old\.db is in use\. Stop its service first/)
    })
    await young((store) => visit(store, B, NOW, 2))
    await assert.rejects(move(), /has pages already\. Nothing was copied: name an empty one\.$/)
    assert.deepEqual(
      await run(url, 'select sum(hits)::int as hits from tally join page on hash = page'),
      [{ hits: 2 }],
    )
  },
)

moving(
  'services on the new database wait for the copy, and count exactly afterwards',
  async (t) => {
    const { move, old, young } = await setUp(t)
    const pages = Array.from({ length: 3000 }, (_, page) => `${page}.example` as PageKey)
    await old(async (store) => {
      await Promise.all(pages.map((page) => visit(store, page, NOW)))
    })
    await young(async (running) => {
      const [moved] = await Promise.all([
        move().then(
          () => null,
          (error) => error,
        ),
        ...pages.slice(0, 50).map((page) => visit(running, page, NOW)),
      ])
      const isCopied = moved === null
      // Where the service was quicker, its pages are in the way, and nothing is copied.
      if (!isCopied) assert.match(String(moved), /has pages already/)
      assert.equal(await readCount(running, pages[49] as PageKey), isCopied ? 2 : 1)
      assert.equal(await readCount(running, pages[99] as PageKey), isCopied ? 1 : 0)
    })
  },
)

moving('of two copies at once, one is made', async (t) => {
  const { file, old } = await setUp(t)
  await old((store) => visit(store, A, NOW, 3))
  const copies = [file, `${file}.copy`]
  cpSync(file, copies[1] as string)
  // A new database, so that both make its tables as well.
  const url = await makeDatabase(t)
  const results = await Promise.allSettled(
    copies.map((databaseFile) =>
      runCommand(['migrate-to-postgres'], { databaseFile, databaseUrl: url }, NOW),
    ),
  )
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  assert.deepEqual(
    await run(url, 'select sum(hits)::int as hits from tally join page on hash = page'),
    [{ hits: 3 }],
  )
})

moving('a copy that fails, or whose numbers differ, leaves nothing behind', async (t) => {
  const { url, move, old } = await setUp(t)
  await old(async (store) => {
    await visit(store, A, NOW, 5)
    store.recordUncounted(A, 'bot', NOW)
  })
  const rows = () =>
    run(url, 'select (select count(*) from page)::int + (select count(*) from tally)::int as rows')
  const cases: [table: string, act: string, says: RegExp][] = [
    ['page_outcome', 'return null', /The numbers differ: visits: bot\. Nothing was copied\.$/],
    ['tally', 'return null', /The numbers differ: hits\. Nothing was copied\.$/],
    [
      'page_hour',
      "raise 'out of luck'",
      /^Error: Cannot copy into postgres:\/\/127.*: out of luck; [^.]+\. Nothing was copied\.$/,
    ],
  ]
  for (const [table, act, says] of cases) {
    await run(
      url,
      `create or replace function fail() returns trigger language plpgsql as $$ begin ${act}; end $$;
      create trigger fail before insert on ${table} for each row execute function fail()`,
    )
    await assert.rejects(move(), says)
    assert.deepEqual(await rows(), [{ rows: 0 }], table)
    await run(url, `drop trigger fail on ${table}`)
  }
  await move()
})

moving('the command says what it did, and what is in its way, without a password', async (t) => {
  const { file, url, old } = await setUp(t)
  await old((store) => visit(store, A, Date.now(), 3))
  const start = (env: Record<string, string>) =>
    new Promise<{ code: number | null; output: string; errors: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        [MAIN, 'migrate-to-postgres'],
        { env: { ...BARE, DATABASE_FILE_PATH: file, ...env } },
        (_, output, errors) => resolve({ code: child.exitCode, output, errors }),
      )
    })
  // One after the other: each uses the file alone.
  const failed = await start({ DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/name' })
  const done = await start({ DATABASE_URL: url })
  assert.deepEqual({ code: done.code, errors: done.errors }, { code: 0, errors: '' })
  assert.match(done.output, /^into postgres:\/\/127\.0\.0\.1:\d+\/t\w+$/m)
  assert.match(done.output, /^hits +3 +3$/m)
  assert.equal(failed.code, 1)
  assert.match(
    failed.errors,
    /^Cannot copy into postgres:\/\/127\.0\.0\.1:1\/name: .*ECONNREFUSED.*; DATABASE_URL says where it is.*\. Nothing was copied\.$/m,
  )
  for (const { output, errors } of [done, failed])
    assert.doesNotMatch(output + errors, /secret|postgres:\/\/me| {4}at /)
})

moving('a command line that makes no sense, and files that are none, are refused', async (t) => {
  const { file, url, move, old } = await setUp(t)
  const refused = (settings: { databaseFile?: string; databaseUrl?: string | undefined }) =>
    runCommand(['migrate-to-postgres'], { databaseFile: file, databaseUrl: url, ...settings }, NOW)
  await old((store) => visit(store, A, NOW))
  await assert.rejects(refused({ databaseUrl: undefined }), /^Error: DATABASE_URL is not set/)
  await assert.rejects(
    refused({ databaseFile: `${file}.not` }),
    /^Error: There is no database .*\.not\.$/,
  )
  await assert.rejects(move(NOW, '--sauce=x'), /Unknown option '--sauce=x'/)
  const database = new Database(file)
  database.exec('drop table page_outcome')
  database.close()
  await assert.rejects(move(), /an earlier version made it; start the service on it once/)
  rmSync(file)
  writeFileSync(file, 'no database, but long enough to be read as one'.repeat(50))
  await assert.rejects(move(), /^Error: Cannot read .*old\.db: it is no SQLite database; /)
  writeFileSync(file, '')
  await assert.rejects(move(), /^Error: Cannot read .*old\.db: it is empty; /)
})

moving(
  'a file that is damaged is called that, and not the database that it is copied into',
  async (t) => {
    const { file, move } = await setUp(t)
    await WRONG['damaged in the middle']?.make(file)
    await assert.rejects(move(), (error) => {
      assert.ok(error instanceof CommandFailure, String((error as Error).stack))
      assert.match(error.message, /^Cannot read .*old\.db: it is damaged /)
      return true
    })
  },
)

moving('a file that was copied without its log is warned of', async (t) => {
  const { file, url, old, warnings } = await setUp(t)
  await old((store) => visit(store, A, NOW, 5))
  const store = await openSqliteStore(file)
  t.after(() => store.close())
  await visit(store, A, NOW, 5)
  const database = new Database(file)
  database.pragma('wal_checkpoint(truncate)')
  database.close()
  await visit(store, A, NOW, 5)
  const copy = join(temporaryFolder(t), 'copy.db')
  cpSync(file, copy)
  const settings = { databaseFile: copy, databaseUrl: url }
  await runCommand(['migrate-to-postgres'], settings, NOW, { warn: (line) => warnings.push(line) })
  assert.equal(warnings.length, 1)
  assert.match(
    String(warnings),
    /^WARNING: \S+copy\.db lacks its newest numbers\..*Copy copy\.db and copy\.db-wal/,
  )
})

moving('what operators have done is copied, too', async (t) => {
  const { move, old, young } = await setUp(t)
  const [C, D, E] = ['c.example', 'd.example', 'e.example'] as [PageKey, PageKey, PageKey]
  const deed = { actor: 'session 1', reason: 'a \0 reason', at: NOW }
  const hour = Math.floor(NOW / HOUR)
  const today = { from: hour - 12, to: hour + 12 }
  const rule = {
    ...deed,
    kind: 'ban',
    pattern: '192.0.2.1',
    replacement: '',
    endsAt: null,
  } as const
  const session = { at: NOW, seenAt: NOW, endsAt: NOW + DAY, browser: 'Firefox' }
  const tokens: (Token | null)[] = []
  await old(async (store) => {
    const window = { secret: 'secretsecret', endsAt: NOW + HOUR }
    for (const page of [A, B, C, D, E]) {
      const { token } = await store.count({ page, at: NOW, window })
      if (page === A) tokens.push(token)
    }
    await store.admin.change(
      [
        { action: 'merge', page: A, into: B },
        { action: 'set', page: C, hits: 10 },
        { action: 'rename', page: C, to: 'c.example/new' as PageKey, alias: true },
        { action: 'remove', page: D },
        { action: 'remove', page: E },
        { action: 'purge', page: E },
      ],
      deed,
    )
    const rules = await store.admin.addRules([rule, rule])
    await store.admin.removeRules([rules[1]?.id ?? 0], deed)
    await store.admin.addSession('aa', session, deed)
    await store.admin.addKey('bb', { name: 'docs', prefix: 'c.example' }, deed)
    const { token } = await store.count({ page: A, at: NOW, window })
    tokens.push(token)
  })
  const state = async (store: Store) => ({
    pages: await Promise.all([A, B, C, D, E].map((page) => store.admin.page(page, today))),
    audit: await store.admin.audit({ page: null, before: null, limit: 99 }),
    ofA: await store.admin.audit({ page: A, before: null, limit: 99 }),
    ofE: await store.admin.audit({ page: E, before: null, limit: 99 }),
    rules: await store.admin.rules(NOW),
    sessions: await store.admin.sessions(NOW),
    keys: await store.admin.keys(),
    versions: await store.admin.versions(),
  })
  const before = await old(state)
  assert.match(
    await move(),
    /old addresses 2 2\n.*removed pages 1 1\n.*audit log 11 11\n.*rules 1 1\n/s,
  )
  await young(async (store) => {
    const clean = JSON.parse(JSON.stringify(before).replaceAll('\\u0000', ''))
    assert.deepEqual(await state(store), clean)
    for (const token of tokens) assert.ok(token && (await isLive(store, A, token, NOW)))
    await assert.rejects(readCount(store, D), { code: 'removed' })
    const [next] = await store.admin.addRules([rule])
    assert.ok(next && next.id > 2, 'no id is given twice')
    await store.admin.change([{ action: 'restore', page: D }], deed)
    assert.equal(await readCount(store, D), 1)
    await visit(store, A, NOW)
    assert.equal(await readCount(store, B), 4)
  })
})
