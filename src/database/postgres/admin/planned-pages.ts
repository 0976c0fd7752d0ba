import { hostOf, type PageKey } from '../../../page.ts'
import { noMorePages } from '../../failures.ts'
import type { ChangingPage, ChangingPages } from '../../make-changes.ts'
import { type PageLimits, reachedLimit } from '../../options.ts'
import type { HostChange } from '../host-counters.ts'
import { ALL_PAGES, counterOf, hashOf, type PageHash } from '../pages.ts'
import { type HourOfPage, placeOf, type Stored, type StoredPage } from './stored.ts'

export interface PlannedPage extends StoredPage, ChangingPage {
  /** The page that it was merged into. */
  into: PlannedPage | null
  /** The pages in the database whose histories add up to its own. */
  parts: PageHash[]
  /** Their hits, by the hours that are to be taken back. */
  hours: Map<number, HourOfPage[]>
}

/** Where what belonged to a page goes: to another page, or nowhere. */
export interface Move {
  from: PageHash
  to: PageHash | null
}

/** What a page has become by merges. */
function last(page: PlannedPage): PlannedPage {
  let end = page
  while (end.into) {
    // Shortens a long chain for the next time.
    end.into = end.into.into ?? end.into
    end = end.into
  }
  return end
}

/**
 * Pages while changes are worked out in memory, and what has to be written afterwards: each table by a few statements, however
 * many changes there are.
 */
export class PlannedPages implements ChangingPages<PlannedPage> {
  readonly #stored: Stored
  readonly #limits: PageLimits
  /** The pages that the database has, by their hashes there. */
  readonly #first = new Map<PageHash, PlannedPage>()
  /** Pages by their own hashes. */
  readonly #pages = new Map<PageHash, PlannedPage>()
  readonly #aliases = new Map<PageHash, { key: PageKey; page: PlannedPage }>()
  readonly #changedAliases = new Set<PageHash>()
  /** By how many pages the hosts change. */
  readonly hosts = new Map<string, number>()
  /** The hours that are taken from histories, before these go anywhere. */
  readonly takenHours: HourOfPage[] = []

  /** @param addresses all that the changes name */
  constructor(addresses: Iterable<PageKey>, stored: Stored, limits: PageLimits) {
    this.#stored = stored
    this.#limits = limits
    for (const each of stored.pages) this.#first.set(each.hash, this.#add(each, [each.hash]))
    for (const each of stored.hours) addHours(this.#first.get(each.page), each.hour, [each])
    for (const key of addresses) {
      const hash = hashOf(key)
      const page = this.#pages.get(stored.addresses.get(hash) as PageHash)
      if (page && page.hash !== hash) this.#aliases.set(hash, { key, page })
    }
  }

  find(address: PageKey): PlannedPage | undefined {
    const hash = hashOf(address)
    const alias = this.#aliases.get(hash)
    const page = alias && last(alias.page)
    return page && !page.isGone ? page : this.#pages.get(hash)
  }

  make(key: PageKey): PlannedPage {
    const limit = reachedLimit(this.#limits, true, {
      all: () => this.#pagesOf(ALL_PAGES),
      ofHost: () => this.#pagesOf(hostOf(key)),
    })
    if (limit !== null) throw noMorePages(limit)
    this.#addToHosts(key, 1)
    const isNew = { hits: 0, version: 0, log: null, made: 0, removed: null }
    return this.#add({ hash: hashOf(key), key, ...isNew }, [])
  }

  rename(page: PlannedPage, to: PageKey, alias: boolean): void {
    this.#leave(page)
    if (alias) this.#setAlias(page.key, page)
    page.key = to
    page.hash = hashOf(to)
    this.#pages.set(page.hash, page)
    this.#addToHosts(to, 1)
  }

  merge(page: PlannedPage, into: PlannedPage): void {
    this.#leave(page)
    page.into = into
    this.#setAlias(page.key, into)
    for (const [hour, hours] of page.hours) addHours(into, hour, hours)
    const isSmaller = page.parts.length < into.parts.length
    const [fewer, more] = isSmaller ? [page.parts, into.parts] : [into.parts, page.parts]
    more.push(...fewer)
    into.parts = more
  }

  purge(page: PlannedPage): void {
    this.#leave(page)
    this.dropHistory(page)
  }

  removeAlias(address: PageKey): void {
    this.#setAlias(address, null)
  }

  dropHistory(page: PlannedPage): void {
    page.parts = []
    page.hours.clear()
  }

  hitsIn(page: PlannedPage, hour: number): number {
    return (page.hours.get(hour) ?? []).reduce((sum, { hits }) => sum + hits, 0)
  }

