import { Kysely, SqliteDialect } from 'kysely'
import { openToRead } from './readable.ts'

/** A row of hit-counter's one table. Its code lets any type into either column. */
export interface HitCounterRow {
  id: number
  url: unknown
  count: unknown
}

export interface HitCounter {
  /** In the order of their ids. */
  rows(): AsyncIterable<HitCounterRow>
  /** See `Readable`. */
  lacksLog: boolean
  close(): void
}

/**
 * Opens a hit-counter database to read it.
 * @throws Error where the file is missing, or cannot be read as a database
 */
export function openHitCounter(file: string): HitCounter {
  const { driver, lacksLog, close } = openToRead(file, true)
  const db = new Kysely<{ url: HitCounterRow }>({
    dialect: new SqliteDialect({ database: driver }),
  })
  return {
    rows: () => db.selectFrom('url').select(['id', 'url', 'count']).orderBy('id').stream(),
    lacksLog,
    close,
  }
}
