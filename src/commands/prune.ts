import { statSync } from 'node:fs'
import type { StoreOptions } from '../database/options.ts'
import { databaseName } from '../database/options.ts'
import { openPostgresStore } from '../database/postgres.ts'
import { checkDatabase } from '../database/sqlite/condition.ts'
import { openSqliteStore } from '../database/sqlite.ts'
import type { Store } from '../store.ts'
import { explainFailures } from './failures.ts'
import { pruneHistoryOf } from './prune-history.ts'
import { prunePages } from './prune-pages.ts'
import { CommandFailure, type Output, UsageError } from './usage.ts'

export interface PruneSettings {
  databaseFile: string
  /** The PostgreSQL database to prune instead of the file. */
  databaseUrl?: string | undefined
  keepHistoryDays: number
  store: Partial<StoreOptions>
}

/** The settings of one run. */
export interface Pruning extends PruneSettings {
  dryRun: boolean
  json: boolean
  /** The database's name for people. */
  name: string
  /** Milliseconds since 1970, UTC. */
  now: number
  print(line: string): void
  /** Opens the database, and closes it after the work. */
  withStore<Result>(work: (store: Store) => Promise<Result>): Promise<Result>
}

export interface PruneOptions {
  pagesBelow?: number
  idleDays?: number
  dryRun?: true
  json?: true
}

/**
 * `prune`: removes old history and ended tokens, or idle pages, and prints what was removed.
 * @param now milliseconds since 1970, UTC
 * @throws UsageError or CommandFailure
 */
export async function runPrune(
  options: PruneOptions,
  settings: PruneSettings,
  now: number,
  { print }: Pick<Output, 'print'>,
): Promise<void> {
  const pages = pagesToRemove(options, settings)
  const { dryRun = false, json = false } = options
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
  const pruning = { ...settings, dryRun, json, name, now, print, withStore }
  await explainFailures(
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

/** The rule by which pages are removed; null if history and tokens are to be removed. @throws UsageError */
function pagesToRemove(
  { pagesBelow, idleDays }: PruneOptions,
  { keepHistoryDays }: PruneSettings,
): { below: number; idleDays: number } | null {
  if (pagesBelow === undefined && idleDays === undefined) return null
  if (pagesBelow === undefined || idleDays === undefined)
    throw new UsageError('--pages-below and --idle-days belong together.')
  if (keepHistoryDays > 0 && idleDays > keepHistoryDays) {
    throw new UsageError(
      `--idle-days is ${idleDays}, but KEEP_HISTORY_DAYS is ${keepHistoryDays}: older visits are not known.`,
    )
  }
  return { below: pagesBelow, idleDays }
}
