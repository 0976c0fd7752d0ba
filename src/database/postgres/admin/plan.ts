import type { Change, ChangeAction, ChangedPage, Deed } from '../../../admin.ts'
import { hostOf, type PageKey } from '../../../page.ts'
import { DAY_HOURS } from '../../../time.ts'
import { checkNumber, nameOfHour, refusals } from '../../changes.ts'
import { noMorePages } from '../../failures.ts'
import { type PageLimits, reachedLimit } from '../../options.ts'
import { ALL_PAGES, hashOf, type PageHash } from '../pages.ts'

/** A page as it is before the changes. */
export interface StoredPage {
  hash: PageHash
  key: PageKey
  hits: number
  version: number
  /** When it was made, as `page.made` says; 0 for now, null if that is not known. */
  made: number | null
  removed: Deed | null
}

/** What the changes have to know. */
export interface Stored {
  pages: readonly StoredPage[]
  /** The page of each address that is a page or an alias. */
  addresses: ReadonlyMap<PageHash, PageHash>
  /** The hits of pages in the hours that are to be taken back, by `hourOf`. */
  hits: ReadonlyMap<string, number>
  /** The days of pages that are kept by the day, by `hourOf` with the day in place of the hour. */
  days: ReadonlySet<string>
  /** The number of pages by host, see `ALL_PAGES`. */
  hosts: ReadonlyMap<string, number>
}

/** The name of a page's hour in `Stored`. */
export const hourOf = (page: PageHash, hour: number) => `${page} ${hour}`

/**
 * Where numbers over time go: to the node `next`, without those of an hour; to no page, if they are dropped; else to a page.
 * With each step a page gets a new node, so that what is added later does not go the same way.
 */
interface History {
  /** The hits in the hours that are to be taken back. */
  hits: Map<number, number>
  page: Page | null
  next: History | null
  takenHour: number | null
}

interface Page extends StoredPage {
  history: History
  /** The page that it was renamed to or merged into. */
  became: Page | null
  isPurged: boolean
  isMade: boolean
}

/** An entry of the audit log. */
export interface PlannedEntry {
  action: ChangeAction
  key: PageKey
  page: PageHash
  before: unknown
  after: unknown
}

/** An entry's page while changes go on: it may still be renamed. */
interface Entry extends Omit<PlannedEntry, 'page'> {
  of: Page
}

/** Where what belonged to a page goes: to another page, or nowhere. */
export interface Move {
  from: PageHash
  to: PageHash | null
}

/** A page is not at the version that the actor has seen. */
export class OtherVersion extends Error {
  readonly key: PageKey
  readonly page: PageHash | null
  constructor(key: PageKey, page: PageHash | null) {
    super()
    this.key = key
    this.page = page
  }
}

type ChangeOf<Action extends ChangeAction> = Extract<Change, { action: Action }>
type Outcome = Omit<Entry, 'action' | 'key'> & { key?: PageKey }

/** Works out in memory what becomes of pages by changes, so that each table is then written by one statement. */
export class Plan {
  readonly #stored: Stored
  readonly #limits: PageLimits
  readonly #deed: Deed
  readonly #first: { page: Page; history: History }[] = []
  /** Pages by their own hashes. */
  readonly #pages = new Map<PageHash, Page>()
  readonly #aliases = new Map<PageHash, { key: PageKey; page: Page }>()
  /** Addresses that were given to or taken from pages as aliases. */
  readonly #changedAliases = new Set<PageHash>()
  readonly #versionsBefore = new Map<Page, number>()
  readonly #entries: Entry[] = []
  readonly #hosts: Map<string, number>

  /** @throws Refusal for the first change that cannot be made, and OtherVersion */
  constructor(changes: readonly Change[], stored: Stored, limits: PageLimits, deed: Deed) {
    this.#stored = stored
    this.#limits = limits
    this.#deed = deed
    this.#hosts = new Map(stored.hosts)
    for (const each of stored.pages) this.#read(each)
    this.#readAliases(changes)
    for (const change of changes) this.#apply(change)
  }

