import { setTimeout as pause } from 'node:timers/promises'
import { hostOf, type PageKey } from '../page.ts'
import { pageStatements } from './pages.ts'
import type { OpenDatabase } from './sqlite.ts'
import { prepare } from './statement.ts'

/** Pages written in one transaction, and the pause after it in ms: a running server waits for either, not for all. */
const SLICE = 100
const PAUSE_MS = 10

/**
 * Adds hits that another counter had counted. What was already added from `source` is added no second time: of a
 * page that has grown there since, only the rest.
 * @param pages each page's number at the source
 * @returns how many pages and hits this run added
 */
export async function addImported(
  { driver, db }: OpenDatabase,
  source: string,
  pages: ReadonlyMap<PageKey, number>,
): Promise<{ pages: number; hits: number }> {
  // Prepared once: built anew for each page, they held the server up for seconds.
  const { addPage, addHits } = pageStatements(driver, db)
  const hadHits = prepare<[string, number], { hits: number }>(
    driver,
    db.selectFrom('imported').select('hits').where('source', '=', '').where('page_id', '=', 0),
  )
  const setHits = prepare<[string, number, number]>(
    driver,
    db
      .insertInto('imported')
      .values({ source: '', page_id: 0, hits: 0 })
      .onConflict((conflict) =>
        conflict
          .columns(['source', 'page_id'])
          .doUpdateSet((eb) => ({ hits: eb.ref('excluded.hits') })),
      ),
  )

  /** Adds a page's hits that are new, and returns how many they are. */
  function add(page: PageKey, hits: number): number {
    const { id } = addPage.get(page, hostOf(page)) as { id: number }
    const more = Math.max(0, hits - (hadHits.get(source, id)?.hits ?? 0))
    if (more === 0) return 0
    setHits.run(source, id, hits)
    addHits.get(id, more)
    return more
  }

  const addSlice = driver.transaction((slice: [PageKey, number][]) =>
    slice.map(([page, hits]) => add(page, hits)),
  ).immediate
  const added = { pages: 0, hits: 0 }
  const entries = [...pages]
  for (let start = 0; start < entries.length; start += SLICE) {
    if (start > 0) await pause(PAUSE_MS)
    for (const more of addSlice(entries.slice(start, start + SLICE))) {
      added.pages += more > 0 ? 1 : 0
      added.hits += more
    }
  }
  return added
}
