import type Database from 'better-sqlite3'
import { DAY_HOURS, NOON_HOUR } from '../../hours.ts'
import type { PageKey } from '../../page.ts'
import type { Source, SourcePage, SourceToken, Sums, Visits } from '../moving.ts'
import { Journal } from './journal.ts'
import { buildQueries } from './queries.ts'
import { openToRead, type Readable } from './readable.ts'

/** Rows read at once. */
const ROWS = 1000
/** Of all time. */
const EVER = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

/** page id, three times → what, hour, visits */
const HISTORY = `
  select 'counted' as what, hour, hits as visits from page_hour where page_id = ?
  union all
  select 'folded', day * ${DAY_HOURS} + ${NOON_HOUR}, hits from page_day where page_id = ?
  union all
  select outcome, hour, visits from page_outcome where page_id = ?`
/** id, limit → id, key, hits of the pages after it */
const PAGES = `
  select page.id, page.key, coalesce(tally.hits, 0) as hits
  from page left join tally on tally.page_id = page.id
  where page.id > ? order by page.id limit ?`
/** id, now, limit → id, page, secret, end of the live tokens after it */
const TOKENS = `
  select token.id, page.key as page, token.secret, token.ends_at as endsAt
  from token join page on page.id = token.page_id
  where token.id > ? and token.ends_at > ? order by token.id limit ?`
/** → what, visits, over all pages */
const VISITS = `
  select 'counted' as what, (select coalesce(sum(hits), 0) from page_hour)
    + (select coalesce(sum(hits), 0) from page_day) as visits
  union all
  select outcome, sum(visits) from page_outcome group by outcome`

interface Page {
  id: number
  key: PageKey
  hits: number
}

export interface FileSource extends Source, Pick<Readable, 'lacksLog' | 'close'> {
  /** Its service runs, or did not end in order: at the end of a service nothing is left in the journal. */
  isUnfinished: boolean
}

/**
 * Opens a database file to be moved. It is only read, in one transaction, so all that is read is of one moment;
 * a service may go on counting into it.
 * @throws Error where the file is missing, or was not made by this version
 */
export function openSource(file: string): FileSource {
  const { driver, lacksLog, close } = openToRead(file)
  try {
    const source = read(driver)
    const inJournal = driver.prepare<[], number>('select count(*) from journal').pluck()
    return { ...source, isUnfinished: inJournal.get() !== 0, lacksLog, close }
  } catch (error) {
    close()
    throw error
  }
}

function read(driver: Database.Database): Source {
  driver.exec('begin')
  const queries = buildQueries()
  const journal = new Journal(driver, queries)
  // The first that is read: this is the moment.
  journal.load()
  const readPages = driver.prepare<[number, number], Page>(PAGES)
  const readHistory = driver.prepare<[number, number, number], Visits>(HISTORY)
  const readTokens = driver.prepare<[number, number, number], SourceToken>(TOKENS)
  const readImported = driver.prepare<[string, number], number>(queries.readImported).pluck()
  const counters = driver.prepare<[], string>('select distinct source from imported').pluck().all()

  function historyOf(page: number): Visits[] {
    const rows = readHistory.all(page, page, page)
    const hours = new Map(rows.map((row) => [`${row.what} ${row.hour}`, row]))
    for (const [hour, visits] of journal.waitingHours(page, EVER)) {
      const row = hours.get(`counted ${hour}`)
      if (row) row.visits += visits
      else rows.push({ what: 'counted', hour, visits })
    }
    return rows.sort((left, right) => left.hour - right.hour)
  }

  const importedOf = (page: number) =>
    counters.flatMap((counter): SourcePage['imported'] => {
      const hits = readImported.get(counter, page)
      return hits === undefined ? [] : [[counter, hits]]
    })

  return {
    id: String(driver.prepare('select id from file').pluck().get()),
    *numbers() {
      for (const { id, key, hits } of inSlices((after) => readPages.all(after, ROWS)))
        yield { key, hits: hits + journal.waitingHits(id) }
    },
    *pages() {
      for (const { id, key, hits } of inSlices((after) => readPages.all(after, ROWS))) {
        yield {
          key,
          hits: hits + journal.waitingHits(id),
          history: historyOf(id),
          imported: importedOf(id),
        }
      }
    },
    tokens: (now) => inSlices((after) => readTokens.all(after, now, ROWS)),
    /** By other statements than those above, so that one can be told by the other. */
    sums(): Sums {
      const one = (sql: string) => Number(driver.prepare(sql).pluck().get())
      let waiting = 0
      for (const { id } of inSlices((after) => readPages.all(after, ROWS)))
        waiting += journal.waitingHits(id)
      const rows = driver.prepare<[], Omit<Visits, 'hour'>>(VISITS).all()
      const visits = new Map<string, number>(rows.map((row) => [row.what, row.visits]))
      visits.set('counted', (visits.get('counted') ?? 0) + waiting)
      return {
        pages: one('select count(*) from page'),
        hits: one('select coalesce(sum(hits), 0) from tally') + waiting,
        visits,
      }
    },
  }
}

function* inSlices<Row extends { id: number }>(readAfter: (id: number) => Row[]): Generator<Row> {
  for (let rows = readAfter(0); rows.length > 0; rows = readAfter(rows.at(-1)?.id ?? 0)) yield* rows
}
