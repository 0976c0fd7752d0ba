import {
  type Compilable,
  DummyDriver,
  Kysely,
  type OnConflictBuilder,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import { DAY_HOURS, NOON_HOUR } from '../../hours.ts'
import type { PageKey } from '../../page.ts'
import { IDLE_QUERIES } from './idle-queries.ts'
import type { Schema } from './schema.ts'

/** The SQL of every statement that is prepared once. Parameters are given by position. */
export type Queries = ReturnType<typeof buildQueries>

/** The twelfth hour of an hour's day, UTC. */
const noon = sql<number>`hour / ${sql.lit(DAY_HOURS)} * ${sql.lit(DAY_HOURS)} + ${sql.lit(NOON_HOUR)}`

const addVisits = (conflict: OnConflictBuilder<Schema, 'page_outcome'>) =>
  conflict
    .columns(['page_id', 'hour', 'outcome'])
    .doUpdateSet((eb) => ({ visits: eb('page_outcome.visits', '+', eb.ref('excluded.visits')) }))

/**
 * Builds them, checked against the schema. It is done before the thread that runs them starts, which need not load
 * Kysely then. The values here only hold places.
 */
export function buildQueries() {
  const db = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (any) => new SqliteIntrospector(any),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
  const text = (query: Compilable) => query.compile().sql
  const key = '' as PageKey

  return {
    /** key → id */
    findPage: text(db.selectFrom('page').select('id').where('key', '=', key)),
    /** → id */
    newestPage: text(db.selectFrom('page').select((eb) => eb.fn.max('id').as('id'))),
    /** → pages that there are: ids are given in order */
    countPages: text(
      db.selectFrom('file').select((eb) =>
        eb(
          eb.fn.coalesce(
            eb.selectFrom('page').select((inner) => inner.fn.max('id').as('id')),
            sql.lit(0),
          ),
          '-',
          eb.ref('removed_pages'),
        ).as('pages'),
      ),
    ),
    /** key, host id */
    addPage: text(db.insertInto('page').values({ key, host_id: 0 })),
    /** name → pages */
    pagesOfHost: text(db.selectFrom('host').select('pages').where('name', '=', '')),
    /** name, pages → id */
    addToHost: text(
      db
        .insertInto('host')
        .values({ name: '', pages: 0 })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet((eb) => ({ pages: eb('host.pages', '+', eb.ref('excluded.pages')) })),
        )
        .returning('id'),
    ),

    /** page id → hits */
    readTally: text(db.selectFrom('tally').select('hits').where('page_id', '=', 0)),
    /** page id, hits */
    addToTally: text(
      db
        .insertInto('tally')
        .values({ page_id: 0, hits: 0 })
        .onConflict((conflict) =>
          conflict
            .column('page_id')
            .doUpdateSet((eb) => ({ hits: eb('tally.hits', '+', eb.ref('excluded.hits')) })),
        ),
    ),
    /** page id, hour, hits */
    addToHour: text(
      db
        .insertInto('page_hour')
        .values({ page_id: 0, hour: 0, hits: 0 })
        .onConflict((conflict) =>
          conflict
            .columns(['page_id', 'hour'])
            .doUpdateSet((eb) => ({ hits: eb('page_hour.hits', '+', eb.ref('excluded.hits')) })),
        ),
    ),
    /** page id, hour: adds the hours before it to their days */
    addDays: text(
      db
        .insertInto('page_day')
        .columns(['page_id', 'day', 'hits'])
        .expression((eb) =>
          eb
            .selectFrom('page_hour')
            .select(['page_id', sql<number>`hour / ${sql.lit(DAY_HOURS)}`.as('day')])
            .select((inner) => inner.fn.sum<number>('hits').as('hits'))
            .where('page_id', '=', 0)
            .where('hour', '<', 0)
            .groupBy(['page_id', 'day']),
        )
        .onConflict((conflict) =>
          conflict
            .columns(['page_id', 'day'])
            .doUpdateSet((eb) => ({ hits: eb('page_day.hits', '+', eb.ref('excluded.hits')) })),
        ),
    ),
    /** page id, hour: removes the hours before it */
    removeHours: text(db.deleteFrom('page_hour').where('page_id', '=', 0).where('hour', '<', 0)),

    /** page id, hour, outcome, visits */
    addOutcome: text(
      db
        .insertInto('page_outcome')
        .values({ page_id: 0, hour: 0, outcome: 'bot', visits: 0 })
        .onConflict(addVisits),
    ),
    /** page id, hour: adds the hours before it to the twelfth of their days */
    addOldOutcomes: text(
      db
        .insertInto('page_outcome')
        .columns(['page_id', 'hour', 'outcome', 'visits'])
        .expression((eb) =>
          eb
            .selectFrom('page_outcome')
            .select(['page_id', noon.as('noon'), 'outcome'])
            .select((inner) => inner.fn.sum<number>('visits').as('visits'))
            .where('page_id', '=', 0)
            .where('hour', '<', 0)
            .where('hour', '<>', noon)
            .groupBy(['page_id', 'noon', 'outcome']),
        )
        .onConflict(addVisits),
    ),
    /** page id, hour: removes those that were added to their days */
    removeOldOutcomes: text(
      db
        .deleteFrom('page_outcome')
        .where('page_id', '=', 0)
        .where('hour', '<', 0)
        .where('hour', '<>', noon),
    ),
    /** page id, hour: removes those before it */
    removeOutcomes: text(
      db.deleteFrom('page_outcome').where('page_id', '=', 0).where('hour', '<', 0),
    ),
    /** page id, day: removes those before it */
    removeDays: text(db.deleteFrom('page_day').where('page_id', '=', 0).where('day', '<', 0)),

    /** hour → page id, of each row before it */
    oldHours: text(db.selectFrom('page_hour').select('page_id').where('hour', '<', 0)),
    /** day → page id, of each row before it */
    oldDays: text(db.selectFrom('page_day').select('page_id').where('day', '<', 0)),
    /** hour → page id, of each row before it */
    oldOutcomes: text(db.selectFrom('page_outcome').select('page_id').where('hour', '<', 0)),

    /** page id, hour → hits */
    readHour: text(
      db.selectFrom('page_hour').select('hits').where('page_id', '=', 0).where('hour', '=', 0),
    ),
    /** page id, from, to → hits */
    sumHours: text(
      db
        .selectFrom('page_hour')
        .select((eb) => eb.fn.coalesce(eb.fn.sum<number>('hits'), sql.lit(0)).as('hits'))
        .where('page_id', '=', 0)
        .where('hour', '>=', 0)
        .where('hour', '<', 0),
    ),
    /** page id, from, to → hits */
    sumDays: text(
      db
        .selectFrom('page_day')
        .select((eb) => eb.fn.coalesce(eb.fn.sum<number>('hits'), sql.lit(0)).as('hits'))
        .where('page_id', '=', 0)
        .where('day', '>=', 0)
        .where('day', '<', 0),
    ),
    /** page id, from, to → outcome, visits */
    sumOutcomes: text(
      db
        .selectFrom('page_outcome')
        .select('outcome')
        .select((eb) => eb.fn.sum<number>('visits').as('visits'))
        .where('page_id', '=', 0)
        .where('hour', '>=', 0)
        .where('hour', '<', 0)
        .groupBy('outcome'),
    ),

    /** → id, hour, hits, pages, folded, in the order of the rows */
    readJournal: text(
      db.selectFrom('journal').select(['id', 'hour', 'hits', 'pages', 'folded']).orderBy('id'),
    ),
    /** hour, hits, pages */
    appendToJournal: text(db.insertInto('journal').values({ hour: 0, hits: 0, pages: '' })),
    /** part */
    markFolded: text(
      db
        .insertInto('journal')
        .values({ hour: sql.lit(0), hits: sql.lit(0), pages: sql.lit('[]'), folded: 0 }),
    ),
    /** row: removes those before it */
    trimJournal: text(db.deleteFrom('journal').where('id', '<', 0)),
    emptyJournal: text(db.deleteFrom('journal')),

    /** → id */
    newestToken: text(db.selectFrom('token').select((eb) => eb.fn.max('id').as('id'))),
    /** → ends_at */
    oldestToken: text(db.selectFrom('token').select('ends_at').orderBy('id').limit(sql.lit(1))),
    /** id → page_id, secret, ends_at */
    readToken: text(
      db.selectFrom('token').select(['page_id', 'secret', 'ends_at']).where('id', '=', 0),
    ),
    /** first id, all secrets, length of one, the same again, end, a JSON array of page ids */
    addTokens: text(
      db
        .insertInto('token')
        .columns(['id', 'page_id', 'secret', 'ends_at'])
        .expression(
          sql`select ${0} + key, value, substr(${''}, 1 + key * ${0}, ${0}), ${0} from json_each(${''})`,
        ),
    ),
    /** now → tokens that have ended */
    countEnded: text(
      db
        .selectFrom('token')
        .select((eb) => eb.fn.countAll<number>().as('tokens'))
        .where('ends_at', '<=', 0),
    ),
    /** end, end */
    capTokens: text(db.updateTable('token').set({ ends_at: 0 }).where('ends_at', '>', 0)),
    /** limit, now: removes those that ended, of the oldest */
    removeTokens: text(
      db
        .deleteFrom('token')
        .where('id', 'in', db.selectFrom('token').select('id').orderBy('id').limit(0))
        .where('ends_at', '<=', 0),
    ),

    /** page id, limit → id, host_id, hits of the pages after it */
    readTallies: text(
      db
        .selectFrom('page')
        .leftJoin('tally', 'tally.page_id', 'page.id')
        .select((eb) => [
          'page.id',
          'page.host_id',
          eb.fn.coalesce('tally.hits', sql.lit(0)).as('hits'),
        ])
        .where('page.id', '>', 0)
        .orderBy('page.id')
        .limit(0),
    ),
    /** id → key */
    readKey: text(db.selectFrom('page').select('key').where('id', '=', 0)),
    /** id → name */
    readHost: text(db.selectFrom('host').select('name').where('id', '=', 0)),

    ...IDLE_QUERIES,

    /** name → marks */
    readMarks: text(db.selectFrom('imported_source').select('marks').where('name', '=', '')),
    /** name, marks */
    addMarks: text(db.insertInto('imported_source').values({ name: '', marks: '' })),
    /** source, page id → hits */
    readImported: text(
      db.selectFrom('imported').select('hits').where('source', '=', '').where('page_id', '=', 0),
    ),
    /** source, page id, hits */
    setImported: text(
      db
        .insertInto('imported')
        .values({ source: '', page_id: 0, hits: 0 })
        .onConflict((conflict) =>
          conflict
            .columns(['source', 'page_id'])
            .doUpdateSet((eb) => ({ hits: eb.ref('excluded.hits') })),
        ),
    ),
  }
}
