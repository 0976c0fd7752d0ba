import { DAY_HOURS, NOON_HOUR } from '../../hours.ts'
import type { Removed, Slice, UncountedVisits } from '../../store.ts'
import { UnknownOutcome } from '../refusals.ts'
import { type Client, type Connection, type Row, run, type Statement } from './connection.ts'
import { MINUTE_MS } from './hits.ts'
import { list, type Pages } from './pages.ts'
import type { Transactions } from './transaction.ts'

const HOUR_MINUTES = 60
/** Minutes that are added to their hours at once. */
const MINUTES_AT_ONCE = 2000
/** The page before all others. */
export const FIRST = '00000000-0000-0000-0000-000000000000'
/** How much later than this service's clock says another may have opened a window, in ms. */
const CLOCKS_MS = 60_000
/** A service that has not written for so long, in ms, has ended, or has nothing left to roll up. */
const ORPHAN_MS = 60_000
/** How long a connection that wrote nothing more is remembered, in ms. */
const WRITER_MS = 7 * 86_400_000

export interface TidyParts {
  link: Connection
  transactions: Transactions
  /** Lets no token end later; it may take long. */
  capAll: (latestEnd: number) => Promise<unknown>
  /** Of this service. */
  writers: () => string[]
  pages: Pages
  activeMs: number
}

/** What keeps the tables in order; see `Store`. What is removed and what it becomes are one transaction each. */
export function housekeeping({ link, transactions, capAll, writers, pages, activeMs }: TidyParts) {
  let maintained = Number.NEGATIVE_INFINITY
  let removals: number | undefined

  /** What waits in the journal is added to its minutes. */
  async function rollUpJournal(ofWriters: readonly string[], now: number): Promise<void> {
    await transactions.run(now, (client) => run(client, ['rollUpJournal', list(ofWriters)]))
  }

  /** What ended services have left there. */
  async function rollUpOrphans(before: number, now: number): Promise<void> {
    const [orphans = []] = await link.run(['orphans', before])
    if (orphans.length > 0)
      await rollUpJournal(
        orphans.map(([writer]) => writer as string),
        now,
      )
  }

  /** The minutes that are no longer asked for by themselves are added to their hours. */
  async function rollUpMinutes(beforeMinute: number, now: number): Promise<void> {
    for (let taken = MINUTES_AT_ONCE; taken === MINUTES_AT_ONCE; ) {
      taken = await transactions.run(now, async (client) => {
        const rows = await run(client, ['takeMinutes', beforeMinute, MINUTES_AT_ONCE])
        await add(
          client,
          'addToHour',
          sumBy(rows, (minute) => Math.floor(minute / HOUR_MINUTES)),
        )
        return rows.length
      })
    }
  }

  /** @returns the end of the first tokens, null where there are none */
  async function capTokens(latestEnd: number): Promise<number | null> {
    const [[ends] = []] = (await link.run(['endsOfTokens'])) as [Row[]]
    const [first, last] = (ends ?? []) as (number | null)[]
    // All tokens are looked at, which is not to happen because two clocks differ a little.
    if (Math.max(first ?? 0, last ?? 0) > latestEnd + CLOCKS_MS) await capAll(latestEnd)
    return typeof first === 'number' ? first : null
  }

  async function forPages<Result>(
    { after, pages: many }: Slice,
    beforeHour: number,
    work: (client: Client, names: string) => Promise<Result>,
  ): Promise<{ next: string | null; result: Result | null }> {
    const now = beforeHour * HOUR_MINUTES * MINUTE_MS
    // What is old is not in the journal any more, unless its service has ended.
    if (after === '') await rollUpOrphans(Number.MAX_SAFE_INTEGER, now)
    const [rows = []] = await link.run(['pagesAfter', after || FIRST, many])
    const names = rows.map(([name]) => name as string)
    if (names.length === 0) return { next: null, result: null }
    const result = await transactions.run(now, (client) => work(client, list(names)))
    return { next: names.length < many ? null : (names.at(-1) as string), result }
  }

  /** Another service or a command may have removed pages that are known here. */
  async function noticeRemovals(): Promise<void> {
    const [[row] = []] = await link.run(['removals'])
    const current = row?.[0] as number | undefined
    if (current !== removals) pages.forget()
    removals = current
  }

  return {
    /** What ended services have left in the journal; of those that run it takes a part too. */
    rollUpOrphans: () => rollUpOrphans(Number.MAX_SAFE_INTEGER, 0),

    async maintain(now: number): Promise<void> {
      await noticeRemovals()
      await rollUpJournal(writers(), now)
      const minute = Math.floor((now - activeMs) / MINUTE_MS)
      if (minute === maintained) return
      maintained = minute
      await rollUpOrphans(now - ORPHAN_MS, now)
      await rollUpMinutes(minute, now)
      await link.run(['forgetWriters', now - WRITER_MS])
    },

    async capWindows(latestEnd: number): Promise<void> {
      await capTokens(latestEnd)
    },

    async sweep(now: number, limit: number, windowMs: number): Promise<number> {
      const first = await capTokens(now + windowMs)
      if (first === null || first > now) return 0
      const [removed = []] = await link.run(['removeTokens', limit, now])
      return removed.reduce((sum, [tokens]) => sum + Number(tokens), 0)
    },

    async rollUpHours(beforeHour: number, slice: Slice): Promise<string | null> {
      const { next } = await forPages(slice, beforeHour, async (client, names) => {
        const minutes = await run(client, ['takeMinutesOf', names, beforeHour * HOUR_MINUTES])
        const hours = await run(client, ['takeHours', names, beforeHour])
        const days = sumBy(minutes, (minute) => dayOf(Math.floor(minute / HOUR_MINUTES)))
        for (const [key, hits] of sumBy(hours, dayOf)) days.set(key, (days.get(key) ?? 0) + hits)
        await add(client, 'addToDay', days)
        const outcomes = await run(client, ['takeHoursOfOutcomes', names, beforeHour])
        await run(
          client,
          outcomesStatement(
            outcomes.map(
              ([page, hour, outcome, visits]) =>
                [page, dayOf(hour as number) * DAY_HOURS + NOON_HOUR, outcome, visits] as Row,
            ),
          ),
        )
      })
      return next
    },

    async prune(
      beforeHour: number,
      slice: Slice,
    ): Promise<{ next: string | null; removed: Removed }> {
      const { next, result } = await forPages(slice, beforeHour, async (client, names) => {
        const minutes = await run(client, ['takeMinutesOf', names, beforeHour * HOUR_MINUTES])
        const hours = await run(client, ['takeHours', names, beforeHour])
        const days = await run(client, ['takeDays', names, beforeHour / DAY_HOURS])
        const outcomes = await run(client, ['takeOutcomes', names, beforeHour])
        // Minutes are hours that nobody has added up yet.
        const all = sumBy(minutes, (minute) => Math.floor(minute / HOUR_MINUTES))
        for (const [page, hour] of hours) all.set(`${page} ${hour}`, 0)
        const touched = new Set([...minutes, ...hours, ...days, ...outcomes].map(([page]) => page))
        return {
          pages: touched.size,
          hours: all.size,
          days: days.length,
          outcomes: outcomes.length,
        }
      })
      return { next, removed: result ?? { pages: 0, hours: 0, days: 0, outcomes: 0 } }
    },

    async writeUncounted(uncounted: readonly UncountedVisits[]): Promise<void> {
      const now = Math.max(...uncounted.map(({ hour }) => hour)) * HOUR_MINUTES * MINUTE_MS
      const asked = new Set(uncounted.map(({ page }) => page))
      const { names } = await pages.names(asked, false, { link, transactions, now })
      // There may be no more pages than there are: then nobody will ask about this one.
      const rows = uncounted.flatMap(({ page, hour, outcome, visits }): Row[] => {
        const name = names.get(page)
        return name === undefined ? [] : [[name, hour, outcome, visits]]
      })
      await transactions
        .run(now, (client) => run(client, outcomesStatement(rows)))
        .catch((error) => {
          // Rather lost than counted twice.
          if (!(error instanceof UnknownOutcome)) throw error
        })
    },
  }
}

