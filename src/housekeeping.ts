import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Recognition } from './recognition.ts'
import type { Removed, Store } from './store.ts'
import { DAY_MS, firstHourKept } from './time.ts'

/** Tokens removed at a time, between two batches of hits: about a millisecond of work. */
const SWEEP_ROWS = 1000
/** How often ended windows are removed and uncounted visits are written. */
const SWEEP_MS = 1000
/** Pages whose history is rolled up at a time. */
const ROLL_UP_PAGES = 200
/** How often history is rolled up, and removed pages are purged. */
const SLOW_MS = 3_600_000
/** Days for which the rules of operators are kept after their end. */
const ENDED_DAYS = 30
/** The first time is sooner, for services that never run for long. */
const SLOW_FIRST_MS = 300_000

export interface HousekeepingOptions {
  windowMs: number
  /** Days for which hits are kept by the hour; 0 for ever. Older hits are kept by the day. */
  keepHoursDays: number
  /** Days for which numbers over time are kept at all; 0 for ever. */
  keepHistoryDays: number
  /** Days for which a page that was removed can be restored. */
  purgeDays: number
  recognition: Recognition
  /** Milliseconds since 1970, UTC. */
  now: () => number
  onError: (error: unknown, message: string) => void
}

/** Removes all tokens whose windows have ended, in slices, so that no answer waits for it. @returns their number */
export async function sweepAll(store: Store, windowMs: number, now: number): Promise<number> {
  let sum = 0
  // A store may remove more than it was asked to; see `Store`.
  for (let removed = SWEEP_ROWS; removed >= SWEEP_ROWS; await nextTurn()) {
    removed = await store.sweep(now, SWEEP_ROWS, windowMs)
    sum += removed
  }
  return sum
}

/**
 * Rolls up hours older than `days` days, UTC, into days, in slices.
 * @param days 0 leaves all hours as they are
 */
export async function rollUpHours(store: Store, days: number, now: number): Promise<void> {
  if (days === 0) return
  const beforeHour = firstHourKept(days, now)
  for (let after: string | null = ''; after !== null; await nextTurn()) {
    after = await store.rollUpHours(beforeHour, { after, pages: ROLL_UP_PAGES })
  }
}

/**
 * Removes numbers over time that are older than `days` days, UTC, in slices. The pages' totals stay.
 * @param days 0 keeps all
 * @returns the rows that were removed
 */
export async function pruneHistory(store: Store, days: number, now: number): Promise<Removed> {
  const sum: Removed = { pages: 0, hours: 0, days: 0, outcomes: 0 }
  if (days === 0) return sum
  const beforeHour = firstHourKept(days, now)
  for (let after: string | null = ''; after !== null; await nextTurn()) {
    const { next, removed } = await store.prune(beforeHour, { after, pages: ROLL_UP_PAGES })
    for (const kind of Object.keys(sum) as (keyof Removed)[]) sum[kind] += removed[kind]
    after = next
  }
  return sum
}

/**
 * Purges pages that were removed more than `days` days ago, and removes rules that ended a while ago, in slices. Also removes
 * links and sessions that have ended.
 */
async function purgeRemoved({ admin }: Store, days: number, now: number): Promise<void> {
  while ((await admin.purgeRemoved(now - days * DAY_MS, now)) > 0) await nextTurn()
  while ((await admin.sweepRules(now - ENDED_DAYS * DAY_MS, now)) > 0) await nextTurn()
  await admin.sweepSecrets(now)
}

/** Does all of this regularly. @returns a function that stops it */
export function keepHouse(store: Store, options: HousekeepingOptions): () => void {
  const { windowMs, keepHoursDays, keepHistoryDays, purgeDays, recognition, now, onError } = options
  const timers: NodeJS.Timeout[] = []
  let stopped = false

  /** Runs work every `ms`, unless the previous run has not finished. */
  function repeat(work: () => Promise<void>, failure: string, ms = SWEEP_MS, firstMs = ms): void {
    let working = false
    const run = async () => {
      if (working) return
      working = true
      await work()
        // Work that the end of the service interrupts is done after the next start.
        .catch((error) => stopped || onError(error, failure))
        .finally(() => {
          working = false
        })
    }
    if (firstMs !== ms) timers.push(setTimeout(run, firstMs))
    timers.push(setInterval(run, ms))
  }

  async function sweep(): Promise<void> {
    recognition.sweep(now())
    if (await store.claim('sweep', SWEEP_MS, now())) await sweepAll(store, windowMs, now())
  }
  async function rollUp(): Promise<void> {
    if (!(await store.claim('roll-up', SLOW_MS, now()))) return
    // First, so that nothing is rolled up just to be removed.
    await pruneHistory(store, keepHistoryDays, now())
    await rollUpHours(store, keepHoursDays, now())
  }
  async function purge(): Promise<void> {
    if (await store.claim('purge', SLOW_MS, now())) await purgeRemoved(store, purgeDays, now())
  }
  repeat(sweep, 'expired tokens could not be removed')
  repeat(() => store.maintain(now()), 'the store could not be maintained')
  repeat(() => store.writeUncounted(), 'visits that did not count could not be written')
  repeat(rollUp, 'old hours could not be rolled up or removed', SLOW_MS, SLOW_FIRST_MS)
  repeat(purge, 'removed pages could not be purged', SLOW_MS, SLOW_FIRST_MS)
  return () => {
    stopped = true
    // It also clears intervals.
    for (const timer of timers) clearTimeout(timer)
  }
}
