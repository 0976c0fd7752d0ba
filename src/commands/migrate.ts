import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { OtherSource, type Source, type Sums } from '../database/moving.ts'
import { databaseName } from '../database/name.ts'
import { movePages } from '../database/postgres/moved.ts'
import { nameSource } from '../database/postgres/moved-source.ts'
import {
  countLacking,
  isUntouched,
  sumsBrought,
  sumsHeld,
} from '../database/postgres/moved-sums.ts'
import { moveTokens } from '../database/postgres/moved-tokens.ts'
import { type Operator, openForOperator } from '../database/postgres/operator.ts'
import { checkDatabase } from '../database/sqlite/condition.ts'
import { openSource } from '../database/sqlite/source.ts'
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
 * `migrate-to-postgres`: moves the numbers, and makes sure that they have arrived.
 * @param now milliseconds since 1970, UTC
 * @throws UsageError, also where numbers differ
 */
export async function migrateCommand(
  argv: string[],
  { databaseFile, databaseUrl }: MigrateSettings,
  now: number,
  { print, warn }: Output,
): Promise<void> {
  const asked = parseCommand(argv)
  if (databaseUrl === undefined) {
    throw new UsageError(`DATABASE_URL is not set: it says where to bring it.\n\n${MIGRATE_USAGE}`)
  }
  if (!existsSync(databaseFile))
    throw new CommandFailure(`There is no database ${resolve(databaseFile)}.`)
  const into = databaseName(databaseUrl, databaseFile)
  const operator = await telling(
    `Cannot open ${into}`,
    () => openForOperator(databaseUrl),
    (failure) =>
      `${failure}. DATABASE_URL says where it is; its user must be able to make tables there`,
  )
  try {
    const source = await open(databaseFile)
    try {
      if (source.lacksLog && source.isUnfinished) {
        warn(`WARNING: ${databaseFile} lacks its newest numbers. ${lackingLog(databaseFile)}`)
      } else if (source.lacksLog) {
        print(
          'The file has no log beside it: all is in it if its service was stopped, but not if it',
        )
        print('was copied while the service ran.')
      }
      print(`from ${resolve(databaseFile)}`)
      print(`into ${into}`)
      await telling(
        `Cannot go on writing into ${into}`,
        () => move(operator, source, asked, now, print),
        (failure) => `${failure}. What was brought is there; run this again to bring the rest`,
      )
    } finally {
      source.close()
    }
  } finally {
    await operator.close()
  }
}

/** @returns the name of the source, null where none is given */
function parseCommand(argv: string[]): string | null {
  try {
    const { values } = parseArgs({
      args: argv,
      options: { source: { type: 'string' } },
    })
    if (values.source?.trim() === '') throw new Error('--source is empty: give the file a name')
    return values.source ?? null
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${MIGRATE_USAGE}`, { cause: error })
  }
}

function open(file: string) {
  return telling(
    `Cannot read ${file}`,
    async () => {
      checkDatabase(file)
      return openSource(file)
    },
    (failure) =>
      /no such (table|column)/.test(failure)
        ? 'an earlier version made it; start the service on it once, without DATABASE_URL'
        : failure,
    file,
  )
}

async function move(
  operator: Operator,
  source: Source,
  asked: string | null,
  now: number,
  print: (line: string) => void,
): Promise<void> {
  const { db, transactions } = operator
  const wasEmpty = await isUntouched(db, null)
  const name = await nameSource(operator, source, asked, now).catch(refuseOther)
  let told = 0
  const { pages, changed, hits, gone } = await movePages(
    operator,
    source,
    name,
    now,
    (progress) => {
      if (progress.pages - told < TELL_PAGES) return
      told = progress.pages
      print(`${number(progress.pages)} pages, ${number(progress.hits)} hits`)
    },
  ).catch(refuseOther)
  const tokens = await moveTokens(operator, source, name, now)
  print(`looked at ${number(pages)} pages; of ${number(changed)} something was new`)
  print(`added ${number(hits)} hits, and ${number(tokens)} windows that have not ended`)
  if (gone > 0) {
    print(`${number(gone)} visits over time were brought earlier and are gone at the source since`)
  }
  const isAlone = wasEmpty && (await isUntouched(db, transactions.writer))
  const sums = [
    source.sums(),
    await sumsBrought(db, name),
    ...(isAlone ? [await sumsHeld(db)] : []),
  ]
  const differ = compareSums(sums, print)
  const lacking = await countLacking(db)
  if (differ.length > 0 || lacking > 0) {
    const pagesLack = lacking > 0 ? [`${number(lacking)} pages have less than was brought`] : []
    throw new CommandFailure(`The numbers differ: ${[...differ, ...pagesLack].join('; ')}.`)
  }
  print('All numbers are there. Next: stop the old service, run this once more to bring its last')
  print(
    'visits, and start the new one with DATABASE_URL. Keep the file until you trust the new one.',
  )
}

function refuseOther(error: unknown): never {
  if (!(error instanceof OtherSource)) throw error
  throw new CommandFailure(`${error.message}.`, { cause: error })
}

/** Prints the sums side by side. @returns what is not the same in all of them */
function compareSums(sums: readonly Sums[], print: (line: string) => void): string[] {
  const outcomes = new Set(sums.flatMap(({ visits }) => [...visits.keys()]))
  const rows: [string, number[]][] = [
    ['pages', sums.map(({ pages }) => pages)],
    ['hits', sums.map(({ hits }) => hits)],
    ...[...outcomes].map((outcome): [string, number[]] => [
      outcome === 'counted' ? 'hits over time' : `visits: ${outcome}`,
      sums.map(({ visits }) => visits.get(outcome) ?? 0),
    ]),
  ]
  const line = (name: string, cells: readonly string[]) =>
    print(`${name.padEnd(20)}${cells.map((cell) => cell.padStart(16)).join('')}`)
  line('', ['SQLite', 'brought', 'in PostgreSQL'].slice(0, sums.length))
  for (const [name, cells] of rows) line(name, cells.map(number))
  return rows
    .filter(([, [first, ...others]]) => others.some((other) => other !== first))
    .map(([name]) => name)
}

const number = (value: number) => value.toLocaleString('en')
