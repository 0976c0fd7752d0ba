/** A page's log in PostgreSQL. Logs that are given there are positive, and -1 is that of no page. */
const LOG = '-1 - page_id'

/** What a copy into PostgreSQL reads of what operators have done. The columns have the names that they have there. */
export const COPY_QUERIES = {
  /** → key, page's key */
  aliases: 'select alias.key, page.key as page from alias join page on page.id = alias.page_id',
  /** → page's key, actor, reason, at */
  removed: `
    select page.key as page, actor, reason, at
    from removed_page join page on page.id = removed_page.page_id`,
  /** → page's key, version, log */
  pageVersions: `
    select page.key as page, version, ${LOG} as log from changed_page join page on page.id = changed_page.page_id`,
  /** → entries */
  audit: `
    select id, at, actor, reason, action, page as key, ${LOG} as log, before, after from audit order by id`,
  rules: 'select id, kind, pattern, replacement, ends_at, actor, reason, at from rule',
  sessions: 'select id, hash, at, seen_at, ends_at, browser from session',
  keys: 'select id, hash, name, prefix, at, used_at, revoked_at from owner_key',
  /** → name, number */
  versions: `
    select 'pages' as name, pages as number from version
    union all select 'rules', rules from version`,
  /** → table, id: the highest id that was given, of tables that have had rows. Each is given once. */
  lastIds: `
    select name as "table", seq as id from sqlite_sequence where name in ('rule', 'session') and seq > 0
    union all select 'audit', max(id) from audit having max(id) is not null
    union all select 'owner_key', max(id) from owner_key having max(id) is not null`,
}
