import { Kysely, PostgresAdapter, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { Pool } from 'pg'
import { isDoneByAnother } from './failures.ts'
import { ANSWER_MS, CONNECT_MS, numbers } from './link.ts'
import { MIGRATIONS } from './migrations.ts'
import type { PostgresSchema } from './schema.ts'

/** Connections for administration and for what takes long; there are none until they are needed. */
const CONNECTIONS = 2
/** How long a statement for administration may take, in ms: a list of ten million pages takes a while. */
const LONG_MS = 120_000

/** How often a start tries to bring the schema up to date. */
const TRIES = 5

export type Database = Kysely<PostgresSchema>

/** A server that is not to be waited for ends what a service left half done: its locks would hold up all others. */
export const WRITING = `
  set idle_in_transaction_session_timeout = ${ANSWER_MS};
  set statement_timeout = ${ANSWER_MS}`
export const READING = `set statement_timeout = ${ANSWER_MS}`

/**
 * What makes an answered commit one that is on disk: a role or a database may be set to less. Whoever set it to more
 * than that keeps it.
 */
export const DURABLE = `;
  select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`
export const NOT_DURABLE = `; set synchronous_commit = off`

/** For administration and for all that is not asked often. It connects when it is asked. */
export function connectKysely(url: string): Database {
  const pool = new Pool({
    connectionString: url,
    application_name: 'tallymark',
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: LONG_MS,
    types: numbers,
  })
  // Of a connection that nobody uses. The pool makes another, and who uses one is told by what was asked.
  pool.on('error', () => {})
  return new Kysely<PostgresSchema>({ dialect: new LockingDialect({ pool }) })
}

/**
 * Brings the database up to this version's schema. Any number of services may do so at once: one does it, and the
 * others wait for it.
 */
export async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => MIGRATIONS },
  })
  for (let tries = 1; ; tries++) {
    const { error } = await migrator.migrateToLatest()
    if (!error) return
    // Kysely takes its lock before its transaction begins, so it may be gone by then. Who comes second has changed
    // nothing, and finds it done.
    if (!isDoneByAnother(error) || tries === TRIES) throw error
  }
}

class LockingDialect extends PostgresDialect {
  override createAdapter() {
    return new LockingAdapter()
  }
}

/** Kysely's own lock is an advisory one, which CockroachDB has in name only; all of them know locks of rows. */
class LockingAdapter extends PostgresAdapter {
  override async acquireMigrationLock(
    db: Kysely<unknown>,
    { lockTable, lockRowId }: { lockTable: string; lockRowId: string },
  ): Promise<void> {
    await sql`select id from ${sql.table(lockTable)} where id = ${lockRowId} for update`.execute(db)
  }
}
