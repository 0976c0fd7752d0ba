import type { PageKey } from '../../page.ts'
import { listFilter } from '../../pattern.ts'
import type { PageState, Ranked, Reader, Tally, TopQuery } from '../../store.ts'
import { daysWithNoonIn, MINUTE_MS, type Span } from '../../time.ts'
import type { Token } from '../../token.ts'
import { BatchQueue, historyQueue, type UncountedQueue } from '../batch.ts'
import type { Connection, Row, Statement } from './connection.ts'
import { liveUntil, placeOf } from './hits.ts'
import { type Database, query } from './open.ts'
import { list, type Pages } from './pages.ts'

/** How long the number of all active visits is cached, in ms: it is a sum over all pages with active visits. */
const ACTIVE_CACHE_MS = 1000
/** Rows of a top list read beyond those to be listed, because some may have to be left out. */
const SPARE = 100

type PageQuery = [page: PageKey, token: Token | null, now: number]

interface ReaderParts {
  link: Connection
  /** Another connection for long reads, so that short ones need not wait for them. */
  slowLink: Connection
  db: Database
  pages: Pages
  maxWaiting: number
  activeMs: number
  /** Written before a history is read. */
  uncounted?: UncountedQueue
}

/** Reads from one database, which may be a replica. */
export function createReader(parts: ReaderParts): Reader {
  const { link, slowLink, db, pages, maxWaiting, activeMs, uncounted } = parts
  const waits = { maxWaiting, waitingMessage: 'reads are waiting for the database' }
  // Two batches share the connection, which is pipelined: the server reads one while the other is on its way.
  const pageReads = new BatchQueue<PageQuery, PageState>(readPages, { ...waits, connections: 2 })
  const statements = new BatchQueue<Statement, Row[]>((batch) => link.run(...batch), waits)
  const histories = historyQueue(history, uncounted)

  async function readPages(batch: readonly PageQuery[]): Promise<PageState[]> {
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

  function sumsOf(page: PageKey, spans: readonly (Span | null)[]): Statement {
    const days = spans.map((span) => span && daysWithNoonIn(span))
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
    const [, name, first, last] = sumsOf(page, spans) as [string, string, string, string]
    const [sums = [], outcomes = []] = await slowLink.run(sumsOf(page, spans), [
      'outcomes',
      name,
      first,
      last,
    ])
    const tallies = sums.map(([visits]): Tally[] =>
      Number(visits) > 0 ? [{ outcome: 'counted', visits: Number(visits) }] : [],
    )
    for (const [at, outcome, visits] of outcomes as [number, Tally['outcome'], number][]) {
      tallies[at - 1]?.push({ outcome, visits })
    }
    return tallies
  }

  let cachedActive: { at: number; hits: Promise<number> } | null = null
  async function active(page: PageKey | null, now: number): Promise<number> {
    const minutes = [
      Math.floor((now - activeMs) / MINUTE_MS),
      Math.floor((now + activeMs) / MINUTE_MS),
    ]
    const read = async (statement: Statement) => Number((await statements.add(statement))[0]?.[0])
    if (page !== null) return read(['activeOfPage', pages.hash(page), ...minutes])
    if (cachedActive === null || Math.abs(now - cachedActive.at) > ACTIVE_CACHE_MS) {
      const latest = { at: now, hits: read(['active', ...minutes]) }
      cachedActive = latest
      // A failed read is not cached; the next request tries again.
      latest.hits.catch(() => {
        if (cachedActive === latest) cachedActive = null
      })
    }
    return cachedActive.hits
  }

  return {
    readPage: (...query) => pageReads.add(query),
    async sums(page, spans) {
      return (await statements.add(sumsOf(page, spans))).map(([hits]) => Number(hits))
    },
    history: (...query) => histories.add(query),
    active,
    top: (wanted) => topLists(db, wanted),
  }
}

/** The lists of the home page. Each reads all tallies once, and again if many pages have to be left out. */
async function topLists(db: Database, wanted: TopQuery) {
  const { showsHost, showsPage } = listFilter(wanted)

  /** The first rows that may be listed. */
  async function best(
    name: 'topHosts' | 'topPages',
    length: number,
    shows: (name: string) => boolean,
  ): Promise<Ranked[]> {
    const list: Ranked[] = []
    let last: Ranked = { name: '', hits: Number.MAX_SAFE_INTEGER }
    for (let limit = length + SPARE; list.length < length; limit *= 10) {
      const rows = await query<Ranked>(db, name, last.hits, last.name, limit)
      for (const row of rows) if (list.length < length && shows(row.name)) list.push(row)
      if (rows.length < limit) break
      last = rows.at(-1) as Ranked
    }
    return list
  }

  return {
    hosts: await best('topHosts', wanted.hosts, showsHost),
    pages: await best('topPages', wanted.pages, (page) => showsPage(page as PageKey)),
  }
}
