import type { Database } from 'better-sqlite3'
import type { Administration, Versions } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import type { Sync } from '../../../worker.ts'
import { MAX_ALIASES } from '../../administration.ts'
import type { Active } from '../active.ts'
import type { HitTable } from '../hits.ts'
import { addEntry, readEntries, readEntriesOf } from './audit.ts'
import { pageChanger } from './changes.ts'
import { pageDescriber } from './describe.ts'
import { ruleTable } from './rules.ts'
import { secretTable } from './secrets.ts'
import { statements } from './statements.ts'

/** The methods of `Administration` that the writing thread runs: all except the reads of all pages. */
export function administrationWork(
  driver: Database,
  hits: HitTable,
  active: Active,
): Sync<Omit<Administration, 'pages' | 'spikes'>> {
  const { reading, writing, pages, journal } = hits
  const sql = statements(driver)
  const describe = pageDescriber(driver, sql, journal)
  const aliasesOf = (id: number) =>
    sql.all<{ key: PageKey }>('readAliases', id, MAX_ALIASES).map(({ key }) => key)

  return {
    ...pageChanger(sql, hits, active),
    ...ruleTable(sql, hits),
    ...secretTable(sql, hits),

    versions: () => sql.get<Versions>('readVersions') as Versions,

    page: (address, today) =>
      reading(() => {
        const id = pages.resolve(address)
        return id === undefined ? null : { ...describe(id, today), aliases: aliasesOf(id) }
      }),

    pageKeys(after, limit) {
      const rows = sql.all<{ id: number; key: PageKey }>('readKeys', Number(after), limit)
      const next = rows.length < limit ? null : String(rows.at(-1)?.id)
      return { keys: rows.map(({ key }) => key), next }
    },

    audit: ({ page, before, limit }) =>
      reading(() => {
        const end = before ?? Number.MAX_SAFE_INTEGER
        if (page === null) return readEntries(sql, end, limit)
        const id = pages.resolve(page)
        const others = id === undefined ? [] : [pages.readKey(id), ...aliasesOf(id)]
        return readEntriesOf(sql, { id, keys: new Set([page, ...others]) }, end, limit)
      }),

    record: (entry) => writing(() => addEntry(sql, entry, entry)),
  }
}
