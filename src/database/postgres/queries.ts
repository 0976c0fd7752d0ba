import { DAY_HOURS, NOON_HOUR } from '../../hours.ts'

/**
 * The statements that are prepared once for a connection. Comments give the parameters, in order, and what comes back;
 * those in the plural are arrays.
 */
export const QUERIES = {
  /**
   * A batch of hits, in one statement, which is a transaction by itself. Where the writer is fenced, or not known, it
   * returns no row, and stores nothing: each part selects from the writer's row, which is locked first.
   * writer, batch, now; pages, hits; pages, minutes, hits; then of its tokens the block, its owner, pages, secrets,
   * how early they end, and the end → the numbers of the pages, in the order of their hashes
   */
  addHits: `
    with live as (
      select id from writer where id = $1 and not fenced for update
    ), counted as (
      insert into tally (page, hits)
      select hit.page, hit.hits from live, unnest($4::uuid[], $5::bigint[]) as hit (page, hits)
      on conflict (page) do update set hits = tally.hits + excluded.hits
      returning page, hits
    ), numbered as (
      select array_agg(hits order by page) as numbers from counted
    ), marked as (
      update writer set batch = $2, numbers = numbered.numbers, at = $3
      from numbered, live where writer.id = live.id
    ), journaled as (
      insert into journal (writer, batch, pages, minutes, hits)
      select id, $2::bigint, $6::uuid[], $7::bigint[], $8::bigint[] from live
    ), opened as (
      insert into token (block, owner, pages, secrets, early, ends_at)
      select $9::bigint, $10::uuid, $11::uuid[], $12::text[], $13::integer[], $14::bigint
      from live where $9::bigint > 0
    )
    select numbers::text from numbered, live`,
  /** pages, hours, hits */
  addToHour: `
    insert into page_hour (page, hour, hits) select * from unnest($1::uuid[], $2::bigint[], $3::bigint[])
    on conflict (page, hour) do update set hits = page_hour.hits + excluded.hits`,
  /** pages, days, hits */
  addToDay: `
    insert into page_day (page, day, hits) select * from unnest($1::uuid[], $2::bigint[], $3::bigint[])
    on conflict (page, day) do update set hits = page_day.hits + excluded.hits`,
  /** pages, hours, outcomes, visits */
  addOutcomes: `
    insert into page_outcome (page, hour, outcome, visits)
    select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[])
    on conflict (page, hour, outcome) do update set visits = page_outcome.visits + excluded.visits`,
  /** writer, now: makes a connection known that is going to write */
  addWriter: `
    insert into writer (id, batch, fenced, at) values ($1, 0, false, $2) on conflict (id) do nothing`,
  /** batch, now, writer → a row, if it is known and not fenced */
  markBatch: `
    update writer set batch = $1, numbers = null, at = greatest(at, $2)
    where id = $3 and not fenced returning id`,
  /**
   * writer → its last batch that was committed, with its numbers. It waits for one that is being committed, and lets
   * none be written any more.
   */
  fence: 'update writer set fenced = true where id = $1 returning batch, numbers::text',

  /** pages → those that exist */
  findPages: 'select hash from page where hash = any($1)',
  /** names → name, pages of each that has some */
  pagesOfHosts: 'select name, pages from host where name = any($1)',
  /** Holds up every other connection that makes pages, until the transaction ends. */
  lockHosts: `
    insert into host (name, pages) values ('', 0)
    on conflict (name) do update set pages = host.pages + excluded.pages`,
  /** names, pages */
  addToHosts: `
    insert into host (name, pages) select * from unnest($1::text[], $2::bigint[])
    on conflict (name) do update set pages = host.pages + excluded.pages`,
  /** hashes, keys */
  addPages: 'insert into page (hash, key) select * from unnest($1::uuid[], $2::text[])',

  /** pages → page, its number */
  readTallies: 'select page, hits from tally where page = any($1)',
  /** blocks, places in them from 1 on → block, place, page, secret, end of each token that there is */
  readTokens: `
    select asked.block, asked.place, pages[asked.place], secrets[asked.place], ends_at - early[asked.place]
    from unnest($1::bigint[], $2::integer[]) as asked (block, place)
    join token on token.block = asked.block`,
  /** page, then the first and the end of each span in hours, and in days → hits of each span, in order */
  sums: `
    with waiting as materialized (
      select entry.minute, entry.hits
      from journal, unnest(journal.pages, journal.minutes, journal.hits) as entry (page, minute, hits)
      where entry.page = $1
    )
    select (
      (select coalesce(sum(hits), 0) from waiting
        where minute >= span.first * 60 and minute < span.last * 60) +
      (select coalesce(sum(hits), 0) from page_minute
        where page = $1 and minute >= span.first * 60 and minute < span.last * 60) +
      (select coalesce(sum(hits), 0) from page_hour
        where page = $1 and hour >= span.first and hour < span.last) +
      (select coalesce(sum(hits), 0) from page_day
        where page = $1 and day >= span.first_day and day < span.last_day)
    )::bigint
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
  pagesAfter: 'select hash from page where hash > $1 order by hash limit $2',
  /** writers: adds what they have in the journal to its minutes */
  rollUpJournal: `
    with taken as (
      delete from journal where writer = any($1) returning pages, minutes, hits
    )
    insert into page_minute (page, minute, hits)
    select page, minute, sum(waiting.hits)
    from taken, unnest(taken.pages, taken.minutes, taken.hits) as waiting (page, minute, hits)
    group by page, minute order by page, minute
    on conflict (page, minute) do update set hits = page_minute.hits + excluded.hits`,
  /** moment → writers that have not written since, and have something in the journal */
  orphans: `
    select distinct writer.id from journal join writer on writer.id = journal.writer
    where writer.at < $1`,
  /** minute, limit → page, minute, hits of some before it, which are removed */
  takeMinutes: `
    delete from page_minute where (page, minute) in (
      select page, minute from page_minute where minute < $1 order by minute limit $2
    ) returning page, minute, hits`,
  /** pages, minute → page, minute, hits of those before it, which are removed */
  takeMinutesOf: `
    delete from page_minute where page = any($1) and minute < $2 returning page, minute, hits`,
  /** pages, hour → page, hour, hits of those before it, which are removed */
  takeHours: 'delete from page_hour where page = any($1) and hour < $2 returning page, hour, hits',
  /** pages, day → page of each row before it, which is removed */
  takeDays: 'delete from page_day where page = any($1) and day < $2 returning page',
  /** pages, hour → page, hour, outcome, visits of those before it, which are removed */
  takeOutcomes: `
    delete from page_outcome where page = any($1) and hour < $2
    returning page, hour, outcome, visits`,
  /** pages, hour → the same, except for those that stand for a day already */
  takeHoursOfOutcomes: `
    delete from page_outcome
    where page = any($1) and hour < $2 and hour % ${DAY_HOURS} <> ${NOON_HOUR}
    returning page, hour, outcome, visits`,

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
  forgetWriters: 'delete from writer where at < $1',
  answers: 'select 1',

  /** name, now: holds up whoever else does the same, until the transaction ends */
  holdUp: `
    insert into chore (name, at) values ($1, $2)
    on conflict (name) do update set at = excluded.at`,
  /** pages, hits */
  addToTallies: `
    insert into tally (page, hits) select * from unnest($1::uuid[], $2::bigint[])
    on conflict (page) do update set hits = tally.hits + excluded.hits`,
  /** source, pages → page, hits */
  readImported: `
    select page, hits from imported where source = $1 and page = any($2::uuid[])`,
  /** sources, pages, hits: where there are some, the greater of both are kept */
  setImported: `
    insert into imported (source, page, hits) select * from unnest($1::text[], $2::uuid[], $3::bigint[])
    on conflict (source, page) do update set hits = excluded.hits where imported.hits < excluded.hits`,
  /** name → marks */
  readMarks: 'select marks from imported_source where name = $1',
  /** name, marks */
  addMarks:
    'insert into imported_source (name, marks) values ($1, $2) on conflict (name) do nothing',
  /**
   * pages, hits, hour, its day → hash, key, hits of those that have fewer, and no visit since; without pages of which hits
   * were imported: nobody knows when those were
   */
  findIdle: `
    with recursive sources (name) as (
      select min(source) from imported
      union all
      select (select min(source) from imported where source > name) from sources where name is not null
    )
    select page.hash, page.key, coalesce(tally.hits, 0)::bigint
    from page left join tally on tally.page = page.hash
    where page.hash = any($1::uuid[]) and coalesce(tally.hits, 0) < $2
      and page.hash not in (
        select waiting.page from journal, unnest(journal.pages, journal.minutes) as waiting (page, minute)
        where waiting.minute >= $3::bigint * 60
      )
      and not exists (select 1 from page_minute where page = page.hash and minute >= $3::bigint * 60)
      and not exists (select 1 from page_hour where page = page.hash and hour >= $3::bigint)
      and not exists (select 1 from page_day where page = page.hash and day >= $4)
      and not exists (select 1 from page_outcome where page = page.hash and hour >= $3::bigint)
      and not exists (
        select 1 from sources join imported on imported.source = sources.name and imported.page = page.hash
      )
    order by page.hash`,
  /** pages: with all that is known of them */
  removePages: `
    with tallies as (delete from tally where page = any($1::uuid[])
    ), minutes as (delete from page_minute where page = any($1::uuid[])
    ), hours as (delete from page_hour where page = any($1::uuid[])
    ), days as (delete from page_day where page = any($1::uuid[])
    ), outcomes as (delete from page_outcome where page = any($1::uuid[]))
    delete from page where hash = any($1::uuid[])`,
  removeEmptyHosts: "delete from host where name = any($1) and name <> '' and pages <= 0",
  /** Tells all services that pages were removed. */
  tellRemoval: `
    insert into chore (name, at) values ('removal', 1)
    on conflict (name) do update set at = chore.at + 1`,
  /** → a number that differs from before when pages were removed since */
  removals: "select at from chore where name = 'removal'",
}

export type Queries = typeof QUERIES
