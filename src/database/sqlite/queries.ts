import { DAY_HOURS, NOON_HOUR } from '../../time.ts'

/** The hour at noon on an hour's day, UTC. */
const NOON = `hour / ${DAY_HOURS} * ${DAY_HOURS} + ${NOON_HOUR}`

/** Statements that are prepared once. The comments give the parameters in order, and after the arrow the columns. */
export const QUERIES = {
  /** key → id */
  findPage: 'select id from page where key = ?',
  /** key → id of the page that it is an alias of */
  findAlias: 'select page_id from alias where key = ?',
  /** page id → 1 if an operator has removed the page */
  isRemoved: 'select 1 from removed_page where page_id = ?',
  /** → id */
  newestPage: 'select max(id) from page',
  /** → number of pages: ids are given in order, and none is given twice */
  countPages: `
    select max(coalesce((select max(id) from page), 0), purged_page) - removed_pages from file`,
  /** key, host id */
  addPage: `
    insert into page (id, key, host_id) values (
      (select max(coalesce((select max(id) from page), 0), purged_page) + 1 from file), ?, ?
    )`,
  /** name → pages */
  pagesOfHost: 'select pages from host where name = ?',
  /** name, pages → id */
  addToHost: `
    insert into host (name, pages) values (?, ?)
    on conflict (name) do update set pages = pages + excluded.pages
    returning id`,
  /** id → key */
  readKey: 'select key from page where id = ?',
  /** id → name */
  readHost: 'select name from host where id = ?',

  /** page id → hits */
  readTally: 'select hits from tally where page_id = ?',
  /** page id, hits */
  addToTally: `
    insert into tally (page_id, hits) values (?, ?)
    on conflict (page_id) do update set hits = hits + excluded.hits`,
  /** page id, limit → id, host_id, hits of the next pages that are not removed */
  readTallies: `
    select page.id, page.host_id, coalesce(tally.hits, 0) as hits
    from page left join tally on tally.page_id = page.id
    where page.id > ? and not exists (select 1 from removed_page where page_id = page.id)
    order by page.id limit ?`,

  /** page id, hour, hits */
  addToHour: `
    insert into page_hour (page_id, hour, hits) values (?, ?, ?)
    on conflict (page_id, hour) do update set hits = hits + excluded.hits`,
  /** page id, hour: adds the hours before it to their days */
  addDays: `
    insert into page_day (page_id, day, hits)
    select page_id, hour / ${DAY_HOURS} as day, sum(hits) from page_hour
    where page_id = ? and hour < ? group by page_id, day
    on conflict (page_id, day) do update set hits = hits + excluded.hits`,
  /** page id, hour: removes the hours before it */
  removeHours: 'delete from page_hour where page_id = ? and hour < ?',
  /** page id, day: removes the days before it */
  removeDays: 'delete from page_day where page_id = ? and day < ?',
  /** page id, from, to → hits */
  sumHours: `
    select coalesce(sum(hits), 0) from page_hour where page_id = ? and hour >= ? and hour < ?`,
  /** page id, from, to → hits */
  sumDays: `
    select coalesce(sum(hits), 0) from page_day where page_id = ? and day >= ? and day < ?`,

  /** page id, hour, outcome, visits */
  addOutcome: `
    insert into page_outcome (page_id, hour, outcome, visits) values (?, ?, ?, ?)
    on conflict (page_id, hour, outcome) do update set visits = visits + excluded.visits`,
  /** page id, hour: adds the hours before it to the noon of their days */
  addOldOutcomes: `
    insert into page_outcome (page_id, hour, outcome, visits)
    select page_id, ${NOON} as noon, outcome, sum(visits) from page_outcome
    where page_id = ? and hour < ? and hour <> ${NOON} group by page_id, noon, outcome
    on conflict (page_id, hour, outcome) do update set visits = visits + excluded.visits`,
  /** page id, hour: removes those that `addOldOutcomes` has added */
  removeOldOutcomes: `delete from page_outcome where page_id = ? and hour < ? and hour <> ${NOON}`,
  /** page id, hour: removes the hours before it */
  removeOutcomes: 'delete from page_outcome where page_id = ? and hour < ?',
  /** page id, from, to → outcome, visits */
  sumOutcomes: `
    select outcome, sum(visits) as visits from page_outcome
    where page_id = ? and hour >= ? and hour < ? group by outcome`,

  /** → id, hour, hits, pages, rolledUp, in the order of the rows */
  readJournal: 'select id, hour, hits, pages, folded as rolledUp from journal order by id',
  /** hour, hits, pages */
  appendToJournal: 'insert into journal (hour, hits, pages) values (?, ?, ?)',
  /** part */
  markRolledUp: "insert into journal (hour, hits, pages, folded) values (0, 0, '[]', ?)",
  /** row: removes the rows before it */
  trimJournal: 'delete from journal where id < ?',
  emptyJournal: 'delete from journal',

  /** → id */
  newestToken: 'select max(id) from token',
  /** → ends_at */
  oldestToken: 'select ends_at from token order by id limit 1',
  /** id → page_id, secret, ends_at */
  readToken: 'select page_id, secret, ends_at from token where id = ?',
  /** page id, page id → 1 if the first was merged into the second */
  isMerged: 'select 1 from alias where merged_id = ? and page_id = ?',
  /** first id, all secrets joined, length of one, the same again, end, a JSON array of page ids */
  addTokens: `
    insert into token (id, page_id, secret, ends_at)
    select ? + key, value, substr(?, 1 + key * ?, ?), ? from json_each(?)`,
  /** now → number of tokens that have ended */
  countEnded: 'select count(*) from token where ends_at <= ?',
  /** end, end: ends at that time the tokens that would end later */
  capTokens: 'update token set ends_at = ? where ends_at > ?',
  /** limit, now: removes those of the oldest tokens that have ended */
  removeTokens: `
    delete from token where id in (select id from token order by id limit ?) and ends_at <= ?`,

  /**
   * first page id, last, hits, hour, its day, hour → id, key, host, hits of the pages with fewer hits and without a visit
   * since that hour, as far as the tables know. Leaves out the newest page, whose id would be given again, pages with
   * imported hits, whose time is unknown, and pages that an operator has changed, such as removed ones.
   */
  findIdle: `
    with recursive sources (name) as (
      select min(source) from imported
      union all
      select (select min(source) from imported where source > name) from sources where name is not null
    )
    select page.id, page.key, page.host_id as host, coalesce(tally.hits, 0) as hits
    from page left join tally on tally.page_id = page.id
    where page.id between ? and ? and coalesce(tally.hits, 0) < ?
      and page.id < (select max(id) from page)
      and not exists (select 1 from changed_page where page_id = page.id)
      and not exists (select 1 from page_hour where page_id = page.id and hour >= ?)
      and not exists (select 1 from page_day where page_id = page.id and day >= ?)
      and not exists (select 1 from page_outcome where page_id = page.id and hour >= ?)
      and not exists (
        select 1 from sources join imported on imported.source = sources.name and imported.page_id = page.id
      )`,
  /** page id */
  removeTally: 'delete from tally where page_id = ?',
  /** page id */
  removePage: 'delete from page where id = ?',
  /** host id: subtracts one page */
  takeFromHost: 'update host set pages = pages - 1 where id = ?',
  /** host id */
  removeEmptyHost: 'delete from host where id = ? and pages = 0',
  /** pages */
  addToRemoved: 'update file set removed_pages = removed_pages + ?',

  /** name → marks */
  readMarks: 'select marks from imported_source where name = ?',
  /** name, marks */
  addMarks: 'insert into imported_source (name, marks) values (?, ?)',
  /** source, page id → hits */
  readImported: 'select hits from imported where source = ? and page_id = ?',
  /** source, page id, hits */
  setImported: `
    insert into imported (source, page_id, hits) values (?, ?, ?)
    on conflict (source, page_id) do update set hits = excluded.hits`,

  // For a copy into PostgreSQL.
  /** id, limit → id, key, hits of the next pages */
  readPages: `
    select page.id, page.key, coalesce(tally.hits, 0) as hits
    from page left join tally on tally.page_id = page.id
    where page.id > ? order by page.id limit ?`,
  /** page id, three times → outcome, hour, visits; the outcome `day` is for counted visits that are known by the day */
  readHistory: `
    select 'counted' as outcome, hour, hits as visits from page_hour where page_id = ?
    union all
    select 'day', day * ${DAY_HOURS} + ${NOON_HOUR}, hits from page_day where page_id = ?
    union all
    select outcome, hour, visits from page_outcome where page_id = ?`,
  /** page id → source, hits */
  readImportedOf: 'select source, hits from imported where page_id = ?',
  /** id, now, limit → id, page, secret, end of the next live tokens. Those of a merged page have its old address */
  readTokens: `
    select token.id, coalesce(page.key, alias.key) as page, token.secret, token.ends_at as endsAt
    from token left join page on page.id = token.page_id left join alias on alias.merged_id = token.page_id
    where token.id > ? and token.ends_at > ? and coalesce(page.key, alias.key) is not null
    order by token.id limit ?`,
  /** → numbers of pages, hits */
  readSums: `
    select (select count(*) from page) as pages, (select coalesce(sum(hits), 0) from tally) as hits`,
  /** → outcome, visits of all pages */
  sumVisits: `
    select 'counted' as outcome, (select coalesce(sum(hits), 0) from page_hour)
      + (select coalesce(sum(hits), 0) from page_day) as visits
    union all
    select outcome, sum(visits) from page_outcome group by outcome`,
}
