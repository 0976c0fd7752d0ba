import Database from 'better-sqlite3'
import type { PageKey } from '../../page.ts'
import type { UncountedOutcome } from '../../visit.ts'
import { Journal } from '../sqlite/journal.ts'
import { QUERIES } from '../sqlite/queries.ts'
import { lacksItsLog, openToRead, type Readable } from '../sqlite/readable.ts'
import { administrationOf } from './administration.ts'

/** Rows read at a time. */
const ROWS = 1000
/** A span of all hours. */
const EVER = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

/** Visits of a page in an hour. The outcome `day` is for counted visits of a whole day, at its noon. */
interface SourceVisits {
  outcome: 'counted' | 'day' | UncountedOutcome
  /** Whole hours since 1970, UTC. */
  hour: number
  visits: number
}

/** Everything that the database knows about a page. */
export interface SourcePage {
  key: PageKey
  hits: number
  history: SourceVisits[]
  /** Hits by the counter from which they were imported. */
  imported: [counter: string, hits: number][]
}

export interface SourceToken {
  id: number
  page: PageKey
  secret: string
  /** Milliseconds since 1970, UTC. */
  endsAt: number
}

/** Sums over all pages, to compare two databases. */
export interface Sums {
  pages: number
  hits: number
  /** By outcome. */
  visits: Map<string, number>
  /** What operators have done, by its kind. */
  administration: Map<string, number>
}

/** The content of a database file at one time. */
export type Source = ReturnType<typeof openSource>

/**
 * Opens a database file to copy it. If this user may write to the file, other processes cannot open it meanwhile.
 * @throws Error if the file is missing, was made by another version, or is in use: `SQLITE_BUSY`
 */
export function openSource(file: string) {
  const { driver, lacksLog, close } = openAlone(file)
  try {
    driver.exec('begin')
    const journal = new Journal(driver)
    // The first read, which determines the state that the whole transaction sees.
    journal.load()
    // A service that ends cleanly empties the journal. If the log is missing too, so are the last visits.
    const isUnfinished = driver.prepare('select 1 from journal').pluck().get() !== undefined
    return { ...reader(driver, journal), lacksLog: lacksLog && isUnfinished, close }
  } catch (error) {
    close()
    throw error
  }
}

function openAlone(file: string): Readable {
  const lacksLog = lacksItsLog(file)
  const driver = new Database(file, { fileMustExist: true, timeout: 0 })
  try {
    // Before the first read. A later lock would not notice processes that have the file open without using it.
    driver.pragma('locking_mode = exclusive')
    driver.exec('begin exclusive; commit')
    return { driver, lacksLog, close: () => void driver.close() }
  } catch (error) {
    driver.close()
    const { code = '' } = error as { code?: string }
    if (/^SQLITE_(READONLY|CANTOPEN|PERM)/.test(code)) return openToRead(file)
    throw error
  }
}

function reader(driver: Readable['driver'], journal: Journal) {
  const readPages = driver.prepare<[number, number], { id: number; key: PageKey; hits: number }>(
    QUERIES.readPages,
  )
  const readHistory = driver.prepare<[number, number, number], SourceVisits>(QUERIES.readHistory)
  const readTokens = driver.prepare<[number, number, number], SourceToken>(QUERIES.readTokens)
  const readImported = driver.prepare<[number], [string, number]>(QUERIES.readImportedOf).raw()
  const readSums = driver.prepare<[], { pages: number; hits: number }>(QUERIES.readSums)
  const sumVisits = driver.prepare<[], { outcome: string; visits: number }>(QUERIES.sumVisits)
  const pageRows = () => inSlices((after) => readPages.all(after, ROWS))

  function historyOf(page: number): SourceVisits[] {
    const rows = readHistory.all(page, page, page)
    const hours = new Map(rows.map((row) => [`${row.outcome} ${row.hour}`, row]))
    for (const [hour, visits] of journal.waitingHours(page, EVER)) {
      const row = hours.get(`counted ${hour}`)
      if (row) row.visits += visits
      else rows.push({ outcome: 'counted', hour, visits })
    }
    return rows
  }

  const administration = administrationOf(driver)

  return {
    administration,
    /** Every page once. */
    *pages(): Generator<SourcePage> {
      for (const { id, key, hits } of pageRows()) {
        const numbers = { hits: hits + journal.waitingHits(id), history: historyOf(id) }
        yield { key, ...numbers, imported: readImported.all(id) }
      }
    },
    /** Tokens whose windows have not ended, in the order of their ids. */
    tokens: (now: number) => inSlices((after) => readTokens.all(after, now, ROWS)),
    /** Uses other statements, so that a comparison finds mistakes in either. */
    sums(): Sums {
      let waiting = 0
      for (const { id } of pageRows()) waiting += journal.waitingHits(id)
      const visits = new Map(sumVisits.all().map((row) => [row.outcome, row.visits]))
      visits.set('counted', (visits.get('counted') ?? 0) + waiting)
      const { pages, hits } = readSums.get() as { pages: number; hits: number }
      return { pages, hits: hits + waiting, visits, administration: administration.counts() }
    },
  }
}

function* inSlices<Row extends { id: number }>(readAfter: (id: number) => Row[]): Generator<Row> {
  for (let rows = readAfter(0); rows.length > 0; rows = readAfter(rows.at(-1)?.id ?? 0)) yield* rows
}
