import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'

const migration = (...statements: string[]): Migration => ({
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
})

/** Every change of the schema, in order. Never edit a change that was released: add another. */
export const MIGRATIONS: Record<string, Migration> = {
  '0001_first': migration(
    'create table page (id integer primary key, key text not null unique, host text not null)',
    'create table tally (page_id integer primary key, hits integer not null)',
    `create table page_hour (
      page_id integer not null, hour integer not null, hits integer not null,
      constraint page_hour_key primary key (page_id, hour)
    ) without rowid`,
    `create table token (
      id integer primary key, page_id integer not null, secret text not null, ends_at integer not null
    )`,
    `create table imported (
      source text not null, page_id integer not null, hits integer not null,
      constraint imported_key primary key (source, page_id)
    ) without rowid`,
  ),
  '0002_journal': migration(
    `create table journal (
      id integer primary key, hour integer not null, hits integer not null, pages text not null, folded integer
    )`,
    `create table page_day (
      page_id integer not null, day integer not null, hits integer not null,
      constraint page_day_key primary key (page_id, day)
    ) without rowid`,
  ),
  '0003_host': migration(
    'create table host (id integer primary key, name text not null unique, pages integer not null)',
    'insert into host (name, pages) select host, count(*) from page group by host',
    'alter table page add column host_id integer not null default 0',
    'update page set host_id = (select id from host where name = page.host)',
    'alter table page drop column host',
  ),
  '0004_outcome': migration(
    `create table page_outcome (
      page_id integer not null, hour integer not null, outcome text not null, visits integer not null,
      constraint page_outcome_key primary key (page_id, hour, outcome)
    ) without rowid`,
  ),
  '0005_file': migration(
    'create table imported_source (name text primary key, marks text not null)',
    'create table file (removed_pages integer not null)',
    'insert into file (removed_pages) values (0)',
  ),
}

/**
 * Brings the database up to this version's schema, within a transaction that the caller has begun.
 * @throws the error of the migration that failed
 */
export async function migrate(db: Kysely<never>): Promise<void> {
  const migrator = new Migrator({
    db,
    disableTransactions: true,
    provider: { getMigrations: async () => MIGRATIONS },
  })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
