import { setTimeout as pause } from 'node:timers/promises'
import type { PageKey } from '../../page.ts'
import { checkMarks } from '../transfer/hit-counter.ts'
import type { OpenDatabase } from './open.ts'
import { pageWriter } from './pages.ts'
import { QUERIES } from './queries.ts'

/** Pages written in one transaction, and the pause after it in ms, so that a running service need not wait for long. */
const SLICE = 100
const PAUSE_MS = 10

/**
 * Adds hits from another counter. If `source` was imported before, only hits that it has counted since are added.
 * @param marks identify the source, see `checkMarks`
 * @param pages each page's number at the source
 * @returns the numbers of pages and hits that this run added
 * @throws OtherSource before anything is written
 */
export async function addImported(
  { driver }: OpenDatabase,
  source: string,
  marks: readonly string[],
  pages: ReadonlyMap<PageKey, number>,
): Promise<{ pages: number; hits: number }> {
  const readMarks = driver.prepare<[string], string>(QUERIES.readMarks).pluck()
  const addMarks = driver.prepare<[string, string]>(QUERIES.addMarks)
  driver
    .transaction(() => {
      const stored = readMarks.get(source)
      if (stored !== undefined) checkMarks(stored, marks)
      else if (marks.length > 0) addMarks.run(source, JSON.stringify(marks))
    })
    .immediate()
  // The limits apply to strangers, not to the operator.
  const { findPage, makePage } = pageWriter(driver, { maxPages: 0, maxPagesPerHost: 0 })
  const addToTally = driver.prepare<[number, number]>(QUERIES.addToTally)
  const readImported = driver.prepare<[string, number], number>(QUERIES.readImported).pluck()
  const setImported = driver.prepare<[string, number, number]>(QUERIES.setImported)

  /** Adds the new hits of a page. @returns their number */
  function add(page: PageKey, hits: number): number {
    const id = findPage(page) ?? (makePage(page) as number)
    const more = Math.max(0, hits - (readImported.get(source, id) ?? 0))
    if (more === 0) return 0
    setImported.run(source, id, hits)
    addToTally.run(id, more)
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
