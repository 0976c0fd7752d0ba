import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { databaseName } from '../database/name.ts'
import type { StoreOptions } from '../database/options.ts'
import { findOutdated as findInPostgres } from '../database/postgres/outdated.ts'
import { openPostgresStore } from '../database/postgres.ts'
import { findOutdated } from '../database/sqlite/outdated.ts'
import { openSqliteStore } from '../database/sqlite.ts'
import { firstHourKept } from '../hours.ts'
import { pruneHistory, sweepAll } from '../housekeeping.ts'
import type { Removed } from '../store.ts'
import { telling } from './failures.ts'
import { CommandFailure, UsageError } from './usage.ts'

export const PRUNE_USAGE = `Usage: npm run prune [-- --dry-run]

Removes what the settings do not keep: numbers over time that are older than KEEP_HISTORY_DAYS, and tokens of windows
that have ended. The service does so by itself; this may run beside it. The pages' totals stay as they are.`

export interface PruneSettings {
  databaseFile: string
  /** Of the PostgreSQL database to prune instead. */
  databaseUrl?: string | undefined
  keepHistoryDays: number
  store: Partial<StoreOptions>
}

/**
 * `prune`: removes what is not to be kept, and says what that was.
 * @param now milliseconds since 1970, UTC
 * @throws UsageError
 */
export async function pruneCommand(
  argv: string[],
  settings: PruneSettings,
  now: number,
  print: (line: string) => void,
): Promise<void> {
  const isDry = parseCommand(argv)
  const name = databaseName(settings.databaseUrl, settings.databaseFile)
  await telling(
    `Cannot prune ${name}`,
    () => prune(isDry, name, settings, now, print),
    (failure) =>
      /no such table|relation .* does not exist/.test(failure)
        ? 'an earlier version made it; run this without --dry-run, or start the service once'
        : failure,
  )
}

async function prune(
  dryRun: boolean,
  name: string,
  { databaseFile, databaseUrl, keepHistoryDays, store: options }: PruneSettings,
  now: number,
  print: (line: string) => void,
): Promise<void> {
  if (databaseUrl === undefined && !existsSync(databaseFile))
    throw new CommandFailure(`There is no database ${databaseFile}.`)
  if (dryRun) {
    const before = keepHistoryDays === 0 ? null : firstHourKept(keepHistoryDays, now)
    const { removed, tokens } =
      databaseUrl === undefined
        ? findOutdated(databaseFile, before, now)
        : await findInPostgres(databaseUrl, before, now)
    report('would remove', removed, tokens)
    return
  }
  const store =
    databaseUrl === undefined
      ? await openSqliteStore(databaseFile, options)
      : await openPostgresStore(databaseUrl, options)
  try {
    const removed = await pruneHistory(store, keepHistoryDays, now)
    // Windows that are running are the service's business: it may have other settings than this command.
    const tokens = await sweepAll(store, Number.POSITIVE_INFINITY, now)
    report('removed', removed, tokens)
  } finally {
    await store.close()
  }

  function report(did: string, { pages, hours, days, outcomes }: Removed, tokens: number): void {
    const rows = (many: number, one: string) =>
      `${many.toLocaleString('en')} ${one}${many === 1 ? '' : 's'}`
    print(
      keepHistoryDays === 0
        ? 'KEEP_HISTORY_DAYS is 0: numbers over time are kept for ever'
        : `${did} numbers over time older than ${rows(keepHistoryDays, 'day')}: ${rows(hours, 'hour')}, ` +
            `${rows(days, 'day')} and ${rows(outcomes, 'outcome')} of ${rows(pages, 'page')}`,
    )
    print(`${did} ${rows(tokens, 'token')} of windows that have ended`)
    print(`${dryRun ? 'in' : 'from'} ${name}; totals stay as they are`)
  }
}

function parseCommand(argv: string[]): boolean {
  try {
    const { values } = parseArgs({
      args: argv,
      options: { 'dry-run': { type: 'boolean', default: false } },
    })
    return values['dry-run']
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${PRUNE_USAGE}`, { cause: error })
  }
}
