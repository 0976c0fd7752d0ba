import type { PageKey } from '../../page.ts'
import { checkMarks } from '../transfer/marks.ts'
import { all, run } from './connection.ts'
import { openForOperator } from './operator.ts'
import { list } from './pages.ts'
import type { PageHash } from './schema.ts'

/** Pages written in one transaction: a running service waits for it, not for all. */
const SLICE = 100

/**
 * Adds hits that another counter had counted. What was already added from `source` is added no second time: of a
 * page that has grown there since, only the rest.
 * @param marks by what the source is known again
 * @param pages each page's number at the source
 * @param now milliseconds since 1970, UTC
 * @returns how many pages and hits this run added
 * @throws OtherSource before anything is written
 */
export async function addImported(
  url: string,
  source: string,
  marks: readonly string[],
  pages: ReadonlyMap<PageKey, number>,
  now: number,
): Promise<{ pages: number; hits: number }> {
  const operator = await openForOperator(url)

  /** Adds the hits of some pages that are new, and returns how many they are. */
  async function addSlice(slice: readonly [PageKey, number][]): Promise<number[]> {
    const names = await operator.pages(
      slice.map(([page]) => page),
      now,
    )
    const asked = slice
      .map(([page, hits]) => ({ page: names.get(page) as PageHash, hits }))
      .sort((left, right) => (left.page < right.page ? -1 : 1))
    return operator.transactions.run(now, async (client) => {
      const [, rows] = await all([
        run(client, ['holdUp', 'import', now]),
        run(client, ['readImported', source, list(asked.map(({ page }) => page))]),
      ])
      const before = new Map(rows as [string, number][])
      const grown = asked
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
    await operator.transactions.run(now, async (client) => {
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
    await operator.close()
  }
}
