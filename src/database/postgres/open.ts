import { CompiledQuery, Kysely, PostgresAdapter, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { Pool } from 'pg'
import { CONNECT_MS, countsAsNumbers } from './connection.ts'
import { CREATED_TWICE, LOCKED, retrying, WrongDatabase } from './failures.ts'
import { MIGRATIONS } from './migrations.ts'
import { QUERIES, type Queries } from './queries.ts'

/** Connections for administration and for long reads, made when they are needed. */
const POOL = 2
/** How long one of their statements may take, in ms: to list ten million pages takes long. */
const LONG_MS = 120_000

export type Database = Kysely<unknown>

/** For administration and for reads that are rare. It connects when it is first used. */
export function connectKysely(url: string): Database {
  const pool = new Pool({
    connectionString: url,
    application_name: 'tallymark',
    max: POOL,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: LONG_MS,
    // The server's timeout has no effect if the server is unreachable.
    query_timeout: LONG_MS,
    keepAlive: true,
    types: countsAsNumbers,
  })
  // A lost connection rejects the statements that wait for its answer, and the pool makes another.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return new Kysely({ dialect: new LockingDialect({ pool }) })
}

/** Runs one of `QUERIES`. */
export async function query<Row>(
  db: Database,
  name: keyof Queries,
  ...parameters: unknown[]
): Promise<Row[]> {
  return (await db.executeQuery<Row>(CompiledQuery.raw(QUERIES[name], parameters))).rows
}

/** Connects for administration, and brings the database up to this version's schema. */
export async function openMigrated(url: string): Promise<Database> {
  const db = connectKysely(url)
  try {
    await migrate(db)
    return db
  } catch (error) {
    await db.destroy()
    throw error
  }
}

/**
 * Brings the database up to this version's schema. If several services do so at once, one does it and the others wait.
 */
async function migrate(db: Database): Promise<void> {
  await retrying(() => makeLock(db), CREATED_TWICE)
  await retrying(
    () =>
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
    LOCKED,
  )
}

async function appliedMigrations(db: Database): Promise<string[]> {
  const { rows: tables } = await sql<{ found: string | null }>`
    select to_regclass('kysely_migration')::text as found`.execute(db)
  if (!tables[0]?.found) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  return rows.map(({ name }) => name)
}

/** @throws WrongDatabase if a newer version has changed the schema */
async function checkVersion(db: Database): Promise<void> {
  const names = await appliedMigrations(db)
  if (names.every((name) => Object.hasOwn(MIGRATIONS, name))) return
  throw new WrongDatabase(
    'a newer version of Tallymark has written it; run that version again, or restore a backup from before',
  )
}

/** Opens all connections of the pool, which keeps them for some seconds. */
export async function fillPool(db: Database): Promise<void> {
  await Promise.all(Array.from({ length: POOL }, () => sql`select 1`.execute(db)))
}

/** Makes a table with a row to lock. Despite `if not exists`, one of two services at once fails, and tries again. */
async function makeLock(db: Database): Promise<void> {
  await sql`create table if not exists migration_lock (id integer primary key)`.execute(db)
  await sql`insert into migration_lock (id) values (1) on conflict (id) do nothing`.execute(db)
}

class LockingDialect extends PostgresDialect {
  override createAdapter() {
    return new LockingAdapter()
  }
}

/** Turns off Kysely's own lock, which is an advisory one: CockroachDB accepts those but does not lock. */
class LockingAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

/** Whether the database has this version's schema. @throws WrongDatabase if a newer version has changed it */
export async function isCurrent(db: Database): Promise<boolean> {
  await checkVersion(db)
  return (await appliedMigrations(db)).length === Object.keys(MIGRATIONS).length
}

/** The size of the database in bytes, and its server's clock in milliseconds since 1970, UTC. */
export async function sizeAndTime(db: Database): Promise<{ bytes: number; time: number }> {
  const { rows } = await sql<{ bytes: number; time: number }>`
    select pg_database_size(current_database())::bigint as bytes,
      (extract(epoch from clock_timestamp()) * 1000)::bigint as time`.execute(db)
  return rows[0] as { bytes: number; time: number }
}
