import type { Database } from 'better-sqlite3'
import type { Kysely } from 'kysely'
import type { PageKey } from '../page.ts'
import type { Schema } from './schema.ts'
import { prepare } from './statement.ts'

/** The two statements by which every hit reaches its page, counted or imported. Run them inside a transaction. */
export function pageStatements(driver: Database, db: Kysely<Schema>) {
  return {
    /** Makes the page where it is not known yet. Parameters: key, host. */
    addPage: prepare<[PageKey, string], { id: number }>(
      driver,
      db
        .insertInto('page')
        .values({ key: '' as PageKey, host: '' })
        .onConflict((conflict) =>
          conflict.column('key').doUpdateSet((eb) => ({ key: eb.ref('excluded.key') })),
        )
        .returning('id'),
    ),
    /** Adds hits to a page, and gives its number with them. Parameters: page id, hits. */
    addHits: prepare<[number, number], { hits: number }>(
      driver,
      db
        .insertInto('tally')
        .values({ page_id: 0, hits: 0 })
        .onConflict((conflict) =>
          conflict
            .column('page_id')
            .doUpdateSet((eb) => ({ hits: eb('tally.hits', '+', eb.ref('excluded.hits')) })),
        )
        .returning('hits'),
    ),
  }
}
