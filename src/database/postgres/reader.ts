import { type Span, standInDays } from '../../hours.ts'
import type { PageKey } from '../../page.ts'
import type { Look, Ranked, Reader, Tally, TopQuery } from '../../store.ts'
import type { Token } from '../../token.ts'
import { GroupCommit } from '../group-commit.ts'
import { type Guard, unavailable } from '../refusals.ts'
import { MINUTE_MS } from './hits.ts'
import type { Link, Row, Statement } from './link.ts'
import type { Database } from './open.ts'
import { list, type Pages } from './pages.ts'
import { liveUntil, placeOf } from './tokens.ts'
import { readTop } from './top.ts'

/** Histories that may wait to be read. */
const MOST_HISTORIES = 100
/** How long the number of all active visits is told again, in ms: it is a sum over every page that has some. */
const ACTIVE_AGAIN_MS = 1000

type LookQuery = [page: PageKey, token: Token | null, now: number]

export interface ReaderParts {
  link: Link
  /** Of its own for what takes longer, so that nobody waits behind it. */
  slowLink: Link
  db: Database
  pages: Pages
  guard: Guard
  maxWaiting: number
  activeMs: number
  /** Called before a history is read. */
  beforeHistory: () => Promise<void>
}

/** Answers from one database, the one that is written to or a replica of it. */
export function createReader(parts: ReaderParts): Reader {
  const { link, slowLink, db, pages, guard, maxWaiting, activeMs, beforeHistory } = parts
  const looks = new GroupCommit<LookQuery, Look>(
    (batch) => look(batch),
    maxWaiting,
    () => unavailable(new Error(`${maxWaiting} reads are waiting for the database`)),
    // Sent without waiting: one is read while the other is answered.
    { lanes: 2 },
  )
  const questions = new GroupCommit<Statement, Row[]>(
    (batch) => link.run(...batch) as Promise<Row[][]>,
    maxWaiting,
    () => unavailable(new Error(`${maxWaiting} questions are waiting for the database`)),
  )
  const histories = new GroupCommit<[PageKey, readonly Span[]], Tally[][]>(
    async (batch) => {
      await beforeHistory()
      const answers: Tally[][][] = []
      for (const [page, spans] of batch) answers.push(await history(page, spans))
      return answers
    },
    MOST_HISTORIES,
    () => unavailable(new Error(`${MOST_HISTORIES} histories are waiting`)),
  )

  async function look(batch: readonly LookQuery[]): Promise<Look[]> {
    const names = batch.map(([page]) => pages.hash(page))
    const places = batch.flatMap(([, token]) => (token ? [placeOf(token)] : []))
    const statements: Statement[] = [['readTallies', list(new Set(names))]]
    if (places.length > 0) {
      const [blocks, inBlocks] = [places.map(([block]) => block), places.map(([, place]) => place)]
      statements.push(['readTokens', list(blocks), list(inBlocks)])
    }
    const [tallies = [], rows = []] = await link.run(...statements)
    const counts = new Map(tallies as [string, number][])
    const byBlock = Map.groupBy(rows, ([block]) => block)
    return batch.map(([, token, now], index) => {
      const page = names[index] as (typeof names)[number]
      const given = token ? (byBlock.get(placeOf(token)[0]) ?? []) : []
      return {
        count: counts.get(page) ?? 0,
        liveUntil: token && liveUntil(given, page, token, now),
      }
    })
  }

  function spansOf(page: PageKey, spans: readonly (Span | null)[]): Statement {
    const days = spans.map((span) => span && standInDays(span))
    return [
      'sums',
      pages.hash(page),
      ...[spans, days].flatMap((parts) => [
        list(parts.map((part) => part?.from ?? 'null')),
        list(parts.map((part) => part?.to ?? 'null')),
      ]),
    ]
  }

  async function history(page: PageKey, spans: readonly Span[]): Promise<Tally[][]> {
    const [, name, first, last] = spansOf(page, spans) as [string, string, string, string]
    const [sums = [], outcomes = []] = await slowLink.run(spansOf(page, spans), [
      'outcomes',
      name,
      first,
      last,
    ])
    const told = sums.map(([visits]): Tally[] =>
      Number(visits) > 0 ? [{ outcome: 'counted', visits: Number(visits) }] : [],
    )
    for (const [at, outcome, visits] of outcomes as [number, Tally['outcome'], number][]) {
      told[at - 1]?.push({ outcome, visits })
    }
    return told
  }

  let everyone: { at: number; hits: Promise<number> } | null = null
  async function active(page: PageKey | null, now: number): Promise<number> {
    const minutes = [
      Math.floor((now - activeMs) / MINUTE_MS),
      Math.floor((now + activeMs) / MINUTE_MS),
    ]
    const ask = async (query: Statement) => Number((await questions.add(query))[0]?.[0])
    if (page !== null) return ask(['activeOfPage', pages.hash(page), ...minutes])
    if (everyone === null || Math.abs(now - everyone.at) > ACTIVE_AGAIN_MS) {
      const asked = { at: now, hits: ask(['active', ...minutes]) }
      everyone = asked
      asked.hits.catch(() => {
        if (everyone === asked) everyone = null
      })
    }
    return everyone.hits
  }

  return {
    look: guard.around((...query: LookQuery) => looks.add(query)),
    sums: guard.around(async (page: PageKey, spans: readonly (Span | null)[]) =>
      (await questions.add(spansOf(page, spans))).map(([hits]) => Number(hits)),
    ),
    history: guard.around((page: PageKey, spans: readonly Span[]) => histories.add([page, spans])),
    active: guard.around(active),
    top: guard.around(
      (query: TopQuery): Promise<{ hosts: Ranked[]; pages: Ranked[] }> => readTop(db, query),
    ),
  }
}
