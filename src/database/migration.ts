import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A change of the schema: statements that run in order, in one transaction. */
export const migration = (...statements: string[]): Migration => ({
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
})
