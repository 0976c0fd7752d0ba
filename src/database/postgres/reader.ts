import type { PageKey } from '../../page.ts'
import { listFilter } from '../../pattern.ts'
import type { Refusal } from '../../refusal.ts'
import type { PageState, Ranked, Reader, Tally, TopQuery } from '../../store.ts'
import { daysWithNoonIn, MINUTE_MS, type Span } from '../../time.ts'
import type { Token } from '../../token.ts'
import { BatchQueue, historyQueue, type UncountedQueue } from '../batch.ts'
import { removedPage } from '../failures.ts'
import type { OpenLists } from '../lists/open-lists.ts'
import { timeOf } from './admin/pages.ts'
import type { Connection, Row, Statement } from './connection.ts'
import { liveUntil, placeOf } from './hits.ts'
import { type Database, query } from './open.ts'
import { list, type PageHash, type Pages } from './pages.ts'
import { ABOVE_ALL } from './queries.ts'

/** How long the number of all active visits is cached, in ms: it is a sum over all pages with active visits. */
const ACTIVE_CACHE_MS = 1000
/** Rows of a top list read beyond those to be listed, because some may have to be left out. */
const SPARE = 100

type PageQuery = [page: PageKey, token: Token | null, now: number]

/** Statements about a page, or about all pages. */
interface StatementsOf {
  page: PageKey | null
  /** @param page the page that `page` stands for; unused for all pages */
  make(page: PageHash): Statement[]
}

interface ReaderParts {
  lists: OpenLists
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
  const { lists, link, slowLink, db, pages, maxWaiting, activeMs, uncounted } = parts
  const waits = { maxWaiting, waitingMessage: 'reads are waiting for the database' }
  // Two batches share the connection, which is pipelined: the server reads one while the other is on its way.
  const pageReads = new BatchQueue<PageQuery, PageState>(readPages, { ...waits, connections: 2 })
  const statements = new BatchQueue<StatementsOf, Row[][]>((batch) => runOf(link, batch), waits)
  const histories = historyQueue(history, uncounted)

  async function readPages(batch: readonly PageQuery[]): Promise<(PageState | Refusal)[]> {
    const owns = batch.map(([page]) => pages.hash(page))
    const places = batch.flatMap(([, token]) => (token ? [placeOf(token)] : []))
    const ofTokens: Statement[] = []
    if (places.length > 0) {
      const [blocks, inBlocks] = [places.map(([block]) => block), places.map(([, place]) => place)]
      ofTokens.push(['readTokens', list(blocks), list(inBlocks)])
    }
    const { standings, rows = [] } = await readStandings(owns, ofTokens)
    const byBlock = Map.groupBy(rows, ([block]) => block)
    return batch.map(([, token, now], index) => {
      const own = owns[index] as PageHash
      const standing = standings.get(own)
      if (!standing) return removedPage()
      const given = token ? (byBlock.get(placeOf(token)[0]) ?? []) : []
      const names = [own, standing.page]
      return { count: standing.hits, liveUntil: token && liveUntil(given, names, token, now) }
    })
  }

  /**
   * Reads for which page names stand, and its hits; null if it is removed.
   * @param further a statement that is sent along, whose rows are returned too
   */
  async function readStandings(owns: readonly PageHash[], further: readonly Statement[]) {
    const standings = new Map<PageHash, { page: PageHash; hits: number } | null>()
    /** Names, and the pages whose hits are read. */
    let waiting = new Map(owns.map((own) => [own, own]))
    let rows: Row[] | undefined
    while (waiting.size > 0) {
      // `findOthers` is later, so that a name which is no alias then was none when its hits were read.
      const [tallies = [], others = [], ...more] = await link.run(
        ['readTallies', list(new Set(waiting.values()))],
        ['findOthers', list(waiting.keys())],
        ...(rows ? [] : further),
      )
      rows ??= more[0] ?? []
      const hitsOf = new Map(tallies as [PageHash, number][])
      const otherOf = new Map(others.map(([own, page, removed]) => [own, { page, removed }]))
      const again: typeof waiting = new Map()
      for (const [own, read] of waiting) {
        const other = otherOf.get(own)
        const page = (other?.page ?? own) as PageHash
        if (other?.removed) standings.set(own, null)
        else if (page === read) standings.set(own, { page, hits: hitsOf.get(page) ?? 0 })
        else again.set(own, page)
      }
      waiting = again
    }
    return { standings, rows }
  }

  /** Runs statements about pages. @returns their rows, or why a page is refused */
  async function runOf(
    to: Connection,
    batch: readonly StatementsOf[],
  ): Promise<(Row[][] | Refusal)[]> {
    const results: (Row[][] | Refusal)[] = []
    let waiting = batch.map(({ page, make }, index) => {
      const own = page === null ? null : pages.hash(page)
      return { index, make, own, name: own as PageHash }
    })
    while (waiting.length > 0) {
      const made = waiting.map(({ make, name }) => make(name))
      const owns = waiting.flatMap(({ own }) => own ?? [])
      // Last, so that a name which is no alias then was none when it was read.
      const rows = await to.run(...made.flat(), ['findOthers', list(owns)])
      const others = new Map(rows.pop()?.map(([own, page, removed]) => [own, { page, removed }]))
      const again: typeof waiting = []
      for (const [at, each] of waiting.entries()) {
        const ofPage = rows.splice(0, made[at]?.length)
        const other = others.get(each.own ?? '')
        const page = (other?.page ?? each.own) as PageHash
        if (other?.removed) results[each.index] = removedPage()
        else if (page === each.name) results[each.index] = ofPage
        else again.push({ ...each, name: page })
      }
      waiting = again
    }
    return results
  }

