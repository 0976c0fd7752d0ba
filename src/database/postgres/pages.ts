import { hash } from 'node:crypto'
import { Cache } from '../../cache.ts'
import { hostOf, type PageKey } from '../../page.ts'
import type { Slice } from '../../store.ts'
import { type FullLimit, type PageLimits, reachedLimit } from '../options.ts'
import { all, type Client, type Connection, run, type Statement } from './connection.ts'
import type { Transactions } from './transaction.ts'

/** Bytes of the cache, enough for some 140,000 pages of ordinary length; and bytes of an entry. */
const MAX_KNOWN_BYTES = 32_000_000
const KNOWN_BYTES = 80
/** The name of the row of `host` that counts all pages. */
export const ALL_PAGES = ''

/** A page's name in every table: the first 128 bits of its key's SHA-256, as a uuid. Citus distributes tables by it. */
export type PageHash = string & { readonly hash: unique symbol }

/** The name of a page, which every service can calculate without asking the database. */
export function hashOf(page: PageKey): PageHash {
  const hex = hash('sha256', page)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}` as PageHash
}

/** An array as the parameter of a statement. No value may contain a comma. */
export const list = (values: Iterable<string | number>) => `{${[...values].join()}}`

/** The values of such an array. */
export const unlist = (text: string) => text.slice(1, -1).split(',')

/** The names of pages, and for pages that cannot be made, the limit that is reached. */
export interface Names {
  names: Map<PageKey, PageHash>
  refused: Map<PageKey, FullLimit>
}

type Unknown = ReadonlyMap<PageKey, PageHash>

interface Plan extends Names {
  /** Pages to be made. */
  newPages: Map<PageKey, PageHash>
}

/** Comes before the hashes of all pages. */
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000'

/** Pages that a dry run reads at a time. */
export const DRY_RUN_PAGES = 1000

/** The names of a slice of pages, and where the next slice begins; null after the last page. */
export async function readSlice(link: Connection, { after, pages }: Slice) {
  const [rows = []] = await link.run(['pagesAfter', after || BEFORE_ALL, pages])
  const names = rows.map(([name]) => name as string)
  return { names, next: names.length < pages ? null : (names.at(-1) as string) }
}

/** The number of pages by host, and of all of them by `ALL_PAGES`. */
export function countByHost(pages: Iterable<PageKey>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const page of pages)
    for (const host of [hostOf(page), ALL_PAGES]) counts.set(host, (counts.get(host) ?? 0) + 1)
  return counts
}

/** The statement that changes the numbers of pages of hosts, in the order of their names. */
export function addToHosts(counts: ReadonlyMap<string, number>): Statement {
  const hosts = [...counts.keys()].sort()
  return ['addToHosts', hosts, list(hosts.map((host) => counts.get(host) as number))]
}

/** Finds and makes pages. Pages that exist are remembered, and not looked up again until `forget`. */
export class Pages {
  readonly #limits: PageLimits
  readonly #known = new Cache<PageHash, PageKey>(MAX_KNOWN_BYTES, () => KNOWN_BYTES)

  constructor(limits: PageLimits) {
    this.#limits = limits
  }

  /** To be called when pages were removed, or the connection may be to another database. */
  forget(): void {
    this.#known.clear()
  }

  hash(page: PageKey): PageHash {
    return this.#known.get(page) ?? hashOf(page)
  }

  /**
   * Finds the names of pages. Makes the pages that do not exist, as far as the limits allow.
   * @param counted whether they are made for hits, not for visits that did not count
   */
  async names(
    pages: Iterable<PageKey>,
    counted: boolean,
    { link, transactions, now }: { link: Connection; transactions: Transactions; now: number },
  ): Promise<Names> {
    const names = new Map<PageKey, PageHash>()
    const unknown = new Map<PageKey, PageHash>()
    for (const page of pages) {
      const known = this.#known.get(page)
      if (known) names.set(page, known)
      else unknown.set(page, hashOf(page))
    }
    if (unknown.size === 0) return { names, refused: new Map() }
    // First without a lock: if there is room for no page, there is nothing to lock for.
    let plan = await this.#plan(await link.connected(), unknown, counted)
    if (plan.newPages.size > 0) {
      plan = await transactions.run(now, (client) => this.#make(client, unknown, counted))
    }
    for (const [page, name] of plan.names) {
      names.set(page, name)
      this.#known.add(page, name)
    }
    this.#known.trim()
    return { names, refused: plan.refused }
  }

  async #make(client: Client, unknown: Unknown, counted: boolean): Promise<Plan> {
    await run(client, ['lockHosts'])
    const plan = await this.#plan(client, unknown, counted)
    const { newPages } = plan
    await all([
      run(client, ['addPages', list(newPages.values()), [...newPages.keys()]]),
      run(client, addToHosts(countByHost(newPages.keys()))),
    ])
    return plan
  }

  async #plan(client: Client, unknown: Unknown, counted: boolean): Promise<Plan> {
    const hosts = new Set([ALL_PAGES, ...[...unknown.keys()].map(hostOf)])
    const [found = [], hostRows = []] = await all([
      run(client, ['findPages', list(unknown.values())]),
      run(client, ['pagesOfHosts', [...hosts]]),
    ])
    const existing = new Set(found.map(([hash]) => hash))
    const pagesOf = new Map(hostRows as [string, number][])
    const plan: Plan = { names: new Map(), refused: new Map(), newPages: new Map() }
    for (const [page, hash] of unknown) {
      const host = hostOf(page)
      if (existing.has(hash)) {
        plan.names.set(page, hash)
        continue
      }
      const limit = reachedLimit(this.#limits, counted, {
        all: () => pagesOf.get(ALL_PAGES) ?? 0,
        ofHost: () => pagesOf.get(host) ?? 0,
      })
      if (limit !== null) {
        plan.refused.set(page, limit)
        continue
      }
      plan.names.set(page, hash)
      plan.newPages.set(page, hash)
      for (const name of [host, ALL_PAGES]) pagesOf.set(name, (pagesOf.get(name) ?? 0) + 1)
    }
    return plan
  }
}
