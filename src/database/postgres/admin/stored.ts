import type { Change, Deed } from '../../../admin.ts'
import { hostOf, type PageKey } from '../../../page.ts'
import { DAY_HOURS } from '../../../time.ts'
import { MAX_ALIASES } from '../../administration.ts'
import { type Client, type Connection, type Row, rows, run } from '../connection.ts'
import { ALL_PAGES, hashOf, list, type PageHash } from '../pages.ts'

/** The addresses that a change names. */
export function addressesOf(change: Change): PageKey[] {
  if (change.action === 'rename') return [change.page, change.to]
  if (change.action === 'merge') return [change.page, change.into]
  return [change.page]
}

/** A page as the database has it. */
export interface StoredPage {
  hash: PageHash
  key: PageKey
  hits: number
  version: number
  /** By which the audit log knows the page; null if it has no entries. */
  log: number | null
  /** When it was made, as `page.made` says; 0 for now, null if that is not known. */
  made: number | null
  removed: Deed | null
}

/** A row of `readPages`. The deed's columns are null for a page that is not removed. */
export type PageRow = Omit<StoredPage, 'removed'> & { [Column in keyof Deed]: Deed[Column] | null }

export const storedPage = ({ actor, reason, at, ...page }: PageRow): StoredPage => ({
  ...page,
  removed: actor === null ? null : ({ actor, reason, at } as Deed),
})

/** The page of an address, and its aliases. */
export async function findPage(
  link: Connection,
  address: PageKey,
): Promise<{ hash: PageHash; aliases: PageKey[] } | undefined> {
  const [[found] = []] = await link.run(['findPages', list([hashOf(address)])])
  if (found === undefined) return undefined
  const hash = found[1] as PageHash
  const [aliases = []] = await link.run(['readAliases', hash, MAX_ALIASES])
  return { hash, aliases: aliases.map(([key]) => key as PageKey) }
}

/** The hits of a page in an hour. */
export interface HourOfPage {
  page: PageHash
  hour: number
  hits: number
}

/** What changes have to know: everything about the addresses that they name. */
export interface Stored {
  pages: readonly StoredPage[]
  /** The page of each address that is a page or an alias. */
  addresses: ReadonlyMap<PageHash, PageHash>
  /** The hits of pages in the hours that are to be taken back. */
  hours: readonly HourOfPage[]
  /** The days of pages that are kept by the day, by `placeOf`. */
  days: ReadonlySet<string>
  /** The number of pages by host, see `ALL_PAGES`. */
  hosts: ReadonlyMap<string, number>
}

/** The name of a day of a page in `Stored`. */
export const placeOf = (page: PageHash, day: number) => `${page} ${day}`

/** @param found the result of `findPages` for all addresses of the changes */
export async function readStored(
  client: Client,
  changes: readonly Change[],
  found: readonly Row[],
): Promise<Stored> {
  const names = list(new Set(found.map(([, page]) => String(page))))
  const hours = new Set(
    changes.flatMap((change) => (change.action === 'take-back' ? change.hour : [])),
  )
  const days = new Set([...hours].map((hour) => Math.floor(hour / DAY_HOURS)))
  const [pageRows, hourRows, dayRows] = await Promise.all([
    rows<PageRow>(client, ['readPages', names]),
    hours.size === 0 ? [] : rows<HourOfPage>(client, ['readHours', names, list(hours)]),
    hours.size === 0 ? [] : run(client, ['readDays', names, list(days)]),
  ])
  const pages = pageRows.map(storedPage)
  const keys = [...changes.flatMap(addressesOf), ...pages.map(({ key }) => key)]
  const hosts = new Set([ALL_PAGES, ...keys.map(hostOf)])
  const hostRows = await run(client, ['pagesOfHosts', [...hosts]])
  return {
    pages,
    addresses: new Map(found.map(([hash, page]) => [hash as PageHash, page as PageHash])),
    hours: hourRows,
    days: new Set(dayRows.map(([page, day]) => placeOf(page as PageHash, Number(day)))),
    hosts: new Map(hostRows as [string, number][]),
  }
}
