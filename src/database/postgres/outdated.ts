import type { Removed } from '../../store.ts'
import { DAY_HOURS } from '../../time.ts'
import { Connection } from './connection.ts'
import { readerSetup } from './open.ts'
import { list } from './pages.ts'
import { BEFORE_ALL, countRemoved } from './rollup.ts'

/** How long the server may take to read a slice, in ms; and pages in a slice. */
const ANSWER_MS = 60_000
const SLICE = 1000

/**
 * Counts what `prune` and `sweep` would remove, by their own conditions. Nothing is written.
 * @param beforeHour the first hour to keep; null if everything is kept
 * @throws what the driver throws, also if the database was made by another version
 */
export async function findOutdated(
  url: string,
  beforeHour: number | null,
  now: number,
): Promise<{ removed: Removed; tokens: number }> {
  const link = new Connection(url, readerSetup(ANSWER_MS), { answerMs: ANSWER_MS })
  try {
    const removed: Removed = { pages: 0, hours: 0, days: 0, outcomes: 0 }
    const [[ended] = []] = await link.run(['countEnded', now])
    const tokens = Number(ended)
    if (beforeHour === null) return { removed, tokens }
    for (let after: string | undefined = BEFORE_ALL; after !== undefined; ) {
      const [pages = []] = await link.run(['pagesAfter', after, SLICE])
      const names = pages.map(([name]) => name as string)
      const ofSlice = await countOld(link, list(names), beforeHour)
      for (const kind of Object.keys(removed) as (keyof Removed)[]) removed[kind] += ofSlice[kind]
      after = names.at(-1)
    }
    return { removed, tokens }
  } finally {
    await link.close()
  }
}

async function countOld(link: Connection, names: string, beforeHour: number): Promise<Removed> {
  const beforeMinute = beforeHour * 60
  const [minutes = [], waiting = [], hours = [], days = [], outcomes = []] = await link.run(
    ['readMinutesOf', names, beforeMinute],
    // `prune` rolls up the journal first.
    ['readJournalOf', names, beforeMinute],
    ['readHours', names, beforeHour],
    ['readDays', names, beforeHour / DAY_HOURS],
    ['readOutcomes', names, beforeHour],
  )
  return countRemoved([...minutes, ...waiting], hours, days, outcomes)
}
