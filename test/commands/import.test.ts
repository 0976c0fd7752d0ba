import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import Database from 'better-sqlite3'
import type { Change } from '../../src/admin.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { normalizePage, type PageKey } from '../../src/page.ts'
import { readCount, T0, temporaryFolder } from '../harness/app.ts'
import { runCommand } from '../harness/commands.ts'
import { type Engine, engines } from '../harness/engines.ts'
import { makeFileDatabase, run as runSql } from '../harness/postgres.ts'

type Rows = [url: unknown, count: unknown][]

/** A database as hit-counter makes it. */
function hitCounter(file: string, rows: Rows): void {
  const database = new Database(file)
  database.pragma('journal_mode = wal')
  database.exec('create table url (id integer primary key, url varchar(256), count integer)')
  const insert = database.prepare('insert into url (url, count) values (?, ?)')
  for (const row of rows) insert.run(...row)
  database.close()
}

const emptyDatabase = engines().includes('postgres') ? await makeFileDatabase() : async () => ''

async function setUp(t: TestContext, rows: Rows, engine: Engine = 'sqlite') {
  const folder = temporaryFolder(t)
  const old = join(folder, 'data.db')
  const databaseFile = join(folder, 'tallymark.db')
  hitCounter(old, rows)
  const databaseUrl = engine === 'postgres' ? await emptyDatabase() : undefined
  const warnings: string[] = []
  const open = () =>
    databaseUrl === undefined ? openSqliteStore(databaseFile) : openPostgresStore(databaseUrl)
  return {
    old,
    open,
    folder,
    databaseUrl,
    databaseFile,
    /** What it warned of, in all runs. */
    warnings,
    async run(...argv: string[]) {
      const lines: string[] = []
      const settings = { databaseFile, databaseUrl }
      await runCommand(['import', ...argv], settings, T0, {
        print: (line) => lines.push(line),
        warn: (line) => warnings.push(line),
      })
      return lines.join('\n').replace(/ +/g, ' ')
    },
    async numbers(...names: string[]) {
      const store = await open()
      const numbers = await Promise.all(names.map((name) => readCount(store, normalizePage(name))))
      await store.close()
      return numbers
    },
    async visit(name: string) {
      const store = await open()
      const { count } = await store.count({ page: normalizePage(name), at: T0, window: null })
      await store.close()
      return count
    },
  }
}

const ROWS: Rows = [
  ['example.com/a', 100],
  ['example.com/a', 7],
  ['example.com/a/', 20],
  ['EXAMPLE.com/a', 3],
  ['github.com/me/project', 50],
  ['', 5],
  ['--><script>\u0007', 9],
  ['two words\u001b[31m', 4],
  [null, 2],
  [Buffer.from('x'), 1],
  ['negative.example', -5],
  ['half.example', 1.5],
  ['text.example', 'many'],
  ['zero.example', 0],
]

