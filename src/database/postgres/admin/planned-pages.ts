import { hostOf, type PageKey } from '../../../page.ts'
import { noMorePages } from '../../failures.ts'
import { type PageLimits, reachedLimit } from '../../options.ts'
import { ALL_PAGES, hashOf, type PageHash } from '../pages.ts'
import { placeOf, type Stored, type StoredPage } from './stored.ts'

/**
 * The numbers over time that a page has up to a step. They go on to the history `next`, without those of an hour that is
 * taken back; or they are those of a page; or they are dropped.
 */
interface History {
  /** The hits in the hours that are to be taken back. */
  hits: Map<number, number>
  next: History | null
  takenHour: number | null
  page: Page | null
}

export interface Page extends StoredPage {
  history: History
  /** The page that it was renamed to or merged into. */
  became: Page | null
  isPurged: boolean
}

/** Where what belonged to a page goes: to another page, or nowhere. */
export interface Move {
  from: PageHash
  to: PageHash | null
}

const newHistory = (page: Page | null, hits = new Map<number, number>()): History => ({
  hits,
  next: null,
  takenHour: null,
  page,
})

/** What a page has become in the end. */
export function last(page: Page): Page {
  let end = page
  while (end.became) end = end.became
  // So that a long chain is followed once.
  for (let each = page; each.became; ) {
    const { became } = each
    each.became = end
    each = became
  }
  return end
}

/** The page that gets a history, and the hours that are taken back on the way. */
function endOf(history: History): { page: Page | null; takenHours: number[] } {
  const takenHours: number[] = []
  let end = history
  for (; end.next; end = end.next) if (end.takenHour !== null) takenHours.push(end.takenHour)
  return { page: end.page, takenHours }
}

/** Pages while changes are worked out in memory, and what has to be written when all are. */
export class PlannedPages {
  readonly #stored: Stored
  readonly #limits: PageLimits
  /** The pages that the database has, with their histories there. */
  readonly #first: { page: Page; history: History }[] = []
  /** Pages by their own hashes. */
  readonly #pages = new Map<PageHash, Page>()
  readonly #aliases = new Map<PageHash, { key: PageKey; page: Page }>()
  readonly #changedAliases = new Set<PageHash>()
  readonly #hosts: Map<string, number>

  /**
   * @param addresses all that the changes name
   * @param hours those that are to be taken back
   */
  constructor(
    addresses: Iterable<PageKey>,
    hours: Iterable<number>,
    stored: Stored,
    limits: PageLimits,
  ) {
    this.#stored = stored
    this.#limits = limits
    this.#hosts = new Map(stored.hosts)
    for (const each of stored.pages) {
      const history = newHistory(null)
      const page: Page = { ...each, history, became: null, isPurged: false }
      history.page = page
      this.#pages.set(page.hash, page)
      this.#first.push({ page, history })
      for (const hour of hours) {
        const hits = stored.hits.get(placeOf(page.hash, hour))
        if (hits !== undefined) history.hits.set(hour, hits)
      }
    }
    for (const key of addresses) {
      const hash = hashOf(key)
      const page = this.#pages.get(stored.addresses.get(hash) as PageHash)
      if (page && page.hash !== hash) this.#aliases.set(hash, { key, page })
    }
  }

  /** The page for which an address stands. */
  find(key: PageKey): Page | undefined {
    const hash = hashOf(key)
    const alias = this.#aliases.get(hash)
    const page = alias && last(alias.page)
    return page && !page.isPurged ? page : this.#pages.get(hash)
  }

