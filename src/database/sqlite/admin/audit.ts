import type { Database } from 'better-sqlite3'
import type { AuditEntry, Deed } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { ADMIN_QUERIES } from './queries.ts'

/** What is written about an action. `pageId` is the page that has the address `page` afterwards. */
export interface NewEntry {
  action: string
  page?: PageKey | null
  pageId?: number | null
  before: unknown
  after: unknown
}

/** @returns a function that adds an entry to the audit log, for use within a transaction */
export function auditWriter(driver: Database) {
  const add = driver.prepare(ADMIN_QUERIES.addEntry)
  return (
    { actor, reason, at }: Deed,
    { action, page = null, pageId = null, before, after }: NewEntry,
  ): void => {
    const values = [before, after].map((value) => JSON.stringify(value ?? null))
    add.run(at, actor, reason, action, page, pageId, ...values)
  }
}

interface Row extends Omit<AuditEntry, 'before' | 'after'> {
  before: string
  after: string
}

/** `audit` of `Administration`, for use within a transaction. */
export function auditReader(driver: Database) {
  const ofAll = driver.prepare<[number, number], Row>(ADMIN_QUERIES.readEntries)
  const ofPage = driver.prepare<[number, number, number], Row>(ADMIN_QUERIES.readEntriesOfPage)
  const ofKey = driver.prepare<[number, PageKey, number], Row>(ADMIN_QUERIES.readEntriesOfKey)

  /**
   * @param keys the page's addresses; null for the entries of all pages
   * @param id of the page, if it is known
   */
  return (
    keys: readonly PageKey[] | null,
    id: number | undefined,
    before: number | null,
    limit: number,
  ): AuditEntry[] => {
    const end = before ?? Number.MAX_SAFE_INTEGER
    if (keys === null) return ofAll.all(end, limit).map(parsed)
    const rows = new Map<number, Row>()
    if (id !== undefined) for (const row of ofPage.all(end, id, limit)) rows.set(row.id, row)
    for (const key of keys) for (const row of ofKey.all(end, key, limit)) rows.set(row.id, row)
    return [...rows.values()]
      .sort((one, other) => other.id - one.id)
      .slice(0, limit)
      .map(parsed)
  }
}

const parsed = (row: Row): AuditEntry => ({
  ...row,
  before: JSON.parse(row.before),
  after: JSON.parse(row.after),
})
