import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'

/** A row of hit-counter's one table. Its code lets any type into either column. */
export interface HitCounterRow {
  url: unknown
  count: unknown
}

/**
 * Reads every row of a hit-counter database, opened read-only.
 * @throws Error where the file is missing, or is no hit-counter database
 */
export async function* readHitCounter(file: string): AsyncGenerator<HitCounterRow> {
  const driver = new Database(file, { readonly: true, fileMustExist: true })
  const db = new Kysely<{ url: HitCounterRow }>({
    dialect: new SqliteDialect({ database: driver }),
  })
  try {
    yield* db.selectFrom('url').select(['url', 'count']).stream()
  } finally {
    driver.close()
  }
}
