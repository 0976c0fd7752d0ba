import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { importCommand } from '../../src/commands/import.ts'
import { pruneCommand } from '../../src/commands/prune.ts'
import { CommandFailure } from '../../src/commands/usage.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import type { PageKey } from '../../src/page.ts'
import { T0, temporaryFolder } from '../harness/app.ts'
import { asStranger } from '../harness/stranger.ts'

const BLOCK = 4096
const HIT_COUNTER = 'create table url (id integer primary key, url varchar(256), count integer)'

/** A database of 500 pages, each with a hit. */
async function fill(file: string): Promise<void> {
  const store = await openSqliteStore(file)
  const pages = Array.from({ length: 500 }, (_, at) => `p${at}.example/some/path` as PageKey)
  await Promise.all(pages.map((page) => store.count({ page, at: T0, window: null })))
  await store.close()
}

function sql(file: string, statements: string): void {
  const database = new Database(file)
  database.exec(statements)
  database.close()
}

/** What a file may be instead of a database of this version, and what is said of it. */
const WRONG: Record<string, { make: (file: string) => unknown; says: RegExp }> = {
  text: {
    make: (file) => writeFileSync(file, 'DATABASE_FILE_PATH=data.db\n'.repeat(200)),
    says: /it is no SQLite database; name another file, or restore a backup\.$/,
  },
  'two bytes': { make: (file) => writeFileSync(file, 'hi'), says: /it is no SQLite database;/ },
  half: {
    async make(file) {
      await fill(file)
      truncateSync(file, Math.floor(statSync(file).size / 2))
    },
    says: /it is cut short: [\d,]+ bytes are there of [\d,]+; restore a backup, or .*\.recover/,
  },
  damaged: {
    async make(file) {
      await fill(file)
      const descriptor = openSync(file, 'r+')
      for (let at = BLOCK; at < statSync(file).size; at += BLOCK)
        writeSync(descriptor, randomBytes(BLOCK), 0, BLOCK, at)
      closeSync(descriptor)
    },
    says: /it is damaged \(database disk image is malformed\); restore a backup, or .*\.recover/,
  },
  newer: {
    async make(file) {
      await fill(file)
      sql(file, "insert into kysely_migration values ('9999_future', '2030-01-01')")
    },
    says: /a newer version of Tallymark has written it; run that version again/,
  },
  "another program's": {
    make: (file) => sql(file, 'create table users (name); insert into users values (1)'),
    says: /it is another program's database, and stays as it is; let DATABASE_FILE_PATH name/,
  },
  "hit-counter's": {
    make: (file) => sql(file, `${HIT_COUNTER}; insert into url (url, count) values ('a', 1)`),
    says: /it is hit-counter's database, .* npm run import -- hit-counter \S+wrong\.db\.$/,
  },
  'a folder': { make: (file) => mkdirSync(file), says: /it is a folder; name a file in it\.$/ },
}

/** A database of hit-counter to import, and the commands that write to a file. */
function commands(
  t: TestContext,
  databaseFile: string,
  folder = temporaryFolder(t),
): Record<string, () => Promise<void>> {
  const old = join(folder, 'old.db')
  sql(old, HIT_COUNTER)
  const insert = (page: number) => `insert into url (url, count) values ('p${page}.example/x', 2);`
  sql(old, Array.from({ length: 300 }, (_, page) => insert(page)).join(''))
  const pruning = { databaseFile, keepHistoryDays: 1, store: {} }
  const quiet = { print() {}, warn() {} }
  const prune = (...argv: string[]) => pruneCommand(argv, pruning, T0 + 1e10, () => {})
  const pages = ['--pages-below=9', '--idle-days=1']
  return {
    import: () => importCommand(['hit-counter', old], { databaseFile, keepQuery: [] }, T0, quiet),
    prune: () => prune(),
    'prune --dry-run': () => prune('--dry-run'),
    'prune --pages-below': () => prune(...pages),
    'prune --pages-below --dry-run': () => prune(...pages, '--dry-run'),
  }
}

