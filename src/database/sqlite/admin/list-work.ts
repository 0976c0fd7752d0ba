// A thread that reads all pages over a connection of its own, so that no visit waits for it. `lists.ts` starts it.
import { workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { AdminPage, PagesQuery, Spike } from '../../../admin.ts'
import type { Tally } from '../../../store.ts'
import { DAY_HOURS, daysWithNoonIn, type Span } from '../../../time.ts'
import { serve } from '../../../worker.ts'
import { badPlace } from '../../administration.ts'
import { BUSY_MS } from '../connection.ts'
import { Journal } from '../journal.ts'
import { pageDescriber } from './describe.ts'
import { type ListName, MAKE_WAITING } from './list-queries.ts'
import { statements } from './statements.ts'

/** The hours before an hour that show what is usual. */
const WEEK_HOURS = 7 * DAY_HOURS

interface Listed {
  id: number
  value: number
}

type FoundSpike = Omit<Spike, 'uncounted'> & { id: number }

function openLists(file: string) {
  const driver = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_MS })
  driver.pragma('temp_store = memory')
  driver.exec(MAKE_WAITING)
  const sql = statements(driver)
  const journal = new Journal(driver)
  const describe = pageDescriber(driver, sql, journal)

  /** Runs reads in one transaction, with the hits that wait in the journal. */
  function reading<Result>(read: () => Result): Result {
    driver.exec('begin')
    try {
      journal.load()
      for (const row of journal.waitingRows()) sql.run('addWaiting', ...row)
      const result = read()
      sql.run('removeWaiting')
      return result
    } finally {
      // This also empties the temporary table, if the read has failed.
      driver.exec('rollback')
    }
  }

  return {
    pages: (query: PagesQuery): { pages: AdminPage[]; next: string | null } =>
      reading(() => {
        const { part, sort, removed, after, limit, today } = query
        const name: ListName = `${sort} ${removed ? 'removed' : 'present'}`
        const rows = sql.all<Listed>(name, {
          ...{ part: part.toLowerCase(), limit },
          ...placeOf(after),
          ...inHoursAndDays(today),
        })
        const last = rows.length < limit ? undefined : rows.at(-1)
        return {
          pages: rows.map(({ id }) => describe(id, today)),
          next: last ? `${last.value}.${last.id}` : null,
        }
      }),

    spikes: (hour: number, limit: number): Spike[] =>
      reading(() => {
        const week = inHoursAndDays({ from: hour - WEEK_HOURS, to: hour })
        const parameters = { hour, hours: WEEK_HOURS, limit, ...week }
        return sql.all<FoundSpike>('spikes', parameters).map(({ id, ...spike }) => {
          return { ...spike, uncounted: sql.all<Tally>('readOutcomes', id, hour) }
        })
      }),

    close: () => void driver.close(),
  }
}
export type ListWork = ReturnType<typeof openLists>

/** The place after which a list goes on. @throws Refusal if no answer has had it as `next` */
function placeOf(after: string): { value: number | null; id: number | null } {
  if (after === '') return { value: null, id: null }
  const [, value, id] = /^(\d{1,19})\.(\d{1,16})$/.exec(after) ?? []
  if (value === undefined || id === undefined) throw badPlace()
  return { value: Number(value), id: Number(id) }
}

function inHoursAndDays({ from, to }: Span) {
  const days = daysWithNoonIn({ from, to })
  return { from, to, fromDay: days.from, toDay: days.to }
}

serve(openLists(workerData))