  function sumsOf(page: PageHash, spans: readonly (Span | null)[]): Statement {
    const days = spans.map((span) => span && daysWithNoonIn(span))
    return [
      'sums',
      page,
      ...[spans, days].flatMap((parts) => [
        list(parts.map((part) => part?.from ?? 'null')),
        list(parts.map((part) => part?.to ?? 'null')),
      ]),
    ]
  }

  async function history(page: PageKey, spans: readonly Span[]): Promise<Tally[][]> {
    const from = list(spans.map((span) => span.from))
    const to = list(spans.map((span) => span.to))
    const make = (name: PageHash): Statement[] => [
      sumsOf(name, spans),
      ['outcomes', name, from, to],
    ]
    const [result] = await runOf(slowLink, [{ page, make }])
    if (result instanceof Error) throw result
    const [sums = [], outcomes = []] = result as Row[][]
    const tallies = sums.map(([visits]): Tally[] =>
      Number(visits) > 0 ? [{ outcome: 'counted', visits: Number(visits) }] : [],
    )
    for (const [at, outcome, visits] of outcomes as [number, Tally['outcome'], number][]) {
      tallies[at - 1]?.push({ outcome, visits })
    }
    return tallies
  }

  /** The first and the last minute with active visits. */
  const minutesOf = (now: number): [first: number, last: number] => [
    Math.floor((now - activeMs) / MINUTE_MS),
    Math.floor((now + activeMs) / MINUTE_MS),
  ]

  let cachedActive: { at: number; hits: Promise<number> } | null = null
  async function active(page: PageKey | null, now: number): Promise<number> {
    const minutes = minutesOf(now)
    const read = async (page: PageKey | null, make: (page: PageHash) => Statement) => {
      const [rows = []] = await statements.add({ page, make: (name) => [make(name)] })
      return Number(rows[0]?.[0])
    }
    if (page !== null) return read(page, (name) => ['activeOfPage', name, ...minutes])
    if (cachedActive === null || Math.abs(now - cachedActive.at) > ACTIVE_CACHE_MS) {
      const latest = { at: now, hits: read(null, () => ['active', ...minutes]) }
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
      const [rows = []] = await statements.add({ page, make: (name) => [sumsOf(name, spans)] })
      return rows.map(([hits]) => Number(hits))
    },
    history: (...query) => histories.add(query),
    active,
    async activePages(wanted, now) {
      const { showsPage } = listFilter(wanted)
      const shows = (page: string) => showsPage(page as PageKey)
      return best(db, 'activePages', wanted.pages, shows, minutesOf(now))
    },
    async resolve(addresses) {
      const hashes = new Set(addresses.map((address) => pages.hash(address)))
      const [rows = []] = await link.run(['resolveAliases', list(hashes)])
      const targets = new Map(rows as [PageHash, PageKey][])
      return addresses.map((address) => targets.get(pages.hash(address)) ?? address)
    },
    top: (wanted) => topLists(db, wanted),
    async seen(page) {
      const [rows = []] = await statements.add({ page, make: (name) => [['readCounted', name]] })
      const [first = null, last = null] = rows[0] ?? []
      return { first: timeOf(first), last: timeOf(last) }
    },
    pages: lists.pages,
    hosts: lists.hosts,
  }
}

/** The lists of the home page. Each reads all tallies once, and again if many pages have to be left out. */
async function topLists(db: Database, wanted: TopQuery) {
  const { showsHost, showsPage } = listFilter(wanted)
  return {
    hosts: await best(db, 'topHosts', wanted.hosts, showsHost),
    pages: await best(db, 'topPages', wanted.pages, (page) => showsPage(page as PageKey)),
  }
}

/**
 * The first rows of a list that may be shown.
 * @param parameters of the statement, before hits, name and limit
 */
async function best(
  db: Database,
  statement: 'topHosts' | 'topPages' | 'activePages',
  length: number,
  shows: (name: string) => boolean,
  parameters: readonly number[] = [],
): Promise<Ranked[]> {
  const list: Ranked[] = []
  let last: Ranked = { name: '', hits: ABOVE_ALL }
  for (let limit = length + SPARE; list.length < length; limit *= 10) {
    const rows = await query<Ranked>(db, statement, ...parameters, last.hits, last.name, limit)
    for (const row of rows) if (list.length < length && shows(row.name)) list.push(row)
    if (rows.length < limit) break
    last = rows.at(-1) as Ranked
  }
  return list
}
