import type { Database, Statement } from 'better-sqlite3'
import type { PageKey } from '../../page.ts'
import type { Removed, Seen, Slice, Tally, UncountedVisits } from '../../store.ts'
import { DAY_HOURS, daysWithNoonIn, HOUR_MS, type Span } from '../../time.ts'
import type { UncountedOutcome } from '../../visit.ts'
import type { Outdated } from '../options.ts'
import type { HitTable } from './hits.ts'
import { counterOf } from './host-counters.ts'
import type { Journal } from './journal.ts'
import { QUERIES } from './queries.ts'
import { readSnapshot } from './readable.ts'

/** @returns a function that reads the hits of a page, by its id, in a span. For use within a transaction */
export function spanReader(driver: Database, waiting: Journal) {
  type Part = [page: number, from: number, to: number]
  const sumHours = driver.prepare<Part, number>(QUERIES.sumHours).pluck()
  const sumDays = driver.prepare<Part, number>(QUERIES.sumDays).pluck()

  return (page: number, span: Span): number => {
    const days = daysWithNoonIn(span)
    let hits =
      (sumHours.get(page, span.from, span.to) ?? 0) + (sumDays.get(page, days.from, days.to) ?? 0)
    for (const [, ofHour] of waiting.waitingHours(page, span)) hits += ofHour
    return hits
  }
}

const EVER: Span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

/** @returns a function that reads when a page, by its id, had its first and its last hit. For use within a transaction */
function seenReader(driver: Database, waiting: Journal) {
  type Row = Record<keyof Seen, number | null>
  const read = driver.prepare<{ page: number }, Row>(QUERIES.readCounted)

  return (page: number): Seen => {
    const counted = read.get({ page })
    const hours = [counted?.first ?? [], counted?.last ?? []].flat()
    for (const [hour] of waiting.waitingHours(page, EVER)) hours.push(hour)
    if (hours.length === 0) return { first: null, last: null }
    return { first: Math.min(...hours) * HOUR_MS, last: Math.max(...hours) * HOUR_MS }
  }
}

/** `sums`, `history` and `seen` of `Store`, for use within a transaction. */
export function historyReader(driver: Database, hits: HitTable) {
  const sumOutcomes = driver.prepare<[page: number, from: number, to: number], Tally>(
    QUERIES.sumOutcomes,
  )
  const sum = spanReader(driver, hits.journal)
  const seen = seenReader(driver, hits.journal)

  return {
    seen(key: PageKey): Seen {
      const page = hits.find(key)
      return page === undefined ? { first: null, last: null } : seen(page.id)
    },

    sums(key: PageKey, spans: readonly (Span | null)[]): number[] {
      const page = hits.find(key)
      if (page === undefined) return spans.map(() => 0)
      return spans.map((span) => (span === null ? page.hits : sum(page.id, span)))
    },

    history(key: PageKey, spans: readonly Span[]): Tally[][] {
      const page = hits.find(key)
      return spans.map((span) => {
        if (page === undefined) return []
        const visits = sum(page.id, span)
        const counted: Tally[] = visits > 0 ? [{ outcome: 'counted', visits }] : []
        return [...counted, ...sumOutcomes.all(page.id, span.from, span.to)]
      })
    },
  }
}

