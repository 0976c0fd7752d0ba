import { statSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import { BUSY_MS, LOG_BYTES } from './connection.ts'

/** How often a log is emptied for what it holds, in ms. */
const FORGET_MS = 60_000

/**
 * The log of WAL mode, the file `-wal`. SQLite begins it again at 1,000 blocks, some 4 MB, but only at a moment when
 * nobody reads from it: under a read that takes long, such as a backup, it grows and grows.
 */
export function logKeeper(driver: Database, file: string) {
  /** Brings all of it into the database, as far as readers let it, without waiting for them. */
  function empty(): void {
    driver.pragma('busy_timeout = 0')
    try {
      driver.pragma('wal_checkpoint(truncate)')
    } finally {
      driver.pragma(`busy_timeout = ${BUSY_MS}`)
    }
  }

  // A log that an earlier run has left may hold what was removed.
  let holdsRemoved = true
  let emptiedAt = Number.NEGATIVE_INFINITY

  return {
    empty,
    /** Says that something was removed from the database: it stands in the log until that is written over. */
    recordRemoval(): void {
      holdsRemoved = true
    },
    /** Empties a log that holds what was removed, once a minute. Where few visits come, SQLite would not for days. */
    forget(now: number): void {
      if (!holdsRemoved || Math.abs(now - emptiedAt) < FORGET_MS) return
      empty()
      holdsRemoved = false
      emptiedAt = now
    },
    /** Makes it small again after it has grown. The next hit would do so by itself, but none may come. */
    bound(): void {
      const size = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0
      if (size > LOG_BYTES) empty()
    },
  }
}
