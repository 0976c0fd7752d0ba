import { DAY_HOURS } from '../../../time.ts'
import { SHARED_QUERIES } from '../../administration.ts'
import { SERVER_CLOCK } from '../page-queries.ts'

/** The names of the counters from which hits were imported. Without them, `imported` has no index by page. */
const SOURCES = `
    with recursive sources (name) as (
      select min(source) from imported
      union all
      select (select min(source) from imported where source > name) from sources where name is not null
    )`

/**
 * Moves the rows of pages to other pages, whose own rows they are added to. Rows that move to no page are removed. No page
 * may be both moved and moved to.
 */
const moveRows = (table: string, key: string, value: string) => `
    with moved as (
      delete from ${table} using unnest($1::uuid[], $2::uuid[]) as move (origin, target)
      where page = move.origin returning move.target, ${key}, ${value}
    )
    insert into ${table} (page, ${key}, ${value})
    select target, ${key}, sum(${value}) from moved where target is not null group by target, ${key}
    on conflict (page, ${key}) do update set ${value} = ${table}.${value} + excluded.${value}`

const AUDIT_COLUMNS = 'id, at, actor, reason, action, key as page, before, after'

/** A statement with `?` for its parameters, as PostgreSQL wants it. */
function numbered(text: string): string {
  let number = 0
  return text.replaceAll('?', () => `$${++number}`)
}

