import type { Administration, AuditEntry, Deed } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { type Client, type Connection, type Row, run } from '../connection.ts'
import { hashOf, list, type PageHash } from '../pages.ts'
import { MAX_ALIASES } from './pages.ts'

/** What is written about an action. */
export interface NewEntry {
  action: string
  key: PageKey | null
  /** The page for which the key stands afterwards. */
  page: PageHash | null
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
    entries.map(({ key }) => key),
    list(entries.map(({ key }) => (key === null ? 'null' : hashOf(key)))),
    list(entries.map(({ page }) => page ?? 'null')),
    entries.map(({ before }) => json(before)),
    entries.map(({ after }) => json(after)),
  ])
}

/** An entry about something that is not a page. */
export const entryOf = (action: string, before: unknown, after: unknown): NewEntry => ({
  action,
  key: null,
  page: null,
  before,
  after,
})

/** `audit` of `Administration`. */
export function auditReader(link: Connection): Administration['audit'] {
  /** The hashes of a page and of its aliases, by one of its addresses. */
  async function addressesOf(address: PageKey): Promise<PageHash[]> {
    const own = hashOf(address)
    const [[found] = []] = await link.run(['findPages', list([own])])
    const page = (found?.[1] ?? own) as PageHash
    const [aliases = []] = await link.run(['readAliases', page, MAX_ALIASES])
    return [...new Set([own, page, ...aliases.map(([key]) => hashOf(key as PageKey))])]
  }

  return async ({ page, before, limit }) => {
    const end = before ?? Number.MAX_SAFE_INTEGER
    const [rows = []] =
      page === null
        ? await link.run(['readEntries', end, limit])
        : await link.run(['readEntriesOf', end, limit, list(await addressesOf(page))])
    return rows.map(entryOfRow)
  }
}

function entryOfRow([id, at, actor, reason, action, key, before, after]: Row): AuditEntry {
  return {
    id: Number(id),
    at: Number(at),
    actor: String(actor),
    reason: String(reason),
    action: String(action),
    page: key as PageKey | null,
    before: JSON.parse(String(before)),
    after: JSON.parse(String(after)),
  }
}

/** The newest entry of a page; undefined if it has none. For use within a transaction. */
export async function lastEntry(client: Client, page: PageHash): Promise<AuditEntry | undefined> {
  const end = Number.MAX_SAFE_INTEGER
  const [row] = await run(client, ['readEntriesOf', end, 1, list([page])])
  return row && entryOfRow(row)
}
