import Database from 'better-sqlite3'
import type { Durability } from '../store-options.ts'

/** How long a statement waits for another process's transaction, such as an import's slice, in ms. */
export const BUSY_MS = 2000
/** Bytes of a page of a new database file. */
const PAGE_BYTES = 4096

/**
 * Bytes that the log keeps when it is begun again. More than the some 4 MB it comes to: to be cut and to grow again each
 * time would cost every commit.
 */
export const LOG_BYTES = 8 * 1024 * 1024

/**
 * A connection with the durability that a shown number is promised.
 * @param busyMs how long it waits for another process's transaction
 */
export function connect(
  file: string,
  durability: Durability = 'full',
  busyMs = BUSY_MS,
): Database.Database {
  const driver = new Database(file, { timeout: busyMs })
  try {
    setUp(driver, durability)
  } catch (error) {
    driver.close()
    throw error
  }
  return driver
}

function setUp(driver: Database.Database, durability: Durability): void {
  // Of no effect on a file that is there already.
  driver.pragma(`page_size = ${PAGE_BYTES}`)
  driver.pragma('journal_mode = wal')
  // WAL's own default, NORMAL, may lose the last commits when the power goes.
  driver.pragma(`synchronous = ${durability}`)
  driver.pragma(`journal_size_limit = ${LOG_BYTES}`)
  // What is removed is overwritten with zeros: the tokens of windows that have ended, and the order of visits.
  driver.pragma('secure_delete = on')
}
