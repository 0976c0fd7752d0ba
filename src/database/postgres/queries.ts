import {
  type Compilable,
  DummyDriver,
  Kysely,
  type OnConflictBuilder,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely'
import { DAY_HOURS, NOON_HOUR } from '../../hours.ts'
import { OPERATOR_QUERIES } from './operator-queries.ts'
import type { PageHash, PostgresSchema } from './schema.ts'

/** The SQL of every statement that is prepared once. Parameters are given by position; those in the plural are arrays. */
export type Queries = typeof QUERIES

/** The columns of a table, each from a list of a batch: as many rows as the lists are long, in their order. */
const rows = (...types: ('uuid' | 'bigint' | 'text')[]) =>
  sql`select * from unnest(${sql.join(types.map((type) => sql`${''}::${sql.raw(type)}[]`))})`

const addPages = (conflict: OnConflictBuilder<PostgresSchema, 'host'>) =>
  conflict
    .column('name')
    .doUpdateSet((eb) => ({ pages: eb('host.pages', '+', eb.ref('excluded.pages')) }))

function build() {
  const db = new Kysely<PostgresSchema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (any) => new PostgresIntrospector(any),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
  const text = (query: Compilable) => query.compile().sql
  const page = '' as PageHash
  const isAny = (column: string) => sql<boolean>`${sql.ref(column)} = any(${''})`

  return {
    /**
     * A batch of hits, in one statement, which is a transaction by itself. Where the writer is fenced, or not known, it
     * fails by a division by zero, and nothing of it is stored.
     * writer, batch, now; pages, hits; pages, minutes, hits; then of its tokens the block, its owner, pages, secrets,
     * how early they end, and the end → the numbers of the pages, in the order of their hashes
     */
    addHits: `
      with counted as (
        insert into tally (page, hits) select * from unnest($4::uuid[], $5::bigint[])
        on conflict (page) do update set hits = tally.hits + excluded.hits
        returning page, hits
      ), numbered as (
        select array_agg(hits order by page) as numbers from counted
      ), marked as (
        update writer set batch = $2, numbers = numbered.numbers, at = $3
        from numbered where id = $1 and not fenced
        returning id
      ), journaled as (
        insert into journal (writer, batch, pages, minutes, hits)
        values ($1, $2, $6::uuid[], $7::bigint[], $8::bigint[])
      ), opened as (
        insert into token (block, owner, pages, secrets, early, ends_at)
        select $9::bigint, $10::uuid, $11::uuid[], $12::text[], $13::integer[], $14::bigint
        where $9::bigint > 0
      )
      select numbers::text, 1 / (select count(*) from marked) from numbered`,
    /** pages, hours, hits */
    addToHour: text(
      db
        .insertInto('page_hour')
        .columns(['page', 'hour', 'hits'])
        .expression(rows('uuid', 'bigint', 'bigint'))
        .onConflict((conflict) =>
          conflict
            .columns(['page', 'hour'])
            .doUpdateSet((eb) => ({ hits: eb('page_hour.hits', '+', eb.ref('excluded.hits')) })),
        ),
    ),
    /** pages, days, hits */
    addToDay: text(
      db
        .insertInto('page_day')
        .columns(['page', 'day', 'hits'])
        .expression(rows('uuid', 'bigint', 'bigint'))
        .onConflict((conflict) =>
          conflict
            .columns(['page', 'day'])
            .doUpdateSet((eb) => ({ hits: eb('page_day.hits', '+', eb.ref('excluded.hits')) })),
        ),
    ),
    /** pages, hours, outcomes, visits */
    addOutcomes: text(
      db
        .insertInto('page_outcome')
        .columns(['page', 'hour', 'outcome', 'visits'])
        .expression(rows('uuid', 'bigint', 'text', 'bigint'))
        .onConflict((conflict) =>
          conflict.columns(['page', 'hour', 'outcome']).doUpdateSet((eb) => ({
            visits: eb('page_outcome.visits', '+', eb.ref('excluded.visits')),
          })),
        ),
    ),
    /** writer, now: makes a connection known that is going to write */
    addWriter: text(
      db
        .insertInto('writer')
        .values({ id: '', batch: sql.lit(0), fenced: sql.lit(false), at: 0 })
        .onConflict((conflict) => conflict.column('id').doNothing()),
    ),
    /** batch, now, writer → a row, if it is known and not fenced */
    markBatch: text(
      db
        .updateTable('writer')
        .set({ batch: 0, numbers: sql.lit(null), at: sql`greatest(at, ${0})` })
        .where('id', '=', '')
        .where('fenced', '=', sql.lit(false))
        .returning('id'),
    ),
    /**
     * writer → its last batch that was committed, with its numbers. It waits for one that is being committed, and lets
     * none be written any more.
     */
    fence: text(
      db
        .updateTable('writer')
        .set({ fenced: sql.lit(true) })
        .where('id', '=', '')
        .returning(['batch', sql<string>`numbers::text`.as('numbers')]),
    ),

    /** pages → those that there are */
    findPages: text(db.selectFrom('page').select('hash').where(isAny('hash'))),
    /** names → name, pages of each that has some */
    pagesOfHosts: text(db.selectFrom('host').select(['name', 'pages']).where(isAny('name'))),
    /** Holds up whoever else makes pages. */
    lockHosts: text(
      db
        .insertInto('host')
        .values({ name: sql.lit(''), pages: sql.lit(0) })
        .onConflict(addPages),
    ),
    /** names, pages */
    addToHosts: text(
      db
        .insertInto('host')
        .columns(['name', 'pages'])
        .expression(rows('text', 'bigint'))
        .onConflict(addPages),
    ),
    /** hashes, keys */
    addPages: text(db.insertInto('page').columns(['hash', 'key']).expression(rows('uuid', 'text'))),

    /** pages → page, its number */
    readTallies: text(db.selectFrom('tally').select(['page', 'hits']).where(isAny('page'))),
    /** blocks, places in them from 1 on → block, place, page, secret, end of each token that there is */
    readTokens: `
      select asked.block, asked.place, pages[asked.place], secrets[asked.place], ends_at - early[asked.place]
      from unnest($1::bigint[], $2::integer[]) as asked (block, place)
      join token on token.block = asked.block`,
    /**
     * page, then the first and the end of each span in hours, and in days → hits of each span, in order; where they are
     * null, all hits
     */
    sums: `
      with waiting as materialized (
        select entry.minute, entry.hits
        from journal, unnest(journal.pages, journal.minutes, journal.hits) as entry (page, minute, hits)
        where entry.page = $1
      )
      select case when span.first is null
        then coalesce((select hits from tally where page = $1), 0)
        else (
        (select coalesce(sum(hits), 0) from waiting
          where minute >= span.first * 60 and minute < span.last * 60) +
        (select coalesce(sum(hits), 0) from page_minute
          where page = $1 and minute >= span.first * 60 and minute < span.last * 60) +
        (select coalesce(sum(hits), 0) from page_hour
          where page = $1 and hour >= span.first and hour < span.last) +
        (select coalesce(sum(hits), 0) from page_day
          where page = $1 and day >= span.first_day and day < span.last_day)
      )::bigint end
      from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
        with ordinality as span (first, last, first_day, last_day, at)
      order by span.at`,
    /** page, then the first and the end of each span in hours → number of the span from 1 on, outcome, visits */
    outcomes: `
      select span.at, page_outcome.outcome, sum(page_outcome.visits)::bigint
      from unnest($2::bigint[], $3::bigint[]) with ordinality as span (first, last, at)
      join page_outcome on page_outcome.page = $1
        and page_outcome.hour >= span.first and page_outcome.hour < span.last
      group by span.at, page_outcome.outcome`,
    /** page, first minute, last → hits */
    activeOfPage: `
      select (
        (select coalesce(sum(waiting.hits), 0)
          from journal, unnest(journal.pages, journal.minutes, journal.hits) as waiting (page, minute, hits)
          where waiting.page = $1 and minute >= $2 and minute <= $3) +
        (select coalesce(sum(hits), 0) from page_minute
          where page = $1 and minute >= $2 and minute <= $3)
      )::bigint`,
    /** first minute, last → hits of all pages */
    active: `
      select (
        (select coalesce(sum(waiting.hits), 0)
          from journal, unnest(journal.minutes, journal.hits) as waiting (minute, hits)
          where minute >= $1 and minute <= $2) +
        (select coalesce(sum(hits), 0) from page_minute where minute >= $1 and minute <= $2)
      )::bigint`,

    /** page, limit → the pages after it */
    pagesAfter: text(
      db.selectFrom('page').select('hash').where('hash', '>', page).orderBy('hash').limit(0),
    ),
    /** writers: adds what they have in the journal to its minutes */
    foldJournal: `
      with taken as (
        delete from journal where writer = any($1) returning pages, minutes, hits
      )
      insert into page_minute (page, minute, hits)
      select page, minute, sum(waiting.hits)
      from taken, unnest(taken.pages, taken.minutes, taken.hits) as waiting (page, minute, hits)
      group by page, minute order by page, minute
      on conflict (page, minute) do update set hits = page_minute.hits + excluded.hits`,
    /** moment → writers that have not written since, and have something in the journal */
    orphans: text(
      db
        .selectFrom('journal')
        .innerJoin('writer', 'writer.id', 'journal.writer')
        .select('writer.id')
        .distinct()
        .where('writer.at', '<', 0),
    ),
    /** minute, limit → page, minute, hits of some before it, which are removed */
    takeMinutes: `
      delete from page_minute where (page, minute) in (
        select page, minute from page_minute where minute < $1 order by minute limit $2
      ) returning page, minute, hits`,
    /** pages, minute → minute, page, hits of those before it, which are removed */
    takeMinutesOf: text(
      db
        .deleteFrom('page_minute')
        .where(isAny('page'))
        .where('minute', '<', 0)
        .returning(['page', 'minute', 'hits']),
    ),
    /** pages, hour → page, hour, hits of those before it, which are removed */
    takeHours: text(
      db
        .deleteFrom('page_hour')
        .where(isAny('page'))
        .where('hour', '<', 0)
        .returning(['page', 'hour', 'hits']),
    ),
    /** pages, day → page of each row before it, which is removed */
    takeDays: text(
      db.deleteFrom('page_day').where(isAny('page')).where('day', '<', 0).returning('page'),
    ),
    /** pages, hour → page, hour, outcome, visits of those before it, which are removed */
    takeOutcomes: text(
      db
        .deleteFrom('page_outcome')
        .where(isAny('page'))
        .where('hour', '<', 0)
        .returning(['page', 'hour', 'outcome', 'visits']),
    ),
    /** pages, hour → the same, but for those that stand for a day already */
    takeHoursOfOutcomes: text(
      db
        .deleteFrom('page_outcome')
        .where(isAny('page'))
        .where('hour', '<', 0)
        .where(sql`hour % ${sql.lit(DAY_HOURS)}`, '<>', sql.lit(NOON_HOUR))
        .returning(['page', 'hour', 'outcome', 'visits']),
    ),

    /** → end of the first tokens, and of the last */
    endsOfTokens: `
      select
        (select ends_at from token order by block limit 1),
        (select ends_at from token order by block desc limit 1)`,
    /** limit, now → how many tokens were in each of the oldest rows that have ended, which are removed */
    removeTokens: `
      delete from token where ends_at <= $2 and (block, owner) in (
        select block, owner from token order by block limit $1
      ) returning (select count(page) from unnest(pages) as opened (page))`,
    /** name, now, long ago, ahead → a row, if nobody has begun the chore since then */
    claim: `
      insert into chore (name, at) values ($1, $2)
      on conflict (name) do update set at = excluded.at where chore.at <= $3 or chore.at > $4
      returning name`,
    /** moment: forgets connections that have not written since */
    forgetWriters: text(db.deleteFrom('writer').where('at', '<', 0)),
    answers: 'select 1',
    ...OPERATOR_QUERIES,
  }
}

export const QUERIES = build()
