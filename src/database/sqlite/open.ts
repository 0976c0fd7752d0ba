import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Database } from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { checkDatabase } from './condition.ts'
import { BUSY_MS, connect } from './connection.ts'
import { migrate } from './migrations.ts'
import type { Schema } from './schema.ts'

/** How long a start waits for another process that is bringing the schema up to date, in ms. */
const MIGRATION_MS = 60_000

/** A connection for administration, and the Kysely on it. Destroying the Kysely closes it. */
export interface OpenDatabase {
  driver: Database
  db: Kysely<Schema>
}

/**
 * Opens a database file, making it and its folder if they are not there, and brings its schema up to date.
 * @throws WrongFile before a byte is changed, and what SQLite and the file system throw; see `explainFailure`
 */
export async function openDatabase(file: string): Promise<OpenDatabase> {
  checkDatabase(file)
  mkdirSync(dirname(file), { recursive: true })
  const driver = connect(file)
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: driver }) })
  try {
    // Kysely's own lock is none on SQLite: two services that start at once would both migrate.
    driver.pragma(`busy_timeout = ${MIGRATION_MS}`)
    driver.exec('begin immediate')
    await migrate(db as unknown as Kysely<never>)
    driver.exec('commit')
    driver.pragma(`busy_timeout = ${BUSY_MS}`)
  } catch (error) {
    driver.close()
    throw error
  }
  return { driver, db }
}
