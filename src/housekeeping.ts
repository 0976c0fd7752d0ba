import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Store } from './store.ts'

/** Tokens removed between two batches of hits; about a millisecond's work. */
const SWEEP_ROWS = 1000
const SWEEP_MS = 1000
/** Pages whose old hours are folded between two batches, and how often all pages have their turn. */
const FOLD_PAGES = 200
const FOLD_MS = 3_600_000

const HOUR_MS = 3_600_000
const DAY_HOURS = 24

export interface HousekeepingOptions {
  windowMs: number
  /** Days for which hits are kept by the hour; 0 for ever. */
  keepHoursDays: number
  /** Milliseconds since 1970, UTC. */
  now: () => number
  onError: (error: unknown, what: string) => void
}

/** Removes all tokens that have ended, in slices, so that no answer waits for it. */
export async function sweepAll(store: Store, windowMs: number, now: number): Promise<void> {
  while ((await store.sweep(now, SWEEP_ROWS, windowMs)) === SWEEP_ROWS) await nextTurn()
}

/**
 * Adds hours that are older than so many days, UTC, to their days, in slices.
 * @param days 0 leaves all hours as they are
 */
export async function foldHours(store: Store, days: number, now: number): Promise<void> {
  if (days === 0) return
  const today = Math.floor(now / HOUR_MS / DAY_HOURS)
  let page: number | null = 0
  while (page !== null) {
    page = await store.foldHours((today - days) * DAY_HOURS, page, FOLD_PAGES)
    await nextTurn()
  }
}

/** Does both again and again. @returns what stops it */
export function keepHouse(store: Store, options: HousekeepingOptions): () => void {
  const { windowMs, keepHoursDays, now, onError } = options
  const sweeping = repeat(
    SWEEP_MS,
    () => sweepAll(store, windowMs, now()),
    (error) => onError(error, 'expired tokens could not be removed'),
  )
  const folding = repeat(
    FOLD_MS,
    () => foldHours(store, keepHoursDays, now()),
    (error) => onError(error, 'old hours could not be folded'),
  )
  return () => {
    sweeping.stop()
    folding.stop()
  }
}

/** Runs work every so often, but not while it still runs. */
function repeat(ms: number, work: () => Promise<void>, onError: (error: unknown) => void) {
  let working = false
  let stopped = false
  const timer = setInterval(async () => {
    if (working) return
    working = true
    await work()
      // Work that the end of the service cuts short is done at the next start.
      .catch((error) => stopped || onError(error))
      .finally(() => {
        working = false
      })
  }, ms)
  return {
    stop(): void {
      stopped = true
      clearInterval(timer)
    },
  }
}
