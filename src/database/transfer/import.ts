import { setTimeout as pause } from 'node:timers/promises'
import type { PageKey } from '../../page.ts'
import { all, type Client, COMMAND_ANSWER_MS, Connection, run } from '../postgres/connection.ts'
import { retrying } from '../postgres/failures.ts'
import { addToHostNumbers } from '../postgres/host-counters.ts'
import { openMigrated } from '../postgres/open.ts'
import { hashOf, list, type PageHash, Pages } from '../postgres/pages.ts'
import { Transactions } from '../postgres/transaction.ts'
import { slicesOf } from '../slices.ts'
import { counterOf } from '../sqlite/host-counters.ts'
import { openDatabase } from '../sqlite/open.ts'
import { pageWriter } from '../sqlite/pages.ts'
import { QUERIES } from '../sqlite/queries.ts'
import { openToRead } from '../sqlite/readable.ts'

/** Pages written in one transaction, and the pause after it in ms, so that a running service need not wait for long. */
const SLICE = 100
const PAUSE_MS = 10
/** The limits apply to strangers, not to the operator. */
const NO_LIMITS = { maxPages: 0, maxPagesPerHost: 0 }

/** A row of hit-counter's only table. Its code allows values of any type in both columns. */
export interface HitCounterRow {
  id: number
  url: unknown
  count: unknown
}

/** Opens a hit-counter database for reading. @throws Error if the file is missing, or cannot be read as a database */
export function openHitCounter(file: string) {
  const { driver, lacksLog, close } = openToRead(file, true)
  const sql = 'select id, url, count from url order by id'
  return { rows: () => driver.prepare<[], HitCounterRow>(sql).iterate(), lacksLog, close }
}

/** Numbers from another counter. If `source` was imported before, only hits that it has counted since are added. */
interface Import {
  source: string
  /** Hashes of the first rows of its database, which identify it. */
  marks: readonly string[]
  /** Each page's number at the source. */
  pages: ReadonlyMap<PageKey, number>
}

/** Numbers of pages and their hits. */
interface Amount {
  pages: number
  hits: number
}

export interface Imported {
  /** What was added. */
  added: Amount
  /** What was left out, because an operator has removed the pages. */
  removed: Amount
}

/** The database is not the one that was imported under this name before. */
export class OtherSource extends Error {}

/** @param stored a JSON array of the marks that the database of this name had before. @throws OtherSource */
function checkMarks(stored: string, marks: readonly string[]): void {
  const known: string[] = JSON.parse(stored)
  // Half of them are enough, because the owner may have removed some of the rows.
  if (2 * known.filter((mark) => marks.includes(mark)).length >= known.length) return
  throw new OtherSource('another database was imported under this name')
}

/** @param addSlice adds the new hits of some pages, and returns the number for each page. It may leave out pages without new hits */
async function addInSlices(
  pages: Import['pages'],
  addSlice: (slice: [PageKey, number][]) => Promise<number[]>,
): Promise<Amount> {
  const added = { pages: 0, hits: 0 }
  for (const slice of slicesOf(pages, SLICE)) {
    for (const more of await addSlice(slice)) {
      if (more > 0) added.pages += 1
      added.hits += more
    }
  }
  return added
}

/** Keys that are looked up at a time. */
const LOOK_UP = 1000

/**
 * Adds up the numbers of addresses that stand for one page, so that a repeated import compares the sum of them.
 * @param find the page that each of some addresses stands for: any value that identifies it, undefined for an unknown
 *   address, null for a removed page
 * @returns each page by one of its addresses
 */
async function joinAliases(
  pages: Import['pages'],
  find: (keys: PageKey[]) => Promise<Map<PageKey, number | string | null>>,
): Promise<{ joined: Map<PageKey, number>; removed: Amount }> {
  const joined = new Map<PageKey, number>()
  const removed = { pages: 0, hits: 0 }
  const firsts = new Map<number | string, PageKey>()
  for (const slice of slicesOf(pages, LOOK_UP)) {
    const found = await find(slice.map(([key]) => key))
    for (const [key, hits] of slice) {
      const page = found.get(key)
      if (page === null) {
        removed.pages += 1
        removed.hits += hits
        continue
      }
      const first = page === undefined ? key : (firsts.get(page) ?? key)
      if (page !== undefined) firsts.set(page, first)
      joined.set(first, (joined.get(first) ?? 0) + hits)
    }
  }
  return { joined, removed }
}

