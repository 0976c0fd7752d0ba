import { SHARED_QUERIES } from '../../administration.ts'

/** Statements for operators, as those in `../queries.ts`. */
export const ADMIN_QUERIES = {
  ...SHARED_QUERIES,

  /** → pages, rules */
  readVersions: 'select pages, rules from version',
  /** version */
  setPagesVersion: 'update version set pages = ?',
  raiseRulesVersion: 'update version set rules = rules + 1',

  /**
   * page id → key, hits, version; hits without those in the journal. Joins of the same tables take twenty times as long.
   */
  readRow: `
    select key,
      coalesce((select hits from tally where page_id = page.id), 0) as hits,
      coalesce((select version from changed_page where page_id = page.id), 0) as version
    from page where id = ?`,
  /** page id, version */
  setVersion: `
    insert into changed_page (page_id, version) values (?, ?)
    on conflict (page_id) do update set version = excluded.version`,
  /** page id, hour → hits */
  readHour: 'select hits from page_hour where page_id = ? and hour = ?',
  /** page id, hour */
  removeHour: 'delete from page_hour where page_id = ? and hour = ?',
  /** page id, day → 1 if the day has hits */
  hasDay: 'select 1 from page_day where page_id = ? and day = ?',
  /** page id → the beginnings of the first and the last period with a visit, in hours */
  readSeen: `
    select min(hour) as first, max(hour) as last from (
      select min(hour) as hour from page_hour where page_id = :page
      union all select max(hour) from page_hour where page_id = :page
      union all select min(day) * 24 from page_day where page_id = :page
      union all select max(day) * 24 from page_day where page_id = :page
      union all select min(hour) from page_outcome where page_id = :page
      union all select max(hour) from page_outcome where page_id = :page
    )`,

  /** page id, limit → id, key of the next pages that are not removed */
  readKeys: `
    select id, key from page
    where id > ? and not exists (select 1 from removed_page where page_id = page.id)
    order by id limit ?`,

  /** key, host id, page id */
  renamePage: 'update page set key = ?, host_id = ? where id = ?',
  /** key, page id, id of the page that had the key before; null if it was the same page */
  addAlias: 'insert into alias (key, page_id, merged_id) values (?, ?, ?)',
  /** page id, page id: the aliases of the second are of the first */
  moveAliases: 'update alias set page_id = ? where page_id = ?',
  /** key */
  removeAlias: 'delete from alias where key = ?',
  /** page id */
  removeAliases: 'delete from alias where page_id = ?',
  /** page id, limit → keys */
  readAliases: 'select key from alias where page_id = ? order by key limit ?',

  /** → names of the counters from which hits were imported */
  readSources: `
    with recursive sources (name) as (
      select min(source) from imported
      union all
      select (select min(source) from imported where source > name) from sources where name is not null
    )
    select name from sources where name is not null`,
  /** page id, source, page id */
  mergeImported: `
    insert into imported (source, page_id, hits)
    select source, ?, hits from imported where source = ? and page_id = ?
    on conflict (source, page_id) do update set hits = hits + excluded.hits`,
  /** source, page id */
  removeImported: 'delete from imported where source = ? and page_id = ?',

  /** page id, actor, reason, at */
  addRemoved: 'insert into removed_page (page_id, actor, reason, at) values (?, ?, ?, ?)',
  /** page id → actor, reason, at */
  readRemoved: 'select actor, reason, at from removed_page where page_id = ?',
  /** page id */
  removeRemoved: 'delete from removed_page where page_id = ?',
  /** page id */
  removeVersion: 'delete from changed_page where page_id = ?',
  /** page id: counts it as removed, and its id as used */
  countPurged: `
    update file set removed_pages = removed_pages + 1, purged_page = max(purged_page, ?)`,
  /** time, limit → keys of pages that were removed before */
  findRemovedBefore: `
    select page.key from removed_page join page on page.id = removed_page.page_id
    where removed_page.at < ? order by removed_page.at limit ?`,

  /** at, actor, reason, action, page, page id, before, after */
  addEntry: `
    insert into audit (at, actor, reason, action, page, page_id, before, after)
    values (?, ?, ?, ?, ?, ?, ?, ?)`,
  /** page id → actor, action, at of its newest entry */
  readLastEntry: `
    select actor, action, at from audit where page_id = ? order by id desc limit 1`,
  /** id, limit → entries before it, newest first */
  readEntries: `
    select id, at, actor, reason, action, page, before, after
    from audit where id < ? order by id desc limit ?`,
  /** id, page id, limit → entries before it, newest first */
  readEntriesOfPage: `
    select id, at, actor, reason, action, page, before, after
    from audit where id < ? and page_id = ? order by id desc limit ?`,
  /** id, key, limit → entries before it, newest first */
  readEntriesOfKey: `
    select id, at, actor, reason, action, page, before, after
    from audit where id < ? and page = ? order by id desc limit ?`,

  /** kind, pattern, replacement, ends at, actor, reason, at */
  addRule: `
    insert into rule (kind, pattern, replacement, ends_at, actor, reason, at)
    values (?, ?, ?, ?, ?, ?, ?)`,
  /** id → kind, pattern, replacement */
  removeRule: 'delete from rule where id = ? returning kind, pattern, replacement',

  /** id → id, browser */
  removeSession: 'delete from session where id = ? returning id, browser',
}
