import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Leaves room in each block for new versions of its rows, so that an update need not change an index. */
const ROOM = sql`with (fillfactor = 50)`

/** Every change of the schema, in order. Never edit a change that was released: add another. */
export const MIGRATIONS: Record<string, Migration> = {
  '0001_first': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('page')
        .addColumn('hash', 'uuid', (column) => column.primaryKey())
        .addColumn('key', 'text', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('host')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('pages', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('tally')
        .addColumn('page', 'uuid', (column) => column.primaryKey())
        .addColumn('hits', 'bigint', (column) => column.notNull())
        .modifyEnd(ROOM)
        .execute()
      for (const unit of ['minute', 'hour', 'day']) {
        await db.schema
          .createTable(`page_${unit}`)
          .addColumn('page', 'uuid', (column) => column.notNull())
          .addColumn(unit, 'bigint', (column) => column.notNull())
          .addColumn('hits', 'bigint', (column) => column.notNull())
          .addPrimaryKeyConstraint(`page_${unit}_key`, ['page', unit] as never)
          .$call((table) => (unit === 'minute' ? table.modifyEnd(ROOM) : table))
          .execute()
      }
      await db.schema.createIndex('page_minute_minute').on('page_minute').column('minute').execute()
      await db.schema
        .createTable('page_outcome')
        .addColumn('page', 'uuid', (column) => column.notNull())
        .addColumn('hour', 'bigint', (column) => column.notNull())
        .addColumn('outcome', 'text', (column) => column.notNull())
        .addColumn('visits', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('page_outcome_key', ['page', 'hour', 'outcome'])
        .execute()
      await db.schema
        .createTable('token')
        .addColumn('block', 'bigint', (column) => column.notNull())
        .addColumn('owner', 'uuid', (column) => column.notNull())
        .addColumn('pages', sql`uuid[]`, (column) => column.notNull())
        .addColumn('secrets', sql`text[]`, (column) => column.notNull())
        .addColumn('early', sql`integer[]`, (column) => column.notNull())
        .addColumn('ends_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('token_key', ['block', 'owner'])
        .execute()
      await db.schema
        .createTable('writer')
        .addColumn('id', 'uuid', (column) => column.primaryKey())
        .addColumn('batch', 'bigint', (column) => column.notNull())
        .addColumn('numbers', sql`bigint[]`)
        .addColumn('fenced', 'boolean', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .modifyEnd(ROOM)
        .execute()
      await db.schema
        .createTable('journal')
        .addColumn('writer', 'uuid', (column) => column.notNull())
        .addColumn('batch', 'bigint', (column) => column.notNull())
        .addColumn('pages', sql`uuid[]`, (column) => column.notNull())
        .addColumn('minutes', sql`bigint[]`, (column) => column.notNull())
        .addColumn('hits', sql`bigint[]`, (column) => column.notNull())
        .addPrimaryKeyConstraint('journal_key', ['writer', 'batch'])
        .execute()
      await db.schema
        .createTable('chore')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('imported')
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('page', 'uuid', (column) => column.notNull())
        .addColumn('hits', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('imported_key', ['source', 'page'])
        .execute()
    },
  },
  '0002_moved': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('moved')
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('page', 'uuid', (column) => column.notNull())
        .addColumn('hits', 'bigint', (column) => column.notNull())
        .addColumn('until', 'bigint', (column) => column.notNull())
        .addColumn('whats', sql`text[]`, (column) => column.notNull())
        .addColumn('hours', sql`bigint[]`, (column) => column.notNull())
        .addColumn('visits', sql`bigint[]`, (column) => column.notNull())
        .addPrimaryKeyConstraint('moved_key', ['source', 'page'])
        .execute()
    },
  },
  '0003_imported_source': {
    async up(db: Kysely<unknown>) {
      await db.schema.dropTable('moved').execute()
      await db.schema
        .createTable('imported_source')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('marks', 'text', (column) => column.notNull())
        .execute()
    },
  },
}
