import type { AuditEntry, Deed } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { parseEntry, type StoredEntry } from '../../administration.ts'
import type { Statements } from './statements.ts'

/** What is written about an action. `pageId` is the page that has the address `page` afterwards. */
interface NewEntry {
  action: string
  page?: PageKey | null
  pageId?: number | null
  before: unknown
  after: unknown
}

/** Adds an entry to the audit log. For use within a transaction. */
export function addEntry(
  sql: Statements,
  { actor, reason, at }: Deed,
  { action, page = null, pageId = null, before, after }: NewEntry,
): void {
  const values = [before, after].map((value) => JSON.stringify(value ?? null))
  sql.run('addEntry', at, actor, reason, action, page, pageId, ...values)
}

/** The last entries before one, newest first. */
export const readEntries = (sql: Statements, end: number, limit: number): AuditEntry[] =>
  sql.all<StoredEntry>('readEntries', end, limit).map(parseEntry)

/**
 * The same of one page. For use within a transaction.
 * @param id of the page, if it is known
 * @param keys its addresses
 */
export function readEntriesOf(
  sql: Statements,
  { id, keys }: { id: number | undefined; keys: Iterable<PageKey> },
  end: number,
  limit: number,
): AuditEntry[] {
  const found = id === undefined ? [] : sql.all<StoredEntry>('readEntriesOfPage', end, id, limit)
  for (const key of keys) found.push(...sql.all<StoredEntry>('readEntriesOfKey', end, key, limit))
  const rows = [...new Map(found.map((row) => [row.id, row])).values()]
  rows.sort((one, other) => other.id - one.id)
  return rows.slice(0, limit).map(parseEntry)
}
