import { DAY_HOURS, NOON_HOUR } from '../../time.ts'
import { MAX_SUM } from '../options.ts'

/** The hour at noon on an hour's day, UTC. */
const NOON = `hour / ${DAY_HOURS} * ${DAY_HOURS} + ${NOON_HOUR}`

/**
 * The sum of a column, MAX_SUM at most. Its upper and lower 32 bits are added up by themselves, because SQLite's sum fails if it
 * is above 2^63.
 */
export const sumOfHits = (column: string) =>
  `min(coalesce(sum(${column} >> 32) * 4294967296 + sum(${column} & 4294967295), 0), ${MAX_SUM})`

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
  /** name → id */
  findHost: 'select id from host where name = ?',
  /** page id → host id */
  readHostOf: 'select host_id from page where id = ?',
  /** → id */
  newestHost: 'select max(id) from host',
  /** name, pages → id */
  addToHost: `
    insert into host (name, pages) values (?, ?)
    on conflict (name) do update set pages = pages + excluded.pages
    returning id`,
  /** id → key */
  readKey: 'select key from page where id = ?',
  /** id, limit → id, name, hits of the next hosts */
  readHosts: `
    select host.id, host.name, coalesce(tally.hits, 0) as hits
    from host left join tally on tally.page_id = -host.id
    where host.id > ? order by host.id limit ?`,

  // In what follows, a page id may also be that of a host's counter: see host-counters.ts.
  /** page id → hits */
  readTally: 'select hits from tally where page_id = ?',
  /** page id, hits */
  addToTally: `
    insert into tally (page_id, hits) values (?, ?)
    on conflict (page_id) do update set hits = hits + excluded.hits`,
  /** page id, limit → id, hits of the next pages that are not removed */
  readTallies: `
    select page.id, coalesce(tally.hits, 0) as hits
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
  /** page id → the beginnings of the first and the last period with a hit, in hours */
  readCounted: `
    select min(hour) as first, max(hour) as last from (
      select min(hour) as hour from page_hour where page_id = :page
      union all select max(hour) from page_hour where page_id = :page
      union all select min(day) * ${DAY_HOURS} from page_day where page_id = :page
      union all select max(day) * ${DAY_HOURS} from page_day where page_id = :page
    )`,

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
  readJournal: 'select id, hour, hits, pages, rolled_up as rolledUp from journal order by id',
  /** hour, hits, pages */
  appendToJournal: 'insert into journal (hour, hits, pages) values (?, ?, ?)',
  /** part */
  markRolledUp: "insert into journal (hour, hits, pages, rolled_up) values (0, 0, '[]', ?)",
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
  /** page id, hits → 1 if the page has at least as many */
  isAbove: 'select 1 from tally where page_id = ? and hits >= ?',
  /** page id, hits */
  setTally: `
    insert into tally (page_id, hits) values (?, ?)
    on conflict (page_id) do update set hits = excluded.hits`,
  /** host id → hits of its pages */
  sumOfHost: `
    select ${sumOfHits('tally.hits')}
    from page join tally on tally.page_id = page.id
    where page.host_id = ? and not exists (select 1 from removed_page where page_id = page.id)`,
  /** id → pages of the host */
  readPagesOfHost: 'select pages from host where id = ?',
  /** host id. The newest host stays, whose id would be given again */
  removeHost: 'delete from host where id = ? and id < (select max(id) from host)',
  /** → rolledUp, pruned: the hours before which history may have been rolled up into days, and removed */
  readBounds: 'select rolled_up_before as rolledUp, pruned_before as pruned from file',
  /** hour, hour */
  raiseRolledUp: 'update file set rolled_up_before = ? where rolled_up_before < ?',
  /** hour, hour */
  raisePruned: 'update file set pruned_before = ? where pruned_before < ?',
  /** page id, page id: adds the history of the second to the first */
  mergeHours: `
    insert into page_hour (page_id, hour, hits)
    select ?, hour, hits from page_hour where page_id = ?
    on conflict (page_id, hour) do update set hits = hits + excluded.hits`,
  mergeDays: `
    insert into page_day (page_id, day, hits)
    select ?, day, hits from page_day where page_id = ?
    on conflict (page_id, day) do update set hits = hits + excluded.hits`,
  mergeOutcomes: `
    insert into page_outcome (page_id, hour, outcome, visits)
    select ?, hour, outcome, visits from page_outcome where page_id = ?
    on conflict (page_id, hour, outcome) do update set visits = visits + excluded.visits`,
  /** page id, page id: takes the history of the second from the first */
  takeHours: `
    insert into page_hour (page_id, hour, hits)
    select ?, hour, -hits from page_hour where page_id = ?
    on conflict (page_id, hour) do update set hits = hits + excluded.hits`,
  takeDays: `
    insert into page_day (page_id, day, hits)
    select ?, day, -hits from page_day where page_id = ?
    on conflict (page_id, day) do update set hits = hits + excluded.hits`,
  takeOutcomes: `
    insert into page_outcome (page_id, hour, outcome, visits)
    select ?, hour, outcome, -visits from page_outcome where page_id = ?
    on conflict (page_id, hour, outcome) do update set visits = visits + excluded.visits`,
  /** page id, page id: removes what is empty of the first, in the periods of the second */
  dropEmptyHours: `
    delete from page_hour
    where page_id = ? and hits <= 0 and hour in (select hour from page_hour where page_id = ?)`,
  dropEmptyDays: `
    delete from page_day
    where page_id = ? and hits <= 0 and day in (select day from page_day where page_id = ?)`,
  dropEmptyOutcomes: `
    delete from page_outcome
    where page_id = ? and visits <= 0 and hour in (select hour from page_outcome where page_id = ?)`,
  /** hits, page id, hour */
  takeFromHour: 'update page_hour set hits = hits - ? where page_id = ? and hour = ?',
  /** page id, hour */
  dropEmptyHour: 'delete from page_hour where page_id = ? and hour = ? and hits <= 0',
  /** hits, page id, day */
  takeFromDay: 'update page_day set hits = hits - ? where page_id = ? and day = ?',
  /** page id, day */
  dropEmptyDay: 'delete from page_day where page_id = ? and day = ? and hits <= 0',
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
    select (select count(*) from page) as pages, (select coalesce(sum(hits), 0) from tally where page_id > 0) as hits`,
  /** → outcome, visits of all pages */
  sumVisits: `
    select 'counted' as outcome, (select coalesce(sum(hits), 0) from page_hour where page_id > 0)
      + (select coalesce(sum(hits), 0) from page_day where page_id > 0) as visits
    union all
    select outcome, sum(visits) from page_outcome where page_id > 0 group by outcome`,
}
