/** The server's clock in microseconds, which gives pages an order whichever service makes them. */
export const SERVER_CLOCK = '(extract(epoch from clock_timestamp()) * 1000000)::bigint'

/**
 * Statements that find, make, import and remove pages, for `QUERIES`. An address is a page, an alias of one, or unknown.
 */
export const PAGE_QUERIES = {
  /** hashes → hash, its page, 1 if that is removed or else 0, the page's key, of each that is a page or an alias */
  findPages: `
    select known.hash, known.page, (removed.page is not null)::integer, page.key
    from (
      select hash, hash as page from page where hash = any($1)
      union all select hash, page from alias where hash = any($1)
    ) as known join page on page.hash = known.page left join removed on removed.page = known.page`,
  /** hashes → hash, its page, 1 if that is removed or else 0, of each that is an alias or removed */
  findOthers: `
    select other.hash, other.page, (removed.page is not null)::integer
    from (
      select hash, page from alias where hash = any($1)
      union all select page, page from removed where page = any($1)
    ) as other left join removed on removed.page = other.page`,
  /** hashes → hash, key of its page, of each that is an alias */
  resolveAliases: `
    select alias.hash, page.key from alias join page on page.hash = alias.page where alias.hash = any($1)`,
  /** names → name, pages */
  pagesOfHosts: 'select name, pages from host where name = any($1)',
  /** Until the transaction ends, other connections that make pages have to wait. */
  lockHosts: `
    insert into host (name, pages) values ('', 0)
    on conflict (name) do update set pages = host.pages + excluded.pages`,
  /** names, pages, names of their counters */
  addToHosts: `
    insert into host (name, pages, counter) select * from unnest($1::text[], $2::bigint[], $3::uuid[])
    on conflict (name) do update set pages = host.pages + excluded.pages`,
  /** hashes, keys */
  addPages: `
    insert into page (hash, key, made)
    select new_page.*, ${SERVER_CLOCK} from unnest($1::uuid[], $2::text[]) as new_page (hash, key)`,
  /** page, limit → the next pages */
  pagesAfter: 'select hash from page where hash > $1 order by hash limit $2',
  /** counter, counter → the counters of hosts after the first, up to the second */
  hostsBetween: 'select counter from host where counter > $1 and counter <= $2 order by counter',

  /** name, now: until the transaction ends, others that do the same have to wait */
  lockChore: `
    insert into chore (name, at) values ($1, $2)
    on conflict (name) do update set at = excluded.at`,
  /** pages, hits */
  addToTallies: `
    insert into tally (page, hits) select * from unnest($1::uuid[], $2::bigint[])
    on conflict (page) do update set hits = tally.hits + excluded.hits`,
  /** source, pages → page, hits */
  readImported: 'select page, hits from imported where source = $1 and page = any($2::uuid[])',
  /** sources, pages, hits: keeps the greater of the old and the new hits */
  setImported: `
    insert into imported (source, page, hits) select * from unnest($1::text[], $2::uuid[], $3::bigint[])
    on conflict (source, page) do update set hits = excluded.hits where imported.hits < excluded.hits`,
  /** name → marks */
  readMarks: 'select marks from imported_source where name = $1',
  /** name, marks */
  addMarks:
    'insert into imported_source (name, marks) values ($1, $2) on conflict (name) do nothing',
  /**
   * pages, hits, hour, its day → hash, key, hits of the pages with fewer hits and without a visit since that hour. Leaves
   * out pages with imported hits, whose time is unknown, and pages that an operator has changed.
   */
  findIdle: `
    with recursive sources (name) as (
      select min(source) from imported
      union all
      select (select min(source) from imported where source > name) from sources where name is not null
    )
    select page.hash, page.key, coalesce(tally.hits, 0)::bigint
    from page left join tally on tally.page = page.hash
    where page.hash = any($1::uuid[]) and page.version = 0 and coalesce(tally.hits, 0) < $2
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
  /** pages: removes them with everything about them */
  removePages: `
    with tallies as (delete from tally where page = any($1::uuid[])
    ), minutes as (delete from page_minute where page = any($1::uuid[])
    ), hours as (delete from page_hour where page = any($1::uuid[])
    ), days as (delete from page_day where page = any($1::uuid[])
    ), outcomes as (delete from page_outcome where page = any($1::uuid[]))
    delete from page where hash = any($1::uuid[])`,
  /** names: removes the hosts that have no pages, with everything about them */
  removeEmptyHosts: `
    with gone as (delete from host where name = any($1) and name <> '' and pages <= 0 returning counter
    ), tallies as (delete from tally using gone where page = counter
    ), minutes as (delete from page_minute using gone where page = counter
    ), hours as (delete from page_hour using gone where page = counter
    ), days as (delete from page_day using gone where page = counter)
    delete from page_outcome using gone where page = counter`,
  /**
   * The number of times that the meaning of addresses has changed: that pages were removed, renamed or merged. Writers
   * register behind this row, so that whoever locks it first keeps new ones waiting.
   * 1, or 0 if no address changes its meaning: locks the row → the number
   */
  lockRemovals: `
    insert into chore (name, at) values ('removal', $1)
    on conflict (name) do update set at = chore.at + excluded.at returning at`,
  addRemovals: "insert into chore (name, at) values ('removal', 0) on conflict (name) do nothing",
  /** → that number */
  removals: "select at from chore where name = 'removal'",
}
