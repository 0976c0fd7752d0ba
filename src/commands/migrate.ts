import { existsSync } from 'node:fs'
import { SingleBar } from 'cli-progress'
import type { Settings } from '../../config.ts'
import { databaseName } from '../database/options.ts'
import { checkDatabase, isHeld, WrongFile } from '../database/sqlite/condition.ts'
import { copyToPostgres, NotEmpty } from '../database/transfer/copy.ts'
import { openSource, type Source, type Sums } from '../database/transfer/source.ts'
import { explainFailures, lackingLog } from './failures.ts'
import { CommandFailure, formatNumber, type Output, UsageError } from './usage.ts'

/** How often a line shows the progress when there is no terminal, in ms. */
const LINE_MS = 10_000

/**
 * `migrate-to-postgres`: copies the file into an empty PostgreSQL database, and compares the numbers of both.
 * @throws UsageError or CommandFailure; then nothing was copied
 */
export async function runMigration(
  { json }: { json?: true },
  { database: { file: databaseFile, url: databaseUrl } }: Settings,
  now: number,
  { print, warn }: Output,
): Promise<void> {
  if (databaseUrl === undefined) {
    throw new UsageError('DATABASE_URL is not set: it says where to copy to.')
  }
  const from = databaseName(undefined, databaseFile)
  const into = databaseName(databaseUrl, databaseFile)
  if (!existsSync(databaseFile)) throw new CommandFailure(`There is no database ${from}.`)
  const source = await open(from)
  /** Copies what the file contains. A failure of SQLite is one of the file, whenever it is read. */
  const copy = async () => {
    if (source.lacksLog) {
      warn(`WARNING: ${databaseFile} lacks its newest numbers. ${lackingLog(databaseFile)}`)
    }
    const progress = showProgress(source.sums().pages, warn)
    const check = (old: Sums, copied: Sums, tokens: number) => {
      progress.stop()
      const rows = compareSums(old, copied)
      if (json) print(JSON.stringify({ from, into, tokens, numbers: Object.fromEntries(rows) }))
      else printSums(rows, { from, into, tokens }, print)
      const differ = rows.filter(([, { sqlite, postgres }]) => sqlite !== postgres)
      if (differ.length === 0) return
      const names = differ.map(([name]) => name).join('; ')
      throw new CommandFailure(`The numbers differ: ${names}. Nothing was copied.`)
    }
    await explainFailures(
      `Cannot copy into ${into}`,
      () => copyToPostgres(databaseUrl, source, now, progress.update, check).catch(refuseFull),
      { explain: (failure) => `${failure}. Nothing was copied` },
    ).finally(progress.stop)
  }
  await explainFailures(`Cannot read ${from}`, copy, { file: from }).finally(source.close)
  if (json) return
  print('All numbers are there. Start the service with DATABASE_URL now, and keep the file until')
  print('you trust the new database.')
}

function open(file: string): Promise<Source> {
  return explainFailures(
    `Cannot read ${file}`,
    async () => {
      if (checkDatabase(file) === 'nothing')
        throw new WrongFile('it is empty', 'name the file that the service has counted into')
      try {
        return openSource(file)
      } catch (error) {
        if (!isHeld(error)) throw error
        throw new CommandFailure(
          `${file} is in use. Stop its service first, so that no visit is left behind.`,
          { cause: error },
        )
      }
    },
    {
      file,
      explain: (failure) =>
        /no such (table|column)/.test(failure)
          ? 'an earlier version made it; start the service on it once, without DATABASE_URL'
          : failure,
    },
  )
}

function refuseFull(error: unknown): never {
  if (!(error instanceof NotEmpty)) throw error
  throw new CommandFailure(
    'DATABASE_URL names a database that has pages already. Nothing was copied: name an empty one.',
    { cause: error },
  )
}

type Row = [name: string, numbers: { sqlite: number; postgres: number }]

function compareSums(old: Sums, copied: Sums): Row[] {
  const outcomes = new Set([...old.visits.keys(), ...copied.visits.keys()])
  return [
    ['pages', { sqlite: old.pages, postgres: copied.pages }],
    ['hits', { sqlite: old.hits, postgres: copied.hits }],
    ...[...outcomes].map(
      (outcome): Row => [
        outcome === 'counted' ? 'hits over time' : `visits: ${outcome}`,
        { sqlite: old.visits.get(outcome) ?? 0, postgres: copied.visits.get(outcome) ?? 0 },
      ],
    ),
    ...[...old.administration].flatMap(([name, sqlite]): Row[] => {
      const postgres = copied.administration.get(name) ?? 0
      return sqlite + postgres > 0 ? [[name, { sqlite, postgres }]] : []
    }),
  ]
}

function printSums(
  rows: readonly Row[],
  { from, into, tokens }: { from: string; into: string; tokens: number },
  print: (line: string) => void,
): void {
  print(`from ${from}`)
  print(`into ${into}`)
  const line = (name: string, ...cells: string[]) =>
    print(`${name.padEnd(20)}${cells.map((cell) => cell.padStart(16)).join('')}`)
  line('', 'SQLite', 'PostgreSQL')
  for (const [name, { sqlite, postgres }] of rows)
    line(name, formatNumber(sqlite), formatNumber(postgres))
  line('live windows', formatNumber(tokens))
}

/**
 * Shows how many pages are copied: by a bar with rate and time left on a terminal, and elsewhere by a line every ten
 * seconds. `stop` must be called when the copy ends, even if it fails.
 */
function showProgress(total: number, warn: Output['warn']) {
  const begin = performance.now()
  const rateOf = (done: number) =>
    formatNumber(Math.round((1000 * done) / Math.max(1, performance.now() - begin)))
  if (!process.stderr.isTTY) {
    let nextLine = begin + LINE_MS
    return {
      update(done: number) {
        if (performance.now() < nextLine) return
        nextLine = performance.now() + LINE_MS
        warn(`${formatNumber(done)} of ${formatNumber(total)} pages, ${rateOf(done)} a second`)
      },
      stop() {},
    }
  }
  const bar = new SingleBar({
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    formatValue: (value) => (typeof value === 'number' ? formatNumber(value) : String(value)),
    format: '{bar} {value} of {total} pages, {rate} a second, {eta_formatted} left',
  })
  bar.start(total, 0, { rate: '0' })
  return {
    update: (done: number) => bar.update(done, { rate: rateOf(done) }),
    stop: () => bar.stop(),
  }
}
