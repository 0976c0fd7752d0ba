import type { PageKey } from '../../page.ts'
import { checkMarks } from '../transfer/hit-counter.ts'
import { all, Connection, run } from './connection.ts'
import { openMigrated, readerSetup, writerSetup } from './open.ts'
import { list, Pages } from './pages.ts'
import type { PageHash } from './schema.ts'
import { Transactions } from './transaction.ts'

/** Pages written in one transaction, so that a running service need not wait for long. */
const SLICE = 100
/** How long a slice may take, in ms. No visitor waits for it. */
const ANSWER_MS = 60_000

/**
 * Adds hits from another counter. If `source` was imported before, only hits that it has counted since are added.
 * @param marks identify the source, see `checkMarks`
 * @param pages each page's number at the source
 * @param now milliseconds since 1970, UTC
 * @returns the numbers of pages and hits that this run added
 * @throws OtherSource before anything is written
 */
export async function addImported(
  url: string,
  source: string,
  marks: readonly string[],
  pages: ReadonlyMap<PageKey, number>,
  now: number,
): Promise<{ pages: number; hits: number }> {
  await (await openMigrated(url)).destroy()
  const waits = { answerMs: ANSWER_MS }
  const link = new Connection(url, readerSetup(ANSWER_MS), waits)
  const transactions = new Transactions(url, writerSetup(ANSWER_MS, 'full'), waits, link)
  // The limits apply to strangers, not to the operator.
  const known = new Pages({ maxPages: 0, maxPagesPerHost: 0 })

  /** Adds the new hits of some pages. @returns the number for each page that has some */
  async function addSlice(slice: readonly [PageKey, number][]): Promise<number[]> {
    const keys = slice.map(([page]) => page)
    const { names } = await known.names(keys, true, { link, transactions, now })
    const imported = slice
      .map(([page, hits]) => ({ page: names.get(page) as PageHash, hits }))
      .sort((left, right) => (left.page < right.page ? -1 : 1))
    return transactions.run(now, async (client) => {
      const [, rows] = await all([
        run(client, ['holdUp', 'import', now]),
        run(client, ['readImported', source, list(imported.map(({ page }) => page))]),
      ])
      const before = new Map(rows as [string, number][])
      const grown = imported
        .map(({ page, hits }) => ({ page, hits, more: hits - (before.get(page) ?? 0) }))
        .filter(({ more }) => more > 0)
      const grownPages = list(grown.map(({ page }) => page))
      await run(client, [
        'setImported',
        grown.map(() => source),
        grownPages,
        list(grown.map(({ hits }) => hits)),
      ])
      await run(client, ['addToTallies', grownPages, list(grown.map(({ more }) => more))])
      return grown.map(({ more }) => more)
    })
  }

  async function check(): Promise<void> {
    await transactions.run(now, async (client) => {
      if (marks.length > 0) await run(client, ['addMarks', source, JSON.stringify(marks)])
      const [stored] = await run(client, ['readMarks', source])
      if (stored !== undefined) checkMarks(String(stored[0]), marks)
    })
  }

  try {
    await check()
    const added = { pages: 0, hits: 0 }
    const entries = [...pages]
    for (let start = 0; start < entries.length; start += SLICE) {
      for (const more of await addSlice(entries.slice(start, start + SLICE))) {
        added.pages += 1
        added.hits += more
      }
    }
    return added
  } finally {
    await transactions.close()
    await link.close()
  }
}
