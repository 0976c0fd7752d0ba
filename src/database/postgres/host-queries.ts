import { MAX_SUM } from '../options.ts'

/**
 * How the names of hosts' counters begin. Pages and counters are in the same tables; by this beginning a statement tells them
 * apart, and counters come after all pages: batches lock their rows last, and so for the shortest time.
 */
export const OF_HOSTS = 'ffffffff-ffff-ffff-'
/** Comes after all pages, and before the counters of hosts. */
export const FIRST_HOST = `${OF_HOSTS}0000-000000000000`

/** The host of a page. `page_host` is an index by this. */
export const HOST_OF_PAGE = "split_part(split_part(page.key, '/', 1), '?', 1)"

const TABLES = [
  ['page_minute', 'minute', 'hits'],
  ['page_hour', 'hour', 'hits'],
  ['page_day', 'day', 'hits'],
  ['page_outcome', 'hour, outcome', 'visits'],
] as const

/** Adds the rows of pages to hosts, or takes them away. pages, counters of their hosts */
const addRows = (sign: '' | '-') =>
  TABLES.map(
    ([table, key, value]) => `
    insert into ${table} (page, ${key}, ${value})
    select change.host, ${key}, ${sign}sum(${value})
    from unnest($1::uuid[], $2::uuid[]) as change (page, host) join ${table} on ${table}.page = change.page
    group by change.host, ${key} order by change.host, ${key}
    on conflict (page, ${key}) do update set ${value} = ${table}.${value} + excluded.${value}`,
  ) as [minutes: string, hours: string, days: string, outcomes: string]

const [addMinutes, addHours, addDays, addOutcomes] = addRows('')
const [takeMinutes, takeHours, takeDays, takeOutcomes] = addRows('-')

/** What fills the counters of hosts; see fill-hosts.ts. names */
export const FILL_HOSTS = [['tally', '', 'hits'] as const, ...TABLES].map(([table, key, value]) => {
  const keys = key === '' ? '' : `, ${key}`
  return `
    insert into ${table} (page${keys}, ${value})
    select host.counter${keys}, least(sum(${value}), ${MAX_SUM})::bigint
    from ${table} join page on page.hash = ${table}.page join host on host.name = ${HOST_OF_PAGE}
    where host.name = any($1::text[]) and not exists (select 1 from removed where removed.page = page.hash)
    group by host.counter${keys}`
})

/** Statements about hosts, for `QUERIES`. Hits and outcomes are written with those of pages. */
export const HOST_QUERIES = {
  addMinutesToHosts: addMinutes,
  addHoursToHosts: addHours,
  addDaysToHosts: addDays,
  addOutcomesToHosts: addOutcomes,
  takeMinutesFromHosts: takeMinutes,
  takeHoursFromHosts: takeHours,
  takeDaysFromHosts: takeDays,
  takeOutcomesFromHosts: takeOutcomes,
  /** counters → counter, hits as text. Locks the numbers, in the order of batches */
  lockHostNumbers:
    'select page, hits::text from tally where page = any($1::uuid[]) order by page for update',
  /** counters: adds their numbers up again */
  recountHosts: `
    update tally set hits = (
      select least(coalesce(sum(of_page.hits), 0), ${MAX_SUM})::bigint
      from page join tally as of_page on of_page.page = page.hash
      where ${HOST_OF_PAGE} = host.name and not exists (select 1 from removed where removed.page = page.hash)
    ) from host where host.counter = tally.page and tally.page = any($1::uuid[])`,
  /** counters: removes what is empty */
  dropEmptyOfHosts: `
    with minutes as (delete from page_minute where page = any($1::uuid[]) and hits <= 0
    ), hours as (delete from page_hour where page = any($1::uuid[]) and hits <= 0
    ), days as (delete from page_day where page = any($1::uuid[]) and hits <= 0)
    delete from page_outcome where page = any($1::uuid[]) and visits <= 0`,
  /**
   * names, times → nothing. The times before which history may have been rolled up from minutes or hours, and pruned: in
   * minutes and hours. They only grow
   */
  raiseBounds: `
    insert into chore (name, at) select * from unnest($1::text[], $2::bigint[])
    on conflict (name) do update set at = greatest(chore.at, excluded.at)`,
  /** names → name, time */
  readBounds: 'select name, at from chore where name = any($1)',
  /** pages, minute: rolls up the minutes before it into hours */
  rollUpMinutesOf: `
    with taken as (
      delete from page_minute where page = any($1::uuid[]) and minute < $2::bigint
      returning page, ((minute - minute % 60) / 60)::bigint as hour, hits
    )
    insert into page_hour (page, hour, hits)
    select page, hour, sum(hits) from taken group by page, hour order by page, hour
    on conflict (page, hour) do update set hits = page_hour.hits + excluded.hits`,
}