  /** @throws Refusal `too_many_pages` */
  make(key: PageKey): Page {
    const limit = reachedLimit(this.#limits, true, {
      all: () => this.#hosts.get(ALL_PAGES) ?? 0,
      ofHost: () => this.#hosts.get(hostOf(key)) ?? 0,
    })
    if (limit !== null) throw noMorePages(limit)
    return this.#add({
      key,
      hits: 0,
      version: 0,
      log: null,
      made: 0,
      removed: null,
      history: newHistory(null),
    })
  }

  rename(page: Page, to: PageKey): Page {
    const renamed = this.#add({ ...page, key: to })
    this.#leave(page, renamed)
    return renamed
  }

  merge(page: Page, into: Page): void {
    for (const [hour, hits] of page.history.hits)
      into.history.hits.set(hour, hits + (into.history.hits.get(hour) ?? 0))
    page.history.next = into.history
    this.#leave(page, into)
  }

  purge(page: Page): void {
    this.dropHistory(page)
    this.#leave(page, null)
  }

  /** Drops the history that a page has so far. */
  dropHistory(page: Page): void {
    page.history.page = null
    page.history = newHistory(page)
  }

  /** Takes an hour from a page's history. */
  takeHour(page: Page, hour: number): void {
    const { history } = page
    history.hits.delete(hour)
    history.takenHour = hour
    history.next = newHistory(page, history.hits)
    page.history = history.next
  }

  /** Whether hits of a page are kept by the day. */
  hasDay(page: Page, day: number): boolean {
    return this.#first.some(
      ({ page: { hash }, history }) =>
        this.#stored.days.has(placeOf(hash, day)) && endOf(history).page === page,
    )
  }

  /** Makes an address an alias of a page, or of none. */
  setAlias(key: PageKey, page: Page | null): void {
    const hash = hashOf(key)
    if (page) this.#aliases.set(hash, { key, page })
    else this.#aliases.delete(hash)
    this.#changedAliases.add(hash)
  }

  #add(page: Omit<Page, 'hash' | 'became' | 'isPurged'>): Page {
    const hash = hashOf(page.key)
    const added: Page = { ...page, hash, became: null, isPurged: false }
    added.history.page = added
    this.#pages.set(hash, added)
    this.#addToHosts(page.key, 1)
    return added
  }

  #leave(page: Page, became: Page | null): void {
    page.became = became
    page.isPurged = became === null
    this.#pages.delete(page.hash)
    this.#addToHosts(page.key, -1)
  }

  #addToHosts(key: PageKey, pages: number): void {
    for (const host of [hostOf(key), ALL_PAGES])
      this.#hosts.set(host, (this.#hosts.get(host) ?? 0) + pages)
  }

  /** The names that pages had and no page has any more. */
  get gone(): PageHash[] {
    return this.#first.map(({ page }) => page.hash).filter((hash) => !this.#pages.has(hash))
  }

  /** By how many pages the hosts have changed. */
  get hosts(): Map<string, number> {
    const changes = new Map<string, number>()
    for (const [host, pages] of this.#hosts) {
      const change = pages - (this.#stored.hosts.get(host) ?? 0)
      if (change !== 0) changes.set(host, change)
    }
    return changes
  }

  /** Where the aliases and imported hits of renamed, merged and purged pages go. */
  get moves(): Move[] {
    return this.#first.flatMap(({ page }) => {
      const end = last(page)
      if (end === page && !page.isPurged) return []
      return [{ from: page.hash, to: end.isPurged ? null : end.hash }]
    })
  }

  /** Where the histories go of pages that do not keep them. */
  get histories(): Move[] {
    return this.#first.flatMap(({ page, history }) => {
      const to = endOf(history).page?.hash ?? null
      return to === page.hash ? [] : [{ from: page.hash, to }]
    })
  }

  /** The hours that are taken from histories, before these go anywhere. */
  get takenHours(): { page: PageHash; hour: number }[] {
    return this.#first.flatMap(({ page, history }) =>
      endOf(history).takenHours.map((hour) => ({ page: page.hash, hour })),
    )
  }

  /** Addresses that were aliases or are, as far as that has changed; and those that are. */
  get aliases(): { changed: PageHash[]; now: { key: PageKey; page: PageHash }[] } {
    const changed = [...this.#changedAliases]
    const now = changed.flatMap((hash) => {
      const alias = this.#aliases.get(hash)
      if (!alias || last(alias.page).isPurged) return []
      return [{ key: alias.key, page: last(alias.page).hash }]
    })
    return { changed, now }
  }
}
