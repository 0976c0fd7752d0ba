import type { Database as File } from 'better-sqlite3'
import { sql } from 'kysely'
import type { PageKey } from '../../page.ts'
import { storable } from '../postgres/admin/audit.ts'
import type { Database } from '../postgres/open.ts'
import { hashOf } from '../postgres/pages.ts'
import { slicesOf } from '../slices.ts'
import { COPY_QUERIES } from '../sqlite/admin/copy-queries.ts'

/** Rows that one statement writes. */
const SLICE_ROWS = 1000

type Row = Record<string, unknown>

/** What is copied of a table of PostgreSQL, which has columns of the same names if `toRow` does not say otherwise. */
interface Copied {
  /** What its rows are, for people; null if they are not counted. */
  name: string | null
  table: string
  read: keyof typeof COPY_QUERIES
  toRow?: (row: Row) => Row
}

const hash = (key: unknown) => (key === null ? null : hashOf(key as PageKey))

const TABLES: readonly Copied[] = [
  {
    name: 'old addresses',
    table: 'alias',
    read: 'aliases',
    toRow: ({ key, page }) => ({ hash: hash(key), key, page: hash(page) }),
  },
  {
    name: 'removed pages',
    table: 'removed',
    read: 'removed',
    toRow: ({ page, ...deed }) => ({ page: hash(page), ...deed }),
  },
  {
    name: 'audit log',
    table: 'audit',
    read: 'audit',
    toRow: ({ key, ...entry }) => ({ ...entry, key, address: hash(key) }),
  },
  { name: 'rules', table: 'rule', read: 'rules' },
  { name: 'sessions', table: 'session', read: 'sessions' },
  { name: 'keys', table: 'owner_key', read: 'keys' },
  { name: null, table: 'version', read: 'versions' },
]

/** What operators have done in a database file. */
export function administrationOf(driver: File) {
  return {
    rows: (read: keyof typeof COPY_QUERIES) =>
      driver.prepare<[], Row>(COPY_QUERIES[read]).iterate(),
    counts(): Map<string, number> {
      const count = (read: Copied['read']) =>
        driver.prepare<[], number>(`select count(*) from (${COPY_QUERIES[read]})`).pluck().get()
      return new Map(TABLES.flatMap(({ name, read }) => (name ? [[name, count(read) ?? 0]] : [])))
    },
  }
}

/** Copies what operators have done into a database that has the pages. */
export async function writeAdministration(
  target: Database,
  source: ReturnType<typeof administrationOf>,
): Promise<void> {
  for (const { table, read, toRow = (row: Row) => row } of TABLES) {
    for (const rows of slicesOf(source.rows(read), SLICE_ROWS)) {
      await sql`
        insert into ${sql.table(table)} overriding system value
        select * from json_populate_recordset(null::${sql.table(table)}, ${json(rows.map(toRow))}::json)
      `.execute(target)
    }
  }
  for (const rows of slicesOf(source.rows('pageVersions'), SLICE_ROWS)) {
    const versions = rows.map(({ page, ...row }) => ({ ...row, page: hash(page) }))
    await sql`
      update page set version = changed.version, log = changed.log
      from json_to_recordset(${json(versions)}::json) as changed (page uuid, version bigint, log bigint)
      where page.hash = changed.page`.execute(target)
  }
  for (const { table, id } of [...source.rows('lastIds')])
    await sql`select setval(pg_get_serial_sequence(${table}, 'id'), ${id})`.execute(target)
}

/** How many rows there are, by their name. */
export async function countAdministration(db: Database): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const { name, table } of TABLES) {
    if (name === null) continue
    const { rows } = await sql<{ rows: number }>`
      select count(*) as rows from ${sql.table(table)}`.execute(db)
    counts.set(name, rows[0]?.rows ?? 0)
  }
  return counts
}

const json = (rows: readonly Row[]) =>
  JSON.stringify(rows, (_, value) => (typeof value === 'string' ? storable(value) : value))