/** `writeUncounted`, `rollUpHours` and `prune` of `Store`. */
export function historyWriter(driver: Database, hits: HitTable) {
  type Before = [page: number, before: number]
  const addOutcome = driver.prepare<[number, number, UncountedOutcome, number]>(QUERIES.addOutcome)
  const addDays = driver.prepare<Before>(QUERIES.addDays)
  const removeHours = driver.prepare<Before>(QUERIES.removeHours)
  const removeDays = driver.prepare<Before>(QUERIES.removeDays)
  const addOldOutcomes = driver.prepare<Before>(QUERIES.addOldOutcomes)
  const removeOldOutcomes = driver.prepare<Before>(QUERIES.removeOldOutcomes)
  const removeOutcomes = driver.prepare<Before>(QUERIES.removeOutcomes)
  const raiseRolledUp = driver.prepare<[number, number]>(QUERIES.raiseRolledUp)
  const raisePruned = driver.prepare<[number, number]>(QUERIES.raisePruned)

  /**
   * Runs work for each page and host of a slice, with their old hits rolled up first.
   * @param raiseBound notes the hour
   * @param work is given the id of a page or of a host's counter
   * @returns where the next slice begins
   */
  function forPages(
    slice: Slice,
    beforeHour: number,
    raiseBound: Statement<[number, number]>,
    work: (page: number) => void,
  ): string | null {
    const { first, last, next } = hits.idsOf(slice)
    if (last >= first) {
      hits.writing(() => {
        raiseBound.run(beforeHour, beforeHour)
        // A counter is in the same part as the page with its id.
        hits.journal.rollUpOld(first, last, beforeHour)
        for (let id = first; id <= last; id++) for (const each of [id, counterOf(id)]) work(each)
      })
    }
    return next
  }

  return {
    writeUncounted(uncounted: readonly UncountedVisits[]): void {
      hits.writing(() => {
        for (const { page, hour, outcome, visits } of uncounted) {
          // If a limit leaves no room for the page, its visits are dropped.
          for (const id of hits.idsFor(page)) addOutcome.run(id, hour, outcome, visits)
        }
      })
    },

    rollUpHours(beforeHour: number, slice: Slice): string | null {
      return forPages(slice, beforeHour, raiseRolledUp, (page) => {
        if (addDays.run(page, beforeHour).changes > 0) removeHours.run(page, beforeHour)
        if (addOldOutcomes.run(page, beforeHour).changes > 0)
          removeOldOutcomes.run(page, beforeHour)
      })
    },

    prune(beforeHour: number, slice: Slice): { next: string | null; removed: Removed } {
      const removed = noneRemoved()
      const next = forPages(slice, beforeHour, raisePruned, (page) => {
        const hours = removeHours.run(page, beforeHour).changes
        const days = removeDays.run(page, beforeHour / DAY_HOURS).changes
        const outcomes = removeOutcomes.run(page, beforeHour).changes
        // What is removed of hosts is the same once more.
        if (page > 0) addRemoved(removed, hours, days, outcomes)
      })
      return { next, removed }
    },
  }
}

const noneRemoved = (): Removed => ({ pages: 0, hours: 0, days: 0, outcomes: 0 })

function addRemoved(sum: Removed, hours: number, days: number, outcomes: number): void {
  sum.pages += hours + days + outcomes > 0 ? 1 : 0
  sum.hours += hours
  sum.days += days
  sum.outcomes += outcomes
}

/**
 * Counts what `prune` and `sweep` would remove, by their own conditions. The file is opened only for reading.
 * @param beforeHour the first hour to keep; null if everything is kept
 * @throws Error if the file is missing, or was made by another version
 */
export function findOutdated(file: string, beforeHour: number | null, now: number): Outdated {
  return readSnapshot(file, (driver, journal, newest) => {
    const removed = noneRemoved()
    const tokens = driver.prepare<[number], number>(QUERIES.countEnded).pluck().get(now) ?? 0
    if (beforeHour === null) return { removed, tokens }
    const instead = (remove: string, column: string) =>
      driver.prepare<[number, number], number>(remove.replace('delete', `select ${column}`)).pluck()
    const readHours = instead(QUERIES.removeHours, 'hour')
    const countDays = instead(QUERIES.removeDays, 'count(*)')
    const countOutcomes = instead(QUERIES.removeOutcomes, 'count(*)')
    const past = { from: Number.NEGATIVE_INFINITY, to: beforeHour }
    for (let page = 1; page <= newest; page++) {
      // `prune` rolls up the journal first, so that its hours are rows too.
      const hours = new Set(readHours.all(page, beforeHour))
      for (const [hour] of journal.waitingHours(page, past)) hours.add(hour)
      const days = countDays.get(page, beforeHour / DAY_HOURS) ?? 0
      addRemoved(removed, hours.size, days, countOutcomes.get(page, beforeHour) ?? 0)
    }
    return { removed, tokens }
  })
}
