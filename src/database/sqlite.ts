import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect, sql } from 'kysely'
import type { PageKey } from '../page.ts'
import { Refusal } from '../refusal.ts'
import type { Store } from '../store.ts'
import { sameSecret } from '../token.ts'
import { hitWriter } from './hits.ts'
import { migrate } from './migrations.ts'
import type { Schema } from './schema.ts'
import { prepare } from './statement.ts'
import { topLists } from './top.ts'
import { GroupCommit } from './writer.ts'

/** How long a statement waits for another process's transaction, such as an import's slice, in ms. */
const BUSY_MS = 2000
/** How long a start waits for another process that is bringing the schema up to date, in ms. */
const MIGRATION_MS = 60_000

/** A connection with the durability that a shown number is promised. */
export function connect(file: string): Database.Database {
  const driver = new Database(file, { timeout: BUSY_MS })
  driver.pragma('journal_mode = wal')
  // WAL's own default, NORMAL, may lose the last commits when the power goes.
  driver.pragma('synchronous = full')
  return driver
}

/** A connection for reads and administration, and the Kysely on it. Destroying the Kysely closes it. */
export interface OpenDatabase {
  driver: Database.Database
  db: Kysely<Schema>
}

/** Opens a database file, making it and its folder if they are not there, and brings its schema up to date. */
export async function openDatabase(file: string): Promise<OpenDatabase> {
  mkdirSync(dirname(file), { recursive: true })
  const driver = connect(file)
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: driver }) })
  try {
    // Kysely's own lock is none on SQLite: two services that start at once would both migrate.
    driver.pragma(`busy_timeout = ${MIGRATION_MS}`)
    driver.exec('begin immediate')
    await migrate(db as unknown as Kysely<never>)
    driver.exec('commit')
    driver.pragma(`busy_timeout = ${BUSY_MS}`)
  } catch (error) {
    driver.close()
    throw error
  }
  return { driver, db }
}

/**
 * Opens the store on a SQLite file.
 * @throws when the file cannot be opened, made, or brought up to date
 */
export async function openSqliteStore(file: string): Promise<Store> {
  const { db } = await openDatabase(file)
  const writing = connect(file)
  const reading = connect(file)
  const statements = prepareAll(writing, reading, db)
  const hits = new GroupCommit(hitWriter(writing, db), unavailable)
  let open = true

  async function capWindows(latestEnd: number): Promise<void> {
    await db
      .updateTable('token')
      .set({ ends_at: latestEnd })
      .where('ends_at', '>', latestEnd)
      .execute()
  }

  return {
    async count(hit) {
      if (!open) throw unavailable(new Error('the store is closed'))
      return hits.count(hit)
    },
    read: guarded((page) => statements.readHits.get(page)?.hits ?? 0),
    isLive: guarded((page, { id, secret }, now) => {
      const stored = statements.readToken.get(id, page)
      return stored !== undefined && stored.ends_at > now && sameSecret(stored.secret, secret)
    }),
    top: guarded((query) => topLists(db, query)),
    capWindows: guarded(capWindows),
    sweep: guarded(async (now, limit, windowMs) => {
      const oldest = statements.oldestToken.get()
      if (oldest && oldest.ends_at > now + windowMs) await capWindows(now + windowMs)
      return oldest && oldest.ends_at <= now ? statements.removeTokens(limit, now) : 0
    }),
    ping: guarded(async () => {
      await db.selectFrom('tally').select('page_id').limit(1).execute()
    }),
    async close() {
      open = false
      hits.flush()
      writing.close()
      reading.close()
      await db.destroy()
    },
  }
}

function prepareAll(writing: Database.Database, reading: Database.Database, db: Kysely<Schema>) {
  const removeTokens = prepare<[number, number]>(
    writing,
    db
      .deleteFrom('token')
      .where('id', 'in', db.selectFrom('token').select('id').orderBy('id').limit(0))
      .where('ends_at', '<=', 0),
  )
  return {
    readHits: prepare<[PageKey], { hits: number }>(
      reading,
      db
        .selectFrom('page')
        .innerJoin('tally', 'tally.page_id', 'page.id')
        .select('tally.hits')
        .where('page.key', '=', '' as PageKey),
    ),
    readToken: prepare<[number, PageKey], { secret: string; ends_at: number }>(
      reading,
      db
        .selectFrom('token')
        .innerJoin('page', 'page.id', 'token.page_id')
        .select(['token.secret', 'token.ends_at'])
        .where('token.id', '=', 0)
        .where('page.key', '=', '' as PageKey),
    ),
    oldestToken: prepare<[], { ends_at: number }>(
      reading,
      db.selectFrom('token').select('ends_at').orderBy('id').limit(sql.lit(1)),
    ),
    /** Tokens append, so the oldest ids are the first to end. */
    removeTokens: writing.transaction((limit: number, now: number) => {
      return removeTokens.run(limit, now).changes
    }).immediate,
  }
}

/** Turns what the driver throws into the refusal that people are told, and keeps it as the cause. */
function guarded<Arguments extends unknown[], Result>(run: (...given: Arguments) => Result) {
  return (...given: Arguments): Result => {
    try {
      const result = run(...given)
      return result instanceof Promise
        ? (result.catch((error: unknown) => {
            throw unavailable(error)
          }) as Result)
        : result
    } catch (error) {
      throw unavailable(error)
    }
  }
}

function unavailable(cause: unknown): Refusal {
  return new Refusal(
    'unavailable',
    'try again soon',
    'The counter cannot reach its database just now; nothing was counted. Try again soon.',
    { cause },
  )
}
