import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { databaseName } from '../database/name.ts'
import { checkDatabase, isHeld } from '../database/sqlite/condition.ts'
import { copyToPostgres, NotEmpty } from '../database/transfer/copy.ts'
import { openSource, type Source, type Sums } from '../database/transfer/source.ts'
import { telling } from './failures.ts'
import { MIGRATE_USAGE } from './help.ts'
import { lackingLog } from './lacking-log.ts'
import { CommandFailure, type Output, UsageError } from './usage.ts'

/** Pages after which it says how far it is. */
const TELL_PAGES = 10_000

export interface MigrateSettings {
  databaseFile: string
  databaseUrl: string | undefined
}

/**
 * `migrate-to-postgres`: copies the file into an empty PostgreSQL database, and compares the numbers of both.
 * @param now milliseconds since 1970, UTC
 * @throws UsageError or CommandFailure; then nothing was copied
 */
export async function migrateCommand(
  argv: string[],
  { databaseFile, databaseUrl }: MigrateSettings,
  now: number,
  { print, warn }: Output,
): Promise<void> {
  parseCommand(argv)
  if (databaseUrl === undefined) {
    throw new UsageError(`DATABASE_URL is not set: it says where to copy to.\n\n${MIGRATE_USAGE}`)
  }
  const from = databaseName(undefined, databaseFile)
  const into = databaseName(databaseUrl, databaseFile)
  if (!existsSync(databaseFile)) throw new CommandFailure(`There is no database ${from}.`)
  const source = await open(from)
  try {
    if (source.lacksLog) {
      warn(`WARNING: ${databaseFile} lacks its newest numbers. ${lackingLog(databaseFile)}`)
    }
    print(`from ${from}`)
    print(`into ${into}`)
    let nextLine = TELL_PAGES
    await telling(
      `Cannot copy into ${into}`,
      () =>
        copyToPostgres(
          databaseUrl,
          source,
          now,
          (pages) => {
            if (pages < nextLine) return
            nextLine = pages + TELL_PAGES
            print(`${number(pages)} pages`)
          },
          (old, copied, tokens) => {
            compareSums(old, copied, print)
            print(`${'live windows'.padEnd(20)}${number(tokens).padStart(16)}`)
          },
        ).catch(refuseFull),
      (failure) =>
        `${failure}. Nothing was copied. DATABASE_URL says where it is; its user must be able to make tables there`,
    )
  } finally {
    source.close()
  }
  print('All numbers are there. Start the service with DATABASE_URL now, and keep the file until')
  print('you trust the new database.')
}

function parseCommand(argv: string[]): void {
  try {
    parseArgs({ args: argv, options: {} })
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${MIGRATE_USAGE}`, { cause: error })
  }
}

function open(file: string): Promise<Source> {
  return telling(
    `Cannot read ${file}`,
    async () => {
      checkDatabase(file)
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
    (failure) =>
      /no such (table|column)/.test(failure)
        ? 'an earlier version made it; start the service on it once, without DATABASE_URL'
        : failure,
    file,
  )
}

function refuseFull(error: unknown): never {
  if (!(error instanceof NotEmpty)) throw error
  throw new CommandFailure(
    'DATABASE_URL names a database that has pages already. Nothing was copied: name an empty one.',
    { cause: error },
  )
}

/** Prints the sums side by side. @throws CommandFailure where they differ */
function compareSums(old: Sums, copied: Sums, print: (line: string) => void): void {
  const outcomes = new Set([...old.visits.keys(), ...copied.visits.keys()])
  const rows: [string, number, number][] = [
    ['pages', old.pages, copied.pages],
    ['hits', old.hits, copied.hits],
    ...[...outcomes].map((outcome): [string, number, number] => [
      outcome === 'counted' ? 'hits over time' : `visits: ${outcome}`,
      old.visits.get(outcome) ?? 0,
      copied.visits.get(outcome) ?? 0,
    ]),
  ]
  const line = (name: string, ...cells: string[]) =>
    print(`${name.padEnd(20)}${cells.map((cell) => cell.padStart(16)).join('')}`)
  line('', 'SQLite', 'PostgreSQL')
  for (const [name, ...cells] of rows) line(name, ...cells.map(number))
  const differ = rows.filter(([, before, after]) => before !== after).map(([name]) => name)
  if (differ.length > 0)
    throw new CommandFailure(`The numbers differ: ${differ.join('; ')}. Nothing was copied.`)
}

const number = (value: number) => value.toLocaleString('en')
