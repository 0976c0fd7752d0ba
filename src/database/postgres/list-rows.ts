import type { PageKey } from '../../page.ts'
import { siteKey } from '../../site.ts'
import { DAY_HOURS, daysWithNoonIn, MINUTE_MS, type Span } from '../../time.ts'
import { SMALL_HOST } from '../lists/list.ts'
import type { Entry } from '../lists/snapshot.ts'
import type { Connection } from './connection.ts'
import { FIRST_HOST, HOST_OF_PAGE, OF_HOSTS } from './host-queries.ts'
import { hashOf, list, type PageHash } from './pages.ts'

/** Hexadecimal digits that a number holds exactly. */
const EXACT_DIGITS = 13

/** Statements of lists, for `QUERIES`. */
export const LIST_ROWS = {
  /**
   * pages, first and last hour of today, its first and last day → hash, key, hits, hits of today, minute of the last one or null,
   * in the order of the hashes
   */
  pagesOfList: `
    with wanted as materialized (
      -- The server compares the journal's hits to the names of an array one by one, but to those of a table by a hash.
      select unnest($1::uuid[]) as page
    ), waiting as materialized (
      select entry.page, max(entry.minute) as last, coalesce(sum(entry.hits)
        filter (where entry.minute >= $2::bigint * 60 and entry.minute < $3::bigint * 60), 0) as today
      from journal, unnest(journal.pages, journal.minutes, journal.hits) as entry (page, minute, hits)
      where entry.page in (select page from wanted) group by entry.page
    )
    select page.hash, page.key, coalesce(tally.hits, 0), (
        coalesce(waiting.today, 0) +
        (select coalesce(sum(hits), 0) from page_minute
          where page = page.hash and minute >= $2::bigint * 60 and minute < $3::bigint * 60) +
        (select coalesce(sum(hits), 0) from page_hour
          where page = page.hash and hour >= $2::bigint and hour < $3::bigint) +
        (select coalesce(sum(hits), 0) from page_day
          where page = page.hash and day >= $4::bigint and day < $5::bigint)
      )::bigint, greatest(
        waiting.last,
        (select max(minute) from page_minute where page = page.hash),
        (select max(hour) * 60 from page_hour where page = page.hash),
        (select max(day) * 60 * ${DAY_HOURS} from page_day where page = page.hash)
      )
    from page left join tally on tally.page = page.hash left join waiting on waiting.page = page.hash
    where page.hash = any($1::uuid[]) and not exists (select 1 from removed where removed.page = page.hash)
    order by page.hash`,
  /** host, limit → hashes of its pages, in order */
  hashesOfHost: `select page.hash from page where ${HOST_OF_PAGE} = $1::text order by page.hash limit $2`,
  /** counter, limit → counter, name, hits, pages of the next hosts */
  hostsAfter: `
    select host.counter, host.name, tally.hits, host.pages
    from host join tally on tally.page = host.counter
    where host.counter > $1::uuid order by host.counter limit $2`,
  /** counters → the same */
  hostsOfList: `
    select host.counter, host.name, tally.hits, host.pages
    from host join tally on tally.page = host.counter where host.counter = any($1::uuid[])`,
  /** number → the hits of the page with that place by hits, from 0; no row if there are not more pages than that */
  hitsAt: `
    select hits from tally
    where page < '${FIRST_HOST}' and (select pages from host where name = '') > $1::bigint
    order by hits desc offset $1 limit 1`,
}

/** The number by which a list knows a page or host: the beginning of its name, in the order of the names. */
function idOf(name: string): number {
  const beginning = name.startsWith(OF_HOSTS) ? OF_HOSTS.length : 0
  const digits = name.slice(beginning).replaceAll('-', '').slice(0, EXACT_DIGITS)
  return Number.parseInt(digits, 16)
}

/** Reads pages for a list, each with its hits, those of today and the time of the last one. @param names at most some thousands */
export async function readPages(
  link: Connection,
  names: readonly string[],
  today: Span,
): Promise<Entry[]> {
  const days = daysWithNoonIn(today)
  const [rows = []] = await link.run([
    'pagesOfList',
    ...([list(names), today.from, today.to, days.from, days.to] as const),
  ])
  return rows.map(([hash, key, hits, ofToday, minute]) => ({
    id: idOf(hash as string),
    name: key as string,
    values: [Number(hits), Number(ofToday), Number(minute ?? 0) * MINUTE_MS],
  }))
}

/** The names of a host's pages, in order. */
export async function hashesOfHost(link: Connection, host: string, limit: number) {
  const [rows = []] = await link.run(['hashesOfHost', host, limit])
  return rows.map(([hash]) => hash as PageHash)
}

/** Reads hosts for a list: the hits of each, and its number of pages. */
export async function readHosts(
  link: Connection,
  statement: ['hostsAfter', counter: string, limit: number] | ['hostsOfList', counters: string],
) {
  const [rows = []] = await link.run(statement)
  return rows.map(([counter, name, hits, pages]) => ({
    counter: counter as string,
    ...{ id: idOf(counter as string), name: name as string, values: [Number(hits), Number(pages)] },
  }))
}

/** What the database tells of lists at once. */
export function presentEntries(link: Connection) {
  return {
    async ofHost(host: string, today: Span): Promise<Entry[] | null> {
      const names = await hashesOfHost(link, host, SMALL_HOST + 1)
      return names.length > SMALL_HOST ? null : readPages(link, names, today)
    },
    pages: (entries: readonly Entry[], today: Span) =>
      readPages(
        link,
        entries.map(({ name }) => hashOf(name as PageKey)),
        today,
      ),
    hosts: (entries: readonly Entry[]): Promise<Entry[]> =>
      readHosts(link, ['hostsOfList', list(entries.map(({ name }) => hashOf(siteKey(name))))]),
  }
}
