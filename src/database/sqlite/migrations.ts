import type { Database } from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { migration } from '../migration.ts'
import { sumOfHits } from './queries.ts'

/**
 * Every change of the schema, in order. Never edit a change that was released: add another. Times are milliseconds since
 * 1970 UTC unless a column says hours or days, which are whole. A hit only appends, to `journal` and to `token`.
 */
export const MIGRATIONS: Record<string, Migration> = {
  '0001_first': migration(
    // Ids are given in order. None is given twice, because the newest page is never removed.
    'create table page (id integer primary key, key text not null unique, host text not null)',
    // A page's hits, including imported ones, without those that are still in the journal.
    'create table tally (page_id integer primary key, hits integer not null)',
    // Hits by page and hour, without those in the journal. Imported hits have no hour.
    `create table page_hour (
      page_id integer not null, hour integer not null, hits integer not null,
      constraint page_hour_key primary key (page_id, hour)
    ) without rowid`,
    // Live windows. Rows are only appended, so that they end in the order of their ids. Nothing in them links two pages.
    `create table token (
      id integer primary key, page_id integer not null, secret text not null, ends_at integer not null
    )`,
    // Imported hits of a page by the counter they came from, so that a repeated import adds only what is new.
    `create table imported (
      source text not null, page_id integer not null, hits integer not null,
      constraint imported_key primary key (source, page_id)
    ) without rowid`,
  ),
  '0002_journal': migration(
    // Hits in the order of their commits, see journal.ts: `pages` is a JSON array of ids, each page with so many hits. A
    // row with `folded` has no hits: it records that a part of the pages is rolled up.
    `create table journal (
      id integer primary key, hour integer not null, hits integer not null, pages text not null, folded integer
    )`,
    // Hits by page and day: old hours are rolled up into days.
    `create table page_day (
      page_id integer not null, day integer not null, hits integer not null,
      constraint page_day_key primary key (page_id, day)
    ) without rowid`,
  ),
  '0003_host': migration(
    'create table host (id integer primary key, name text not null unique, pages integer not null)',
    'insert into host (name, pages) select host, count(*) from page group by host',
    'alter table page add column host_id integer not null default 0',
    'update page set host_id = (select id from host where name = page.host)',
    'alter table page drop column host',
  ),
  '0004_outcome': migration(
    // Visits that did not count. Old hours are rolled up into the noon of their day, UTC: in nearly every time zone it
    // has the same date.
    `create table page_outcome (
      page_id integer not null, hour integer not null, outcome text not null, visits integer not null,
      constraint page_outcome_key primary key (page_id, hour, outcome)
    ) without rowid`,
  ),
  '0005_file': migration(
    // Identifies an imported database: `marks` is a JSON array of hashes of its first rows.
    'create table imported_source (name text primary key, marks text not null)',
    'create table file (removed_pages integer not null)',
    'insert into file (removed_pages) values (0)',
  ),
  '0006_admin': migration(
    // The highest id of a page that an operator has purged or merged into another: it is not given again.
    'alter table file add column purged_page integer not null default 0',
    // How often operators have changed pages and rules.
    'create table version (pages integer not null, rules integer not null)',
    'insert into version (pages, rules) values (0, 0)',
    // Pages that an operator has changed, with `version.pages` after the newest change.
    'create table changed_page (page_id integer primary key, version integer not null)',
    `create table removed_page (
      page_id integer primary key, actor text not null, reason text not null, at integer not null
    )`,
    'create index removed_page_at on removed_page (at)',
    // Other addresses of pages. `merged_id` is the id of the page that had the address before it was merged, to which the
    // tokens of live windows belong.
    `create table alias (
      key text not null primary key, page_id integer not null, merged_id integer
    ) without rowid`,
    'create index alias_page on alias (page_id)',
    'create index alias_merged on alias (merged_id) where merged_id is not null',
    // Every action of an operator. `before` and `after` are JSON. `page` is the address that was acted on, and `page_id` the
    // page that had it afterwards.
    `create table audit (
      id integer primary key, at integer not null, actor text not null, reason text not null, action text not null,
      page text, page_id integer, before text not null, after text not null
    )`,
    'create index audit_page on audit (page) where page is not null',
    'create index audit_page_id on audit (page_id) where page_id is not null',
    ...['update', 'delete'].map(
      (change) => `create trigger audit_no_${change} before ${change} on audit begin
        select raise(abort, 'entries of the audit log stay as they are');
      end`,
    ),
    // An insert could replace an entry, too.
    `create trigger audit_no_replace before insert on audit
      when exists (select 1 from audit where id = new.id) begin
        select raise(abort, 'entries of the audit log stay as they are');
      end`,
    // The ids of rules and sessions stand in the audit log, so they are not given again.
    `create table rule (
      id integer primary key autoincrement, kind text not null, pattern text not null, replacement text not null,
      ends_at integer, actor text not null, reason text not null, at integer not null
    )`,
    // Secrets are kept as SHA-256, in hex.
    'create table link (hash text not null primary key, ends_at integer not null) without rowid',
    `create table session (
      id integer primary key autoincrement, hash text not null unique, at integer not null, seen_at integer not null,
      ends_at integer not null, browser text not null
    )`,
    `create table owner_key (
      id integer primary key, hash text not null unique, name text not null, prefix text not null, at integer not null,
      used_at integer, revoked_at integer
    )`,
  ),
  '0007_host_counters': migration(
    // Each host gets a counter like a page's, with the negative of the host's id as its page id. What waits in the journal
    // has to be in the tables first.
    `create temp table waiting as
      with last (part, row) as (select folded, max(id) from journal where folded is not null group by folded)
      select entry.value as page_id, journal.hour, sum(journal.hits) as hits
      from journal join json_each(journal.pages) as entry
        left join last on last.part = (entry.value / 64) % 1024
      where journal.id > coalesce(last.row, 0) group by entry.value, journal.hour`,
    `insert into page_hour (page_id, hour, hits) select page_id, hour, hits from waiting where true
      on conflict (page_id, hour) do update set hits = hits + excluded.hits`,
    `insert into tally (page_id, hits) select page_id, sum(hits) from waiting group by page_id
      on conflict (page_id) do update set hits = hits + excluded.hits`,
    'drop table waiting',
    'delete from journal',
    // A program of an earlier version that still uses the file would count no hosts. Without this column it can do nothing.
    'alter table journal rename column folded to rolled_up',
    `create temp table counted as
      select id, host_id from page where not exists (select 1 from removed_page where page_id = page.id)`,
    'create unique index temp.counted_id on counted (id, host_id)',
    ...(
      [
        ['tally', '', 'hits'],
        ['page_hour', 'hour', 'hits'],
        ['page_day', 'day', 'hits'],
        ['page_outcome', 'hour, outcome', 'visits'],
      ] as const
    ).map(([table, period, number]) => {
      const periods = period === '' ? '' : `, ${period}`
      return `insert into ${table} (page_id${periods}, ${number})
        select -host_id as host${periods}, ${sumOfHits(number)}
        from ${table} join counted on counted.id = ${table}.page_id group by host${periods}`
    }),
    'drop table counted',
    'create index page_host on page (host_id)',
    // The hours before which history may have been rolled up into days, and removed.
    'alter table file add column rolled_up_before integer not null default 0',
    'alter table file add column pruned_before integer not null default 0',
  ),
}

/**
 * Brings the database up to this version's schema, within a transaction that the caller has begun.
 * @throws the error of the migration that failed
 */
export async function migrate(driver: Database): Promise<void> {
  const migrator = new Migrator({
    db: new Kysely({ dialect: new SqliteDialect({ database: driver }) }),
    disableTransactions: true,
    provider: { getMigrations: async () => MIGRATIONS },
  })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
