import type { Administration, AuditEntry, Deed } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { type Client, type Connection, type Row, run } from '../connection.ts'
import { hashOf, list, type PageHash } from '../pages.ts'
import { storedPage } from './stored.ts'

/** Aliases of a page that are read. */
export const MAX_ALIASES = 1000

/** No page has this log. */
const NO_LOG = -1

/** What is written about an action. */
export interface NewEntry {
  action: string
  key: PageKey | null
  /** That of the page for which the key stands afterwards. */
  log: number | null
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
    list(entries.map(({ log }) => log ?? 'null')),
    entries.map(({ before }) => json(before)),
    entries.map(({ after }) => json(after)),
  ])
}

/** An entry about something that is not a page. */
export const entryOf = (action: string, before: unknown, after: unknown): NewEntry => ({
  action,
  key: null,
  log: null,
  before,
  after,
})

/** `audit` of `Administration`. */
export function auditReader(link: Connection): Administration['audit'] {
  /** The log of a page, and the hashes of its addresses. @param address one of them */
  async function findPage(address: PageKey): Promise<[log: number, addresses: string]> {
    const own = hashOf(address)
    const [[found] = []] = await link.run(['findPages', list([own])])
    if (found === undefined) return [NO_LOG, list([own])]
    const page = found[1] as PageHash
    const [[row = []] = [], aliases = []] = await link.run(
      ['readPages', list([page])],
      ['readAliases', page, MAX_ALIASES],
    )
    const addresses = [own, page, ...aliases.map(([key]) => hashOf(key as PageKey))]
    return [storedPage(row).log ?? NO_LOG, list(new Set(addresses))]
  }

  return async ({ page, before, limit }) => {
    const end = before ?? Number.MAX_SAFE_INTEGER
    const [rows = []] =
      page === null
        ? await link.run(['readEntries', end, limit])
        : await link.run(['readEntriesOf', end, limit, ...(await findPage(page))])
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

/** The newest entry of a page, by its log. For use within a transaction. */
export async function lastEntry(client: Client, log: number): Promise<AuditEntry | undefined> {
  const end = Number.MAX_SAFE_INTEGER
  const [row] = await run(client, ['readEntriesOf', end, 1, log, list([])])
  return row && entryOfRow(row)
}
