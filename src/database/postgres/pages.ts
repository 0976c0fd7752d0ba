import { hash } from 'node:crypto'
import { Cache } from '../../cache.ts'
import { hostOf, type PageKey } from '../../page.ts'
import type { Refusal } from '../../refusal.ts'
import { hostOfSite, siteKey } from '../../site.ts'
import type { Slice } from '../../store.ts'
import { noMorePages, removedPage } from '../failures.ts'
import { type PageLimits, reachedLimit } from '../options.ts'
import { all, type Client, type Connection, run, type Statement } from './connection.ts'
import { OF_HOSTS } from './host-queries.ts'
import type { Transactions } from './transaction.ts'

/** Bytes of the cache, enough for some 120,000 pages of ordinary length; and bytes of an entry. */
const MAX_KNOWN_BYTES = 32_000_000
const KNOWN_BYTES = 120
/** Bytes of the cache of hosts' counters. */
const MAX_HOST_BYTES = 4_000_000
/** Bytes of the cache of aliases and removed pages. */
const MAX_OTHER_BYTES = 8_000_000
/** The name of the row of `host` that counts all pages. */
export const ALL_PAGES = ''

/** A page's name in every table: the first 128 bits of its key's SHA-256, as a uuid. Citus distributes tables by it. */
export type PageHash = string & { readonly hash: unique symbol }

/**
 * The name of a page, or of a host's counter by its key, which every service can calculate without asking the database. Of a
 * counter's name, 64 bits are a hash.
 */