for (const [name, { make, says }] of Object.entries(WRONG)) {
  test(`a file that is ${name} is called that in one line, and not a byte of it changes`, async (t) => {
    const file = join(temporaryFolder(t), 'wrong.db')
    await make(file)
    const bytes = () => (statSync(file).isDirectory() ? readdirSync(file) : readFileSync(file))
    const before = bytes()
    for (const [command, run] of Object.entries(commands(t, file))) {
      await assert.rejects(run(), (error) => {
        assert.ok(error instanceof CommandFailure, `${command}: ${(error as Error).stack}`)
        assert.match(error.message, /^Cannot (import into|prune) \S+wrong\.db: [^\n]+\.$/, command)
        assert.match(error.message, says, command)
        return true
      })
      assert.deepEqual(bytes(), before, command)
    }
  })
}

test('a database that this user may not write to is called that, and a dry run reads it', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'data.db')
  await fill(file)
  chmodSync(file, 0o444)
  const readable = temporaryFolder(t)
  const before = readFileSync(file)
  const {
    'prune --dry-run': dry,
    'prune --pages-below --dry-run': dryPages,
    ...writing
  } = commands(t, file, readable)
  await asStranger(folder, [readable], async () => {
    for (const [command, run] of Object.entries(writing)) {
      await assert.rejects(run(), (error) => {
        assert.ok(error instanceof CommandFailure, `${command}: ${(error as Error).stack}`)
        assert.match(
          error.message,
          /: this user may not write to it or in its folder, \S+ \(.*\); run this as the user who owns both\.$/,
        )
        return true
      })
    }
    await dry?.()
    await dryPages?.()
  })
  assert.deepEqual(readFileSync(file), before)
})

test('a source that is no database of hit-counter is called what it is', async (t) => {
  const folder = temporaryFolder(t)
  const source = join(folder, 'wrong.db')
  const databaseFile = join(folder, 'data.db')
  const says: Record<string, RegExp> = {
    text: /it is no SQLite database\.$/,
    half: /it is cut short: [\d,]+ bytes are there of [\d,]+\.$/,
    damaged: /database disk image is malformed\.$/,
    newer: /it is Tallymark's own\.$/,
    "another program's": /it is another program's database\.$/,
  }
  for (const [name, expected] of Object.entries(says)) {
    const file = `${source}-${name.replaceAll(/\W/g, '-')}`
    await WRONG[name]?.make(file)
    await assert.rejects(
      importCommand(['hit-counter', file], { databaseFile, keepQuery: [] }, T0, {
        print() {},
        warn() {},
      }),
      (error) => {
        assert.ok(error instanceof CommandFailure, name)
        assert.match(error.message, /^\S+ cannot be read as a hit-counter database: /)
        assert.match(error.message, expected)
        return true
      },
    )
  }
  assert.ok(!readdirSync(folder).includes('data.db'), 'no database was made')
})

test('a file that this user may not look at is told of in one line', async (t) => {
  const folder = temporaryFolder(t)
  const closed = join(folder, 'closed')
  mkdirSync(closed)
  const file = join(closed, 'data.db')
  await fill(file)
  chmodSync(closed, 0o000)
  const target = temporaryFolder(t)
  const told = asStranger(folder, [target], async () => {
    const settings = { databaseFile: join(target, 'data.db'), keepQuery: [] }
    await assert.rejects(
      importCommand(['hit-counter', file], settings, T0, { print() {}, warn() {} }),
      (error) => {
        assert.ok(error instanceof CommandFailure, String(error))
        assert.match(error.message, /data\.db cannot be read: EACCES: permission denied/)
        return true
      },
    )
    for (const argv of [[], ['--dry-run']]) {
      const settings = { databaseFile: file, keepHistoryDays: 0, store: {} }
      await assert.rejects(
        pruneCommand(argv, settings, T0, () => {}),
        (error) => {
          assert.ok(error instanceof CommandFailure, String(error))
          assert.match(error.message, /^Cannot prune \S+data\.db: this user may not .*EACCES/)
          return true
        },
      )
    }
  })
  await told.finally(() => chmodSync(closed, 0o700))
})
