import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Durability } from '../options.ts'

/** How long a statement waits for another process's transaction, such as a slice of an import, in ms. */
export const BUSY_MS = 2000
/** Bytes of a block of a new database file. */
const BLOCK_BYTES = 4096
/** Bytes that a log keeps when SQLite begins it again. It grows to some 4 MB: less would cut and extend it each time. */
const LOG_BYTES = 8 * 1024 * 1024
/** How often a log that contains removed data is emptied, in ms. */
const EMPTY_MS = 60_000

/**
 * Opens a connection with the durability that a shown number promises.
 * @param busyMs how long it waits for another process's transaction
 */
export function connect(
  file: string,
  durability: Durability = 'full',
  busyMs = BUSY_MS,
): Database.Database {
  const driver = new Database(file, { timeout: busyMs })
  try {
    // This has no effect on an existing file.
    driver.pragma(`page_size = ${BLOCK_BYTES}`)
    driver.pragma('journal_mode = wal')
    // WAL's default, NORMAL, may lose the last commits when the power fails.
    driver.pragma(`synchronous = ${durability}`)
    driver.pragma(`journal_size_limit = ${LOG_BYTES}`)
    // Overwrites removed data with zeros: the tokens of windows that have ended, and the order of visits.
    driver.pragma('secure_delete = on')
    return driver
  } catch (error) {
    driver.close()
    throw error
  }
}

/**
 * Keeps the log of WAL mode, the file `-wal`, small. SQLite begins it again at 1,000 blocks, some 4 MB, but only when
 * nobody is reading from it. During a long read, such as a backup, it grows without limit.
 */
export function logKeeper(driver: Database.Database, file: string) {
  /** Moves its content into the database, as far as readers allow it, without waiting for them. */
  function empty(): void {
    driver.pragma('busy_timeout = 0')
    try {
      driver.pragma('wal_checkpoint(truncate)')
    } finally {
      driver.pragma(`busy_timeout = ${BUSY_MS}`)
    }
  }

  // The log of an earlier run may contain removed data.
  let hasRemovals = true
  let emptiedAt = Number.NEGATIVE_INFINITY

  return {
    empty,
    /** To be called when data was removed from the database: the log contains it until it is overwritten. */
    recordRemoval(): void {
      hasRemovals = true
    },
    /** Empties a log that contains removed data, once a minute. With few visits, SQLite would not do so for days. */
    emptyAfterRemovals(now: number): void {
      if (!hasRemovals || Math.abs(now - emptiedAt) < EMPTY_MS) return
      empty()
      hasRemovals = false
      emptiedAt = now
    },
    /** Empties a log that has grown. The next hit would do so too, but there may be none for long. */
    bound(): void {
      const size = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0
      if (size > LOG_BYTES) empty()
    },
  }
}
