import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { temporaryFolder } from './harness/app.ts'
import { BARE } from './harness/server.ts'
import { filesToRun, importsOf, NOT_QUICK } from './run.ts'

const ROOT = join(import.meta.dirname, '..')

function run(file: string, ...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, file), ...argv], {
    env: BARE,
  })
  return { status, output: String(stdout), errors: String(stderr) }
}

test('a run in which a test fails ends with exit code 1', (t) => {
  const file = join(temporaryFolder(t), 'fails.test.mjs')
  writeFileSync(
    file,
    "import test from 'node:test'; test('fails', () => { throw new Error('so') })",
  )
  // As npm run test:only does it.
  const { status, stdout } = spawnSync(process.execPath, ['test/run.ts', file], {
    cwd: ROOT,
    env: { ...BARE, ENGINES: 'sqlite' },
  })
  assert.match(String(stdout), /fail 1$/m)
  assert.equal(status, 1)
})

const testsIn = (files: string[]) =>
  files.flatMap((file) => (file.endsWith('.test.ts') ? [file] : importsOf(file)))

test('a run has every file of tests once, alone or with others in one process', () => {
  const found = testsIn(filesToRun())
  const all = globSync('test/**/*.test.ts', { cwd: ROOT })
  assert.deepEqual(found.sort(), all.sort())
})

test('a quick run has the other files, and starts no browser and no service in a process of its own', () => {
  const all = filesToRun()
  const quick = filesToRun(true)
  const left = all.filter((file) => !quick.includes(file))
  assert.deepEqual(
    left.filter((file) => !NOT_QUICK.some((start) => file.startsWith(start))),
    [],
  )
  for (const start of NOT_QUICK)
    assert.ok(
      left.some((file) => file.startsWith(start)),
      start,
    )
  for (const file of testsIn(quick)) {
    assert.doesNotMatch(readFileSync(join(ROOT, file), 'utf8'), /harness\/(browser|server)/, file)
  }
})

/** When each file of docs/ was last written. */
function written(): [name: string, at: number][] {
  return readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => [
    name,
    statSync(join(ROOT, 'docs', name)).mtimeMs,
  ])
}

test('npm run docs writes nothing when it is asked something', () => {
  const before = written()
  const help = run('docs/make/run.ts', '--help')
  assert.deepEqual([help.status, help.errors], [0, ''])
  assert.match(help.output, /^npm run docs takes no words .* Nothing was written\.\n$/)
  for (const argv of [['--dry-run'], ['gallery'], ['--', '-x']]) {
    const { status, output, errors } = run('docs/make/run.ts', ...argv)
    assert.deepEqual([status, output], [2, ''])
    assert.match(errors, /^What is "\S+"\? npm run docs takes no words/)
  }
  assert.deepEqual(written(), before)
})

test('npm run bench tells its options, and what it does not understand, and measures nothing then', () => {
  const help = run('bench/run.ts', '--help')
  assert.deepEqual([help.status, help.errors], [0, ''])
  assert.match(help.output, /^Usage: npm run bench .*--only WORKS.*\nWorks: pages, /)
  const wrong: [RegExp, ...string[]][] = [
    [/^Unknown option '--roundz'/, '--roundz=1'],
    [/^Unexpected argument 'pages'/, 'pages'],
    [/^There is no work pagez\./, '--only=pagez'],
    [/^--rounds must be a number above 0\./, '--rounds=many'],
  ]
  for (const [message, ...argv] of wrong) {
    const { status, output, errors } = run('bench/run.ts', ...argv)
    assert.deepEqual([status, output], [2, ''], argv.join())
    assert.match(errors, message)
    assert.match(errors, /^Usage: npm run bench/m)
    assert.doesNotMatch(errors, /\bat .*:\d+/, 'no stack trace')
  }
})
