import { randomBytes } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  openSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import Database from 'better-sqlite3'
import { openSqliteStore } from '../../src/database/sqlite.ts'
import type { PageKey } from '../../src/page.ts'
import { T0 } from './app.ts'

export const BLOCK = 4096
/** The only table of hit-counter. */
export const HIT_COUNTER =
  'create table url (id integer primary key, url varchar(256), count integer)'

/** Makes a database of this many pages, each with a hit. */
export async function fill(file: string, many = 500): Promise<void> {
  const store = await openSqliteStore(file)
  const pages = Array.from({ length: many }, (_, at) => `p${at}.example/some/path` as PageKey)
  await Promise.all(pages.map((page) => store.count({ page, at: T0, window: null })))
  await store.close()
}

export function sql(file: string, statements: string): void {
  const database = new Database(file)
  database.exec(statements)
  database.close()
}

/** Writes random bytes over blocks of a file. The first block is 0. */
export function damage(file: string, first: number, blocks: number): void {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, randomBytes(BLOCK * blocks), 0, BLOCK * blocks, first * BLOCK)
  closeSync(descriptor)
}

/** Files that are not databases of this version, with the message about each. */
export const WRONG: Record<
  string,
  { make: (file: string) => unknown; says: RegExp; isSeenLate?: boolean }
> = {
  text: {
    make: (file) => writeFileSync(file, 'DATABASE_FILE_PATH=data.db\n'.repeat(200)),
    says: /it is no SQLite database; name another file, or restore a backup\.$/,
  },
  'two bytes': { make: (file) => writeFileSync(file, 'hi'), says: /it is no SQLite database;/ },
  half: {
    async make(file) {
      await fill(file)
      truncateSync(file, Math.floor(statSync(file).size / 2))
    },
    says: /it is cut short: [\d,]+ bytes are there of [\d,]+; restore a backup, or .*\.recover/,
  },
  damaged: {
    async make(file) {
      await fill(file)
      damage(file, 1, statSync(file).size / BLOCK - 1)
    },
    says: /it is damaged \(database disk image is malformed\); restore a backup, or .*\.recover/,
  },
  'damaged in the middle': {
    async make(file) {
      await fill(file)
      const database = new Database(file)
      const blocks = database
        .prepare("select pageno from dbstat where name in ('tally', 'page_hour', 'page')")
        .pluck()
        .all() as number[]
      database.close()
      for (const block of blocks) damage(file, block - 1, 1)
    },
    says: /it is damaged \(database disk image is malformed\); restore a backup, or .*\.recover/,
    // The damage is found only when these blocks are read.
    isSeenLate: true,
  },
  newer: {
    async make(file) {
      await fill(file)
      sql(file, "insert into kysely_migration values ('9999_future', '2030-01-01')")
    },
    says: /a newer version of Tallymark has written it; run that version again/,
  },
  "another program's": {
    make: (file) => sql(file, 'create table users (name); insert into users values (1)'),
    says: /it is another program's database, and stays as it is; let DATABASE_FILE_PATH name/,
  },
  "another program's, by its number": {
    make: (file) => sql(file, 'pragma application_id = 1; create table t (a); drop table t'),
    says: /it is another program's database, and stays as it is; let DATABASE_FILE_PATH name/,
  },
  "hit-counter's": {
    make: (file) => sql(file, `${HIT_COUNTER}; insert into url (url, count) values ('a', 1)`),
    says: /it is hit-counter's database, .* npm run import -- hit-counter \S+wrong\.db\.$/,
  },
  'a folder': { make: (file) => mkdirSync(file), says: /it is a folder; name a file in it\.$/ },
}
