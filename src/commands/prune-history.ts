import { findOutdated as findInPostgres } from '../database/postgres/outdated.ts'
import { findOutdated } from '../database/sqlite/history.ts'
import { pruneHistory, sweepAll } from '../housekeeping.ts'
import type { Removed } from '../store.ts'
import { firstHourKept } from '../time.ts'
import type { Pruning } from './prune.ts'

/** Removes numbers over time that are too old, and tokens of windows that have ended, or says what that would be. */
export async function pruneHistoryOf(pruning: Pruning): Promise<void> {
  const { dryRun, databaseFile, databaseUrl, keepHistoryDays, now, name, print } = pruning
  if (dryRun) {
    const before = keepHistoryDays === 0 ? null : firstHourKept(keepHistoryDays, now)
    const { removed, tokens } =
      databaseUrl === undefined
        ? findOutdated(databaseFile, before, now)
        : await findInPostgres(databaseUrl, before, now)
    report('would remove', removed, tokens)
    return
  }
  await pruning.withStore(async (store) => {
    const removed = await pruneHistory(store, keepHistoryDays, now)
    // Windows that are running are the service's business: it may have other settings than this command.
    const tokens = await sweepAll(store, Number.POSITIVE_INFINITY, now)
    report('removed', removed, tokens)
  })

  function report(did: string, { pages, hours, days, outcomes }: Removed, tokens: number): void {
    if (pruning.json) {
      const rows = { pages, hours, days, outcomes, tokens }
      print(JSON.stringify({ [dryRun ? 'wouldRemove' : 'removed']: rows, database: name }))
      return
    }
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
