// Runs all tests; those that are quick with `--quick`; or the files that are named:
// `npm run test:only [-- test/http/json.test.ts]`.
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join, normalize, resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

const ROOT = join(import.meta.dirname, '..')
/**
 * Each file in this folder imports test files, which then share one process: loading the service takes longer than the
 * tests of most files. A file that takes long, or that measures its whole process, has a process of its own.
 */
const TOGETHER = 'test/together'
/** Files and folders that start first, because they take longest. */
const LONG = ['test/postgres/network', 'test/start.test.ts', 'test/crash/', TOGETHER]
const AT_ONCE = 4
/** For a test, and for a file. */
const LIMIT_MS = 90_000
/** The beginnings of the names of files that `--quick` leaves out: they need a browser or PostgreSQL, or take long. */
export const NOT_QUICK = [
  ...['browser', 'commands', 'png', 'postgres', 'slow'].map((name) => `together/${name}`),
  ...['badge/png/', 'commands/', 'crash/', 'database/journal', 'postgres/'],
  ...['bench', 'broken-start', 'node-version', 'signals', 'start', 'tools', 'wrong-start'],
  ...['http/connections', 'http/memory', 'http/options-fuzz', 'http/parse-time'],
].map((name) => `test/${name}`)

/** All files to run, each test in one of them. @param quick leaves out the files that take long */
export function filesToRun(quick = false): string[] {
  const hosts = readdirSync(join(ROOT, TOGETHER)).map((name) => `${TOGETHER}/${name}`)
  const hosted = new Set(hosts.flatMap(importsOf))
  const alone = globSync('test/**/*.test.ts', { cwd: ROOT }).filter((file) => !hosted.has(file))
  const rank = (file: string) => {
    const found = LONG.findIndex((start) => file.startsWith(start))
    return found < 0 ? LONG.length : found
  }
  return [...hosts, ...alone]
    .filter((file) => !quick || !NOT_QUICK.some((start) => file.startsWith(start)))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

/** The test files that a file of `TOGETHER` imports. */
export function importsOf(host: string): string[] {
  const text = readFileSync(join(ROOT, host), 'utf8')
  return [...text.matchAll(/^import '(.+)'$/gm)].map(([, path]) =>
    normalize(join(TOGETHER, path as string)),
  )
}

if (import.meta.main) {
  const words = process.argv.slice(2)
  const quick = words.includes('--quick')
  if (quick) process.env.ENGINES ??= 'sqlite'
  const named = words.filter((word) => word !== '--quick')
  const files = (named.length > 0 ? named : filesToRun(quick)).map((file) => resolve(ROOT, file))
  // The types do not have it yet.
  const setup: object = { globalSetupPath: join(import.meta.dirname, 'harness/global.ts') }
  const tests = run({ files, concurrency: AT_ONCE, timeout: LIMIT_MS, ...setup })
  tests.on('test:fail', () => {
    process.exitCode = 1
  })
  tests.compose(spec).pipe(process.stdout)
}
