import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'

/** Every change of the schema, in order. Never edit a change that was released: add another. */
export const MIGRATIONS: Record<string, Migration> = {
  '0001_first': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('page')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('key', 'text', (column) => column.notNull().unique())
        .addColumn('host', 'text', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('tally')
        .addColumn('page_id', 'integer', (column) => column.primaryKey())
        .addColumn('hits', 'integer', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('page_hour')
        .addColumn('page_id', 'integer', (column) => column.notNull())
        .addColumn('hour', 'integer', (column) => column.notNull())
        .addColumn('hits', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('page_hour_key', ['page_id', 'hour'])
        .modifyEnd(sql`without rowid`)
        .execute()
      await db.schema
        .createTable('token')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('page_id', 'integer', (column) => column.notNull())
        .addColumn('secret', 'text', (column) => column.notNull())
        .addColumn('ends_at', 'integer', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('imported')
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('page_id', 'integer', (column) => column.notNull())
        .addColumn('hits', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('imported_key', ['source', 'page_id'])
        .modifyEnd(sql`without rowid`)
        .execute()
    },
  },
  '0002_journal': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('journal')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('hour', 'integer', (column) => column.notNull())
        .addColumn('hits', 'integer', (column) => column.notNull())
        .addColumn('pages', 'text', (column) => column.notNull())
        .addColumn('folded', 'integer')
        .execute()
      await db.schema
        .createTable('page_day')
        .addColumn('page_id', 'integer', (column) => column.notNull())
        .addColumn('day', 'integer', (column) => column.notNull())
        .addColumn('hits', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('page_day_key', ['page_id', 'day'])
        .modifyEnd(sql`without rowid`)
        .execute()
    },
  },
  '0003_host': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('host')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull().unique())
        .addColumn('pages', 'integer', (column) => column.notNull())
        .execute()
      await sql`insert into host (name, pages) select host, count(*) from page group by host`.execute(
        db,
      )
      await db.schema
        .alterTable('page')
        .addColumn('host_id', 'integer', (column) => column.notNull().defaultTo(0))
        .execute()
      await sql`update page set host_id = (select id from host where name = page.host)`.execute(db)
      await db.schema.alterTable('page').dropColumn('host').execute()
    },
  },
  '0004_outcome': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('page_outcome')
        .addColumn('page_id', 'integer', (column) => column.notNull())
        .addColumn('hour', 'integer', (column) => column.notNull())
        .addColumn('outcome', 'text', (column) => column.notNull())
        .addColumn('visits', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('page_outcome_key', ['page_id', 'hour', 'outcome'])
        .modifyEnd(sql`without rowid`)
        .execute()
    },
  },
  '0005_file': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('imported_source')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('marks', 'text', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('file')
        .addColumn('removed_pages', 'integer', (column) => column.notNull())
        .execute()
      await sql`insert into file (removed_pages) values (0)`.execute(db)
    },
  },
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