  #read(stored: StoredPage): void {
    const history: History = { hits: new Map(), page: null, next: null, takenHour: null }
    const page: Page = { ...stored, history, became: null, isPurged: false, isMade: false }
    history.page = page
    this.#pages.set(page.hash, page)
    this.#first.push({ page, history })
  }

  #readAliases(changes: readonly Change[]): void {
    for (const key of changes.flatMap(addressesOf)) {
      const hash = hashOf(key)
      const page = this.#pages.get(this.#stored.addresses.get(hash) as PageHash)
      if (page && page.hash !== hash) this.#aliases.set(hash, { key, page })
    }
    for (const change of changes) {
      if (change.action !== 'take-back') continue
      for (const { page, history } of this.#first) {
        const hits = this.#stored.hits.get(hourOf(page.hash, change.hour))
        if (hits !== undefined) history.hits.set(change.hour, hits)
      }
    }
  }

  #find(key: PageKey): Page | undefined {
    const hash = hashOf(key)
    const alias = this.#aliases.get(hash)
    const page = alias && last(alias.page)
    return page && !page.isPurged ? page : this.#pages.get(hash)
  }

  /** @throws Refusal `no_such_page` */
  #known(key: PageKey): Page {
    const page = this.#find(key)
    if (page === undefined) throw refusals.unknown(key)
    return page
  }

  /** @throws Refusal `no_such_page`, or `bad_change` if the page is removed */
  #present(key: PageKey): Page {
    const page = this.#known(key)
    if (page.removed) throw refusals.isRemoved(page.key)
    return page
  }

  #add(page: Omit<Page, 'hash' | 'became' | 'isPurged' | 'isMade'>): Page {
    const hash = hashOf(page.key)
    const added: Page = { ...page, hash, became: null, isPurged: false, isMade: true }
    added.history.page = added
    this.#pages.set(hash, added)
    this.#addToHosts(page.key, 1)
    return added
  }

  #addToHosts(key: PageKey, pages: number): void {
    for (const host of [hostOf(key), ALL_PAGES])
      this.#hosts.set(host, (this.#hosts.get(host) ?? 0) + pages)
  }

  #leave(page: Page, became: Page | null): void {
    page.became = became
    page.isPurged = became === null
    this.#pages.delete(page.hash)
    this.#addToHosts(page.key, -1)
  }

  #setAlias(key: PageKey, page: Page | null): void {
    const hash = hashOf(key)
    if (page) this.#aliases.set(hash, { key, page })
    else this.#aliases.delete(hash)
    this.#changedAliases.add(hash)
  }

  #apply(change: Change): void {
    this.#checkVersion(change)
    const apply = this.#actions[change.action] as (change: Change) => Outcome
    const { of, key = of.key, before, after } = apply(change)
    this.#entries.push({ action: change.action, key, of, before, after })
    if (!this.#versionsBefore.has(of)) this.#versionsBefore.set(of, of.version)
  }

  #checkVersion({ page: key, ifVersion }: Change): void {
    if (ifVersion === undefined) return
    const page = this.#find(key)
    // The actor's own changes within the call do not count.
    const version = page ? (this.#versionsBefore.get(page) ?? page.version) : 0
    if (version !== ifVersion) throw new OtherVersion(key, page?.hash ?? null)
  }

  readonly #actions: { [Action in ChangeAction]: (change: ChangeOf<Action>) => Outcome } = {
    set: ({ page, hits }) => this.#setNumber(page, () => hits),
    add: ({ page, hits }) => this.#setNumber(page, (before) => before + hits),

    reset: ({ page: key }) => {
      const page = this.#present(key)
      const before = { hits: page.hits }
      page.hits = 0
      this.#drop(page)
      return { of: page, before, after: { hits: 0 } }
    },

    rename: ({ page: key, to, alias }) => {
      const page = this.#present(key)
      const other = this.#find(to)
      if (other?.hash === hashOf(to)) throw refusals.isKnown(to)
      if (other) throw refusals.isAlias(to, other.key)
      const renamed = this.#add({ ...page, key: to })
      this.#leave(page, renamed)
      this.#versionsBefore.set(renamed, this.#versionsBefore.get(page) ?? page.version)
      if (alias) this.#setAlias(page.key, renamed)
      return { of: renamed, key: page.key, before: { page: page.key }, after: { page: to, alias } }
    },

    merge: ({ page: key, into: intoKey }) => {
      const page = this.#present(key)
      const into = this.#present(intoKey)
      if (page === into) throw refusals.ofItself(page.key)
      const before = { hits: page.hits }
      const sum = page.hits + into.hits
      checkNumber(into.key, sum)
      into.hits = sum
      for (const [hour, hits] of page.history.hits)
        into.history.hits.set(hour, hits + (into.history.hits.get(hour) ?? 0))
      page.history.next = into.history
      this.#leave(page, into)
      this.#setAlias(page.key, into)
      return { of: into, key: page.key, before, after: { page: into.key, hits: sum } }
    },

    unalias: ({ page: key }) => {
      const page = this.#known(key)
      if (page.hash === hashOf(key)) throw refusals.isNoAlias(key)
      this.#setAlias(key, null)
      return { of: page, key, before: { page: page.key }, after: null }
    },

    remove: ({ page: key }) => {
      const page = this.#known(key)
      if (page.removed) throw refusals.isRemovedAlready(page.key)
      page.removed = this.#deed
      return { of: page, before: { hits: page.hits }, after: null }
    },

    restore: ({ page: key }) => {
      const page = this.#known(key)
      if (!page.removed) throw refusals.isNotRemoved(page.key, 'restore')
      page.removed = null
      return { of: page, before: null, after: { hits: page.hits } }
    },

    purge: ({ page: key }) => {
      const page = this.#known(key)
      if (!page.removed) throw refusals.isNotRemoved(page.key, 'purge')
      this.#drop(page)
      this.#leave(page, null)
      return { of: page, before: { hits: page.hits }, after: null }
    },

    'take-back': ({ page: key, hour }) => {
      const page = this.#present(key)
      const { history } = page
      const taken = history.hits.get(hour) ?? 0
      if (taken === 0) {
        const isDay = this.#hasDay(page, Math.floor(hour / DAY_HOURS))
        throw isDay ? refusals.isRolledUp(page.key, hour) : refusals.hasNoHits(page.key, hour)
      }
      if (taken > page.hits) throw refusals.hasFewer(page.key, page.hits, taken)
      const before = { hits: page.hits }
      page.hits -= taken
      history.takenHour = hour
      history.hits.delete(hour)
      history.next = { hits: history.hits, page, next: null, takenHour: null }
      page.history = history.next
      return { of: page, before, after: { hits: page.hits, hour: nameOfHour(hour) } }
    },
  }

  #setNumber(key: PageKey, numberOf: (hits: number) => number): Outcome {
    const known = this.#find(key)
    if (known?.removed) throw refusals.isRemoved(known.key)
    const number = numberOf(known?.hits ?? 0)
    checkNumber(key, number)
    const page = known ?? this.#make(key)
    const before = known ? { hits: known.hits } : null
    page.hits = number
    return { of: page, before, after: { hits: number } }
  }

  /** @throws Refusal `too_many_pages` */
  #make(key: PageKey): Page {
    const limit = reachedLimit(this.#limits, true, {
      all: () => this.#hosts.get(ALL_PAGES) ?? 0,
      ofHost: () => this.#hosts.get(hostOf(key)) ?? 0,
    })
    if (limit !== null) throw noMorePages(limit)
    const history: History = { hits: new Map(), page: null, next: null, takenHour: null }
    return this.#add({ key, hits: 0, version: 0, made: 0, removed: null, history })
  }

  /** Drops the history that a page has so far. */
  #drop(page: Page): void {
    page.history.page = null
    page.history = { hits: new Map(), page, next: null, takenHour: null }
  }

  #hasDay(page: Page, day: number): boolean {
    return this.#first.some(
      (first) =>
        this.#stored.days.has(hourOf(first.page.hash, day)) &&
        endOf(first.history).history.page === page,
    )
  }

  /** The pages that there are afterwards and that were changed, in the order of the changes. */
  get changed(): (StoredPage & { isMade: boolean })[] {
    const pages = new Set<Page>()
    for (const { of } of this.#entries) {
      const page = last(of)
      if (!page.isPurged) pages.add(page)
    }
    return [...pages]
  }

  /** @param version of all pages, before the changes */
  setVersions(version: number): void {
    for (const [index, { of }] of this.#entries.entries()) last(of).version = version + index + 1
  }

  get answer(): ChangedPage[] {
    return this.changed.map(({ key, hits, removed, version }) => ({
      page: key,
      hits,
      removed,
      version,
    }))
  }

  get entries(): PlannedEntry[] {
    return this.#entries.map(({ of, ...entry }) => ({ ...entry, page: of.hash }))
  }

  /** The names that pages had before the changes and no longer have. */
  get gone(): PageHash[] {
    const gone = this.#first.map(({ page }) => page.hash)
    return gone.filter((hash) => !this.#pages.has(hash))
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

  /** Where the aliases and imported hits of pages go that are no longer what they were. */
  get moves(): Move[] {
    return this.#first.flatMap(({ page }) => {
      const end = last(page)
      if (end === page && !page.isPurged) return []
      return [{ from: page.hash, to: end.isPurged ? null : end.hash }]
    })
  }

  /** Where the histories of pages go. */
  get histories(): Move[] {
    return this.#first.flatMap(({ page, history }) => {
      const to = endOf(history).history.page?.hash ?? null
      return to === page.hash ? [] : [{ from: page.hash, to }]
    })
  }

  /** The hours of pages that are taken from their histories. */
  get takenHours(): { page: PageHash; hour: number }[] {
    return this.#first.flatMap(({ page, history }) =>
      endOf(history).takenHours.map((hour) => ({ page: page.hash, hour })),
    )
  }

  /** The addresses that were given to or taken from pages as aliases. */
  get changedAliases(): { removed: PageHash[]; added: { key: PageKey; page: PageHash }[] } {
    const removed = [...this.#changedAliases]
    const added = removed.flatMap((hash) => {
      const alias = this.#aliases.get(hash)
      if (!alias || last(alias.page).isPurged) return []
      return [{ key: alias.key, page: last(alias.page).hash }]
    })
    return { removed, added }
  }
}

/** The addresses that a change names. */
export function addressesOf(change: Change): PageKey[] {
  if (change.action === 'rename') return [change.page, change.to]
  if (change.action === 'merge') return [change.page, change.into]
  return [change.page]
}

/** What a page has become in the end. */
function last(page: Page): Page {
  let end = page
  while (end.became) end = end.became
  // Long chains are followed once.
  for (let each = page; each.became; ) {
    const { became } = each
    each.became = end
    each = became
  }
  return end
}

/** The history that a history ends in, and the hours that are taken from it on the way. */
function endOf(history: History): { history: History; takenHours: number[] } {
  const takenHours: number[] = []
  let end = history
  for (; end.next; end = end.next) if (end.takenHour !== null) takenHours.push(end.takenHour)
  return { history: end, takenHours }
}
