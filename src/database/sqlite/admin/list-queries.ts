import type { PagesQuery } from '../../../admin.ts'
import { DAY_HOURS } from '../../../time.ts'

/** A page's hits in a table in a span; 0 if there are none. */
const sumOf = (table: string, unit: string, from: string, to: string) => `
    coalesce((select sum(hits) from ${table} where page_id = page.id and ${unit} >= ${from} and ${unit} < ${to}), 0)`

const WAITING = 'coalesce((select sum(hits) from temp.waiting where page_id = page.id), 0)'
const TODAY = [
  sumOf('page_hour', 'hour', ':from', ':to'),
  sumOf('page_day', 'day', ':fromDay', ':toDay'),
  sumOf('temp.waiting', 'hour', ':from', ':to'),
]
/** A page's newest row in a table, in hours. */
const NEWEST = [
  ['page_hour', 'hour'],
  ['page_day', `day * ${DAY_HOURS}`],
  ['page_outcome', 'hour'],
  ['temp.waiting', 'hour'],
].map(([table, hour]) => `coalesce((select max(${hour}) from ${table} where page_id = page.id), 0)`)

/** What pages are sorted by. */
const VALUES: Record<PagesQuery['sort'], string> = {
  hits: `coalesce(tally.hits, 0) + ${WAITING}`,
  today: TODAY.join(' + '),
  newest: 'page.id',
  'last-seen': `max(${NEWEST.join(', ')})`,
}

/** The hits that wait in the journal, in a table of the connection that reads. */
export const MAKE_WAITING = `
  create temp table waiting (
    page_id integer not null, hour integer not null, hits integer not null,
    constraint waiting_key primary key (page_id, hour)
  ) without rowid`

/** `limit -1` sets no limit, but has SQLite calculate each value once. */
const list = (from: string, value: string) => `
    select id, value from (
      select page.id, ${value} as value
      from ${from} left join tally on tally.page_id = page.id
      where :part = '' or instr(lower(page.key), :part) > 0
      limit -1
    )
    where :value is null or (value, id) < (:value, :id)
    order by value desc, id desc limit :limit`

const PRESENT = `
  (select * from page where not exists (select 1 from removed_page where page_id = page.id)) as page`
const REMOVED = 'removed_page join page on page.id = removed_page.page_id'

export type ListName = `${PagesQuery['sort']} ${'present' | 'removed'}`

/**
 * The lists of pages: text to search for, value and id of the last page, limit; for `today` also its span in hours and in
 * days → id, value
 */
export const LISTS = Object.fromEntries(
  Object.entries(VALUES).flatMap(([sort, value]) => [
    [`${sort} present`, list(PRESENT, value)],
    [`${sort} removed`, list(REMOVED, value)],
  ]),
) as Record<ListName, string>

/** Other statements for the connection that has `MAKE_WAITING`. */
export const LIST_QUERIES = {
  /** page id, hour, hits */
  addWaiting: 'insert into temp.waiting (page_id, hour, hits) values (?, ?, ?)',
  removeWaiting: 'delete from temp.waiting',

  /**
   * hour, the span before it in hours and in days, hours in it, limit → id, page, hits, usual. Each page is looked up by
   * itself, because `page_hour` has no index by hour.
   */
  spikes: `
    with present as (
      select page_id, sum(hits) as hits from (
        select page_hour.page_id, page_hour.hits
        from page cross join page_hour on page_hour.page_id = page.id and page_hour.hour = :hour
        union all
        select page_id, hits from temp.waiting where hour = :hour
      ) group by page_id
    ), compared as (
      select page.id, page.key, present.hits, (${TODAY.join(' + ')}) * 1.0 / :hours as usual
      from present join page on page.id = present.page_id
      where not exists (select 1 from removed_page where page_id = page.id)
    )
    select id, key as page, hits, usual from compared
    where hits > usual order by hits - usual desc, id desc limit :limit`,
  /** page id, hour → outcome, visits */
  readOutcomes: `
    select outcome, visits from page_outcome where page_id = ? and hour = ? order by outcome`,
}
