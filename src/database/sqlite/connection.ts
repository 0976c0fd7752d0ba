import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Durability } from '../options.ts'

/** How long a statement waits for another process's transaction, such as a slice of an import, in ms. */
export const BUSY_MS = 2000
/** Bytes of a block of a new database file. */
const BLOCK_BYTES = 4096
/**
 * Size to which SQLite cuts the log when it reuses it, in bytes. The log reaches 4 MB in normal use; a lower limit would
 * shrink and grow it each time.
 */
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
  /**
   * Moves its content into the database, as far as readers allow it, without waiting for them.
   * @returns whether it is empty
   */
  function empty(): boolean {
    driver.pragma('busy_timeout = 0')
    try {
      return driver.pragma('wal_checkpoint(truncate)', { simple: true }) === 0
    } finally {
      driver.pragma(`busy_timeout = ${BUSY_MS}`)
    }
  }

  // The log of an earlier run may contain removed data.
  let hasRemovals = true
  let triedAt = Number.NEGATIVE_INFINITY

  return {
    /** @throws Error if another process is reading it */
    empty(): void {
      if (!empty()) throw new Error('another process is reading it')
    },
    /** To be called when data was removed from the database: the log contains it until it is overwritten. */
    recordRemoval(): void {
      hasRemovals = true
    },
    /** Empties a log that contains removed data, once a minute. With few visits, SQLite would not do so for days. */
    emptyAfterRemovals(now: number): void {
      if (!hasRemovals || Math.abs(now - triedAt) < EMPTY_MS) return
      triedAt = now
      hasRemovals = !empty()
    },
    /** Empties a log that has grown. The next hit would do so too, but there may be none for long. */
    emptyIfLarge(): void {
      const size = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0
      if (size > LOG_BYTES) empty()
    },
  }
}
