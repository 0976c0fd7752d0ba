import { Kysely, PostgresAdapter, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { Pool } from 'pg'
import type { Durability } from '../store-options.ts'
import { CONNECT_MS, countsAsNumbers } from './connection.ts'
import { WrongDatabase } from './explain.ts'
import { MADE_TWICE, retrying } from './failures.ts'
import { MIGRATIONS } from './migrations.ts'
import type { PostgresSchema } from './schema.ts'

/** Connections for administration and for what takes long; there are none until they are needed. */
const POOL = 2
/** How long a statement for administration may take, in ms: a list of ten million pages takes a while. */
const LONG_MS = 120_000

export type Database = Kysely<PostgresSchema>

/** A server that is not to be waited for ends what a service left half done: its locks would hold up all others. */
export const writing = (answerMs: number, durability: Durability) => `
  set idle_in_transaction_session_timeout = ${answerMs};
  set statement_timeout = ${answerMs};
  ${durability === 'full' ? DURABLE : 'set synchronous_commit = off'}`
export const reading = (answerMs: number) => `set statement_timeout = ${answerMs}`

/**
 * What makes an answered commit one that is on disk: a role or a database may be set to less. Whoever set it to more
 * than that keeps it.
 */
const DURABLE =
  "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"

/** For administration and for all that is not asked often. It connects when it is asked. */
export function connectKysely(url: string): Database {
  const pool = new Pool({
    connectionString: url,
    application_name: 'tallymark',
    max: POOL,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: LONG_MS,
    // The server's own is of no use where the server is gone.
    query_timeout: LONG_MS,
    keepAlive: true,
    types: countsAsNumbers,
  })
  // Of a lost connection is told who waits for its answer; the pool makes another.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return new Kysely<PostgresSchema>({ dialect: new LockingDialect({ pool }) })
}

/**
 * Brings the database up to this version's schema. Any number of services may do so at once: one does it, and the
 * others wait for it.
 */
export async function migrate(db: Database): Promise<void> {
  await retrying(() => makeLock(db), MADE_TWICE)
  await retrying(() =>
    db.transaction().execute(async (transaction) => {
      await sql`select id from migration_lock for update`.execute(transaction)
      await checkVersion(transaction)
      const migrator = new Migrator({
        db: transaction,
        provider: { getMigrations: async () => MIGRATIONS },
      })
      const { error } = await migrator.migrateToLatest()
      if (error) throw error
    }),
  )
}

/** @throws WrongDatabase where a newer version has changed the schema */
async function checkVersion(db: Database): Promise<void> {
  const { rows: tables } = await sql<{ found: string | null }>`
    select to_regclass('kysely_migration')::text as found`.execute(db)
  if (!tables[0]?.found) return
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  if (rows.every(({ name }) => Object.hasOwn(MIGRATIONS, name))) return
  throw new WrongDatabase(
    'a newer version of Tallymark has written it; run that version again, or restore a backup from before',
  )
}

/** Opens all connections that there can be here, which then are kept for some seconds. */
export async function fillPool(db: Database): Promise<void> {
  await Promise.all(Array.from({ length: POOL }, () => sql`select 1`.execute(db)))
}

/** A row to be locked. Not even `if not exists` keeps two from making the table at once: then one fails, and tries again. */
async function makeLock(db: Database): Promise<void> {
  await sql`create table if not exists migration_lock (id integer primary key)`.execute(db)
  await sql`insert into migration_lock (id) values (1) on conflict (id) do nothing`.execute(db)
}

class LockingDialect extends PostgresDialect {
  override createAdapter() {
    return new LockingAdapter()
  }
}

/** Kysely's own lock is an advisory one, which CockroachDB has in name only; all of them know locks of rows. */
class LockingAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

/**
 * Whether the schema is of this version.
 * @throws WrongDatabase where a newer version has changed it
 */
export async function isCurrent(db: Database): Promise<boolean> {
  await checkVersion(db)
  const { rows: tables } = await sql<{ found: string | null }>`
    select to_regclass('kysely_migration')::text as found`.execute(db)
  if (!tables[0]?.found) return false
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  return rows.length === Object.keys(MIGRATIONS).length
}

/** The size of the database in bytes, and its server's clock in milliseconds since 1970, UTC. */
export async function sizeAndTime(db: Database): Promise<{ bytes: number; time: number }> {
  const { rows } = await sql<{ bytes: number; time: number }>`
    select pg_database_size(current_database())::bigint as bytes,
      (extract(epoch from clock_timestamp()) * 1000)::bigint as time`.execute(db)
  return rows[0] as { bytes: number; time: number }
}
