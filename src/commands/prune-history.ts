import { findOutdated as findInPostgres } from '../database/postgres/outdated.ts'
import { findOutdated } from '../database/sqlite/history.ts'
import { pruneHistory, sweepAll } from '../housekeeping.ts'
import type { Removed } from '../store.ts'
import { firstHourKept } from '../time.ts'
import type { Pruning } from './prune.ts'
import { plural } from './usage.ts'

/** Removes numbers over time that are too old, and tokens of windows that have ended. A dry run only counts them. */
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
    // Windows that have not ended are left to the service, whose settings may differ from this command's.
    const tokens = await sweepAll(store, Number.POSITIVE_INFINITY, now)
    report('removed', removed, tokens)
  })

  function report(verb: string, { pages, hours, days, outcomes }: Removed, tokens: number): void {
    if (pruning.json) {
      const rows = { pages, hours, days, outcomes, tokens }
      print(JSON.stringify({ [dryRun ? 'wouldRemove' : 'removed']: rows, database: name }))
      return
    }
    print(
      keepHistoryDays === 0
        ? 'KEEP_HISTORY_DAYS is 0: numbers over time are kept for ever'
        : `${verb} numbers over time older than ${plural(keepHistoryDays, 'day')}: ${plural(hours, 'hour')}, ` +
            `${plural(days, 'day')} and ${plural(outcomes, 'outcome')} of ${plural(pages, 'page')}`,
    )
    print(`${verb} ${plural(tokens, 'token')} of windows that have ended`)
    print(`${dryRun ? 'in' : 'from'} ${name}; totals stay as they are`)
  }
}
