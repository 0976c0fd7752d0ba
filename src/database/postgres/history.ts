import type { Removed, Slice, UncountedVisits } from '../../store.ts'
import { DAY_HOURS, DAY_MS, HOUR_MS, MINUTE_MS } from '../../time.ts'
import { UnknownOutcome } from '../failures.ts'
import type { Outdated } from '../options.ts'
import {
  type Client,
  COMMAND_ANSWER_MS,
  Connection,
  type Row,
  run,
  type Statement,
} from './connection.ts'
import type { PostgresExchange } from './exchange.ts'
import { retrying } from './failures.ts'
import { raiseBound } from './host-counters.ts'
import { idleRemover } from './idle.ts'
import { type Database, query } from './open.ts'
import { DRY_RUN_PAGES, list, type Pages, readSlice, readSliceWithHosts } from './pages.ts'
import type { Transactions } from './transaction.ts'

/** Rows of minutes rolled up in one transaction. */
const MINUTES_AT_ONCE = 2000
/** How much the clocks of two services may differ, in ms. */
const CLOCKS_MS = 60_000
/** A service that has not written for so long, in ms, counts as ended: others roll up what it left in the journal. */
const ORPHAN_MS = 60_000
/** How long the row of a connection that no longer writes is kept, in ms; and one that an action has fenced. */
const WRITER_MS = 7 * DAY_MS
const FENCED_MS = HOUR_MS

export interface HousekeepingParts {
  link: Connection
  db: Database
  transactions: Transactions
  /** This service's connections that write hits. */
  writers: readonly Transactions[]
  pages: Pages
  exchange: PostgresExchange
  activeMs: number
  /** Milliseconds since 1970, UTC. */
  clock: () => number
}

