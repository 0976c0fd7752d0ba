import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { siteKey } from '../../site.ts'
import { migration } from '../migration.ts'
import { slicesOf } from '../slices.ts'
import { ADMIN_QUERIES } from './admin/queries.ts'
import { fillHosts } from './fill-hosts.ts'
import { HOST_OF_PAGE } from './host-queries.ts'
import { ALL_PAGES, hashOf } from './pages.ts'

/** Hosts whose counters are named by one statement. */
const SLICE = 5000

/** Leaves room in each block for new versions of its rows, so that an update need not change an index. */
const ROOM = 'with (fillfactor = 50)'

/**
 * Every change of the schema, in order. Never edit a change that was released: add another. Times are milliseconds since
 * 1970 UTC unless a column says minutes, hours or days, which are whole. Tables refer to a page by its hash.
 */
export const MIGRATIONS: Record<string, Migration> = {
  '0001_first': migration(
    'create table page (hash uuid primary key, key text not null)',
    // The number of pages of each host. The row with an empty name counts all pages.
    'create table host (name text primary key, pages bigint not null)',
    // A page's hits, including imported ones.
    `create table tally (page uuid primary key, hits bigint not null) ${ROOM}`,
    // Hits of the last minutes, until they are rolled up into hours.
    `create table page_minute (
      page uuid not null, minute bigint not null, hits bigint not null,
      constraint page_minute_key primary key (page, minute)
    ) ${ROOM}`,
    // Imported hits have no time.
    `create table page_hour (
      page uuid not null, hour bigint not null, hits bigint not null,
      constraint page_hour_key primary key (page, hour)
    )`,
    // Old hours are rolled up into days.
    `create table page_day (
      page uuid not null, day bigint not null, hits bigint not null,
      constraint page_day_key primary key (page, day)
    )`,
    'create index page_minute_minute on page_minute (minute)',
    // Visits that did not count. Old hours are rolled up into the noon of their day, UTC.
    `create table page_outcome (
      page uuid not null, hour bigint not null, outcome text not null, visits bigint not null,
      constraint page_outcome_key primary key (page, hour, outcome)
    )`,
    // Live windows, one row for those that a batch opened: parallel lists of their pages, their secrets, and how many ms
    // before `ends_at` each ends. See hits.ts.
    `create table token (
      block bigint not null, owner uuid not null, pages uuid[] not null, secrets text[] not null,
      early integer[] not null, ends_at bigint not null,
      constraint token_key primary key (block, owner)
    )`,
    // Connections that write, each with the number of its last batch, and the numbers of that batch's pages in the order
    // of their hashes. After a lost connection, these say whether the batch was committed and how to answer it. A fenced
    // connection can write no more.
    `create table writer (
      id uuid primary key, batch bigint not null, numbers bigint[], fenced boolean not null, at bigint not null
    ) ${ROOM}`,
    // Batches of hits that are not in `page_minute` yet: parallel lists. To update `page_minute` with every batch would
    // double the cost of a hit.
    `create table journal (
      writer uuid not null, batch bigint not null, pages uuid[] not null, minutes bigint[] not null,
      hits bigint[] not null,
      constraint journal_key primary key (writer, batch)
    )`,
    // When one of the services last began a chore.
    'create table chore (name text primary key, at bigint not null)',
    // Imported hits of a page by the counter they came from, so that a repeated import adds only what is new.
    `create table imported (
      source text not null, page uuid not null, hits bigint not null,
      constraint imported_key primary key (source, page)
    )`,
  ),
  '0002_moved': migration(
    `create table moved (
      source text not null, page uuid not null, hits bigint not null, until bigint not null, whats text[] not null,
      hours bigint[] not null, visits bigint[] not null,
      constraint moved_key primary key (source, page)
    )`,
  ),
  '0003_imported_source': migration(
    'drop table moved',
    // Identifies an imported database: `marks` is a JSON array of hashes of its first rows.
    'create table imported_source (name text primary key, marks text not null)',
  ),
  '0004_administration': migration(
    // Other addresses of pages. No address is both a page and an alias.
    'create table alias (hash uuid primary key, key text not null, page uuid not null)',
    'create index alias_page on alias (page)',
    // Pages that an operator has removed, by whom, why and when. Everything else about them stays where it is.
    `create table removed (
      page uuid primary key, actor text not null, reason text not null, at bigint not null
    )`,
    // Numbers that grow with each change: `pages` and `rules`.
    'create table version (name text primary key, number bigint not null)',
    // What operators did. `key` is the address that was changed, `address` its hash, and `log` that of its page. `before`
    // and `after` are JSON.
    `create table audit (
      id bigint generated always as identity primary key, at bigint not null, actor text not null,
      reason text not null, action text not null, key text, address uuid, log bigint, before text not null,
      after text not null
    )`,
    'create index audit_log on audit (log, id)',
    'create index audit_address on audit (address, id)',
    `create function refuse_change() returns trigger language plpgsql as
      $$ begin raise exception 'entries of the audit log are only added'; end $$`,
    `create trigger audit_only_added before update or delete or truncate on audit
      for each statement execute function refuse_change()`,
    `create table rule (
      id bigint generated always as identity primary key, kind text not null, pattern text not null,
      replacement text not null, ends_at bigint, actor text not null, reason text not null, at bigint not null
    )`,
    // Secrets are kept as hashes alone.
    'create table link (hash text primary key, ends_at bigint not null)',
    `create table session (
      id bigint generated always as identity primary key, hash text not null unique, at bigint not null,
      seen_at bigint not null, ends_at bigint not null, browser text not null
    )`,
    `create table owner_key (
      id bigint generated always as identity primary key, hash text not null unique, name text not null,
      prefix text not null, at bigint not null, used_at bigint, revoked_at bigint
    )`,
    // Last and not for long, because statements of running services that make pages wait behind it.
    `set local lock_timeout = '3s'`,
    // When a page was made, in microseconds, if that is known; the number of `version` after its last change by an
    // operator; and after its first one, by which the audit log knows the page, whatever its address is.
    `alter table page
      add column made bigint, add column version bigint not null default 0, add column log bigint`,
    'set local lock_timeout = default',
  ),
  '0005_host_counters': {
    async up(db) {
      const run = (statement: string) => sql.raw(statement).execute(db)
      await run(`set local lock_timeout = '3s'`)
      // Each connection that writes says that it counts hosts. Services of earlier versions do not know this column, and those
      // that are running are fenced, so from here on they can only read: what they would count would be missing from hosts.
      await run('alter table writer add column counts_hosts boolean')
      await run('update writer set fenced = true, counts_hosts = false')
      await run('alter table writer alter column counts_hosts set not null')
      await run('set local lock_timeout = default')
      // The name of the host's counter in all tables that have pages.
      await run('alter table host add column counter uuid unique')
      const { rows } = await sql<{ name: string }>`
        select name from host where name <> ${ALL_PAGES}`.execute(db)
      const hosts = rows.map(({ name }) => name)
      for (const names of slicesOf(hosts, SLICE)) {
        const counters = names.map((name) => hashOf(siteKey(name)))
        await sql`
          update host set counter = named.counter
          from unnest(${names}::text[], ${counters}::uuid[]) as named (name, counter)
          where host.name = named.name`.execute(db)
      }
      await run(ADMIN_QUERIES.rollUpJournals)
      await run(`create index page_host on page ((${HOST_OF_PAGE.replaceAll('page.', '')}))`)
      await fillHosts(db, hosts)
    },
  },
  '0006_live': migration(
    // The newest visits of each service, as JSON, for services that have listeners; and until when a service wants those of
    // the others. Times are microseconds of the server's clock. Nothing is lost if this is lost.
    `create unlogged table live (
      service uuid primary key, at bigint not null, wants_until bigint not null, visits text not null
    )`,
  ),
}