export function hashOf(page: PageKey): PageHash {
  const hex = hash('sha256', page)
  if (hostOfSite(page) !== null)
    return `${OF_HOSTS}${hex.slice(0, 4)}-${hex.slice(4, 16)}` as PageHash
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}` as PageHash
}

/** The name of the counter of a page's host. */
export const counterOf = (page: PageKey) => hashOf(siteKey(hostOf(page)))

/** An array as the parameter of a statement. No value may contain a comma. */
export const list = (values: Iterable<string | number>) => `{${[...values].join()}}`

/** The values of such an array. */
export const unlist = (text: string) => text.slice(1, -1).split(',')

/** A page and the counter of its host, by their names. */
export interface Named {
  page: PageHash
  host: PageHash
}

/** The names of pages, those of aliases being their pages'; and why pages are refused that are removed or cannot be made. */
export interface Names {
  names: Map<PageKey, Named>
  refused: Map<PageKey, Refusal>
}

type Unknown = ReadonlyMap<PageKey, PageHash>

interface Plan extends Names {
  /** Pages to be made. */
  newPages: Map<PageKey, PageHash>
}

/** Comes before the hashes of all pages. */
export const BEFORE_ALL = '00000000-0000-0000-0000-000000000000'

const AFTER_ALL = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** The place among hosts that a page has among pages. */
function hostAt(page: string): string {
  const hex = page.replaceAll('-', '')
  return `${OF_HOSTS}${hex.slice(0, 4)}-${hex.slice(4, 16)}`
}

/** Pages that a dry run reads at a time. */
export const DRY_RUN_PAGES = 1000

/** The names of a slice of pages, and where the next slice begins; null after the last page. */
export async function readSlice(link: Connection, { after, pages }: Slice) {
  const [rows = []] = await link.run(['pagesAfter', after || BEFORE_ALL, pages])
  const names = rows.map(([name]) => name as string)
  return { names, next: names.length < pages ? null : (names.at(-1) as string) }
}

/**
 * A slice as `readSlice` reads it, and the counters of the hosts that belong to it. These are spread evenly over the slices by
 * their hashes.
 */
export async function readSliceWithHosts(link: Connection, slice: Slice) {
  const { names, next } = await readSlice(link, slice)
  const [rows = []] = await link.run([
    'hostsBetween',
    hostAt(slice.after || BEFORE_ALL),
    hostAt(next ?? AFTER_ALL),
  ])
  return { names, hosts: rows.map(([host]) => host as string), next }
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
  return [
    'addToHosts',
    hosts,
    list(hosts.map((host) => counts.get(host) as number)),
    list(hosts.map((host) => (host === ALL_PAGES ? 'null' : hashOf(siteKey(host))))),
  ]
}

/** Finds and makes pages. What was found is remembered, and not looked up again until `forget`. */
export class Pages {
  readonly #limits: PageLimits
  readonly #onForget: () => void
  readonly #known = new Cache<Named, PageKey>(MAX_KNOWN_BYTES, () => KNOWN_BYTES)
  /** The counters of hosts, so that the pages of a host share its name in memory. */
  readonly #hosts = new Cache<PageHash>(MAX_HOST_BYTES, () => KNOWN_BYTES)
  /** The pages of aliases; null for removed pages and their aliases. */
  readonly #others = new Cache<Named | null, PageKey>(MAX_OTHER_BYTES, () => KNOWN_BYTES)
  #removals: number | undefined
  #timesForgotten = 0

  /** @param onForget is called when pages may have been removed or may have become others */
  constructor(limits: PageLimits, onForget: () => void = () => {}) {
    this.#limits = limits
    this.#onForget = onForget
  }

  /** The last result of `removals` that is known; undefined before the first. */
  get removals(): number | undefined {
    return this.#removals
  }

  /** To be called when pages were removed, or the connection may be to another database. */
  forget(): void {
    this.#known.clear()
    this.#others.clear()
    this.#timesForgotten += 1
    this.#onForget()
  }

  /** Forgets what is known if an operator, another service or a command has changed it. @param current see `removals` */
  notice(current: number | undefined): void {
    if (current !== this.#removals) this.forget()
    this.#removals = current
  }

  /** The name of a page, or of an alias itself. */
  hash(page: PageKey): PageHash {
    return this.#known.get(page)?.page ?? hashOf(page)
  }

  /**
   * Finds the names of pages. Makes the pages that do not exist, as far as the limits allow. They may be written only as
   * a writer that `Transactions.register` gave before.
   * @param counted whether they are made for hits, not for visits that did not count
   */
  async names(
    pages: Iterable<PageKey>,
    counted: boolean,
    { link, transactions, now }: { link: Connection; transactions: Transactions; now: number },
  ): Promise<Names> {
    const result: Names = { names: new Map(), refused: new Map() }
    const unknown = new Map<PageKey, PageHash>()
    for (const page of pages) {
      const known = this.#known.get(page) ?? this.#others.get(page)
      if (known) result.names.set(page, known)
      else if (known === null) result.refused.set(page, removedPage())
      else unknown.set(page, hashOf(page))
    }
    if (unknown.size === 0) return result
    const before = this.#timesForgotten
    // First without a lock: if there is room for no page, there is nothing to lock for.
    let plan = await this.#plan(await link.connected(), unknown, counted)
    if (plan.newPages.size > 0) {
      plan = await transactions.run(now, (client) => this.#make(client, unknown, counted))
    }
    for (const [page, name] of plan.names) result.names.set(page, name)
    for (const [page, refusal] of plan.refused) result.refused.set(page, refusal)
    // What was read before an action is not remembered after it.
    if (before === this.#timesForgotten) this.#remember(unknown, plan)
    return result
  }

  #remember(pages: Unknown, { names, refused }: Plan): void {
    for (const [page, own] of pages) {
      const name = names.get(page)
      if (name?.page === own) this.#known.add(page, name)
      else if (name) this.#others.add(page, name)
      else if (refused.get(page)?.code === 'removed') this.#others.add(page, null)
    }
    this.#known.trim()
    this.#others.trim()
  }

  /** The name of the counter of a page's host. */
  #hostOf(page: PageKey): PageHash {
    const host = hostOf(page)
    const known = this.#hosts.get(host)
    if (known) return known
    const name = hashOf(siteKey(host))
    this.#hosts.set(host, name)
    return name
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
    const existing = new Map(
      found.map(([hash, page, removed, key]) => [hash, { page, removed, key }]),
    )
    const pagesOf = new Map(hostRows as [string, number][])
    const plan: Plan = { names: new Map(), refused: new Map(), newPages: new Map() }
    for (const [page, hash] of unknown) {
      const host = hostOf(page)
      const exists = existing.get(hash)
      if (exists?.removed) plan.refused.set(page, removedPage())
      else if (exists) {
        const ofHost = this.#hostOf(exists.key as PageKey)
        plan.names.set(page, { page: exists.page as PageHash, host: ofHost })
      }
      if (exists) continue
      const limit = reachedLimit(this.#limits, counted, {
        all: () => pagesOf.get(ALL_PAGES) ?? 0,
        ofHost: () => pagesOf.get(host) ?? 0,
      })
      if (limit !== null) {
        plan.refused.set(page, noMorePages(limit))
        continue
      }
      plan.names.set(page, { page: hash, host: this.#hostOf(page) })
      plan.newPages.set(page, hash)
      for (const name of [host, ALL_PAGES]) pagesOf.set(name, (pagesOf.get(name) ?? 0) + 1)
    }
    return plan
  }
}
