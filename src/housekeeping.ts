import { setImmediate as nextTurn } from 'node:timers/promises'
import { firstHourKept } from './hours.ts'
import type { Recognition } from './recognition.ts'
import type { Removed, Store } from './store.ts'

/** Tokens removed between two batches of hits; about a millisecond's work. */
const SWEEP_ROWS = 1000
/** How often what has ended is removed, and what was noted is written. */
const SWEEP_MS = 1000
/** Pages whose history is tidied between two batches, and how often all pages have their turn. */
const ROLL_UP_PAGES = 200
const ROLL_UP_MS = 3_600_000
/** The first turn comes sooner, for services that are never left running for long. */
const ROLL_UP_FIRST_MS = 300_000

export interface HousekeepingOptions {
  windowMs: number
  /** Days for which hits are kept by the hour; 0 for ever. */
  keepHoursDays: number
  /** Days for which numbers over time are kept at all; 0 for ever. */
  keepHistoryDays: number
  recognition: Recognition
  /** Milliseconds since 1970, UTC. */
  now: () => number
  onError: (error: unknown, what: string) => void
}

/** Removes all tokens that have ended, in slices, so that no answer waits for it. @returns how many */
export async function sweepAll(store: Store, windowMs: number, now: number): Promise<number> {
  let sum = 0
  // A store that keeps together what was opened together removes it together, which may be more.
  for (let removed = SWEEP_ROWS; removed >= SWEEP_ROWS; await nextTurn()) {
    removed = await store.sweep(now, SWEEP_ROWS, windowMs)
    sum += removed
  }
  return sum
}

/**
 * Adds hours that are older than so many days, UTC, to their days, in slices.
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
 * Removes numbers over time that are older than so many days, UTC, in slices. The pages' totals stay.
 * @param days 0 keeps all
 * @returns what was removed
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

/** Does it all again and again. @returns what stops it */
export function keepHouse(store: Store, options: HousekeepingOptions): () => void {
  const { windowMs, keepHoursDays, keepHistoryDays, recognition, now, onError } = options
  const chores = [
    repeat(
      SWEEP_MS,
      async () => {
        recognition.sweep(now())
        if (await store.claim('sweep', SWEEP_MS, now())) await sweepAll(store, windowMs, now())
      },
      (error) => onError(error, 'expired tokens could not be removed'),
    ),
    repeat(
      SWEEP_MS,
      () => store.maintain(now()),
      (error) => onError(error, 'the store could not be tidied'),
    ),
    repeat(
      SWEEP_MS,
      () => store.writeUncounted(),
      (error) => onError(error, 'visits that did not count could not be noted'),
    ),
    repeat(
      ROLL_UP_MS,
      async () => {
        if (!(await store.claim('roll-up', ROLL_UP_MS, now()))) return
        // What is to go is not rolled up first.
        await pruneHistory(store, keepHistoryDays, now())
        await rollUpHours(store, keepHoursDays, now())
      },
      (error) => onError(error, 'old hours could not be folded or removed'),
      ROLL_UP_FIRST_MS,
    ),
  ]
  return () => {
    for (const chore of chores) chore.stop()
  }
}

/** Runs work every so often, but not while it still runs. */
function repeat(
  ms: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
  firstMs = ms,
) {
  let working = false
  let stopped = false
  const run = async () => {
    if (working) return
    working = true
    await work()
      // Work that the end of the service cuts short is done at the next start.
      .catch((error) => stopped || onError(error))
      .finally(() => {
        working = false
      })
  }
  const first = firstMs === ms ? undefined : setTimeout(run, firstMs)
  const timer = setInterval(run, ms)
  return {
    stop(): void {
      stopped = true
      clearTimeout(first)
      clearInterval(timer)
    },
  }
}