for (const engine of engines()) {
  test(`${engine}: equal urls take the larger, different urls of one page add up, and the report says so`, async (t) => {
    const { old, run, numbers } = await setUp(t, ROWS, engine)
    const before = readFileSync(old)
    const report = await run('hit-counter', old)
    assert.deepEqual(
      await numbers('example.com/a', 'github.com/me/project', 'zero.example'),
      [123, 50, 0],
    )
    assert.match(report, /^read 14 rows 201 hits$/m)
    assert.match(report, /^repeated 1 row 7 hits left out \(the same url twice/m)
    assert.match(report, /^joined 2 rows 23 hits added to the page of another url$/m)
    assert.match(report, /^refused 8 rows 21 hits$/m)
    assert.match(report, /^held 3 pages 173 hits$/m)
    assert.match(report, /^added 2 pages 173 hits now/m)
    assert.match(report, /^into .*(tallymark\.db|127\.0\.0\.1:\d+\/t\w+)$/m)
    assert.match(report, /refused "--><script>\\u0007" \(9 hits\): bad url/)
    assert.ok(!report.includes('\u001b'), 'what strangers sent does not steer the terminal')
    assert.deepEqual(readFileSync(old), before, 'the old database is only read')
  })

  test(`${engine}: running it again doubles nothing, and brings only what has grown`, async (t) => {
    const { old, run, numbers, visit } = await setUp(t, ROWS, engine)
    await run('hit-counter', old)
    assert.equal(await visit('example.com/a'), 124)
    assert.match(await run('hit-counter', old), /^added 0 pages 0 hits now/m)
    assert.deepEqual(await numbers('example.com/a'), [124])
    const database = new Database(old)
    database.exec("update url set count = 110 where url = 'example.com/a' and count = 100")
    database.close()
    assert.match(await run('hit-counter', old), /^added 1 page 10 hits now/m)
    assert.deepEqual(await numbers('example.com/a', 'github.com/me/project'), [134, 50])
  })

  test(`${engine}: a second instance is imported under a name of its own`, async (t) => {
    const { old, folder, run, numbers } = await setUp(t, [['example.com', 10]], engine)
    const other = join(folder, 'other.db')
    hitCounter(other, [
      ['new.example', 1],
      ['example.com', 4],
    ])
    await run('hit-counter', old)
    for (const times of ['first', 'again']) {
      const message =
        /is another database than .* imported as "hit-counter" before\. Nothing was changed\./
      await assert.rejects(run('hit-counter', other), message, times)
    }
    assert.deepEqual(await numbers('example.com', 'new.example'), [10, 0])
    await run('hit-counter', other, '--source', 'second')
    assert.deepEqual(await numbers('example.com', 'new.example'), [14, 1])
    assert.match(
      await run('hit-counter', other, '--source', 'second'),
      /^added 0 pages 0 hits now/m,
    )
  })

  test(`${engine}: a database is known again when it has grown, and when its owner removed some rows`, async (t) => {
    const rows: Rows = Array.from({ length: 20 }, (_, at) => [`example.com/${at}`, 1])
    const { old, run, numbers } = await setUp(t, rows.slice(0, 12), engine)
    await run('hit-counter', old)
    const database = new Database(old)
    t.after(() => database.close())
    database.exec(
      'delete from url where id in (1, 3, 5); update url set count = 4 where id = 2; vacuum',
    )
    for (const row of rows.slice(12))
      database.prepare('insert into url (url, count) values (?, ?)').run(...row)
    assert.match(await run('hit-counter', old), /^added 9 pages 11 hits now/m)
    assert.deepEqual(await numbers('example.com/0', 'example.com/1'), [1, 4])
  })

  test(`${engine}: numbers that were there before are added to`, async (t) => {
    const { old, run, numbers, visit } = await setUp(t, [['example.com', 10]], engine)
    await visit('example.com')
    await run('hit-counter', old)
    assert.deepEqual(await numbers('example.com'), [11])
  })

  test(`${engine}: thousands of pages, in slices`, async (t) => {
    const rows: Rows = Array.from({ length: 3210 }, (_, index) => [`example.com/${index}`, index])
    const { old, run, numbers } = await setUp(t, rows, engine)
    assert.match(await run('hit-counter', old), /^added 3,209 pages 5,150,445 hits now/m)
    assert.deepEqual(await numbers('example.com/1', 'example.com/3209'), [1, 3209])
  })
}

test('of a row with a wrong url or count, the report says which row and what to do', async (t) => {
  const { old, run } = await setUp(t, [
    [null, 2],
    ['a.example', null],
    ['b.example', -4],
  ])
  const report = await run('hit-counter', old)
  assert.match(
    report,
    /^ refused row 1: its url is NULL; correct or delete the row and import again$/m,
  )
  assert.match(
    report,
    /^ refused row 2 \("a\.example"\): its count is NULL, not a whole number from 0 on; set it /m,
  )
  assert.match(
    report,
    /row 3 \("b\.example"\): its count is "-4", .* again: update url set count = 0 where id = 3$/m,
  )
})

test('the report names ten of the refused, and counts the rest', async (t) => {
  const rows: Rows = Array.from({ length: 12 }, (_, index) => [`two words ${index}\u0000`, 1])
  const { old, run } = await setUp(t, [
    ...rows,
    ['big.example', 2 ** 53 - 1],
    ['big.example/', 2 ** 53 - 1],
  ])
  const report = await run('hit-counter', old)
  assert.equal(report.match(/^ refused "/gm)?.length, 10)
  assert.match(report, /^ and 3 more rows$/m)
})

test('it goes on while the server counts', async (t) => {
  const rows: Rows = Array.from({ length: 1500 }, (_, index) => [`example.com/${index}`, 5])
  const { old, folder, run } = await setUp(t, rows)
  const store = await openSqliteStore(join(folder, 'tallymark.db'))
  t.after(() => store.close())
  const page = normalizePage('example.com/1')
  const counting = Array.from({ length: 50 }, async () => {
    for (let times = 0; times < 5; times++) await store.count({ page, at: T0, window: null })
  })
  await Promise.all([run('hit-counter', old), ...counting])
  assert.equal(await readCount(store, page), 255)
})

test('the database is left to others after every hundred pages, and never held in between', async (t) => {
  const rows: Rows = Array.from({ length: 2000 }, (_, index) => [`example.com/${index}`, 5])
  const { old, folder, run } = await setUp(t, rows)
  const file = join(folder, 'tallymark.db')
  await (await openSqliteStore(file)).close()
  // Another service that does not wait: it gets the lock at once, or is refused.
  const other = new Database(file, { timeout: 0 })
  t.after(() => other.close())
  const numbers = new Set<unknown>()
  let importing = true
  const writing = (async () => {
    while (importing) {
      other.exec('begin immediate')
      numbers.add(other.prepare('select count(*) from imported').pluck().get())
      other.exec('commit')
      await setImmediate()
    }
  })()
  await run('hit-counter', old).finally(() => {
    importing = false
  })
  await writing
  for (let pages = 100; pages < 2000; pages += 100) assert.ok(numbers.has(pages), `at ${pages}`)
})

test('what is no hit-counter database is refused with a reason', async (t) => {
  const { folder, run } = await setUp(t, [])
  const text = join(folder, 'text.db')
  writeFileSync(
    text,
    'not a database, but long enough to have a header of one hundred bytes'.repeat(9),
  )
  const empty = join(folder, 'empty.db')
  new Database(empty).exec('create table other (x)').close()
  await assert.rejects(run('hit-counter', join(folder, 'none.db')), /There is no file/)
  await assert.rejects(run('hit-counter', text), /cannot be read as a hit-counter database/)
  await assert.rejects(
    run('hit-counter', empty),
    /cannot be read as a hit-counter database: it is another program's database\./,
  )
  await assert.rejects(run('other-counter', text), /The one kind is hit-counter/)
  await assert.rejects(run('hit-counter'), /Missing required argument 'file'/)
  await assert.rejects(run('hit-counter', text, '--sauce', 'x'), /--sauce/)
})

test('into PostgreSQL: hosts have their pages, two at once add once, and no password is told', {
  skip: !engines().includes('postgres'),
}, async (t) => {
  const rows: Rows = Array.from({ length: 250 }, (_, index) => [`${index % 2}.example/${index}`, 5])
  const { old, run, databaseUrl } = await setUp(t, rows, 'postgres')
  const [first, second] = await Promise.all([run('hit-counter', old), run('hit-counter', old)])
  const sums =
    'select (select sum(hits) from tally join page on hash = page)::int a, (select sum(hits) from imported)::int b'
  assert.deepEqual(await runSql(String(databaseUrl), sums), [{ a: 1250, b: 1250 }])
  assert.deepEqual(await runSql(String(databaseUrl), 'select pages::int from host order by name'), [
    { pages: 250 },
    { pages: 125 },
    { pages: 125 },
  ])
  assert.match(first, /^into postgres:\/\/127\.0\.0\.1:\d+\/t\w+$/m)
  assert.doesNotMatch(first + second, /secret/)
  const settings = {
    databaseFile: '',
    databaseUrl: 'postgres://me:secret@127.0.0.1:1/x',
  }
  await assert.rejects(
    runCommand(['import', 'hit-counter', old], settings, T0),
    /^Error: Cannot import into postgres:\/\/127\.0\.0\.1:1\/x: .*ECONNREFUSED/,
  )
})

for (const engine of engines()) {
  test(`${engine}: the numbers of a page's old addresses are added up; removed pages are left out`, async (t) => {
    const rows: Rows = [
      ['https://old.example/a', 10],
      // Between them, more pages than are written at a time.
      ...Array.from({ length: 300 }, (_, at): Rows[number] => [`https://x.example/${at}`, 1]),
      ['https://new.example/b', 5],
      ['https://gone.example/', 7],
      ['https://one.example/', 3],
      ['https://two.example/', 4],
    ]
    const { old, run, numbers, open } = await setUp(t, rows, engine)
    const store = await open()
    const [page, into, gone] = ['old.example/a', 'new.example/b', 'gone.example'].map((name) =>
      normalizePage(name),
    ) as [PageKey, PageKey, PageKey]
    await store.admin.change(
      [
        ...[page, into, gone].map((name): Change => ({ action: 'set', page: name, hits: 1 })),
        { action: 'merge', page, into },
        { action: 'remove', page: gone },
      ],
      { actor: 'test', reason: '', at: T0 },
    )
    await store.close()
    const first = await run('hit-counter', old)
    assert.match(first, /removed 1 page 7 hits left out .*\nadded 303 pages 322 hits/)
    assert.deepEqual(await numbers(page, into), [17, 17])
    const again = await open()
    const [one, two] = ['one.example', 'two.example'].map((name) => normalizePage(name)) as [
      PageKey,
      PageKey,
    ]
    await again.admin.change([{ action: 'merge', page: one, into: two }], {
      ...{ actor: 'test', reason: '', at: T0 },
    })
    await again.close()
    assert.deepEqual(await numbers(one, two), [7, 7])
    assert.match(await run('hit-counter', old), /\nadded 0 pages 0 hits/)
    const database = new Database(old)
    database.exec("update url set count = count + 2 where url like '%/a' or url like '%/b'")
    database.close()
    assert.match(await run('hit-counter', old), /\nadded 1 page 4 hits/)
    assert.deepEqual(await numbers(page, into), [21, 21])
    const json = JSON.parse(await run('hit-counter', '--json', old))
    assert.deepEqual(json.removed, { pages: 1, hits: 7 })
  })
}
