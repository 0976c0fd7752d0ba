import { DAY_HOURS, DAY_MS } from '../../hours.ts'
import {
  type Brought,
  compare,
  type News,
  type Source,
  type SourcePage,
  type Visits,
  type What,
} from '../moving.ts'
import { all, type Client, type Row, run } from './link.ts'
import type { Operator } from './operator.ts'
import { list, unlist } from './pages.ts'
import type { PageHash } from './schema.ts'

/** What a transaction holds at most: pages, and rows of their histories. A page is never cut. */
const SLICE_PAGES = 500
const SLICE_ROWS = 10_000
/** Rows that one statement writes at most. */
const STATEMENT_ROWS = 5000

/** What a run has brought. */
export interface Progress {
  /** Pages of the source that were looked at. */
  pages: number
  /** Pages with something new. */
  changed: number
  hits: number
  /** Visits over time that were brought earlier, and that the source has removed since. */
  gone: number
}

interface PageNews extends News {
  page: PageHash
}

/**
 * Brings the pages of a source, with all that is known of them: of those that were brought before, what has been added
 * since. Each slice of them is one transaction that says what it brought, so it does not matter where a run ends.
 * @param name of the source
 * @param now milliseconds since 1970, UTC
 * @param onSlice is told how far it is
 */
export async function movePages(
  operator: Operator,
  source: Pick<Source, 'pages'>,
  name: string,
  now: number,
  onSlice: (progress: Progress) => void,
): Promise<Progress> {
  // Visits of yesterday may be on their way still, from a service that had a busy disk, or a clock that is behind.
  const until = (Math.floor(now / DAY_MS) - 1) * DAY_HOURS
  const progress: Progress = { pages: 0, changed: 0, hits: 0, gone: 0 }
  for (const slice of inSlices(source.pages())) {
    const news = await moveSlice(operator, slice, name, until, now)
    progress.pages += slice.length
    progress.changed += news.length
    for (const { hits, gone } of news) {
      progress.hits += hits
      progress.gone += gone
    }
    onSlice(progress)
  }
  return progress
}

function* inSlices(pages: Iterable<SourcePage>): Generator<SourcePage[]> {
  let slice: SourcePage[] = []
  let rows = 0
  for (const page of pages) {
    slice.push(page)
    rows += page.history.length
    if (slice.length < SLICE_PAGES && rows < SLICE_ROWS) continue
    yield slice
    slice = []
    rows = 0
  }
  if (slice.length > 0) yield slice
}

/** @returns what was new */
async function moveSlice(
  operator: Operator,
  slice: readonly SourcePage[],
  name: string,
  until: number,
  now: number,
): Promise<PageNews[]> {
  const keys = slice.map(({ key }) => key)
  const names = await operator.pages(keys, now)
  // In the order of their hashes, as whoever counts: so no two can wait for each other.
  const pages = slice
    .map((given) => ({ given, page: names.get(given.key) as PageHash }))
    .sort((left, right) => (left.page < right.page ? -1 : 1))
  return operator.transactions.run(now, async (client) => {
    // A second run at the same time waits, and then finds what this one has brought.
    const [, rows = []] = await all([
      run(client, ['holdUp', 'move', now]),
      run(client, ['readMoved', name, list(pages.map(({ page }) => page))]),
    ])
    const known = new Map(rows.map((row) => [row[0], broughtOf(row)]))
    const news = pages.flatMap(({ given, page }): PageNews[] => {
      const was = known.get(page)
      const { hits, history, gone, brought } = compare(given, was, until)
      const isNew = was === undefined || hits > 0 || history.length > 0 || gone > 0
      return isNew ? [{ page, hits, history, gone, brought }] : []
    })
    await write(client, name, news)
    const imported = pages.flatMap(({ given, page }) =>
      given.imported.map(([counter, hits]) => ({ counter, page, hits })),
    )
    if (imported.length > 0) {
      await run(client, [
        'setImported',
        imported.map(({ counter }) => counter),
        list(imported.map(({ page }) => page)),
        list(imported.map(({ hits }) => hits)),
      ])
    }
    return news
  })
}

async function write(client: Client, name: string, news: readonly PageNews[]): Promise<void> {
  if (news.length === 0) return
  const counted = news.filter(({ hits }) => hits > 0)
  await run(client, [
    'addToTallies',
    list(counted.map(({ page }) => page)),
    list(counted.map(({ hits }) => hits)),
  ])
  const history = news.flatMap(({ page, history: rows }) => rows.map((row) => ({ page, ...row })))
  const hours = history.filter(({ what }) => what === 'counted')
  const days = history.filter(({ what }) => what === 'folded')
  const outcomes = history.filter(({ what }) => what !== 'counted' && what !== 'folded')
  for (const rows of inStatements(hours)) {
    const { pages, visits } = columnsOf(rows)
    await run(client, ['addToHour', pages, list(rows.map(({ hour }) => hour)), visits])
  }
  for (const rows of inStatements(days)) {
    const { pages, visits } = columnsOf(rows)
    const ofDays = list(rows.map(({ hour }) => Math.floor(hour / DAY_HOURS)))
    await run(client, ['addToDay', pages, ofDays, visits])
  }
  for (const rows of inStatements(outcomes)) {
    const { pages, visits } = columnsOf(rows)
    const [ofHours, whats] = [rows.map(({ hour }) => hour), rows.map(({ what }) => what)]
    await run(client, ['addOutcomes', pages, list(ofHours), list(whats), visits])
  }
  const lists = (column: (row: Visits) => string | number) =>
    news.map(({ brought }) => list(brought.history.map(column)))
  await run(client, [
    'setMoved',
    name,
    list(news.map(({ page }) => page)),
    list(news.map(({ brought }) => brought.hits)),
    list(news.map(({ brought }) => brought.until)),
    lists(({ what }) => what),
    lists(({ hour }) => hour),
    lists(({ visits }) => visits),
  ])
}

type OfPage = Visits & { page: PageHash }

/** In parts that one statement does not take long for. */
function inStatements(rows: readonly OfPage[]): OfPage[][] {
  return Array.from({ length: Math.ceil(rows.length / STATEMENT_ROWS) }, (_, part) =>
    rows.slice(part * STATEMENT_ROWS, (part + 1) * STATEMENT_ROWS),
  )
}

const columnsOf = (rows: readonly OfPage[]) => ({
  pages: list(rows.map(({ page }) => page)),
  visits: list(rows.map(({ visits }) => visits)),
})

function broughtOf([, hits, until, ...lists]: Row): Brought {
  const [whats = [], hours = [], visits = []] = lists.map((text) =>
    text === '{}' ? [] : unlist(String(text)),
  )
  return {
    hits: Number(hits),
    until: Number(until),
    history: whats.map((what, at) => ({
      what: what as What,
      hour: Number(hours[at]),
      visits: Number(visits[at]),
    })),
  }
}
