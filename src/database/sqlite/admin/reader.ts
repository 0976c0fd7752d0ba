import type { Database } from 'better-sqlite3'
import type { Administration, AdminPage, AuditEntry, Deed, Versions } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { HOUR_MS, type Span } from '../../../time.ts'
import type { HitTable } from '../hits.ts'
import { auditReader } from './audit.ts'
import { ADMIN_QUERIES } from './queries.ts'

/** Aliases of a page that are read. */
const MAX_ALIASES = 1000

/** A page's row in `page`, `tally`, `changed_page` and `removed_page`. */
export interface State {
  key: PageKey
  /** Without those in the journal. */
  hits: number
  version: number
  isRemoved: 0 | 1
}

/** Finds the beginnings of the first and the last period with a visit that are in the tables, in ms since 1970. */
export function seenReader(driver: Database) {
  type Seen = { first: number | null; last: number | null }
  const read = driver.prepare<[{ page: number }], Seen>(ADMIN_QUERIES.readSeen)
  const toMs = (hour: number | null) => (hour === null ? null : hour * HOUR_MS)
  return (page: number): Pick<AdminPage, 'firstSeen' | 'lastSeen'> => {
    const { first, last } = read.get({ page }) as Seen
    return { firstSeen: toMs(first), lastSeen: toMs(last) }
  }
}

/**
 * The short reads of `Administration`.
 * @param sum the hits of a page, by its id, in a span
 */
export function administrationReader(
  driver: Database,
  { reading, pages, journal }: HitTable,
  sum: (page: number, span: Span) => number,
) {
  const readVersions = driver.prepare<[], Versions>(ADMIN_QUERIES.readVersions)
  const readState = driver.prepare<[number], State>(ADMIN_QUERIES.readState)
  const readRemoved = driver.prepare<[number], Deed>(ADMIN_QUERIES.readRemoved)
  const readAliases = driver.prepare<[number, number], PageKey>(ADMIN_QUERIES.readAliases).pluck()
  const readKeys = driver.prepare<[number, number], { id: number; key: PageKey }>(
    ADMIN_QUERIES.readKeys,
  )
  const readSeen = seenReader(driver)
  const readEntries = auditReader(driver)

  const find = (key: PageKey) => pages.findPage(key) ?? pages.findAlias(key)?.id

  /** The times with those of hits that wait in the journal. */
  function seen(id: number) {
    let { firstSeen, lastSeen } = readSeen(id)
    for (const [hour] of journal.waitingHours(id, { from: -Infinity, to: Infinity })) {
      firstSeen = Math.min(firstSeen ?? Infinity, hour * HOUR_MS)
      lastSeen = Math.max(lastSeen ?? -Infinity, hour * HOUR_MS)
    }
    return { firstSeen, lastSeen }
  }

  return {
    versions: (): Versions => readVersions.get() as Versions,

    page: (address: PageKey, today: Span): AdminPage | null =>
      reading(() => {
        const id = find(address)
        if (id === undefined) return null
        const { key, hits, version } = readState.get(id) as State
        return {
          page: key,
          hits: hits + journal.waitingHits(id),
          today: sum(id, today),
          ...seen(id),
          aliases: readAliases.all(id, MAX_ALIASES),
          removed: readRemoved.get(id) ?? null,
          version,
        }
      }),

    pageKeys(after: string, limit: number): { keys: PageKey[]; next: string | null } {
      const rows = readKeys.all(Number(after), limit)
      const next = rows.length < limit ? null : String(rows.at(-1)?.id)
      return { keys: rows.map(({ key }) => key), next }
    },

    audit: ({ page, before, limit }: Parameters<Administration['audit']>[0]): AuditEntry[] =>
      reading(() => {
        if (page === null) return readEntries(null, undefined, before, limit)
        const id = find(page)
        const keys = new Set([page])
        if (id !== undefined) {
          keys.add((readState.get(id) as State).key)
          for (const alias of readAliases.all(id, MAX_ALIASES)) keys.add(alias)
        }
        return readEntries([...keys], id, before, limit)
      }),
  }
}