/** The methods of `Store` that roll up and remove. Rows and what they are rolled up into change in one transaction. */
export function housekeeping(parts: HousekeepingParts) {
  const { link, db, transactions, pages, exchange, activeMs, clock } = parts
  let maintainedMinute = Number.NEGATIVE_INFINITY
  /** Rolls up the journal into minutes. */
  async function rollUpJournal(ofWriters: readonly string[], now: number): Promise<void> {
    await transactions.run(now, (client) => run(client, ['rollUpJournal', list(ofWriters)]))
  }

  /** Rolls up what services that have ended left in the journal. @param before when they had last written, in ms */
  async function rollUpOrphans(before: number, now: number): Promise<void> {
    const [orphans = []] = await link.run(['orphans', before])
    const writers = orphans.map(([writer]) => writer as string)
    if (writers.length > 0) await rollUpJournal(writers, now)
  }

  /** Rolls up what all services left in the journal, including those that are running. */
  const rollUpAll = (now: number) => rollUpOrphans(Number.MAX_SAFE_INTEGER, now)

  /** Rolls up minutes that are no longer active into hours. */
  async function rollUpMinutes(beforeMinute: number, now: number): Promise<void> {
    for (let taken = MINUTES_AT_ONCE; taken === MINUTES_AT_ONCE; ) {
      const [[rows] = []] = await transactions.run(now, async (client) => {
        await run(client, raiseBound('minutes-before', beforeMinute))
        return run(client, ['rollUpMinutes', beforeMinute, MINUTES_AT_ONCE])
      })
      taken = Number(rows)
    }
  }

  /** @returns when the oldest tokens end; null if no tokens are stored */
  async function capTokens(latestEnd: number): Promise<number | null> {
    const [[ends] = []] = (await link.run(['endsOfTokens'])) as [Row[]]
    const [first, last] = (ends ?? []) as (number | null)[]
    // Not for a small difference between clocks, because it reads all tokens.
    if (Math.max(first ?? 0, last ?? 0) > latestEnd + CLOCKS_MS)
      await query(db, 'capTokens', latestEnd)
    return typeof first === 'number' ? first : null
  }

  /** Runs work in one transaction for the pages and hosts of a slice, with the journal rolled up first. */
  async function forPages(
    slice: Slice,
    bound: Statement,
    work: (client: Client, names: string, hosts: string) => Promise<Row[]>,
  ): Promise<{ next: string | null; rows: Row[] }> {
    const now = clock()
    // Old hits are in the journal only if their service has ended.
    if (slice.after === '') await rollUpAll(now)
    const { names, hosts, next } = await readSliceWithHosts(link, slice)
    if (names.length === 0 && hosts.length === 0) return { next, rows: [] }
    const rows = await transactions.run(now, async (client) => {
      await run(client, bound)
      return work(client, list(names), list(hosts))
    })
    return { next, rows }
  }

  async function writeOutcomes(uncounted: readonly UncountedVisits[]): Promise<void> {
    const now = clock()
    const writer = await transactions.register(now)
    const keys = new Set(uncounted.map(({ page }) => page))
    const { names } = await pages.names(keys, false, { link, transactions, now })
    // If a limit leaves no room for a page, or it is removed, its visits are dropped.
    const visits = new Map<string, { row: (string | number)[]; visits: number }>()
    for (const each of uncounted) {
      const named = names.get(each.page)
      if (named === undefined) continue
      // A page and its aliases are one row, and so are all pages of a host.
      for (const name of [named.page, named.host]) {
        const row = [name, each.hour, each.outcome]
        const before = visits.get(row.join())?.visits ?? 0
        visits.set(row.join(), { row, visits: before + each.visits })
      }
    }
    const rows = [...visits.values()].map(({ row, visits }) => [...row, visits])
    const columns = [0, 1, 2, 3].map((column) => list(rows.map((row) => row[column] as string)))
    await transactions
      .run(now, (client) => run(client, ['addOutcomes', ...columns]), { writer })
      .catch((error) => {
        // If they may have been written, they are not written again: losing them is better than recording them twice.
        if (!(error instanceof UnknownOutcome)) throw error
      })
  }

  return {
    removeIdle: idleRemover(parts, rollUpAll),

    async claim(chore: string, everyMs: number, now: number): Promise<boolean> {
      // A tenth of the time is allowed for timers that are early.
      const since = Math.floor(now - everyMs * 0.9)
      const [claimed = []] = await link.run(['claim', chore, now, since, now + 2 * everyMs])
      return claimed.length > 0
    },

    async maintain(now: number): Promise<void> {
      const [[removals] = []] = await link.run(['removals'])
      pages.notice(removals?.[0] as number | undefined)
      const writers = parts.writers.map(({ writer }) => writer)
      await Promise.all([rollUpJournal(writers, now), exchange.look()])
      const minute = Math.floor((now - activeMs) / MINUTE_MS)
      if (minute === maintainedMinute) return
      maintainedMinute = minute
      await rollUpOrphans(now - ORPHAN_MS, now)
      await rollUpMinutes(minute, now)
      await link.run(['forgetWriters', now - WRITER_MS, now - FENCED_MS])
      await exchange.forgetOld()
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
      const bound = raiseBound('hours-before', beforeHour)
      const { next } = await forPages(slice, bound, async (client, ...parts) => {
        for (const names of parts) {
          await run(client, ['rollUpHours', names, beforeHour])
          await run(client, ['rollUpOutcomes', names, beforeHour])
        }
        return []
      })
      return next
    },

    async prune(
      beforeHour: number,
      slice: Slice,
    ): Promise<{ next: string | null; removed: Removed }> {
      const bound = raiseBound('pruned-before', beforeHour)
      const { next, rows } = await forPages(slice, bound, async (client, names, hosts) => {
        // What is removed of hosts is the same once more.
        await run(client, ['prune', hosts, beforeHour, beforeHour / DAY_HOURS])
        return run(client, ['prune', names, beforeHour, beforeHour / DAY_HOURS])
      })
      return { next, removed: removedOf(rows) }
    },

    // If an operator's action fences the writer, the pages are looked up again.
    writeUncounted: (uncounted: readonly UncountedVisits[]) =>
      retrying(() => writeOutcomes(uncounted)),
  }
}

/** @param rows the result of `prune` or `countOld` */
function removedOf([row = []]: readonly Row[]): Removed {
  const [pages = 0, hours = 0, days = 0, outcomes = 0] = row as number[]
  return { pages, hours, days, outcomes }
}

/**
 * Counts what `prune` and `sweep` would remove. Nothing is written.
 * @param beforeHour the first hour to keep; null if everything is kept
 */
export async function findOutdated(
  url: string,
  beforeHour: number | null,
  now: number,
): Promise<Outdated> {
  const link = new Connection(url, { answerMs: COMMAND_ANSWER_MS })
  try {
    const [[ended] = []] = await link.run(['countEnded', now])
    const tokens = Number(ended)
    const removed = removedOf([])
    if (beforeHour === null) return { removed, tokens }
    for (let after: string | null = ''; after !== null; ) {
      const { names, next } = await readSlice(link, { after, pages: DRY_RUN_PAGES })
      const [rows = []] = await link.run([
        'countOld',
        list(names),
        beforeHour,
        beforeHour / DAY_HOURS,
      ])
      const ofSlice = removedOf(rows)
      for (const kind of Object.keys(removed) as (keyof Removed)[]) removed[kind] += ofSlice[kind]
      after = next
    }
    return { removed, tokens }
  } finally {
    await link.close()
  }
}
