import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { UsageError } from '../../src/commands/usage.ts'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import { temporaryFolder } from '../harness/app.ts'
import { runCommand } from '../harness/commands.ts'
import { runMain, startServer, stopServer } from '../harness/server.ts'

test('what is no command, and words after serve, are told plainly, and nothing starts', async (t) => {
  const folder = temporaryFolder(t)
  const settings = { databaseFile: join(folder, 'data.db') }
  const wrong: [RegExp, ...string[]][] = [
    [/^Unknown command 'dance'\n/, 'dance'],
    [/^Unknown command 'imprt'\n\(Did you mean import\?\)/, 'imprt', 'hit-counter'],
    [/^Unknown command 'toString'\n/, 'toString'],
    [/^Unknown option '--port'\n.*such as PORT=9000/, '--port', '9000'],
    [/^Unknown option '--port'\n.*such as PORT=9000/, 'serve', '--port', '9000'],
    [/^Too many arguments for 'serve'/, 'serve', 'now'],
    [/tallymark import hit-counter path/, 'import', 'data.db'],
    [/The one kind is hit-counter/, 'import', 'goatcounter', 'data.db'],
    [/^Missing required argument 'kind'/, 'import'],
    [/^--pages-below and --idle-days belong together/, 'prune', '--pages-below=2'],
    [/^Unknown option '--drry-run'\n\(Did you mean --dry-run\?\)/, 'prune', '--drry-run'],
    [/^DATABASE_URL is not set/, 'migrate-to-postgres'],
    [/^Unknown option '--source=x'/, 'migrate-to-postgres', '--source=x'],
    [/must begin with http/, 'check', '--url=example.com'],
  ]
  for (const [message, ...argv] of wrong) {
    await assert.rejects(runCommand(argv, settings, 0), (error) => {
      assert.ok(error instanceof UsageError, argv.join(' '))
      assert.match(error.message, message)
      return true
    })
  }
  const [[message, ...argv] = [/./]] = wrong
  const { code, output, errors } = await runMain({}, argv, folder)
  assert.deepEqual([code, output], [2, ''])
  assert.match(errors, message)
  assert.doesNotMatch(errors, /\bat .*:\d+/, 'no stack trace')
  assert.deepEqual(readdirSync(folder), [], 'no database was made')
})

test('an option that npm keeps for itself is not lost in silence', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'data.db')
  await (await openSqliteStore(file)).close()
  const lost: [words: string[], variable: string, option: string][] = [
    [['prune'], 'npm_config_dry_run', '--dry-run'],
    [['prune'], 'npm_config_pages_below', '--pages-below'],
    [['import', 'hit-counter', file], 'npm_config_source', '--source'],
  ]
  for (const [words, variable, option] of lost) {
    const env = { DATABASE_FILE_PATH: file, [variable]: 'true' }
    const { code, output, errors } = await runMain(env, words)
    assert.deepEqual([code, output], [2, ''])
    assert.match(
      errors,
      new RegExp(`^npm kept ${option} for itself\\. .* -- ${option} .*Nothing was done`),
    )
  }
})

test('each command tells how it is used, whatever the settings are', async (t) => {
  const folder = temporaryFolder(t)
  const questions: [RegExp, ...string[]][] = [
    [/^Usage: tallymark .*serve .*import .*prune .*migrate-to-postgres .*check/s, '--help'],
    [/^Usage: tallymark /, 'help'],
    [/^Usage: tallymark serve .*Examples:\n/s, 'serve', '-h'],
    [/^Usage: tallymark import .*Examples:\n/s, 'import', '--help'],
    [/^Usage: tallymark prune .*--pages-below .*Examples:\n/s, 'prune', '--dry-run', '-h'],
    [/^Usage: tallymark migrate-to-postgres .*Examples:\n/s, 'migrate-to-postgres', '--help'],
    [/^Usage: tallymark check .*Examples:\n/s, 'help', 'check'],
    [/^\d+\.\d+\.\d+\n$/, '--version'],
  ]
  await Promise.all(
    questions.map(async ([message, ...argv]) => {
      const { code, output, errors } = await runMain({ PORT: 'wrong' }, argv, folder)
      assert.deepEqual([code, errors], [0, ''], argv.join(' '))
      assert.match(output, message)
    }),
  )
  assert.deepEqual(readdirSync(folder), [])
})

test('a failure has exit code 1, and tells a whole path on standard error alone', async (t) => {
  const folder = temporaryFolder(t)
  const { code, output, errors } = await runMain({ DATABASE_FILE_PATH: 'x.db' }, ['prune'], folder)
  assert.deepEqual([code, output], [1, ''])
  assert.equal(errors, `There is no database ${join(folder, 'x.db')}.\n`)
})

test('a start that makes a database says so, with its whole path; the next start does not', async (t) => {
  const folder = temporaryFolder(t)
  const before = process.cwd()
  process.chdir(folder)
  t.after(() => process.chdir(before))
  const file = join(folder, 'data/x.db')
  const env = { DATABASE_FILE_PATH: 'data/x.db' }
  const first = await startServer(t, env)
  assert.match(first.output(), new RegExp(`^The database ${file} is new and empty\\.`, 'm'))
  assert.match(first.output(), new RegExp(`^Tallymark counts on \\S+ into ${file}\\.`, 'm'))
  assert.ok(existsSync(file))
  await stopServer(first)
  const second = await startServer(t, env)
  assert.doesNotMatch(second.output(), /new and empty/)
  await stopServer(second)
})
