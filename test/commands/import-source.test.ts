import assert from 'node:assert/strict'
import {
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { planImport } from '../../src/commands/import-plan.ts'
import { CommandFailure, UsageError } from '../../src/commands/usage.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { normalizePage } from '../../src/page.ts'
import { readCount, T0, temporaryFolder } from '../harness/app.ts'
import { runCommand } from '../harness/commands.ts'
import { asStranger } from '../harness/stranger.ts'

const TABLE = 'create table url (id integer primary key, url varchar(256), count integer)'

/** hit-counter's database while somebody has it open, as hit-counter makes it. */
function openOld(t: TestContext, file: string): Database.Database {
  const database = new Database(file)
  t.after(() => database.close())
  database.pragma('journal_mode = wal')
  database.exec(TABLE)
  return database
}

function addRows(database: Database.Database, first: number, last: number): void {
  const insert = database.prepare("insert into url (url, count) values ('example.com/' || ?, ?)")
  for (let page = first; page <= last; page++) insert.run(String(page), page)
}

/** Runs an import into a database of its own. */
function into(t: TestContext) {
  const databaseFile = join(temporaryFolder(t), 'tallymark.db')
  return {
    databaseFile,
    async run(...argv: string[]) {
      const printed: string[] = []
      const warnings: string[] = []
      await runCommand(['import', ...argv], { databaseFile }, T0, {
        print: (line) => printed.push(line),
        warn: (line) => warnings.push(line),
      })
      return { report: printed.join('\n').replace(/ +/g, ' '), warnings }
    },
    async number(page: string) {
      const store = await openSqliteStore(databaseFile)
      const count = await readCount(store, normalizePage(page))
      await store.close()
      return count
    },
  }
}

test('a file that was copied without its log is warned of, with what to copy; the whole copy then adds the rest', async (t) => {
  const folder = temporaryFolder(t)
  const old = join(folder, 'data.db')
  const database = openOld(t, old)
  addRows(database, 1, 100)
  database.pragma('wal_checkpoint(truncate)')
  addRows(database, 101, 300)
  const [alone, together, whole] = ['alone', 'together', 'whole'].map((name) => {
    mkdirSync(join(folder, name))
    return join(folder, name, 'data.db')
  }) as [string, string, string]
  for (const copy of [alone, together]) cpSync(old, copy)
  cpSync(`${old}-wal`, `${together}-wal`)
  database.exec(`vacuum into '${whole}'`)
  const { run } = into(t)
  for (const time of ['first', 'second']) {
    const { report, warnings } = await run('hit-counter', alone)
    assert.match(report, /^read 100 rows 5,050 hits$/m)
    assert.equal(warnings.length, 1, time)
    const [warning = ''] = warnings
    assert.match(
      warning,
      /^WARNING: \S+data\.db may lack the newest numbers\. 100 rows were read\./,
    )
    assert.match(warning, /The largest number is 100, of "example\.com\/100"/)
    assert.match(warning, /Copy data\.db and data\.db-wal together, or .*VACUUM INTO 'copy\.db'/)
  }
  assert.match((await run('hit-counter', together)).report, /^added 200 pages 40,100 hits now/m)
  for (const complete of [together, whole]) {
    const { report, warnings } = await run('hit-counter', complete)
    assert.match(report, /^read 300 rows 45,150 hits$/m)
    assert.match(report, /^added 0 pages 0 hits now/m)
    assert.deepEqual(warnings, [])
  }
})

test('a file whose table is still in the log that was left behind says so', async (t) => {
  const folder = temporaryFolder(t)
  const old = join(folder, 'data.db')
  addRows(openOld(t, old), 1, 3)
  const alone = join(folder, 'alone.db')
  cpSync(old, alone)
  await assert.rejects(into(t).run('hit-counter', alone), (error) => {
    assert.ok(error instanceof CommandFailure)
    assert.match(
      error.message,
      /no such table: url\. It is in WAL mode.* Copy alone\.db and alone\.db-wal/,
    )
    return true
  })
})

/** Each leaves a database of 2,000 rows in the folder that the next one who reads it has to put in order first. */
const UNTIDY: Record<string, (t: TestContext, file: string) => void> = {
  'with a log': (t, file) => {
    const live = join(temporaryFolder(t), 'live.db')
    const database = openOld(t, live)
    database.transaction(() => addRows(database, 1, 2000))()
    for (const part of ['', '-wal']) cpSync(live + part, file + part)
  },
  'with an unfinished transaction': (t, file) => {
    const live = join(temporaryFolder(t), 'live.db')
    const database = new Database(live)
    t.after(() => database.close())
    database.exec(TABLE)
    database.transaction(() => addRows(database, 1, 2000))()
    database.pragma('cache_size = 1')
    database.exec(`begin; update url set count = 0, url = '${'x'.repeat(300)}'`)
    for (const part of ['', '-journal']) cpSync(live + part, file + part)
  },
}

test('a database that nobody has open is left without new files beside it', async (t) => {
  const folder = temporaryFolder(t)
  const closed = join(folder, 'closed.db')
  const copied = join(folder, 'copied.db')
  for (const [file, parts] of [
    [closed, ['']],
    [copied, ['', '-wal']],
  ] as const) {
    const live = join(temporaryFolder(t), 'live.db')
    const database = new Database(live)
    database.pragma('journal_mode = wal')
    database.exec(TABLE)
    addRows(database, 1, 20)
    if (file === closed) database.close()
    for (const part of parts) cpSync(live + part, file + part)
    database.close()
  }
  const before = readdirSync(folder)
  for (const file of [closed, copied]) {
    const { report } = await into(t).run('hit-counter', file)
    assert.match(report, /^read 20 rows/m)
  }
  assert.deepEqual(readdirSync(folder), before)
})

for (const [name, make] of Object.entries(UNTIDY)) {
  test(`a database ${name} is read in a folder that cannot be written to, and leaves nothing behind`, async (t) => {
    const folder = temporaryFolder(t)
    const old = join(folder, 'data.db')
    make(t, old)
    for (const part of readdirSync(folder)) chmodSync(join(folder, part), 0o444)
    const names = readdirSync(folder)
    const before = names.map((part) => readFileSync(join(folder, part)))
    const { databaseFile, run, number } = into(t)
    const scratch = temporaryFolder(t)
    const { TMPDIR } = process.env
    process.env.TMPDIR = scratch
    t.after(() => {
      if (TMPDIR === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = TMPDIR
    })
    const { report, warnings } = await asStranger(folder, [join(databaseFile, '..'), scratch], () =>
      run('hit-counter', old),
    )
    assert.match(report, /^read 2,000 rows 2,001,000 hits$/m)
    assert.deepEqual(warnings, [])
    assert.equal(await number('example.com/2000'), 2000)
    assert.deepEqual(readdirSync(folder), names)
    assert.deepEqual(
      names.map((part) => readFileSync(join(folder, part))),
      before,
    )
    assert.deepEqual(readdirSync(scratch), [])
  })
}

test('names and passwords in front of a host are dropped, and ports are kept', async (t) => {
  const old = join(temporaryFolder(t), 'data.db')
  const database = openOld(t, old)
  const insert = database.prepare('insert into url (url, count) values (?, ?)')
  const rows: [string, number][] = [
    ['u:p@host.example/path', 1],
    ['host.example/path', 10],
    ['u:p@ported.example:8080/x', 5],
    ['u@only.example/@/x:y', 6],
    ['example.com:8080/x', 7],
    ['localhost:3000/x', 8],
  ]
  for (const row of rows) insert.run(...row)
  const { run, number } = into(t)
  const { report } = await run('hit-counter', old)
  assert.match(report, /^refused 0 rows 0 hits$/m)
  const pages = {
    'host.example/path': 11,
    'ported.example:8080/x': 5,
    'only.example/@/x:y': 6,
    'example.com:8080/x': 7,
    'localhost:3000/x': 8,
  }
  for (const [page, hits] of Object.entries(pages)) assert.equal(await number(page), hits, page)
})

test('every row and every hit is accounted for once, whatever the rows are', async () => {
  const url = fc.constantFrom<unknown>('a.example', 'a.example/', 'b.example', '', 'x\u0000', null)
  const count = fc.oneof(
    fc.nat(9),
    fc.constantFrom<unknown>(-1, 1.5, null, 'x', Number.MAX_SAFE_INTEGER),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ url, count }), { maxLength: 20 }), async (given) => {
      function* rows() {
        for (const [id, row] of given.entries()) yield { id, ...row }
      }
      const plan = planImport(rows(), [])
      const { read, repeated, joined, refused } = plan
      // As BigInt: sums may be larger than a number holds exactly.
      const largest = given.some((row) => row.count === Number.MAX_SAFE_INTEGER)
      assert.equal(read.rows, given.length)
      assert.equal(repeated.rows + joined.rows + refused.rows + plan.pages.size, read.rows)
      if (largest) return
      const held = [...plan.pages.values()].reduce((sum, hits) => sum + hits, 0)
      assert.equal(repeated.hits + refused.hits + held, read.hits)
      const isRefused = (row: (typeof given)[number]) =>
        !['a.example', 'a.example/', 'b.example'].includes(String(row.url)) ||
        !Number.isSafeInteger(row.count) ||
        Number(row.count) < 0
      assert.equal(refused.rows, given.filter(isRefused).length)
      assert.ok(joined.hits <= held)
    }),
  )
})

