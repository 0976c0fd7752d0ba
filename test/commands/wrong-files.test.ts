import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { explainFailures } from '../../src/commands/failures.ts'
import { CommandFailure } from '../../src/commands/usage.ts'
import { UnknownOutcome, unavailable } from '../../src/database/failures.ts'
import { openPostgresStore } from '../../src/database/postgres.ts'
import { T0, temporaryFolder } from '../harness/app.ts'
import { runCommand } from '../harness/commands.ts'
import { engines } from '../harness/engines.ts'
import { makeDatabase, run as runSql } from '../harness/postgres.ts'
import { asStranger } from '../harness/stranger.ts'
import { until } from '../harness/until.ts'
import { fill, HIT_COUNTER, sql, WRONG } from '../harness/wrong-files.ts'

/** A database of hit-counter to import, and the commands that write to a file. */
function commands(
  t: TestContext,
  databaseFile: string,
  folder = temporaryFolder(t),
): Record<string, () => Promise<number>> {
  const old = join(folder, 'old.db')
  sql(old, HIT_COUNTER)
  const insert = (page: number) => `insert into url (url, count) values ('p${page}.example/x', 2);`
  sql(old, Array.from({ length: 300 }, (_, page) => insert(page)).join(''))
  const settings = { databaseFile, keepHistoryDays: 1 }
  const prune = (...argv: string[]) => runCommand(['prune', ...argv], settings, T0 + 1e10)
  const pages = ['--pages-below=9', '--idle-days=1']
  return {
    import: () => runCommand(['import', 'hit-counter', old], settings, T0),
    prune: () => prune(),
    'prune --dry-run': () => prune('--dry-run'),
    'prune --pages-below': () => prune(...pages),
    'prune --pages-below --dry-run': () => prune(...pages, '--dry-run'),
  }
}

for (const [name, { make, says, isSeenLate }] of Object.entries(WRONG)) {
  test(`a file that is ${name} is called that in one line${isSeenLate ? '' : ', and not a byte of it changes'}`, async (t) => {
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
      if (!isSeenLate) assert.deepEqual(bytes(), before, command)
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

test('a file that is removed while it is pruned is called that', async (t) => {
  const file = join(temporaryFolder(t), 'data.db')
  await fill(file, 1)
  // So many that removing them takes longer than noticing the loss.
  sql(
    file,
    `with recursive number (id) as (select 10 union all select id + 1 from number where id < 40000)
    insert into page (id, key, host_id) select id, id || '.example', 1 from number`,
  )
  const pruning = commands(t, file)['prune --pages-below']?.() as Promise<number>
  // It has begun to remove pages when there is a log.
  const removed = until(() => (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0)
  void removed.then(() => rmSync(file))
  await assert.rejects(pruning, (error) => {
    assert.ok(error instanceof CommandFailure, String((error as Error).stack))
    assert.match(error.message, /^Cannot prune \S+data\.db: \S+data\.db was removed\.$/)
    return true
  })
})

test('a PostgreSQL database of a newer version is called that', {
  skip: !engines().includes('postgres'),
}, async (t) => {
  const databaseUrl = await makeDatabase(t)
  await (await openPostgresStore(databaseUrl)).close()
  await runSql(databaseUrl, "insert into kysely_migration values ('9999_future', '2030-01-01')")
  const databaseFile = join(temporaryFolder(t), 'data.db')
  await fill(databaseFile, 1)
  const old = join(temporaryFolder(t), 'old.db')
  sql(old, `${HIT_COUNTER}; insert into url (url, count) values ('a.example', 1)`)
  for (const words of [['import', 'hit-counter', old], ['prune'], ['migrate-to-postgres']]) {
    await assert.rejects(runCommand(words, { databaseFile, databaseUrl }, T0), (error) => {
      assert.ok(error instanceof CommandFailure, String((error as Error).stack))
      assert.match(error.message, /^Cannot .*: a newer version of Tallymark has written it; /)
      return true
    })
  }
})

test('of a write whose outcome is not known, a command says so', async () => {
  const unknown = new UnknownOutcome('whether a batch was committed is not known')
  for (const failure of [unknown, unavailable(unknown)]) {
    await assert.rejects(
      explainFailures('Cannot prune x', () => Promise.reject(failure)),
      /^Error: Cannot prune x: whether a batch was committed is not known; run this again/,
    )
  }
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
      runCommand(['import', 'hit-counter', file], { databaseFile }, T0),
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
    const settings = { databaseFile: join(target, 'data.db') }
    await assert.rejects(runCommand(['import', 'hit-counter', file], settings, T0), (error) => {
      assert.ok(error instanceof CommandFailure, String(error))
      assert.match(error.message, /data\.db cannot be read: EACCES: permission denied/)
      return true
    })
    for (const argv of [[], ['--dry-run']]) {
      const settings = { databaseFile: file, keepHistoryDays: 0 }
      await assert.rejects(runCommand(['prune', ...argv], settings, T0), (error) => {
        assert.ok(error instanceof CommandFailure, String(error))
        assert.match(error.message, /^Cannot prune \S+data\.db: this user may not .*EACCES/)
        return true
      })
    }
  })
  await told.finally(() => chmodSync(closed, 0o700))
})