/** Adds to a SQLite file, which is made if it does not exist. @throws OtherSource before anything is written */
export async function importIntoFile(
  file: string,
  { source, marks, pages }: Import,
): Promise<Imported> {
  const driver = await openDatabase(file)
  const readMarks = driver.prepare<[string], string>(QUERIES.readMarks).pluck()
  const addMarks = driver.prepare<[string, string]>(QUERIES.addMarks)
  const { resolve, isRemoved, makePage } = pageWriter(driver, NO_LIMITS)
  const addToTally = driver.prepare<[number, number]>(QUERIES.addToTally)
  const hostOf = driver.prepare<[number], number>(QUERIES.readHostOf).pluck()
  const readImported = driver.prepare<[string, number], number>(QUERIES.readImported).pluck()
  const setImported = driver.prepare<[string, number, number]>(QUERIES.setImported)

  function add([page, hits]: [PageKey, number]): number {
    const id = resolve(page) ?? (makePage(page, true) as number)
    const more = Math.max(0, hits - (readImported.get(source, id) ?? 0))
    if (more > 0) {
      setImported.run(source, id, hits)
      addToTally.run(id, more)
      // An operator may have removed the page meanwhile.
      if (!isRemoved(id)) addToTally.run(counterOf(hostOf.get(id) as number), more)
    }
    return more
  }

  /** The page of an address, as `joinAliases` wants it. */
  function pageOf(key: PageKey): [PageKey, number | null][] {
    const id = resolve(key)
    if (id === undefined) return []
    return [[key, isRemoved(id) ? null : id]]
  }

  const writing = driver.transaction((work: () => unknown) => work()).immediate
  try {
    writing(() => {
      const stored = readMarks.get(source)
      if (stored !== undefined) checkMarks(stored, marks)
      else if (marks.length > 0) addMarks.run(source, JSON.stringify(marks))
    })
    const { joined, removed } = await joinAliases(
      pages,
      async (keys) => new Map(keys.flatMap(pageOf)),
    )
    const added = await addInSlices(joined, async (slice) => {
      const more = writing(() => slice.map(add)) as number[]
      await pause(PAUSE_MS)
      return more
    })
    return { added, removed }
  } finally {
    driver.close()
  }
}

/** Adds to a PostgreSQL database. @throws OtherSource before anything is written */
export async function importIntoPostgres(
  url: string,
  { source, marks, pages }: Import,
  now: number,
): Promise<Imported> {
  await (await openMigrated(url)).destroy()
  const waits = { answerMs: COMMAND_ANSWER_MS }
  const link = new Connection(url, waits)
  const known = new Pages(NO_LIMITS)
  // Another writer than before: an operator may have made pages the aliases of others.
  const onRegister = () => known.forget()
  const transactions = new Transactions(url, { ...waits, durability: 'full', onRegister }, link)

  async function addSlice(slice: [PageKey, number][]): Promise<number[]> {
    const writer = await transactions.register(now)
    const keys = slice.map(([page]) => page)
    const { names } = await known.names(keys, true, { link, transactions, now })
    const imports = new Map<PageHash, { page: PageHash; host: PageHash; hits: number }>()
    for (const [key, hits] of slice) {
      const named = names.get(key)
      // Without limits, only a page that an operator has removed has no name.
      if (named === undefined) continue
      const before = imports.get(named.page)?.hits ?? 0
      imports.set(named.page, { ...named, hits: before + hits })
    }
    const imported = [...imports.values()].sort((left, right) => (left.page < right.page ? -1 : 1))
    const add = async (client: Client) => {
      const [, rows] = await all([
        run(client, ['lockChore', 'import', now]),
        run(client, ['readImported', source, list(imported.map(({ page }) => page))]),
      ])
      const before = new Map(rows as [string, number][])
      const grown = imported
        .map((each) => ({ ...each, more: each.hits - (before.get(each.page) ?? 0) }))
        .filter(({ more }) => more > 0)
      const added = grown.map(({ more }) => more)
      const [grownPages, hits] = [grown.map(({ page }) => page), grown.map(({ hits }) => hits)]
      await run(client, ['setImported', grown.map(() => source), list(grownPages), list(hits)])
      await run(client, ['addToTallies', list(grownPages), list(added)])
      const ofHosts = new Map<PageHash, bigint>()
      for (const { host, more } of grown)
        ofHosts.set(host, (ofHosts.get(host) ?? 0n) + BigInt(more))
      await addToHostNumbers(client, ofHosts)
      return added
    }
    return transactions.run(now, add, { writer })
  }

  try {
    await transactions.run(now, async (client) => {
      if (marks.length > 0) await run(client, ['addMarks', source, JSON.stringify(marks)])
      const [stored] = await run(client, ['readMarks', source])
      if (stored !== undefined) checkMarks(String(stored[0]), marks)
    })
    const { joined, removed } = await joinAliases(pages, async (keys) => {
      const [rows = []] = await link.run(['findPages', list(keys.map(hashOf))])
      const found = new Map(rows.map(([hash, page, isRemoved]) => [hash, isRemoved ? null : page]))
      return new Map(
        keys.flatMap((key) => {
          const page = found.get(hashOf(key)) as PageHash | null | undefined
          return page === undefined ? [] : [[key, page]]
        }),
      )
    })
    const added = await addInSlices(joined, (slice) => retrying(() => addSlice(slice)))
    return { added, removed }
  } finally {
    await transactions.close()
    await link.close()
  }
}
