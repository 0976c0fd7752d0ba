import type { Change, Deed } from '../../../admin.ts'
import { hostOf, type PageKey } from '../../../page.ts'
import { DAY_HOURS } from '../../../time.ts'
import { all, type Client, type Row, run, type Statement } from '../connection.ts'
import { ALL_PAGES, list, type PageHash } from '../pages.ts'

/** The addresses that a change names. */
export function addressesOf(change: Change): PageKey[] {
  if (change.action === 'rename') return [change.page, change.to]
  if (change.action === 'merge') return [change.page, change.into]
  return [change.page]
}

/** The hours that changes take back. */
export const hoursOf = (changes: readonly Change[]): Set<number> =>
  new Set(changes.flatMap((change) => (change.action === 'take-back' ? change.hour : [])))

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

/** @param row of the result of `readPages` */
export function storedPage([
  hash,
  key,
  hits,
  version,
  log,
  made,
  actor,
  reason,
  at,
]: Row): StoredPage {
  return {
    hash: hash as PageHash,
    key: key as PageKey,
    hits: Number(hits),
    version: Number(version),
    log: log as number | null,
    made: made as number | null,
    removed:
      actor === null ? null : { actor: String(actor), reason: String(reason), at: Number(at) },
  }
}

/** What changes have to know: everything about the addresses that they name. */
export interface Stored {
  pages: readonly StoredPage[]
  /** The page of each address that is a page or an alias. */
  addresses: ReadonlyMap<PageHash, PageHash>
  /** The hits of pages in the hours that are to be taken back, by `placeOf`. */
  hits: ReadonlyMap<string, number>
  /** The days of pages that are kept by the day, by `placeOf`. */
  days: ReadonlySet<string>
  /** The number of pages by host, see `ALL_PAGES`. */
  hosts: ReadonlyMap<string, number>
}

/** The name of an hour or day of a page in `Stored`. */
export const placeOf = (page: PageHash, hourOrDay: number) => `${page} ${hourOrDay}`

/** @param found the result of `findPages` for all addresses of the changes */
export async function readStored(
  client: Client,
  changes: readonly Change[],
  found: readonly Row[],
): Promise<Stored> {
  const names = list(new Set(found.map(([, page]) => String(page))))
  const hours = hoursOf(changes)
  const days = new Set([...hours].map((hour) => Math.floor(hour / DAY_HOURS)))
  const ofHours: Statement[] =
    hours.size === 0
      ? []
      : [
          ['readHours', names, list(hours)],
          ['readDays', names, list(days)],
        ]
  const statements: Statement[] = [['readPages', names], ...ofHours]
  const [pageRows = [], hourRows = [], dayRows = []] = await all(
    statements.map((statement) => run(client, statement)),
  )
  const pages = pageRows.map(storedPage)
  const keys = [...changes.flatMap(addressesOf), ...pages.map(({ key }) => key)]
  const hosts = new Set([ALL_PAGES, ...keys.map(hostOf)])
  const hostRows = await run(client, ['pagesOfHosts', [...hosts]])
  const nameOf = ([page, hourOrDay]: Row) => placeOf(page as PageHash, Number(hourOrDay))
  return {
    pages,
    addresses: new Map(found.map(([hash, page]) => [hash as PageHash, page as PageHash])),
    hits: new Map(hourRows.map((row) => [nameOf(row), Number(row[2])])),
    days: new Set(dayRows.map(nameOf)),
    hosts: new Map(hostRows as [string, number][]),
  }
}
