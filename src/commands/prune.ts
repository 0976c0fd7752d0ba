import { statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Settings } from '../../config.ts'
import { databaseName } from '../database/options.ts'
import { findOutdated as findOutdatedInPostgres } from '../database/postgres/history.ts'
import { findIdlePages as findIdleInPostgres } from '../database/postgres/idle.ts'
import { checkDatabase, WrongFile } from '../database/sqlite/condition.ts'
import { findOutdated } from '../database/sqlite/history.ts'
import { findIdlePages } from '../database/sqlite/pages.ts'
import { pruneHistory, sweepAll } from '../housekeeping.ts'
import type { IdleRule, Ranked, Store } from '../store.ts'
import { firstHourKept, HOUR_MS } from '../time.ts'
import { explainFailures } from './failures.ts'
import { withStore } from './store.ts'
import { CommandFailure, formatNumber, type Output, plural, quoted, UsageError } from './usage.ts'

/** Pages removed at once, and the pause after some were removed, in ms: a running service goes first. */
const SLICE = 200
const PAUSE_MS = 10
/** Pages that a dry run lists. */
const EXAMPLES = 10

/** What to do about a database without tables, which a dry run does not make. */
const ADVICE = 'run this without --dry-run, or start the service once'

interface PruneOptions {
  pagesBelow?: number
  idleDays?: number
  dryRun?: true
  json?: true
}

/** What was removed, or would be. */
interface Report {
  /** With `--json`, the numbers by kind. */
  counts: Record<string, number>
  /** With `--json`, further properties. */
  more?: object
  lines: string[]
}

/**
 * `prune`: removes old history and ended tokens, or idle pages, and prints what was removed. A dry run only reads.
 * @throws UsageError or CommandFailure
 */
export async function runPrune(
  options: PruneOptions,
  settings: Settings,
  now: number,
  { print }: Pick<Output, 'print'>,
): Promise<void> {
  const { database } = settings
  const rule = idleRule(options, settings, now)
  const name = databaseName(database.url, database.file)
  const file = database.url === undefined ? name : undefined
  const dryRun = options.dryRun === true
  const { counts, more, lines } = await explainFailures(
    `Cannot prune ${name}`,
    async () => {
      if (file !== undefined) checkThere(file, dryRun)
      return rule === null
        ? pruneOutdated(settings, dryRun, now)
        : pruneIdle(settings, dryRun, rule)
    },
    {
      file,
      explain: (failure) =>
        /no such (table|column)|relation .* does not exist/.test(failure)
          ? `${file === undefined ? 'it is empty, or ' : ''}an earlier version made it; ${ADVICE}`
          : failure,
    },
  )
  if (options.json) {
    const verb = dryRun ? 'wouldRemove' : 'removed'
    print(JSON.stringify({ [verb]: counts, ...more, database: name }))
    return
  }
  for (const line of lines) print(line)
  const end = rule === null ? '; totals stay as they are' : ''
  print(`${dryRun ? 'in' : 'from'} ${name}${end}`)
}

/** The rule by which pages are removed; null if history and tokens are to be removed. @throws UsageError */
function idleRule(
  { pagesBelow, idleDays }: PruneOptions,
  { history: { keepHistoryDays } }: Settings,
  now: number,
): IdleRule | null {
  if (pagesBelow === undefined && idleDays === undefined) return null
  if (pagesBelow === undefined || idleDays === undefined)
    throw new UsageError('--pages-below and --idle-days belong together.')
  if (keepHistoryDays > 0 && idleDays > keepHistoryDays) {
    throw new UsageError(
      `--idle-days is ${idleDays}, but KEEP_HISTORY_DAYS is ${keepHistoryDays}: older visits are not known.`,
    )
  }
  return { below: pagesBelow, beforeHour: firstHourKept(idleDays, now) }
}

/** @throws CommandFailure or WrongFile */
function checkThere(file: string, dryRun: boolean): void {
  if (!statSync(file, { throwIfNoEntry: false }))
    throw new CommandFailure(`There is no database ${file}.`)
  if (checkDatabase(file) === 'nothing' && dryRun) throw new WrongFile('it is empty', ADVICE)
}

/** Removes numbers over time that are too old, and tokens of windows that have ended. */
async function pruneOutdated(settings: Settings, dryRun: boolean, now: number): Promise<Report> {
  const { file, url } = settings.database
  const keepDays = settings.history.keepHistoryDays
  const before = keepDays === 0 ? null : firstHourKept(keepDays, now)
  const find = () =>
    url === undefined ? findOutdated(file, before, now) : findOutdatedInPostgres(url, before, now)
  const { removed, tokens } = await (dryRun
    ? find()
    : withStore(settings, async (store) => ({
        removed: await pruneHistory(store, keepDays, now),
        // Windows that have not ended are left to the service, whose settings may differ from this command's.
        tokens: await sweepAll(store, Number.POSITIVE_INFINITY, now),
      })))
  const verb = dryRun ? 'would remove' : 'removed'
  const { pages, hours, days, outcomes } = removed
  return {
    counts: { pages, hours, days, outcomes, tokens },
    lines: [
      keepDays === 0
        ? 'KEEP_HISTORY_DAYS is 0: numbers over time are kept for ever'
        : `${verb} numbers over time older than ${plural(keepDays, 'day')}: ${plural(hours, 'hour')}, ` +
          `${plural(days, 'day')} and ${plural(outcomes, 'outcome')} of ${plural(pages, 'page')}`,
      `${verb} ${plural(tokens, 'token')} of windows that have ended`,
    ],
  }
}

/** Removes pages with few hits and no recent visits. */
async function pruneIdle(settings: Settings, dryRun: boolean, rule: IdleRule): Promise<Report> {
  const since = new Date(rule.beforeHour * HOUR_MS).toISOString().slice(0, 10)
  const which = `with fewer than ${plural(rule.below, 'hit')}, and no visit since ${since}`
  if (!dryRun) {
    const pages = await withStore(settings, (store) => removeIdle(store, rule))
    return { counts: { pages }, lines: [`removed ${plural(pages, 'page')} ${which}`] }
  }
  const { file, url } = settings.database
  let pages = 0
  const examples: Ranked[] = []
  const onFound = (page: Ranked) => {
    pages += 1
    if (examples.length < EXAMPLES) examples.push(page)
  }
  if (url === undefined) findIdlePages(file, rule, onFound)
  else await findIdleInPostgres(url, rule, onFound)
  const lines = [
    `would remove ${plural(pages, 'page')} ${which}`,
    ...examples.map(({ name, hits }) => `  ${quoted(name)} (${formatNumber(hits)} hits)`),
  ]
  if (pages > EXAMPLES) lines.push(`  and ${formatNumber(pages - EXAMPLES)} more`)
  return { counts: { pages }, more: { examples }, lines }
}

async function removeIdle(store: Store, rule: IdleRule): Promise<number> {
  let sum = 0
  for (let after: string | null = ''; after !== null; ) {
    const { next, removed } = await store.removeIdle(rule, { after, pages: SLICE })
    sum += removed
    if (removed > 0) await pause(PAUSE_MS)
    after = next
  }
  return sum
}
