import type { Database } from 'better-sqlite3'
import type { Administration, AdminPage, AuditEntry, Versions } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import type { Span } from '../../../time.ts'
import type { HitTable } from '../hits.ts'
import { auditReader } from './audit.ts'
import { pageDescriber } from './describe.ts'
import { ADMIN_QUERIES } from './queries.ts'

/** Aliases of a page that are read. */
const MAX_ALIASES = 1000

/** The short reads of `Administration`. */
export function administrationReader(driver: Database, { reading, pages, journal }: HitTable) {
  const readVersions = driver.prepare<[], Versions>(ADMIN_QUERIES.readVersions)
  const readAliases = driver.prepare<[number, number], PageKey>(ADMIN_QUERIES.readAliases).pluck()
  const readKeys = driver.prepare<[number, number], { id: number; key: PageKey }>(
    ADMIN_QUERIES.readKeys,
  )
  const describe = pageDescriber(driver, journal)
  const readEntries = auditReader(driver)

  return {
    versions: (): Versions => readVersions.get() as Versions,

    page: (address: PageKey, today: Span): AdminPage | null =>
      reading(() => {
        const id = pages.resolve(address)
        if (id === undefined) return null
        return { ...describe(id, today), aliases: readAliases.all(id, MAX_ALIASES) }
      }),

    pageKeys(after: string, limit: number): { keys: PageKey[]; next: string | null } {
      const rows = readKeys.all(Number(after), limit)
      const next = rows.length < limit ? null : String(rows.at(-1)?.id)
      return { keys: rows.map(({ key }) => key), next }
    },

    audit: ({ page, before, limit }: Parameters<Administration['audit']>[0]): AuditEntry[] =>
      reading(() => {
        if (page === null) return readEntries(null, undefined, before, limit)
        const id = pages.resolve(page)
        const keys = new Set([page])
        if (id !== undefined) {
          keys.add(pages.readKey(id))
          for (const alias of readAliases.all(id, MAX_ALIASES)) keys.add(alias)
        }
        return readEntries([...keys], id, before, limit)
      }),
  }
}