  hasDay(page: PlannedPage, day: number): boolean {
    return page.parts.some((part) => this.#stored.days.has(placeOf(part, day)))
  }

  takeHour(page: PlannedPage, hour: number): void {
    this.takenHours.push(...(page.hours.get(hour) ?? []))
    page.hours.delete(hour)
  }

  #add(page: StoredPage, parts: PageHash[]): PlannedPage {
    const added = { ...page, isGone: false, into: null, parts, hours: new Map() }
    this.#pages.set(page.hash, added)
    return added
  }

  #leave(page: PlannedPage): void {
    this.#pages.delete(page.hash)
    this.#addToHosts(page.key, -1)
  }

  #setAlias(key: PageKey, page: PlannedPage | null): void {
    const hash = hashOf(key)
    if (page) this.#aliases.set(hash, { key, page })
    else this.#aliases.delete(hash)
    this.#changedAliases.add(hash)
  }

  #pagesOf(host: string): number {
    return (this.#stored.hosts.get(host) ?? 0) + (this.hosts.get(host) ?? 0)
  }

  #addToHosts(key: PageKey, pages: number): void {
    for (const host of [hostOf(key), ALL_PAGES])
      this.hosts.set(host, (this.hosts.get(host) ?? 0) + pages)
  }

  /** The names that pages had and no page has any more. */
  get gone(): PageHash[] {
    return [...this.#first.keys()].filter((hash) => !this.#pages.has(hash))
  }

  /** Where the aliases and imported hits of renamed, merged and purged pages go. */
  get moves(): Move[] {
    return this.#movesTo((hash) => {
      const end = last(this.#first.get(hash) as PlannedPage)
      return end.isGone ? null : end.hash
    })
  }

  /** Where the histories go of pages that do not keep them. */
  get histories(): Move[] {
    const owners = this.#owners
    return this.#movesTo((hash) => owners.get(hash)?.hash ?? null)
  }

  /** By how much the numbers of hosts change, by the names of their counters. */
  get hostNumbers(): Map<PageHash, bigint> {
    const changes = new Map<PageHash, bigint>()
    const add = ({ key, hits, removed }: StoredPage, sign: bigint) => {
      const host = counterOf(key)
      if (!removed) changes.set(host, (changes.get(host) ?? 0n) + sign * BigInt(hits))
    }
    for (const page of this.#stored.pages) add(page, -1n)
    for (const page of this.#pages.values()) add(page, 1n)
    return changes
  }

  /**
   * The histories that hosts lose, before hours are taken from them; and those that they gain after that, before these go
   * anywhere.
   */
  get hostHistories(): { lost: HostChange[]; gained: HostChange[] } {
    const lost: HostChange[] = []
    const gained: HostChange[] = []
    const ownerOf = this.#owners
    const changed = new Set(this.takenHours.map(({ page }) => page))
    for (const { hash, key, removed } of this.#stored.pages) {
      const owner = ownerOf.get(hash)
      const before = removed ? null : counterOf(key)
      const after = !owner || owner.removed ? null : counterOf(owner.key)
      if (before === after && !changed.has(hash)) continue
      if (before) lost.push({ page: hash, host: before })
      if (after) gained.push({ page: hash, host: after })
    }
    return { lost, gained }
  }

  /** The pages to which histories belong, by the names that these have in the database. */
  get #owners(): Map<PageHash, PlannedPage> {
    const owners = new Map<PageHash, PlannedPage>()
    for (const page of this.#pages.values()) for (const part of page.parts) owners.set(part, page)
    return owners
  }

  #movesTo(targetOf: (hash: PageHash) => PageHash | null): Move[] {
    const moves = [...this.#first.keys()].map((from) => ({ from, to: targetOf(from) }))
    return moves.filter(({ from, to }) => from !== to)
  }

  /** Addresses that were aliases or are, as far as that has changed; and those that are. */
  get aliases(): { changed: PageHash[]; now: { key: PageKey; page: PageHash }[] } {
    const changed = [...this.#changedAliases]
    const now = changed.flatMap((hash) => {
      const alias = this.#aliases.get(hash)
      const page = alias && last(alias.page)
      return page && !page.isGone ? [{ key: alias.key, page: page.hash }] : []
    })
    return { changed, now }
  }
}

function addHours(page: PlannedPage | undefined, hour: number, hours: HourOfPage[]): void {
  const own = page?.hours.get(hour)
  if (own) own.push(...hours)
  else page?.hours.set(hour, hours)
}
