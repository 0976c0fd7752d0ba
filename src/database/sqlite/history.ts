import type { Database } from 'better-sqlite3'
import { DAY_HOURS, type Span, standInDays } from '../../hours.ts'
import type { PageKey } from '../../page.ts'
import type { Note, Removed, Slice, Tally } from '../../store.ts'
import type { Noted } from '../../visit.ts'
import type { HitTable } from './hits.ts'
import type { Queries } from './queries.ts'

/** What is known of a page over time; for use while reading. */
export function historyReader(driver: Database, queries: Queries, hits: HitTable) {
  type Part = [page: number, from: number, to: number]
  const sumHours = driver.prepare<Part, number>(queries.sumHours).pluck()
  const sumDays = driver.prepare<Part, number>(queries.sumDays).pluck()
  const sumOutcomes = driver.prepare<Part, Tally>(queries.sumOutcomes)

  function sum(page: number, span: Span): number {
    const days = standInDays(span)
    let hitsOfSpan =
      (sumHours.get(page, span.from, span.to) ?? 0) + (sumDays.get(page, days.from, days.to) ?? 0)
    for (const [, many] of hits.waitingHours(page, span)) hitsOfSpan += many
    return hitsOfSpan
  }

  return {
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

/** What writes outcomes, folds what has grown old, and removes it in the end; see `Store`. */
export function historyWriter(driver: Database, queries: Queries, hits: HitTable) {
  type Before = [page: number, before: number]
  const newestPage = driver.prepare<[], number | null>(queries.newestPage).pluck()
  const addOutcome = driver.prepare<[number, number, Noted, number]>(queries.addOutcome)
  const addDays = driver.prepare<Before>(queries.addDays)
  const removeHours = driver.prepare<Before>(queries.removeHours)
  const removeDays = driver.prepare<Before>(queries.removeDays)
  const addOldOutcomes = driver.prepare<Before>(queries.addOldOutcomes)
  const removeOldOutcomes = driver.prepare<Before>(queries.removeOldOutcomes)
  const removeOutcomes = driver.prepare<Before>(queries.removeOutcomes)

  /** Runs work for the pages of a slice, with nothing old of them left in the journal. @returns where to go on */
  function forPages({ after, pages }: Slice, beforeHour: number, work: (page: number) => void) {
    const afterPage = Number(after)
    const newest = newestPage.get() ?? 0
    const last = Math.min(afterPage + pages, newest)
    if (last > afterPage) {
      hits.writing(() => {
        hits.foldOld(afterPage + 1, last, beforeHour)
        for (let page = afterPage + 1; page <= last; page++) work(page)
      })
    }
    return last < newest ? String(last) : null
  }

  return {
    writeNotes(notes: readonly Note[]): void {
      hits.writing(() => {
        for (const { page, hour, outcome, visits } of notes) {
          const id = hits.idOf(page)
          // There may be no more pages than there are: then nobody will ask about this one.
          if (typeof id === 'number') addOutcome.run(id, hour, outcome, visits)
        }
      })
    },

    foldHours(beforeHour: number, slice: Slice): string | null {
      return forPages(slice, beforeHour, (page) => {
        if (addDays.run(page, beforeHour).changes > 0) removeHours.run(page, beforeHour)
        if (addOldOutcomes.run(page, beforeHour).changes > 0)
          removeOldOutcomes.run(page, beforeHour)
      })
    },

    prune(beforeHour: number, slice: Slice): { next: string | null; removed: Removed } {
      const removed = { pages: 0, hours: 0, days: 0, outcomes: 0 }
      const next = forPages(slice, beforeHour, (page) => {
        const hours = removeHours.run(page, beforeHour).changes
        const days = removeDays.run(page, beforeHour / DAY_HOURS).changes
        const outcomes = removeOutcomes.run(page, beforeHour).changes
        removed.hours += hours
        removed.days += days
        removed.outcomes += outcomes
        if (hours + days + outcomes > 0) removed.pages += 1
      })
      return { next, removed }
    },
  }
}