test('rows of a refused url are all refused, and not called repeated', async (t) => {
  const old = join(temporaryFolder(t), 'data.db')
  const database = openOld(t, old)
  database.exec("insert into url (url, count) values (char(1), 3), (char(1), 4), ('a.example', 1)")
  const { report } = await into(t).run('hit-counter', old)
  assert.match(report, /^repeated 0 rows 0 hits/m)
  assert.match(report, /^refused 2 rows 7 hits$/m)
  assert.match(report, /^ refused "\\u0001" \(7 hits in 2 rows\): bad url$/m)
})

test('a database is not imported into itself, by whatever name, and stays as it is', async (t) => {
  const folder = temporaryFolder(t)
  const old = join(folder, 'data.db')
  const database = new Database(old)
  database.exec(`${TABLE}; insert into url (url, count) values ('example.com', 5)`)
  database.close()
  linkSync(old, join(folder, 'hard.db'))
  symlinkSync(old, join(folder, 'soft.db'))
  const before = { bytes: readFileSync(old), at: statSync(old).mtimeMs }
  const names = readdirSync(folder)
  for (const name of ['data.db', 'hard.db', 'soft.db']) {
    const settings = { databaseFile: join(folder, name) }
    await assert.rejects(runCommand(['import', 'hit-counter', old], settings, T0), (error) => {
      assert.ok(error instanceof CommandFailure)
      assert.match(error.message, /is the database that DATABASE_FILE_PATH names/)
      return true
    })
  }
  assert.deepEqual({ bytes: readFileSync(old), at: statSync(old).mtimeMs }, before)
  assert.deepEqual(readdirSync(folder), names)
})

test('what is missing in the command line, or too much, is told plainly', async (t) => {
  const folder = temporaryFolder(t)
  const old = join(folder, 'data.db')
  addRows(openOld(t, old), 1, 1)
  const { run } = into(t)
  const wrong: [RegExp, ...string[]][] = [
    [/It is empty: give the source a name\./, 'hit-counter', old, '--source', ''],
    [/It is empty/, 'hit-counter', old, '--source= '],
    [/^Missing required argument 'file'/, old],
    [/The one kind is hit-counter/, 'hits', old],
    [/^Too many arguments for 'import'/, 'hit-counter', old, 'b.db', 'c.db'],
    [/Unknown option '--sauce=x'/, 'hit-counter', old, '--sauce=x'],
  ]
  for (const [message, ...argv] of wrong) {
    await assert.rejects(run(...argv), (error) => {
      assert.ok(error instanceof UsageError, argv.join(' '))
      assert.match(error.message, message)
      assert.match(error.message, /\nIt is used as: tallymark import hit-counter path/)
      return true
    })
  }
  await assert.rejects(run('hit-counter', folder), /is a folder\. Name the database in it/)
})
