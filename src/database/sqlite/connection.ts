import Database from 'better-sqlite3'
import type { Durability } from '../options.ts'

/** How long a statement waits for another process's transaction, such as an import's slice, in ms. */
export const BUSY_MS = 2000
/** Bytes of a page of a new database file. */
const PAGE_BYTES = 4096

/** A connection with the durability that a shown number is promised. */
export function connect(file: string, durability: Durability = 'full'): Database.Database {
  const driver = new Database(file, { timeout: BUSY_MS })
  // Of no effect on a file that is there already.
  driver.pragma(`page_size = ${PAGE_BYTES}`)
  driver.pragma('journal_mode = wal')
  // WAL's own default, NORMAL, may lose the last commits when the power goes.
  driver.pragma(`synchronous = ${durability}`)
  return driver
}