/** Statements for operators, for `QUERIES`. */
export const ADMIN_QUERIES = {
  ...(Object.fromEntries(
    Object.entries(SHARED_QUERIES).map(([name, text]) => [name, numbered(text)]),
  ) as typeof SHARED_QUERIES),

  /** → pages, rules */
  readVersions: `
    select coalesce(max(number) filter (where name = 'pages'), 0) as pages,
      coalesce(max(number) filter (where name = 'rules'), 0) as rules from version`,
  /** name, number: adds to a version → the version */
  raiseVersion: `
    insert into version (name, number) values ($1, $2)
    on conflict (name) do update set number = version.number + excluded.number returning number`,

  /** pages → hash, key, hits, version, log, when it was made, actor, reason, at; those three null if it is not removed */
  readPages: `
    select page.hash, page.key, coalesce(tally.hits, 0) as hits, page.version, page.log, page.made,
      removed.actor, removed.reason, removed.at
    from page left join tally on tally.page = page.hash left join removed on removed.page = page.hash
    where page.hash = any($1)`,
  /** pages, hours → page, hour, hits: of minutes and hours */
  readHours: `
    select page, hour, sum(hits)::bigint as hits from (
      select page, (minute - minute % 60) / 60 as hour, hits from page_minute
      where page = any($1::uuid[]) and (minute - minute % 60) / 60 = any($2::bigint[])
      union all
      select page, hour, hits from page_hour where page = any($1::uuid[]) and hour = any($2::bigint[])
    ) as hours group by page, hour`,
  /** pages, days → page, day of those that have hits by the day */
  readDays:
    'select page, day from page_day where page = any($1::uuid[]) and day = any($2::bigint[])',
  /** Rolls up the journals of all writers, which have to be fenced. */
  rollUpJournals: `
    with taken as (delete from journal returning pages, minutes, hits)
    insert into page_minute (page, minute, hits)
    select page, minute, sum(waiting.hits) from taken, unnest(taken.pages, taken.minutes, taken.hits) as waiting (page, minute, hits)
    group by page, minute
    on conflict (page, minute) do update set hits = page_minute.hits + excluded.hits`,

  /** hashes, keys, when they were made (0 for now), versions, logs */
  setPages: `
    insert into page (hash, key, made, version, log)
    select hash, key, case made when 0 then ${SERVER_CLOCK} else made end, version, log
    from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
      as changed (hash, key, made, version, log)
    on conflict (hash) do update set made = excluded.made, version = excluded.version, log = excluded.log`,
  /** pages, hits */
  setTallies: `
    insert into tally (page, hits) select * from unnest($1::uuid[], $2::bigint[])
    on conflict (page) do update set hits = excluded.hits`,
  /** pages: removes them, but not their histories and aliases */
  removePageRows: `
    with tallies as (delete from tally where page = any($1::uuid[]))
    delete from page where hash = any($1::uuid[])`,
  /** pages */
  restorePages: 'delete from removed where page = any($1::uuid[])',
  /** pages, actors, reasons, times */
  addRemoved: `
    insert into removed (page, actor, reason, at)
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[])`,
  /** pages, pages or null: what they move to */
  moveMinutes: moveRows('page_minute', 'minute', 'hits'),
  moveHours: moveRows('page_hour', 'hour', 'hits'),
  moveDays: moveRows('page_day', 'day', 'hits'),
  moveOutcomes: moveRows('page_outcome', 'hour, outcome', 'visits'),
  /** pages, hours: removes the hits of these hours */
  takeHours: `
    with hours as (
      delete from page_hour using unnest($1::uuid[], $2::bigint[]) as taken (page, hour)
      where page_hour.page = taken.page and page_hour.hour = taken.hour
    )
    delete from page_minute using unnest($1::uuid[], $2::bigint[]) as taken (page, hour)
    where page_minute.page = taken.page
      and page_minute.minute >= taken.hour * 60 and page_minute.minute < taken.hour * 60 + 60`,
  /** pages, pages or null */
  moveImported: `${SOURCES}, moved as (
      delete from imported using sources, unnest($1::uuid[], $2::uuid[]) as move (origin, target)
      where source = sources.name and page = move.origin returning source, move.target, hits
    )
    insert into imported (source, page, hits)
    select source, target, sum(hits) from moved where target is not null group by source, target
    on conflict (source, page) do update set hits = imported.hits + excluded.hits`,
  /** pages, pages or null */
  moveAliases: `
    with gone as (
      delete from alias using unnest($1::uuid[], $2::uuid[]) as move (origin, target)
      where page = move.origin and move.target is null
    )
    update alias set page = move.target from unnest($1::uuid[], $2::uuid[]) as move (origin, target)
    where page = move.origin and move.target is not null`,
  /** hashes */
  removeAliases: 'delete from alias where hash = any($1)',
  /** hashes, keys, pages */
  addAliases:
    'insert into alias (hash, key, page) select * from unnest($1::uuid[], $2::text[], $3::uuid[])',
  /** time, limit → keys of pages that were removed before */
  removedBefore: `
    select page.key from removed join page on page.hash = removed.page
    where removed.at < $1 order by removed.at limit $2`,

  /** page, limit → keys of its aliases */
  readAliases: 'select key from alias where page = $1 order by key limit $2',
  /** page → beginnings of the first and the last period with a visit, in minutes; null without one */
  readSeen: `
    select least(
        (select min(minute) from page_minute where page = $1), (select min(hour) * 60 from page_hour where page = $1),
        (select min(day) * 60 * ${DAY_HOURS} from page_day where page = $1),
        (select min(hour) * 60 from page_outcome where page = $1), waiting.first
      ), greatest(
        (select max(minute) from page_minute where page = $1), (select max(hour) * 60 from page_hour where page = $1),
        (select max(day) * 60 * ${DAY_HOURS} from page_day where page = $1),
        (select max(hour) * 60 from page_outcome where page = $1), waiting.last
      )
    from (
      select min(entry.minute) as first, max(entry.minute) as last
      from journal, unnest(journal.pages, journal.minutes) as entry (page, minute) where entry.page = $1
    ) as waiting`,
  /** page, limit → hash, key of the next pages that are not removed */
  readKeys: `
    select hash, key from page
    where hash > $1 and not exists (select 1 from removed where removed.page = page.hash)
    order by hash limit $2`,

  /** at, actor, reason; actions, keys, hashes of the keys, logs, before, after */
  addEntries: `
    insert into audit (at, actor, reason, action, key, address, log, before, after)
    select $1, $2, $3, entry.* from
      unnest($4::text[], $5::text[], $6::uuid[], $7::bigint[], $8::text[], $9::text[])
      as entry (action, key, address, log, before, after)`,
  /** id, limit → entries before it, newest first */
  readEntries: `select ${AUDIT_COLUMNS} from audit where id < $1 order by id desc limit $2`,
  /** id, limit, log of a page or -1, hashes of its addresses → their entries before the id, newest first */
  readEntriesOf: `
    select ${AUDIT_COLUMNS} from (
      (select * from audit where id < $1 and log = $3 order by id desc limit $2)
      union
      (select * from audit where id < $1 and address = any($4::uuid[]) order by id desc limit $2)
    ) as entry order by id desc limit $2`,

  /** kinds, patterns, replacements, ends, actors, reasons, times → ids, in order */
  addRules: `
    insert into rule (kind, pattern, replacement, ends_at, actor, reason, at)
    select kind, pattern, replacement, ends_at, actor, reason, at
    from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::bigint[])
      with ordinality as entry (kind, pattern, replacement, ends_at, actor, reason, at, place)
    order by place returning id`,
  /** ids → id, kind, pattern, replacement */
  removeRules: 'delete from rule where id = any($1) returning id, kind, pattern, replacement',

  /** ids → id, browser */
  removeSessions: 'delete from session where id = any($1) returning id, browser',
}
