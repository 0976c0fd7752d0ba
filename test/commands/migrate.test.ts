import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { migrateCommand } from '../../src/commands/migrate.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { addImported } from '../../src/database/sqlite/imported.ts'
import { openDatabase } from '../../src/database/sqlite/open.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { foldHours, pruneHistory } from '../../src/housekeeping.ts'
import type { PageKey } from '../../src/page.ts'
import type { Store } from '../../src/store.ts'
import type { Token } from '../../src/token.ts'
import { historyOf, isLive, readCount, sumOf, temporaryFolder } from '../harness/app.ts'
import { engines } from '../harness/engines.ts'
import { makeDatabase, makeFileDatabase, run } from '../harness/postgres.ts'
import { BARE, MAIN } from '../harness/server.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** In the middle of an hour and of a day, UTC. */
const NOW = Date.UTC(2026, 6, 15, 12, 30)
const A = 'a.example/x' as PageKey
const B = 'b.example' as PageKey

const QUIET = { print() {}, warn() {} }

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
      await migrateCommand(argv, settings, now, {
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

moving('all that the file holds is there afterwards, and a second run adds nothing', async (t) => {
  const { file, url, move, old, young } = await setUp(t)
  const hostile = [
    '{"a","b\\\\"}',
    "o'neill.example/a,b,,{}",
    'x.example/%E2%82%AC?q=%22',
    'null',
    'a.example/\\',
    'ü.example/"',
  ] as PageKey[]
  const pages = [A, B, ...hostile]
  await old(async (store) => {
    for (const daysAgo of [300, 100, 99, 2, 1, 0]) await visit(store, A, NOW - daysAgo * DAY, 3)
    for (const page of hostile) await visit(store, page, NOW, 2)
    store.note(A, 'bot', NOW - 100 * DAY)
    store.note(A, 'bot', NOW - 100 * DAY + HOUR)
    store.note(A, 'repeat', NOW)
    store.note(B, 'limited', NOW - DAY)
    await store.writeNotes()
    await foldHours(store, 90, NOW)
    // What is folded gets a late one, and what is a row already gets one that waits.
    await visit(store, A, NOW - 99 * DAY)
  })
  const database = await openDatabase(file)
  await addImported(database, 'hit-counter', [], new Map([[A, 7]]))
  await addImported(
    database,
    "o'ther",
    [],
    new Map([
      [A, 100],
      [hostile[0] as PageKey, 5],
      // Makes a page, and no more.
      ['zero.example' as PageKey, 0],
    ]),
  )
  await database.db.destroy()
  const source = await openSqliteStore(file)
  t.after(() => source.close())
  await visit(source, A, NOW)
  const first = await move()
  assert.match(first, /^looked at 9 pages; of 9 something was new\nadded 144 hits/m)
  assert.match(first, /^ SQLite brought in PostgreSQL$/m)
  assert.match(first, /^pages 9 9 9\nhits 144 144 144\nhits over time 32 32 32$/m)
  assert.match(first, /^visits: bot 2 2 2$/m)
  assert.match(first, /^visits: limited 1 1 1$/m)
  assert.match(first, /Next: stop the old service, run this once more/)
  const expected = await told(source, pages)
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
  // An import has brought more meanwhile.
  await run(url, "update imported set hits = 50 where source = 'hit-counter'")
  const second = await move()
  assert.match(second, /^looked at 9 pages; of 0 something was new\nadded 0 hits/m)
  assert.match(second, /^hits 144 144$/m)
  assert.deepEqual(await young((store) => told(store, pages)), expected)
  const kept = "select distinct hits from imported where source = 'hit-counter'"
  assert.deepEqual(await run(url, kept), [{ hits: '50' }])
})

moving('what both count on meanwhile is added up', async (t) => {
  const { move, old, young } = await setUp(t)
  await old((store) => visit(store, A, NOW, 5))
  await move()
  await young(async (store) => {
    await visit(store, A, NOW, 10)
    await visit(store, B, NOW - HOUR, 20)
    store.note(A, 'bot', NOW)
  })
  await old(async (store) => {
    await visit(store, A, NOW - HOUR, 100)
    await visit(store, A, NOW, 200)
    await visit(store, B, NOW - HOUR, 1)
    store.note(A, 'bot', NOW)
  })
  assert.match(await move(), /^added 301 hits/m)
  await young(async (store) => {
    assert.deepEqual(await Promise.all([A, B].map((page) => readCount(store, page))), [315, 21])
    const hour = Math.floor(NOW / HOUR)
    assert.deepEqual(await historyOf(store, A, { from: hour - 9, to: hour + 9 }), [
      { hour: hour - 1, outcome: 'counted', visits: 100 },
      { hour, outcome: 'bot', visits: 2 },
      { hour, outcome: 'counted', visits: 215 },
    ])
    assert.equal(await sumOf(store, B, { from: hour - 1, to: hour }), 21)
  })
})

moving('a run that was cut short is gone on with, and brings nothing twice', async (t) => {
  const { url, move, old } = await setUp(t)
  const pages = Array.from({ length: 1100 }, (_, page) => `${page}.example` as PageKey)
  await old(async (store) => {
    await Promise.all(pages.map((page) => visit(store, page, NOW)))
    await visit(store, pages[0] as PageKey, NOW)
  })
  await run(
    url,
    `create function fail() returns trigger language plpgsql as
      $$ begin if (select count(*) > 0 from moved) then raise 'out of luck'; end if; return null; end $$`,
  )
  await run(
    url,
    'create trigger fail before insert on moved for each statement execute function fail()',
  )
  await assert.rejects(
    move(),
    /^Error: Cannot go on writing into postgres:\/\/127.*: out of luck\. What was brought is there; run/,
  )
  assert.deepEqual(
    await run(url, 'select count(*)::int as pages, sum(hits)::int as hits from tally'),
    [{ pages: 500, hits: 501 }],
  )
  await old((store) => visit(store, pages[0] as PageKey, NOW))
  await run(url, 'drop trigger fail on moved')
  assert.match(await move(), /^hits 1,102 1,102$/m)
  const sums =
    'select (select sum(hits) from tally)::int a, (select sum(hits) from page_hour)::int b'
  assert.deepEqual(await run(url, sums), [{ a: 1102, b: 1102 }])
  assert.deepEqual(await run(url, "select pages::int from host where name = ''"), [{ pages: 1100 }])
})

moving(
  'beside services that count, of the file and of the new database, it is exact',
  async (t) => {
    const { file, url, move } = await setUp(t)
    const pages = Array.from({ length: 1100 }, (_, page) => `${page}.example` as PageKey)
    const [old, young] = [await openSqliteStore(file), await openPostgresStore(url)]
    t.after(() => Promise.all([old.close(), young.close()]))
    await Promise.all(pages.map((page) => visit(old, page, NOW)))
    let moving = true
    let visits = pages.length
    const counting = [old, young].map(async (store) => {
      for (let at = 0; moving; at = (at + 7) % pages.length) {
        await visit(store, pages[at] as PageKey, NOW)
        visits += 1
        store.note(pages[at] as PageKey, 'bot', NOW)
        await store.writeNotes()
      }
    })
    await move().finally(() => {
      moving = false
    })
    await Promise.all(counting)
    await move()
    const sums =
      'select (select sum(hits) from tally)::int a, (select sum(hits) from page_hour)::int + ' +
      '(select coalesce(sum(h), 0) from journal, unnest(hits) as w (h))::int b'
    assert.deepEqual(await run(url, sums), [{ a: visits, b: visits }])
  },
)

moving('what another has counted meanwhile is no difference', async (t) => {
  const { url, move, old } = await setUp(t)
  await old((store) => visit(store, A, NOW, 5))
  await run(
    url,
    `create function count_too() returns trigger language plpgsql as $$ begin
      insert into writer (id, batch, fenced, at) values (gen_random_uuid(), 1, false, 0);
      update tally set hits = hits + 1; return null; end $$;
    create trigger count_too after insert on moved for each statement execute function count_too()`,
  )
  const first = await move()
  await run(url, 'drop trigger count_too on moved')
  assert.match(first, /^ SQLite brought\npages 1 1\nhits 5 5$/m)
})

moving('two runs at once bring everything once', async (t) => {
  const { file, old } = await setUp(t)
  const pages = Array.from({ length: 600 }, (_, page) => `${page}.example` as PageKey)
  await old((store) => Promise.all(pages.map((page) => visit(store, page, NOW))))
  // One that is new, so both make its tables as well.
  const url = await makeDatabase(t)
  const settings = { databaseFile: file, databaseUrl: url }
  await Promise.all([1, 2].map(() => migrateCommand([], settings, NOW, QUIET)))
  assert.deepEqual(await run(url, 'select sum(hits)::int as hits from tally'), [{ hits: 600 }])
})

moving(
  'hours that were folded at the source after they were brought are known again',
  async (t) => {
    const { url, move, old, young } = await setUp(t)
    const noon = NOW - (NOW % DAY) + 12 * HOUR
    await old(async (store) => {
      await visit(store, A, noon, 4)
      await visit(store, A, noon - HOUR, 3)
      await visit(store, B, noon + HOUR, 3)
      store.note(A, 'bot', noon - HOUR)
      store.note(A, 'bot', noon)
    })
    await move()
    await old(async (store) => {
      await visit(store, A, noon + HOUR, 2)
      store.note(A, 'bot', noon + HOUR)
      await store.writeNotes()
      await foldHours(store, 1, NOW + 3 * DAY)
      // Two late ones, one of them to an hour that was brought.
      await visit(store, A, noon - HOUR)
      await visit(store, B, noon + HOUR)
      store.note(A, 'bot', noon - HOUR)
      await visit(store, A, NOW + 3 * DAY)
    })
    // The other has folded too.
    await young((store) => foldHours(store, 1, NOW + 3 * DAY))
    assert.match(await move(NOW + 3 * DAY), /^added 5 hits/m)
    await move(NOW + 3 * DAY)
    await young(async (store) => {
      const day = { from: Math.floor(NOW / DAY) * 24, to: Math.floor(NOW / DAY) * 24 + 24 }
      const [tallies = []] = await store.history(A, [day])
      assert.deepEqual(
        tallies.toSorted((left, right) => right.visits - left.visits),
        [
          { outcome: 'counted', visits: 10 },
          { outcome: 'bot', visits: 4 },
        ],
      )
      assert.equal(await readCount(store, A), 11)
      assert.equal(await sumOf(store, B, day), 4)
      const hour = Math.floor(noon / HOUR) + 1
      assert.equal(await sumOf(store, B, { from: hour, to: hour + 1 }), 0, 'it is in its day')
    })
    const below =
      'select hits from page_hour where hits <= 0 union select visits from page_outcome where visits <= 0'
    assert.deepEqual(await run(url, below), [])
  },
)

moving('what the source has removed since it was brought stays, and is no mistake', async (t) => {
  const { move, old, young } = await setUp(t)
  await old(async (store) => {
    await visit(store, A, NOW - 20 * DAY, 4)
    await visit(store, A, NOW - DAY, 3)
    store.note(A, 'bot', NOW - 20 * DAY)
  })
  await move()
  await old(async (store) => {
    await pruneHistory(store, 10, NOW)
    await visit(store, A, NOW)
  })
  const second = await move()
  assert.match(
    second,
    /^5 visits over time were brought earlier and are gone at the source since$/m,
  )
  assert.match(second, /^hits over time 4 4$/m)
  // Told once.
  assert.doesNotMatch(await move(), /gone/)
  await old((store) => pruneHistory(store, 10, NOW + 30 * DAY))
  assert.match(await move(NOW + 30 * DAY), /^4 visits over time were brought earlier/m)
  assert.equal(await young((store) => sumOf(store, A, { from: 0, to: 1e9 })), 8)
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
    database.driver.exec(`insert into token values (${id}, 1, 'secretlate${id}', ${NOW + DAY})`)
    given.push({ token: { id, secret: `secretlate${id}` }, page: B, endsAt: NOW + DAY })
  }
  await database.db.destroy()
  assert.match(await move(), /and 8 windows that have not ended$/m)
  const check = async (store: Store) => {
    for (const { token, page, endsAt } of given) {
      const live = endsAt > NOW ? endsAt : null
      assert.equal((await store.look(page, token, NOW)).liveUntil, live)
      assert.equal(await isLive(store, page === A ? B : A, token, NOW), false)
      const wrong = { ...token, secret: token.secret.replace('s', 'S') }
      assert.equal(await isLive(store, page, wrong, NOW), false)
      for (const id of [token.id - 1, token.id + 1])
        assert.equal(await isLive(store, page, { ...token, id }, NOW), false)
    }
  }
  await young(check)
  assert.match(await move(), /and 8 windows that have not ended$/m)
  await young(check)
  assert.deepEqual(await run(url, 'select count(*)::int as rows from token'), [{ rows: 6 }])
  await young(async (store) => {
    await store.capWindows(NOW + 1000)
    // All tokens of a row end with it, those that ended before have no place in it.
    assert.equal(await store.sweep(NOW + 1000, 100, DAY), 8)
  })
})

/** A file of its own with some visits. @returns what moves it to a database */
async function makeOther(t: TestContext, url: string, pages: [PageKey, number][]) {
  const file = join(temporaryFolder(t), 'other.db')
  const store = await openSqliteStore(file)
  for (const [page, times] of pages) await visit(store, page, NOW, times)
  await store.close()
  return (...argv: string[]) =>
    migrateCommand(argv, { databaseFile: file, databaseUrl: url }, NOW, QUIET)
}

const hitsIn = async (url: string) =>
  (await run<{ hits: number }>(url, 'select sum(hits)::int as hits from tally'))[0]?.hits

moving(
  'a second file is refused under the name of the first before anything is added, and comes once under its own',
  async (t) => {
    const { url, move, old } = await setUp(t)
    const pages = Array.from({ length: 600 }, (_, name) => `${name}.example` as PageKey)
    await old(async (store) => {
      for (const name of pages) await visit(store, name, NOW)
      await visit(store, A, NOW, 5)
    })
    await move()
    // Most of its pages are new, or have more hits than the first file has; one has fewer.
    const moveOther = await makeOther(t, url, [
      ...pages.map((name): [PageKey, number] => [`x${name}` as PageKey, 1]),
      [A, 2],
    ])
    for (const times of ['first', 'again']) {
      await assert.rejects(
        moveOther(),
        /^Error: "sqlite" is another file that was brought before: name this one with --source\.$/,
        times,
      )
      assert.equal(await hitsIn(url), 605, 'nothing was added')
    }
    await moveOther('--source', 'other, "2"')
    assert.equal(await hitsIn(url), 605 + 602)
    // Its name is known from now on.
    await moveOther()
    await assert.rejects(
      moveOther('--source', 'third'),
      /^Error: this file was brought before, as "other, \\"2\\""/,
    )
    assert.match(await move(), /of 0 something was new/)
    assert.equal(await hitsIn(url), 605 + 602)
  },
)

moving('a file is known by the id in it, wherever it was copied to', async (t) => {
  const { file, url, move, old } = await setUp(t)
  await old((store) => visit(store, A, NOW, 5))
  const copy = join(temporaryFolder(t), 'moved-here.db')
  await move()
  cpSync(file, copy)
  await old((store) => visit(store, A, NOW, 2))
  const moveCopy = (...argv: string[]) =>
    migrateCommand(argv, { databaseFile: copy, databaseUrl: url }, NOW, QUIET)
  await moveCopy()
  await assert.rejects(moveCopy('--source', 'new'), /was brought before, as "sqlite"/)
  assert.equal(await hitsIn(url), 5)
  await move()
  assert.equal(await hitsIn(url), 7)
  await assert.rejects(
    moveCopy(),
    /"a\.example\/x" has 5 hits there, but 7 were brought before: this is an older copy/,
  )
  assert.equal(await hitsIn(url), 7)
})

moving(
  'where an earlier version has not noted the id, the file must have all that was brought',
  async (t) => {
    const { url, move, old } = await setUp(t)
    await old(async (store) => {
      await visit(store, A, NOW, 5)
      await visit(store, B, NOW, 5)
    })
    await move()
    await run(url, 'truncate moved_source')
    const fewer = await makeOther(t, url, [
      [A, 2],
      [B, 9],
    ])
    await assert.rejects(
      fewer(),
      /has 2 hits there, but 5 were brought before: this is another file .* with --source/,
    )
    const lacking = await makeOther(t, url, [[A, 9]])
    await assert.rejects(
      lacking(),
      /^Error: it lacks pages that were brought before: this is another file/,
    )
    assert.equal(await hitsIn(url), 10)
    await move()
    assert.equal(await hitsIn(url), 10)
    assert.deepEqual(await run(url, 'select name from moved_source'), [{ name: 'sqlite' }])
  },
)

moving('two files that are brought at once under one name: one of them is', async (t) => {
  const { url } = await setUp(t)
  const moves = [await makeOther(t, url, [[A, 3]]), await makeOther(t, url, [[B, 3]])]
  const results = await Promise.allSettled(moves.map((each) => each()))
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  assert.equal(await hitsIn(url), 3)
})

moving('numbers that did not arrive are an error', async (t) => {
  const { url, move, old } = await setUp(t)
  await old(async (store) => {
    await visit(store, A, NOW, 5)
    store.note(A, 'bot', NOW)
  })
  await run(
    url,
    'create function lose() returns trigger language plpgsql as $$ begin return null; end $$',
  )
  const lose = (table: string) =>
    run(url, `create trigger lose before insert on ${table} for each row execute function lose()`)
  const find = (table: string) => run(url, `drop trigger lose on ${table}`)
  await lose('page_outcome')
  await assert.rejects(move(), /The numbers differ: visits: bot\.$/)
  await run(url, 'truncate page, host, tally, page_hour, moved, writer')
  await find('page_outcome')
  await lose('moved')
  await assert.rejects(move(), /The numbers differ: pages; hits; hits over time; visits: bot\.$/)
  await run(url, 'truncate page, host, tally, page_hour, moved, writer, page_outcome')
  await find('moved')
  await move()
  await run(url, 'update tally set hits = 4')
  await assert.rejects(move(), /The numbers differ: 1 pages have less than was brought\.$/)
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
  const [done, failed] = await Promise.all([
    start({ DATABASE_URL: url }),
    start({ DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/name' }),
  ])
  assert.deepEqual({ code: done.code, errors: done.errors }, { code: 0, errors: '' })
  assert.match(done.output, /^into postgres:\/\/127\.0\.0\.1:\d+\/t\w+$/m)
  assert.match(done.output, /^hits +3 +3 +3$/m)
  assert.equal(failed.code, 1)
  assert.equal(failed.output, '')
  assert.match(
    failed.errors,
    /^Cannot open postgres:\/\/127\.0\.0\.1:1\/name: .*ECONNREFUSED.*\. DATABASE_URL says where it is/,
  )
  for (const { output, errors } of [done, failed])
    assert.doesNotMatch(output + errors, /secret|postgres:\/\/me| {4}at /)
})

moving('a command line that makes no sense, and files that are none, are refused', async (t) => {
  const { file, url, move, old } = await setUp(t)
  const refused = (settings: { databaseFile?: string; databaseUrl?: string | undefined }) =>
    migrateCommand([], { databaseFile: file, databaseUrl: url, ...settings }, NOW, QUIET)
  await old((store) => visit(store, A, NOW))
  await assert.rejects(
    refused({ databaseUrl: undefined }),
    /^Error: DATABASE_URL is not set.*\n\nUsage: npm run mig/,
  )
  await assert.rejects(
    refused({ databaseFile: `${file}.not` }),
    /^Error: There is no database .*\.not\.$/,
  )
  await assert.rejects(
    move(NOW, '--sauce=x'),
    /Unknown option '--sauce'.*\n\nUsage: npm run migrate-to-postgres/,
  )
  const database = new Database(file)
  database.exec('drop table page_outcome')
  database.close()
  await assert.rejects(move(), /an earlier version made it; start the service on it once/)
  rmSync(file)
  writeFileSync(file, 'no database, but long enough to be read as one'.repeat(50))
  await assert.rejects(move(), /^Error: Cannot read .*old\.db: it is no SQLite database; /)
})

moving('a file that was copied without its log is warned of', async (t) => {
  const { file, url, move, old, warnings } = await setUp(t)
  await old((store) => visit(store, A, NOW, 5))
  assert.match(
    await move(),
    /^The file has no log beside it: all is in it if its service was stopped/,
  )
  assert.equal(warnings.length, 0)
  const store = await openSqliteStore(file)
  t.after(() => store.close())
  await visit(store, A, NOW, 5)
  assert.doesNotMatch(await move(), /no log/, 'the log is there')
  const database = new Database(file)
  database.pragma('wal_checkpoint(truncate)')
  database.close()
  await visit(store, A, NOW, 5)
  const copy = join(temporaryFolder(t), 'copy.db')
  cpSync(file, copy)
  const settings = { databaseFile: copy, databaseUrl: url }
  await migrateCommand([], settings, NOW, { print() {}, warn: (line) => warnings.push(line) })
  assert.equal(warnings.length, 1)
  assert.match(
    String(warnings),
    /^WARNING: \S+copy\.db lacks its newest numbers\..*Copy copy\.db and copy\.db-wal/,
  )
})
