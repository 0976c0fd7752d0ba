import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const migration = (...statements: string[]): Migration => ({
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
})

/** Leaves room in each block for new versions of its rows, so that an update need not change an index. */
const ROOM = 'with (fillfactor = 50)'

/** Every change of the schema, in order. Never edit a change that was released: add another. */
export const MIGRATIONS: Record<string, Migration> = {
  '0001_first': migration(
    'create table page (hash uuid primary key, key text not null)',
    'create table host (name text primary key, pages bigint not null)',
    `create table tally (page uuid primary key, hits bigint not null) ${ROOM}`,
    `create table page_minute (
      page uuid not null, minute bigint not null, hits bigint not null,
      constraint page_minute_key primary key (page, minute)
    ) ${ROOM}`,
    `create table page_hour (
      page uuid not null, hour bigint not null, hits bigint not null,
      constraint page_hour_key primary key (page, hour)
    )`,
    `create table page_day (
      page uuid not null, day bigint not null, hits bigint not null,
      constraint page_day_key primary key (page, day)
    )`,
    'create index page_minute_minute on page_minute (minute)',
    `create table page_outcome (
      page uuid not null, hour bigint not null, outcome text not null, visits bigint not null,
      constraint page_outcome_key primary key (page, hour, outcome)
    )`,
    `create table token (
      block bigint not null, owner uuid not null, pages uuid[] not null, secrets text[] not null,
      early integer[] not null, ends_at bigint not null,
      constraint token_key primary key (block, owner)
    )`,
    `create table writer (
      id uuid primary key, batch bigint not null, numbers bigint[], fenced boolean not null, at bigint not null
    ) ${ROOM}`,
    `create table journal (
      writer uuid not null, batch bigint not null, pages uuid[] not null, minutes bigint[] not null,
      hits bigint[] not null,
      constraint journal_key primary key (writer, batch)
    )`,
    'create table chore (name text primary key, at bigint not null)',
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
    'create table imported_source (name text primary key, marks text not null)',
  ),
}
