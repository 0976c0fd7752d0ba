import { DAY_HOURS, NOON_HOUR } from '../hours.ts'
import type { PageKey } from '../page.ts'
import type { Noted } from '../visit.ts'

/** What a number over time is of: hits of an hour, hits of a day whose hours were folded, or visits that did not count. */
export type What = 'counted' | 'folded' | Noted

/** A number over time; that of a day stands at its twelfth hour. */
export interface Visits {
  what: What
  /** Whole hours since 1970, UTC. */
  hour: number
  visits: number
}

/** All that the database which is moved knows of a page. */
export interface SourcePage {
  key: PageKey
  hits: number
  /** In the order of the hours. */
  history: Visits[]
  /** Hits by the counter that they were imported from. */
  imported: [counter: string, hits: number][]
}

export interface SourceToken {
  id: number
  page: PageKey
  secret: string
  endsAt: number
}

/** Sums over all pages, to compare two databases by. */
export interface Sums {
  pages: number
  hits: number
  /** Hits and visits over time; folded hits are among those that counted. */
  visits: Map<string, number>
}

/** A database that is moved, as it was at one moment. */
export interface Source {
  /** Its own, whatever the file is called and wherever it is; copies have the same. */
  id: string
  /** The pages without their history. */
  numbers(): Iterable<Pick<SourcePage, 'key' | 'hits'>>
  pages(): Iterable<SourcePage>
  /** Tokens whose windows have not ended, in the order of their ids. */
  tokens(now: number): Iterable<SourceToken>
  sums(): Sums
}

/** What was brought of a page. */
export interface Brought {
  hits: number
  /** The first hour of a day. What was brought of the time before is known as a sum only, at the hour ALL_BEFORE. */
  until: number
  /** The rows that the source had from `until` on. */
  history: Visits[]
}

const ALL_BEFORE = -1

/** What is to be brought of a page. */
export interface News {
  hits: number
  history: Visits[]
  /** Visits that were brought earlier, and that the source has removed since, as too old. */
  gone: number
  /** What is brought then. */
  brought: Brought
}

/** The source is another one than was brought under its name, or has less than was brought from it. */
export class OtherSource extends Error {}

/**
 * Makes sure that a database is the one that was imported under its name before.
 * @param stored a JSON array of the marks it had then
 * @throws OtherSource
 */
export function checkMarks(stored: string, marks: readonly string[]): void {
  const known: string[] = JSON.parse(stored)
  // Its owner may have removed some of its first rows.
  if (2 * known.filter((mark) => marks.includes(mark)).length >= known.length) return
  throw new OtherSource('another database was imported under this name')
}

/** The name under which folded hits are added up with the others. */
export const kindOf = (what: What) => (what === 'folded' ? 'counted' : what)

/**
 * What a page's source has that was not brought yet.
 * @param until from where on hours are to be remembered: late hits may still go to them
 * @throws OtherSource
 */
export function compare(page: SourcePage, was: Brought | undefined, until: number): News {
  const { hits = 0, until: since = 0, history: earlier = [] } = was ?? {}
  if (page.hits < hits) {
    throw new OtherSource(
      `${JSON.stringify(page.key)} has ${page.hits} hits there, but ${hits} were brought before`,
    )
  }
  const group = ({ what, hour }: Visits) =>
    `${kindOf(what)} ${hour < since ? ALL_BEFORE : Math.floor(hour / DAY_HOURS)}`
  const [rows, known] = [Map.groupBy(page.history, group), Map.groupBy(earlier, group)]
  const news: Visits[] = []
  let gone = 0
  for (const name of new Set([...rows.keys(), ...known.keys()])) {
    const [now = [], before = []] = [rows.get(name), known.get(name)]
    const grown = growth(now, before)
    if (grown !== null) {
      news.push(...grown)
      continue
    }
    // Hours that were brought are in a day now, so only their sum can be compared.
    const more = sum(now) - sum(before)
    if (more > 0) news.push({ ...(latest(now) as Visits), visits: more })
    else gone -= more
  }
  return {
    hits: page.hits - hits,
    history: news,
    gone,
    brought: { hits: page.hits, until, history: remembered(page.history, until) },
  }
}

/** By how much each row has grown; null where one has shrunk. */
function growth(now: readonly Visits[], before: readonly Visits[]): Visits[] | null {
  const name = ({ what, hour }: Visits) => `${what} ${hour}`
  const known = new Map(before.map((row) => [name(row), row.visits]))
  const grown: Visits[] = []
  for (const row of now) {
    const visits = row.visits - (known.get(name(row)) ?? 0)
    known.delete(name(row))
    if (visits < 0) return null
    if (visits > 0) grown.push({ ...row, visits })
  }
  return known.size === 0 ? grown : null
}

/** The last row that stands for a day, or the last of all. */
function latest(rows: readonly Visits[]): Visits | undefined {
  const isDay = ({ what, hour }: Visits) =>
    what === 'folded' || (what !== 'counted' && hour % DAY_HOURS === NOON_HOUR)
  return rows.findLast(isDay) ?? rows.at(-1)
}

function remembered(rows: readonly Visits[], until: number): Visits[] {
  const before = Map.groupBy(
    rows.filter(({ hour }) => hour < until),
    ({ what }) => kindOf(what),
  )
  return [
    ...[...before].map(([what, old]) => ({ what, hour: ALL_BEFORE, visits: sum(old) })),
    ...rows.filter(({ hour }) => hour >= until),
  ]
}

const sum = (rows: readonly Visits[]) => rows.reduce((all, { visits }) => all + visits, 0)