const dayOf = (hour: number) => Math.floor(hour / DAY_HOURS)

/** Adds up hits by page and a larger unit of time. */
function sumBy(rows: readonly Row[], unit: (time: number) => number): Map<string, number> {
  const sums = new Map<string, number>()
  for (const [page, time, hits] of rows as [string, number, number][]) {
    const key = `${page} ${unit(time)}`
    sums.set(key, (sums.get(key) ?? 0) + hits)
  }
  return sums
}

async function add(
  client: Client,
  name: 'addToHour' | 'addToDay',
  sums: ReadonlyMap<string, number>,
): Promise<void> {
  if (sums.size === 0) return
  const rows = [...sums].map(([key, hits]) => [...key.split(' '), hits] as const).sort()
  const column = (at: number) => list(rows.map((row) => row[at] as string | number))
  await run(client, [name, column(0), column(1), column(2)])
}

/** Several rows may be of one page, hour and outcome: they are added up first. */
function outcomesStatement(rows: readonly Row[]): Statement {
  const sums = new Map<string, number>()
  for (const [page, hour, outcome, visits] of rows) {
    const key = `${page} ${hour} ${outcome}`
    sums.set(key, (sums.get(key) ?? 0) + (visits as number))
  }
  const keys = [...sums.keys()].sort()
  const column = (at: number) => list(keys.map((key) => key.split(' ')[at] as string))
  return [
    'addOutcomes',
    column(0),
    column(1),
    column(2),
    list(keys.map((key) => sums.get(key) as number)),
  ]
}
