import type { Administration, AuditEntry, Deed } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { parseEntry, type StoredEntry } from '../../administration.ts'
import { type Client, type Connection, rows, run, type Statement } from '../connection.ts'
import { hashOf, list } from '../pages.ts'
import { findPage, type PageRow } from './stored.ts'

/** No page has this log. */
const NO_LOG = -1

/** What is written about an action. */
export interface NewEntry {
  action: string
  key?: PageKey | null
  /** That of the page for which the key stands afterwards. */
  log?: number | null
  before: unknown
  after: unknown
}

/** A text that PostgreSQL can store: without the character that it cannot. */
export const storable = (text: string) => text.replaceAll('\0', '')

/** Adds entries to the audit log, within a transaction. */
export async function addEntries(
  client: Client,
  { at, actor, reason }: Deed,
  entries: readonly NewEntry[],
): Promise<void> {
  const json = (value: unknown) => JSON.stringify(value ?? null)
  await run(client, [
    'addEntries',
    at,
    storable(actor),
    storable(reason),
    entries.map(({ action }) => action),
    entries.map(({ key = null }) => key),
    list(entries.map(({ key }) => (key == null ? 'null' : hashOf(key)))),
    list(entries.map(({ log }) => log ?? 'null')),
    entries.map(({ before }) => json(before)),
    entries.map(({ after }) => json(after)),
  ])
}

/** `audit` of `Administration`. */
export function auditReader(link: Connection): Administration['audit'] {
  /** The log of a page, and the hashes of its addresses. @param address one of them */
  async function logAndAddresses(address: PageKey): Promise<[log: number, addresses: string]> {
    const own = hashOf(address)
    const found = await findPage(link, address)
    if (found === undefined) return [NO_LOG, list([own])]
    const { hash, aliases } = found
    const [page] = await link.rows<PageRow>(['readPages', list([hash])])
    return [page?.log ?? NO_LOG, list(new Set([own, hash, ...aliases.map(hashOf)]))]
  }

  return async ({ page, before, limit }) => {
    const end = before ?? Number.MAX_SAFE_INTEGER
    const statement: Statement =
      page === null
        ? ['readEntries', end, limit]
        : ['readEntriesOf', end, limit, ...(await logAndAddresses(page))]
    return (await link.rows<StoredEntry>(statement)).map(parseEntry)
  }
}

/** The newest entry of a page, by its log. For use within a transaction. */
export async function lastEntry(client: Client, log: number): Promise<AuditEntry | undefined> {
  const statement: Statement = ['readEntriesOf', Number.MAX_SAFE_INTEGER, 1, log, list([])]
  const [entry] = await rows<StoredEntry>(client, statement)
  return entry && parseEntry(entry)
}
