import type { Change, ChangedPage, Deed } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { checkChanges, wasChanged } from '../../changes.ts'
import { answerOf, changedPages, makeChanges, OtherVersion } from '../../make-changes.ts'
import type { Active } from '../active.ts'
import type { HitTable } from '../hits.ts'
import { addEntry } from './audit.ts'
import { FilePages } from './file-pages.ts'
import type { Statements } from './statements.ts'

/** Pages that housekeeping purges in one transaction. */
const PURGED_PAGES = 10

/** `change` of `Administration`, and `purgeRemoved`. */
export function pageChanger(sql: Statements, hits: HitTable, active: Active) {
  function make(changes: readonly Change[], deed: Deed, pages: FilePages): ChangedPage[] {
    const made = makeChanges(changes, deed, pages)
    let { pages: version } = sql.get<{ pages: number }>('readVersions') as { pages: number }
    for (const { page, action, key, before, after } of made) {
      version += 1
      page.version = version
      addEntry(sql, deed, { action, page: key, pageId: page.id, before, after })
    }
    sql.run('setPagesVersion', version)
    const changed = changedPages(made)
    for (const page of changed) pages.write(page)
    pages.writeHosts()
    if (pages.movesAddresses) hits.forgetPages()
    return changed.map(answerOf)
  }

  function change(changes: readonly Change[], deed: Deed): ChangedPage[] {
    checkChanges(changes)
    if (changes.length === 0) return []
    const pages = new FilePages(sql, hits)
    const changed = hits.writing(() => {
      try {
        return make(changes, deed, pages)
      } catch (error) {
        // The file is rolled back, but not what the journal has in memory.
        if (pages.hasRolledUp) hits.forget()
        if (!(error instanceof OtherVersion)) throw error
        const last =
          error.page && sql.get<Deed & { action: string }>('readLastEntry', error.page.id)
        throw wasChanged(error, last)
      }
    })
    active.move(pages.moves)
    return changed
  }

  function purgeRemoved(before: number, now: number): number {
    const rows = hits.reading(() =>
      sql.all<{ key: PageKey }>('findRemovedBefore', before, PURGED_PAGES),
    )
    if (rows.length === 0) return 0
    const reason = `removed before ${new Date(before).toISOString()}`
    const changes = rows.map(({ key }) => ({ action: 'purge', page: key }) as const)
    change(changes, { actor: 'housekeeping', reason, at: now })
    return rows.length
  }

  return { change, purgeRemoved }
}
