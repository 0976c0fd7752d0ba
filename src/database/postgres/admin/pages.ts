import type { Administration, AdminPage, PagesQuery } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import type { Tally } from '../../../store.ts'
import { DAY_HOURS, daysWithNoonIn, MINUTE_MS, type Span } from '../../../time.ts'
import { badPlace } from '../../administration.ts'
import { answerOf } from '../../make-changes.ts'
import type { Connection, Statement } from '../connection.ts'
import { type Database, query } from '../open.ts'
import { BEFORE_ALL, list, type PageHash } from '../pages.ts'
import { ABOVE_ALL, type Queries } from '../queries.ts'
import { storable } from './audit.ts'
import { findPage, type PageRow, storedPage } from './stored.ts'

/** The time in which pages are looked for that were seen last, in minutes: most often, it has enough of them. */
const RECENT_MINUTES = 60 * DAY_HOURS
/** The time before an hour to which its hits are compared, in hours. */
const WEEK_HOURS = 7 * DAY_HOURS
/** Comes after every page of a list. */
const FIRST: { rank: number; hash: string } = {
  rank: ABOVE_ALL,
  hash: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
}

interface Listed {
  rank: number
  hash: PageHash
}

/** @param minute in minutes since 1970, as the database gives it; or null */
export const timeOf = (minute: unknown) => (minute === null ? null : Number(minute) * MINUTE_MS)

const boundsOf = (span: Span): number[] => {
  const days = daysWithNoonIn(span)
  return [span.from, span.to, days.from, days.to]
}

/**
 * The reads of `Administration` about pages.
 * @param slowLink for reads for which short ones should not wait
 * @param db for those that pass over all pages
 */
export function pageReader(
  slowLink: Connection,
  db: Database,
): Pick<Administration, 'page' | 'pages' | 'pageKeys' | 'spikes'> {
  /** Describes pages, in their order. Pages that are gone meanwhile are left out. */
  async function describe(names: readonly PageHash[], today: Span): Promise<AdminPage[]> {
    if (names.length === 0) return []
    const bounds = boundsOf(today).map((bound) => list([bound]))
    const statements = names.flatMap((name): Statement[] => [
      ['sums', name, ...bounds],
      ['readSeen', name],
    ])
    const [rows, ofPages] = await Promise.all([
      slowLink.rows<PageRow>(['readPages', list(names)]),
      slowLink.run(...statements),
    ])
    const pages = new Map(rows.map((row) => [row.hash, storedPage(row)]))
    return names.flatMap((name, index) => {
      const page = pages.get(name)
      if (page === undefined) return []
      const [sum] = ofPages[2 * index]?.[0] ?? []
      const [first = null, last = null] = ofPages[2 * index + 1]?.[0] ?? []
      const seen = { firstSeen: timeOf(first), lastSeen: timeOf(last) }
      return [{ ...answerOf(page), today: Number(sum), ...seen, aliases: [] }]
    })
  }

  async function listed(wanted: PagesQuery): Promise<Listed[]> {
    const { part, sort, removed, after, limit, today } = wanted
    const last = after === '' ? FIRST : placeOf(after)
    const list = (name: keyof Queries, ...further: number[]) =>
      query<Listed>(db, name, removed, storable(part), last.rank, last.hash, limit, ...further)
    if (sort === 'hits') return list('listByHits')
    if (sort === 'newest') return list('listByNewest')
    if (sort === 'today') return list('listByToday', ...boundsOf(today))
    if (!removed) {
      const end = Math.min(last.rank, today.to * 60)
      const rows = await list('listByRecent', end - RECENT_MINUTES)
      if (rows.length === limit) return rows
    }
    return list('listByLastSeen')
  }

  return {
    async page(address, today) {
      const found = await findPage(slowLink, address)
      if (found === undefined) return null
      const [page] = await describe([found.hash], today)
      return page ? { ...page, aliases: found.aliases } : null
    },

    async pages(wanted) {
      const rows = await listed(wanted)
      const end = rows.at(-1)
      return {
        pages: await describe(
          rows.map(({ hash }) => hash),
          wanted.today,
        ),
        next: end && rows.length === wanted.limit ? `${end.rank} ${end.hash}` : null,
      }
    },

    async pageKeys(after, limit) {
      if (after !== '' && !isHash(after)) throw badPlace()
      const [rows = []] = await slowLink.run(['readKeys', after || BEFORE_ALL, limit])
      return {
        keys: rows.map(([, key]) => key as PageKey),
        next: rows.length < limit ? null : String(rows.at(-1)?.[0]),
      }
    },

    async spikes(hour, limit) {
      const spikes = await query<{ hash: PageHash; key: PageKey; hits: number; usual: number }>(
        db,
        'findSpikes',
        ...boundsOf({ from: hour, to: hour + 1 }),
        ...boundsOf({ from: hour - WEEK_HOURS, to: hour }),
        WEEK_HOURS,
        limit,
      )
      const names = list(spikes.map(({ hash }) => hash))
      const [rows = []] = await slowLink.run(['outcomesOfHour', names, hour])
      const tallies = Map.groupBy(rows, ([page]) => page)
      return spikes.map(({ hash, key, hits, usual }) => ({
        page: key,
        hits,
        usual,
        uncounted: (tallies.get(hash) ?? []).map(([, outcome, visits]) => ({
          outcome: outcome as Tally['outcome'],
          visits: Number(visits),
        })),
      }))
    },
  }
}

/** The place after which a list goes on. @throws Refusal if no answer has had it as `next` */
function placeOf(after: string): typeof FIRST {
  const [, rank, hash] = /^(\d{1,16}) ([\da-f-]{36})$/.exec(after) ?? []
  if (rank === undefined || hash === undefined || !isHash(hash)) throw badPlace()
  return { rank: Number(rank), hash }
}

const isHash = (text: string) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text)
