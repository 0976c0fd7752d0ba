/** The statements of the operator's commands; see queries.ts. */
export const OPERATOR_QUERIES = {
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
