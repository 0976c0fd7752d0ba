import { randomUUID } from 'node:crypto'
import type { VisitEvent } from '../../live.ts'
import type { VisitExchange } from '../../store.ts'
import type { Connection } from './connection.ts'
import { SERVER_CLOCK } from './page-queries.ts'

/** For how long a service wants the visits of others after it has said so, in ms. */
const WANTS_MS = 3000
/** A row that was not written for so long, in ms, is of a service that has ended, or has nothing to say. */
const OLD_MS = 10_000
/** Calls of `swap` whose visits stay in the row, so that other services find them although they look at other times. */
const SHOWN = 4
/** Characters of the visits in a row. With more, the oldest are left out. */
const MAX_LENGTH = 200_000

/** Statements on the table `live`. */
export const EXCHANGE_QUERIES = {
  /** service → a row if another service wants its visits */
  wantedVisits: `select 1 from live where service <> $1 and wants_until > ${SERVER_CLOCK} limit 1`,
  /** service, ms for which it wants visits, its visits, ms after which rows are old → service, visits of all others */
  swapVisits: `
    with written as (
      insert into live (service, at, wants_until, visits)
      values ($1, ${SERVER_CLOCK}, ${SERVER_CLOCK} + $2::bigint * 1000, $3)
      on conflict (service) do update
        set at = excluded.at, wants_until = excluded.wants_until, visits = excluded.visits
    )
    select service, visits from live where service <> $1 and at > ${SERVER_CLOCK} - $4::bigint * 1000`,
  /** ms: removes rows that were not written for so long */
  forgetVisits: `delete from live where at < ${SERVER_CLOCK} - $1::bigint * 1000`,
}

/** A visit in a row: its number among those of the service, and the event. */
type Row = [number: number, page: string, count: number, outcome: string, at: number]

/**
 * Tells services that share a database of each other's visits, by a row for each service. Nothing is written or read unless
 * somebody listens, except that each service looks once a second whether another one does. A NOTIFY with each batch of hits would
 * be simpler, but PostgreSQL takes a lock for it that lets only one commit through at a time.
 */
export class PostgresExchange implements VisitExchange {
  isWanted = false
  readonly #link: Connection
  readonly #service = randomUUID()
  #number = 0
  /** The visits of the last calls, the newest call last. */
  #shown: string[][] = []
  /** The last visit of each other service that this one has got; null while it wants none. */
  #seen: Map<string, number> | null = null

  constructor(link: Connection) {
    this.#link = link
  }

  async look(): Promise<void> {
    const [rows = []] = await this.#link.run(['wantedVisits', this.#service])
    this.isWanted = rows.length > 0
  }

  /** Removes the rows of services that have ended. */
  async forgetOld(): Promise<void> {
    await this.#link.run(['forgetVisits', OLD_MS])
  }

  async swap(visits: readonly VisitEvent[], wants: boolean): Promise<VisitEvent[]> {
    const written = visits.map(({ page, count, outcome, at }) => {
      this.#number += 1
      return JSON.stringify([this.#number, page, count, outcome, at] satisfies Row)
    })
    this.#shown = [...this.#shown, written].slice(-SHOWN)
    const [rows = []] = await this.#link.run([
      'swapVisits',
      this.#service,
      wants ? WANTS_MS : 0,
      `[${newest(this.#shown.flat())}]`,
      OLD_MS,
    ])
    if (!wants) {
      this.#seen = null
      return []
    }
    // What other services wrote before this one wanted it is old.
    const isFirst = this.#seen === null
    const seen = this.#seen ?? new Map<string, number>()
    this.#seen = seen
    const found: VisitEvent[] = []
    for (const [service, text] of rows as [string, string][]) {
      const last = seen.get(service) ?? 0
      for (const [number, page, count, outcome, at] of JSON.parse(text) as Row[]) {
        if (number <= last) continue
        seen.set(service, number)
        if (!isFirst) found.push({ page, count, outcome, at } as VisitEvent)
      }
    }
    return found
  }
}

/** The last of these texts that are short enough together. */
function newest(texts: readonly string[]): readonly string[] {
  let length = 0
  let first = texts.length
  while (first > 0) {
    length += (texts[first - 1] as string).length
    if (length > MAX_LENGTH) break
    first -= 1
  }
  return texts.slice(first)
}
