import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { databaseName } from '../database/name.ts'
import type { StoreOptions } from '../database/options.ts'
import { openPostgresStore } from '../database/postgres.ts'
import { checkDatabase } from '../database/sqlite/condition.ts'
import { openSqliteStore } from '../database/sqlite.ts'
import type { Store } from '../store.ts'
import { telling } from './failures.ts'
import { PRUNE_USAGE } from './help.ts'
import { pruneHistoryOf } from './prune-history.ts'
import { prunePages } from './prune-pages.ts'
import { CommandFailure, UsageError } from './usage.ts'

export interface PruneSettings {
  databaseFile: string
  /** Of the PostgreSQL database to prune instead. */
  databaseUrl?: string | undefined
  keepHistoryDays: number
  store: Partial<StoreOptions>
}

/** What is pruned, and where. */
export interface Pruning extends PruneSettings {
  dryRun: boolean
  /** The database's name for people. */
  name: string
  /** Milliseconds since 1970, UTC. */
  now: number
  print(line: string): void
  /** Opens the database, and closes it after the work. */
  withStore<Result>(work: (store: Store) => Promise<Result>): Promise<Result>
}

interface Command {
  dryRun: boolean
  /** The pages to remove; null where history and tokens are to be removed. */
  pages: { below: number; idleDays: number } | null
}

/**
 * `prune`: removes what is not to be kept, and says what that was.
 * @param now milliseconds since 1970, UTC
 * @throws UsageError or CommandFailure
 */
export async function pruneCommand(
  argv: string[],
  settings: PruneSettings,
  now: number,
  print: (line: string) => void,
): Promise<void> {
  const { dryRun, pages } = parseCommand(argv, settings)
  const { databaseFile, databaseUrl } = settings
  const name = databaseName(databaseUrl, databaseFile)
  const file = databaseUrl === undefined ? name : undefined
  const withStore: Pruning['withStore'] = async (work) => {
    const store =
      databaseUrl === undefined
        ? await openSqliteStore(databaseFile, settings.store)
        : await openPostgresStore(databaseUrl, settings.store)
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }
  const pruning = { ...settings, dryRun, name, now, print, withStore }
  await telling(
    `Cannot prune ${name}`,
    async () => {
      if (file !== undefined) checkThere(file)
      await (pages === null ? pruneHistoryOf(pruning) : prunePages(pages, pruning))
    },
    (failure) =>
      /no such table|relation .* does not exist/.test(failure)
        ? 'an earlier version made it; run this without --dry-run, or start the service once'
        : failure,
    file,
  )
}

function checkThere(file: string): void {
  if (!statSync(file, { throwIfNoEntry: false }))
    throw new CommandFailure(`There is no database ${file}.`)
  checkDatabase(file)
}

function parseCommand(argv: string[], { keepHistoryDays }: PruneSettings): Command {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        'dry-run': { type: 'boolean', default: false },
        'pages-below': { type: 'string' },
        'idle-days': { type: 'string' },
      },
    })
    const { 'dry-run': dryRun, 'pages-below': below, 'idle-days': days } = values
    if (below === undefined && days === undefined) return { dryRun, pages: null }
    if (below === undefined || days === undefined)
      throw new Error('--pages-below and --idle-days belong together')
    const pages = {
      below: wholeNumber('--pages-below', below),
      idleDays: wholeNumber('--idle-days', days),
    }
    if (keepHistoryDays > 0 && pages.idleDays > keepHistoryDays) {
      throw new Error(
        `--idle-days is ${days}, but KEEP_HISTORY_DAYS is ${keepHistoryDays}: of the time before, no ` +
          'visits are known',
      )
    }
    return { dryRun, pages }
  } catch (error) {
    throw new UsageError(`${(error as Error).message}.\n\n${PRUNE_USAGE}`, { cause: error })
  }
}

function wholeNumber(option: string, text: string): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (number < 1) throw new Error(`${option} must be a whole number from 1 on, not "${text}"`)
  return number
}
