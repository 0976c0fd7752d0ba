import type { Database } from 'better-sqlite3'
import { DAY_HOURS } from '../../time.ts'
import { MAX_SUM } from '../options.ts'
import type { Journal } from './journal.ts'
import { QUERIES } from './queries.ts'

/** After every hour and day. */
const END = Number.MAX_SAFE_INTEGER
const KINDS = ['Hours', 'Days', 'Outcomes'] as const

/** The hours before which history may have been rolled up into days, and removed. */
interface Bounds {
  rolledUp: number
  pruned: number
}

/** The id of a host's counter, which is in the same tables as pages. It is negative: no page has it. */
export const counterOf = (host: number) => -host

/**
 * Keeps the counters of hosts: number and history of each are the sums of those of its pages that are not removed. Hits and
 * visits that do not count are added to page and counter at once, so all that is left are the changes of pages. All functions
 * are for use within a transaction. A page must have been rolled up out of the journal, and its counter is.
 */
export function hostCounters(driver: Database, journal: Journal) {
  type Pair = [counter: number, page: number]
  const pairs = (names: readonly (keyof typeof QUERIES)[]) =>
    names.map((name) => driver.prepare<Pair>(QUERIES[name]))
  const additions = pairs(KINDS.map((kind) => `merge${kind}` as const))
  const removals = pairs([
    ...KINDS.map((kind) => `take${kind}` as const),
    ...KINDS.map((kind) => `dropEmpty${kind}` as const),
  ])
  type Before = [page: number, before: number]
  const before = (name: keyof typeof QUERIES) => driver.prepare<Before>(QUERIES[name])
  const rollUps = [
    before('addDays'),
    before('removeHours'),
    before('addOldOutcomes'),
    before('removeOldOutcomes'),
  ]
  const removeHours = before('removeHours')
  const removeDays = before('removeDays')
  const removeOutcomes = before('removeOutcomes')
  const readBounds = driver.prepare<[], Bounds>(QUERIES.readBounds)
  const readHostOf = driver.prepare<[number], number>(QUERIES.readHostOf).pluck()
  const addToTally = driver.prepare<[number, bigint]>(QUERIES.addToTally)
  const isTooLarge = driver.prepare<[number, bigint], number>(QUERIES.isAbove).pluck()
  const sumOfPages = driver.prepare<[number], bigint>(QUERIES.sumOfHost).pluck().safeIntegers()
  const setTally = driver.prepare<[number, bigint]>(QUERIES.setTally)
  /** Hosts whose numbers are to be added up again, and hosts that pages have left. */
  const tooLarge = new Set<number>()
  const left = new Set<number>()
  const removeTally = driver.prepare<[number]>(QUERIES.removeTally)
  const takingFrom = (period: 'Hour' | 'Day') =>
    [
      driver.prepare<[hits: number, counter: number, at: number]>(QUERIES[`takeFrom${period}`]),
      driver.prepare<[counter: number, at: number]>(QUERIES[`dropEmpty${period}`]),
    ] as const
  const [ofHour, ofDay] = [takingFrom('Hour'), takingFrom('Day')]
  const takeFromHost = driver.prepare<[number]>(QUERIES.takeFromHost)
  const pagesOf = driver.prepare<[number], number>(QUERIES.readPagesOfHost).pluck()
  const removeHost = driver.prepare<[number]>(QUERIES.removeHost)

  /**
   * Brings a history to the form that old histories have. Pages and counters are rolled up and pruned by slices, so one of
   * two may be ahead of the other; in this form they have the same periods.
   */
  function align(id: number, { rolledUp, pruned }: Bounds): void {
    for (const statement of rollUps) statement.run(id, rolledUp)
    removeHours.run(id, pruned)
    removeDays.run(id, pruned / DAY_HOURS)
    removeOutcomes.run(id, pruned)
  }

  function changeHistory(host: number, page: number, statements: typeof additions): void {
    const counter = counterOf(host)
    const bounds = readBounds.get() as Bounds
    journal.rollUpPage(counter)
    for (const id of [counter, page]) align(id, bounds)
    for (const statement of statements) statement.run(counter, page)
  }

  function remove(host: number): void {
    const counter = counterOf(host)
    // Otherwise a later roll-up would make a row for a host that is gone.
    journal.rollUpPage(counter)
    for (const statement of [removeHours, removeDays, removeOutcomes]) statement.run(counter, END)
    removeTally.run(counter)
    removeHost.run(host)
  }

  return {
    /** The host of a page; undefined if there is no such page. */
    hostOf: (page: number): number | undefined => readHostOf.get(page),
    /** Adds the history of a page that begins to belong to a host. */
    addHistory: (host: number, page: number) => changeHistory(host, page, additions),
    /** Takes away the history of a page that still has it. */
    takeHistory: (host: number, page: number) => changeHistory(host, page, removals),
    /** Adds to the number of a host that has pages. */
    addHits(host: number, hits: bigint): void {
      if (hits === 0n || (pagesOf.get(host) ?? 0) <= 0) return
      const counter = counterOf(host)
      const isAbove = () => isTooLarge.get(counter, MAX_SUM) !== undefined
      if (isAbove() || hits >= MAX_SUM || hits <= -MAX_SUM) tooLarge.add(host)
      else {
        addToTally.run(counter, hits)
        if (isAbove()) tooLarge.add(host)
      }
    },
    /** Takes hits of an hour from the history. */
    takeHour(host: number, hour: number, hits: number): void {
      const counter = counterOf(host)
      const bounds = readBounds.get() as Bounds
      journal.rollUpPage(counter)
      align(counter, bounds)
      const isRolledUp = hour < bounds.rolledUp
      const period = isRolledUp ? Math.floor(hour / DAY_HOURS) : hour
      const [take, dropEmpty] = isRolledUp ? ofDay : ofHour
      take.run(hits, counter, period)
      dropEmpty.run(counter, period)
    },
    /** Takes a page from the host's number of pages. */
    leaveHost(host: number): void {
      takeFromHost.run(host)
      left.add(host)
    },
    /**
     * Removes the hosts that have no pages any more, and adds up the numbers that are too large to be changed. To be called after
     * all changes of a transaction.
     */
    settle(): void {
      for (const host of left) if ((pagesOf.get(host) ?? 0) <= 0) remove(host)
      left.clear()
      // A page's hits in the journal may be in the tables of its host already.
      if (tooLarge.size > 0) journal.rollUpAll()
      for (const host of tooLarge) setTally.run(counterOf(host), sumOfPages.get(host) ?? 0n)
      tooLarge.clear()
    },
  }
}
