import type { Database } from 'better-sqlite3'
import { daysWithNoonIn, HOUR_MS, type Span } from '../../time.ts'
import { SMALL_HOST } from '../lists/list.ts'
import type { Entry } from '../lists/snapshot.ts'
import type { Journal } from './journal.ts'
import { QUERIES } from './queries.ts'

const EVER: Span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

/** :from, :to, :fromDay, :toDay of today, :rolledUp and further parameters → id, name, hits, today, last hour */
const pages = (condition: string) => `
  select id, key as name,
    coalesce((select hits from tally where page_id = page.id), 0) as hits,
    coalesce((select sum(hits) from page_hour where page_id = page.id and hour >= :from and hour < :to), 0)
      -- Later hours are not in days yet.
      + case when :rolledUp <= :from then 0 else
        coalesce((select sum(hits) from page_day where page_id = page.id and day >= :fromDay and day < :toDay), 0)
      end as today,
    coalesce(
      (select max(hour) from page_hour where page_id = page.id and hour >= :rolledUp),
      max(
        coalesce((select max(hour) from page_hour where page_id = page.id), 0),
        coalesce((select max(day) * 24 from page_day where page_id = page.id), 0)
      )
    ) as last
  from page where ${condition} and not exists (select 1 from removed_page where page_id = page.id)
  order by id limit :limit`

/** → id, name, hits, pages */
const hosts = (condition: string) => `
  select id, name, coalesce((select hits from tally where page_id = -host.id), 0) as hits, pages
  from host where ${condition} order by id limit :limit`

/** Statements of lists. `ids` is a JSON array. */
export const LIST_ROWS = {
  allPages: pages('id > :after'),
  pagesOfHost: pages('host_id = :host and id > :after'),
  somePages: pages('id in (select value from json_each(:ids))'),
  allHosts: hosts('id > :after'),
  someHosts: hosts('id in (select value from json_each(:ids))'),
  /** number, number → the hits of the page with that place by hits, from 0; no row if there are not more pages than that */
  hitsAt: `
    select hits from tally where page_id > 0 and (select max(id) from page) > ? order by hits desc limit 1 offset ?`,
  /** name → id, pages */
  host: 'select id, pages from host where name = ?',
}

type Row = [id: number, name: string, hits: number, today: number, last: number]

/** Reads pages and hosts for lists, with the hits that wait in the journal. For use within a transaction. */
export function listRows(driver: Database, journal: Journal) {
  type Name = keyof typeof LIST_ROWS
  const prepare = (name: Name) => driver.prepare<[object], Row>(LIST_ROWS[name]).raw()
  const statements = {
    allPages: prepare('allPages'),
    pagesOfHost: prepare('pagesOfHost'),
    somePages: prepare('somePages'),
    allHosts: prepare('allHosts'),
    someHosts: prepare('someHosts'),
  }
  const readHost = driver.prepare<[string], { id: number; pages: number }>(LIST_ROWS.host)
  const readBounds = driver.prepare<[], { rolledUp: number }>(QUERIES.readBounds)
  const readHitsAt = driver.prepare<[number, number], number>(LIST_ROWS.hitsAt).pluck()

  /** Reads the pages of a statement, each with its hits, those of today and the time of the last one. */
  function readPages(
    name: 'allPages' | 'pagesOfHost' | 'somePages',
    today: Span,
    parameters: { limit: number; after?: number; host?: number; ids?: string },
  ): Entry[] {
    const days = daysWithNoonIn(today)
    const rows = statements[name].all({
      ...{ ...today, fromDay: days.from, toDay: days.to },
      rolledUp: readBounds.get()?.rolledUp ?? 0,
      ...parameters,
    })
    return rows.map(([id, name, hits, ofToday, hour]) => {
      const values: Entry['values'] = [hits + journal.waitingHits(id), ofToday, hour]
      for (const [waitingHour, waiting] of journal.waitingHours(id, EVER)) {
        if (waitingHour >= today.from && waitingHour < today.to) (values[1] as number) += waiting
        values[2] = Math.max(values[2] as number, waitingHour)
      }
      ;(values[2] as number) *= HOUR_MS
      return { id, name, values }
    })
  }

  /** The same of hosts: the hits of each, and its number of pages. */
  function readHosts(
    name: 'allHosts' | 'someHosts',
    parameters: { limit: number; after?: number; ids?: string },
  ): Entry[] {
    const rows = statements[name].all(parameters)
    return rows.map(([id, name, hits, pages]) => {
      return { id, name, values: [hits + journal.waitingHits(-id), pages] }
    })
  }

  const some = (entries: readonly Pick<Entry, 'id'>[]) => ({
    ids: JSON.stringify(entries.map(({ id }) => id)),
    limit: entries.length,
  })

  return {
    readPages,
    readHosts,
    /** A host's id; undefined for an unknown host. */
    hostId: (name: string): number | undefined => readHost.get(name)?.id,
    hitsAt: (place: number): number | undefined => readHitsAt.get(place, place),
    /** All pages of a host; null if they are more than `SMALL_HOST`. */
    ofSmallHost(name: string, today: Span): Entry[] | null {
      const host = readHost.get(name)
      if (host === undefined) return []
      if (host.pages > SMALL_HOST) return null
      return readPages('pagesOfHost', today, { host: host.id, after: 0, limit: SMALL_HOST })
    },
    presentPages: (entries: readonly Entry[], today: Span) =>
      readPages('somePages', today, some(entries)),
    presentHosts: (entries: readonly Entry[]) => readHosts('someHosts', some(entries)),
  }
}
