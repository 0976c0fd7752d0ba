import { DAY_HOURS, NOON_HOUR } from '../../time.ts'
import { LIST_QUERIES } from './admin/list-queries.ts'
import { ADMIN_QUERIES } from './admin/queries.ts'
import { EXCHANGE_QUERIES } from './exchange.ts'
import { FIRST_HOST, HOST_QUERIES } from './host-queries.ts'
import { LIST_ROWS } from './list-rows.ts'
import { PAGE_QUERIES } from './page-queries.ts'

/** A time in a larger unit, rounded down. CockroachDB's division of integers does not round. */
const whole = (column: string, units: number) =>
  `((${column} - ${column} % ${units}) / ${units})::bigint`

/** Above the hits of every page and host. */
export const ABOVE_ALL = 8e18
/** Counts the rows of `old (page, kind, at)`. Minutes of one hour count as one row. */
const COUNT_OLD = `
    select count(distinct page) as pages, count(distinct (page, at)) filter (where kind = 'hour') as hours,
      count(*) filter (where kind = 'day') as days, count(*) filter (where kind = 'outcome') as outcomes
    from old`

/**
 * Statements that are prepared once for each connection. The comments give the parameters in order, and after the arrow
 * the columns. Parameters in the plural are arrays.
 */
export const QUERIES = {
  ...PAGE_QUERIES,
  ...HOST_QUERIES,
  ...EXCHANGE_QUERIES,
  ...ADMIN_QUERIES,
  ...LIST_QUERIES,
  ...LIST_ROWS,

  /** pages, hour, its day: removes what is older → numbers of pages, hours, days, outcomes */
  prune: `
    with minutes as (
      delete from page_minute where page = any($1) and minute < $2::bigint * 60
      returning page, 'hour' as kind, ${whole('minute', 60)} as at
    ), hours as (delete from page_hour where page = any($1) and hour < $2::bigint returning page, 'hour', hour
    ), days as (delete from page_day where page = any($1) and day < $3 returning page, 'day', day
    ), outcomes as (delete from page_outcome where page = any($1) and hour < $2::bigint returning page, 'outcome', hour
    ), old as (table minutes union all table hours union all table days union all table outcomes)${COUNT_OLD}`,
  /** pages, hour, its day → the numbers that `prune` would return, with the journal rolled up first */
  countOld: `
    with old as (
      select page, 'hour' as kind, ${whole('minute', 60)} as at
      from page_minute where page = any($1) and minute < $2::bigint * 60
      union all
      select waiting.page, 'hour', ${whole('waiting.minute', 60)}
      from journal, unnest(journal.pages, journal.minutes) as waiting (page, minute)
      where waiting.page = any($1) and waiting.minute < $2::bigint * 60
      union all select page, 'hour', hour from page_hour where page = any($1) and hour < $2::bigint
      union all select page, 'day', day from page_day where page = any($1) and day < $3
      union all select page, 'outcome', hour from page_outcome where page = any($1) and hour < $2::bigint
    )${COUNT_OLD}`,

  /**
   * Writes a batch of hits in one statement, which is a transaction by itself. If the writer is fenced or unknown, it
   * returns no row and stores nothing, because every part selects from the writer's row, which is locked first.
   * writer, batch, now; pages, hits; for the journal pages, minutes, hits; for the tokens their block, its owner, pages,
   * secrets, ms by which each window ends before the last one, end of the last one → numbers of the pages, by hash
   */
  addHits: `
    with live as (select id from writer where id = $1 and not fenced for update), counted as (
      insert into tally (page, hits)
      select hit.page, hit.hits from live, unnest($4::uuid[], $5::bigint[]) as hit (page, hits)
      on conflict (page) do update set hits = tally.hits + excluded.hits
      returning page, hits
    ), numbered as (select array_agg(hits order by page) as numbers from counted), marked as (
      update writer set batch = $2, numbers = numbered.numbers, at = $3
      from numbered, live where writer.id = live.id
    ), journaled as (
      insert into journal (writer, batch, pages, minutes, hits)
      select id, $2::bigint, $6::uuid[], $7::bigint[], $8::bigint[] from live
    ), opened as (
      insert into token (block, owner, pages, secrets, early, ends_at)
      select $9::bigint, $10::uuid, $11::uuid[], $12::text[], $13::integer[], $14::bigint from live where $9::bigint > 0
    )
    select numbers::text from numbered, live`,
  /** pages, hours, outcomes, visits */
  addOutcomes: `
    insert into page_outcome (page, hour, outcome, visits)
    select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[]) as uncounted (page, hour, outcome, visits)
    order by page, hour, outcome
    on conflict (page, hour, outcome) do update set visits = page_outcome.visits + excluded.visits`,
  /** writer, now: registers a connection that is going to write → the result of `removals`; no row if that has none */
  addWriter: `
    with behind as (select at from chore where name = 'removal' for share)
    insert into writer (id, batch, fenced, at, counts_hosts) select $1, 0, false, $2, true from behind
    on conflict (id) do update set at = excluded.at
    returning (select at from behind)`,
  /** batch, now, writer → a row if the writer is registered and not fenced */
  markBatch: `
    update writer set batch = $1, numbers = null, at = greatest(at, $2)
    where id = $3 and not fenced returning id`,
  /**
   * writer → its last batch that was committed, and the numbers of that batch. Waits for a batch that is being committed,
   * and prevents the writer from writing further ones.
   */
  fence: 'update writer set fenced = true where id = $1 returning batch, numbers::text',
  /** The same for all writers: what they have looked up may not be right any more. */
  fenceAll: 'update writer set fenced = true where not fenced',

  /** pages → page, hits */
  readTallies: 'select page, hits from tally where page = any($1)',
  /** blocks, places in them from 1 → block, place, page, secret, end of each token that exists */
  readTokens: `
    select wanted.block, wanted.place, pages[wanted.place], secrets[wanted.place], ends_at - early[wanted.place]
    from unnest($1::bigint[], $2::integer[]) as wanted (block, place) join token on token.block = wanted.block`,
  /** page, starts and ends of spans in hours, starts and ends of the spans in days → hits of each span, in order */
  sums: `
    with waiting as materialized (
      select entry.minute, entry.hits
      from journal, unnest(journal.pages, journal.minutes, journal.hits) as entry (page, minute, hits)
      where entry.page = $1
    )
    select case when span.first is null then coalesce((select hits from tally where page = $1), 0) else (
      (select coalesce(sum(hits), 0) from waiting where minute >= span.first * 60 and minute < span.last * 60) +
      (select coalesce(sum(hits), 0) from page_minute
        where page = $1 and minute >= span.first * 60 and minute < span.last * 60) +
      (select coalesce(sum(hits), 0) from page_hour where page = $1 and hour >= span.first and hour < span.last) +
      (select coalesce(sum(hits), 0) from page_day where page = $1 and day >= span.first_day and day < span.last_day)
    )::bigint end
    from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
      with ordinality as span (first, last, first_day, last_day, at)
    order by span.at`,
  /** page → the beginnings of the first and the last period with a hit, in minutes */
  readCounted: `
    select least(
        (select min(minute) from page_minute where page = $1), (select min(hour) * 60 from page_hour where page = $1),
        (select min(day) * 60 * ${DAY_HOURS} from page_day where page = $1), waiting.first
      ), greatest(
        (select max(minute) from page_minute where page = $1), (select max(hour) * 60 from page_hour where page = $1),
        (select max(day) * 60 * ${DAY_HOURS} from page_day where page = $1), waiting.last
      )
    from (
      select min(entry.minute) as first, max(entry.minute) as last
      from journal, unnest(journal.pages, journal.minutes) as entry (page, minute) where entry.page = $1
    ) as waiting`,
  /** page, starts and ends of spans in hours → number of the span from 1, outcome, visits */
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
        where waiting.page = $1 and minute between $2 and $3) +
      (select coalesce(sum(hits), 0) from page_minute where page = $1 and minute between $2 and $3)
    )::bigint`,
  /** first minute, last → hits of all pages */
  active: `
    select (
      (select coalesce(sum(waiting.hits), 0)
        from journal, unnest(journal.pages, journal.minutes, journal.hits) as waiting (page, minute, hits)
        where page < '${FIRST_HOST}' and minute between $1 and $2) +
      (select coalesce(sum(hits), 0) from page_minute where page < '${FIRST_HOST}' and minute between $1 and $2)
    )::bigint`,
  /** first minute, last, hits, name, limit → name, hits of the next pages with the most hits in these minutes */
  activePages: `
    select * from (
      select page.key as name, sum(recent.hits)::bigint as hits
      from (
        select waiting.page, waiting.hits
        from journal, unnest(journal.pages, journal.minutes, journal.hits) as waiting (page, minute, hits)
        where waiting.minute between $1 and $2
        union all select page, hits from page_minute where minute between $1 and $2
      ) as recent join page on page.hash = recent.page
      where not exists (select 1 from removed where removed.page = recent.page) group by page.key
    ) as active
    where (hits, name) < ($3::bigint, $4::text) order by hits desc, name desc limit $5`,
  /** hits, name, limit → name, hits of the next pages with the most hits */
  topPages: `
    select page.key as name, tally.hits from tally join page on page.hash = tally.page
    where (tally.hits, page.key) < ($1::bigint, $2::text)
      and not exists (select 1 from removed where removed.page = tally.page)
    order by tally.hits desc, page.key desc limit $3`,
  /** hits, name, limit → name, hits of the next hosts with the most hits */
  topHosts: `
    select host.name, tally.hits from host join tally on tally.page = host.counter
    where (tally.hits, host.name) < ($1::bigint, $2::text)
    order by tally.hits desc, host.name desc limit $3`,

  /** writers: rolls up their rows of the journal into minutes */
  rollUpJournal: `
    with taken as (delete from journal where writer = any($1) returning pages, minutes, hits)
    insert into page_minute (page, minute, hits)
    select page, minute, sum(waiting.hits) from taken, unnest(taken.pages, taken.minutes, taken.hits) as waiting (page, minute, hits)
    group by page, minute order by page, minute
    on conflict (page, minute) do update set hits = page_minute.hits + excluded.hits`,
  /** time → writers with rows in the journal that have not written since then */
  orphans:
    'select distinct writer.id from journal join writer on writer.id = journal.writer where writer.at < $1',
  /** minute, limit → number of rows before it that were rolled up into hours */
  rollUpMinutes: `
    with taken as (
      delete from page_minute where (page, minute) in (
        select page, minute from page_minute where minute < $1 order by minute limit $2
      ) returning page, ${whole('minute', 60)} as hour, hits
    ), added as (
      insert into page_hour (page, hour, hits)
      select page, hour, sum(hits) from taken group by page, hour order by page, hour
      on conflict (page, hour) do update set hits = page_hour.hits + excluded.hits
    )
    select count(*) from taken`,
  /** pages, hours, hits */
  addHours: `
    insert into page_hour (page, hour, hits) select * from unnest($1::uuid[], $2::bigint[], $3::bigint[])`,
  /** pages, days, hits */
  addDays: `
    insert into page_day (page, day, hits) select * from unnest($1::uuid[], $2::bigint[], $3::bigint[])`,
  /** pages, hour: rolls up the minutes and hours before it into days */
  rollUpHours: `
    with minutes as (
      delete from page_minute where page = any($1) and minute < $2::bigint * 60
      returning page, ${whole('minute', 60 * DAY_HOURS)} as day, hits
    ), hours as (
      delete from page_hour where page = any($1) and hour < $2::bigint
      returning page, ${whole('hour', DAY_HOURS)} as day, hits
    )
    insert into page_day (page, day, hits)
    select page, day, sum(hits) from (select * from minutes union all select * from hours) as taken
    group by page, day order by page, day
    on conflict (page, day) do update set hits = page_day.hits + excluded.hits`,
  /** pages, hour: rolls up the hours before it into the noon of their days */
  rollUpOutcomes: `
    with taken as (
      delete from page_outcome
      where page = any($1) and hour < $2 and hour % ${DAY_HOURS} <> ${NOON_HOUR}
      returning page, hour - hour % ${DAY_HOURS} + ${NOON_HOUR} as noon, outcome, visits
    )
    insert into page_outcome (page, hour, outcome, visits)
    select page, noon, outcome, sum(visits) from taken
    group by page, noon, outcome order by page, noon, outcome
    on conflict (page, hour, outcome) do update set visits = page_outcome.visits + excluded.visits`,

  /**
   * now → tokens that `removeTokens` would remove. It removes a row after its last token has ended, and rows in the order
   * of their blocks
   */
  countEnded: `
    select count(page) from token, unnest(pages) as opened (page)
    where ends_at <= $1 and (select ends_at from token order by block limit 1) <= $1`,
  /** → end of the first tokens, end of the last */
  endsOfTokens: `
    select (select ends_at from token order by block limit 1), (select ends_at from token order by block desc limit 1)`,
  /** end: ends at that time the tokens that would end later */
  capTokens: 'update token set ends_at = $1 where ends_at > $1',
  /** limit, now → number of tokens in each of the oldest rows that have ended, which are removed */
  removeTokens: `
    delete from token where ends_at <= $2 and (block, owner) in (
      select block, owner from token order by block limit $1
    ) returning (select count(page) from unnest(pages) as opened (page))`,
  /** name, now, since, future → a row if nobody has begun the chore after `since`; after `future`, a clock was wrong */
  claim: `
    insert into chore (name, at) values ($1, $2)
    on conflict (name) do update set at = excluded.at where chore.at <= $3 or chore.at > $4
    returning name`,
  /** time, time for those that are fenced: removes connections that have not written since then */
  forgetWriters: 'delete from writer where at < $1 or (fenced and at < $2)',
  ping: 'select 1',
}

export type Queries = typeof QUERIES
