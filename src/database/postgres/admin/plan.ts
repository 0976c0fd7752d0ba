import type { Change, ChangeAction, ChangedPage, Deed } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { DAY_HOURS } from '../../../time.ts'
import { checkNumber, nameOfHour, refusals } from '../../changes.ts'
import type { PageLimits } from '../../options.ts'
import { hashOf } from '../pages.ts'
import type { NewEntry } from './audit.ts'
import { last, type Page, PlannedPages } from './planned-pages.ts'
import { addressesOf, hoursOf, type Stored, type StoredPage } from './stored.ts'

/** A page is not at the version that the actor has seen. */
export class OtherVersion extends Error {
  readonly key: PageKey
  readonly log: number | null

  /** @param log that of the page, if there is one */
  constructor(key: PageKey, log: number | null) {
    super(`${key} is at another version`)
    this.key = key
    this.log = log
  }
}

type ChangeOf<Action extends ChangeAction> = Extract<Change, { action: Action }>

/** What a change did, for the audit log. */
interface Outcome {
  page: Page
  /** The address that was changed, if that is not the page's. */
  key?: PageKey
  before: unknown
  after: unknown
}

/**
 * Works out in memory what becomes of pages by changes, one after the other. Each table is then written by a few statements,
 * however many changes there are.
 */
export class Plan {
  readonly pages: PlannedPages
  readonly #deed: Deed
  /** What each change did, in order. The pages may have become others meanwhile. */
  readonly #outcomes: (Outcome & { action: ChangeAction })[] = []
  readonly #versionsBefore = new Map<Page, number>()

  /** @throws Refusal for the first change that cannot be made, or OtherVersion */
  constructor(changes: readonly Change[], stored: Stored, limits: PageLimits, deed: Deed) {
    const addresses = changes.flatMap(addressesOf)
    this.pages = new PlannedPages(addresses, hoursOf(changes), stored, limits)
    this.#deed = deed
    for (const change of changes) this.#apply(change)
  }

  /** The number of changes. */
  get size(): number {
    return this.#outcomes.length
  }

  /** The pages that were changed and still exist, each once, in the order of the changes. */
  get changed(): StoredPage[] {
    return [...new Set(this.#outcomes.map(({ page }) => last(page)))].filter(
      ({ isPurged }) => !isPurged,
    )
  }

  get answer(): ChangedPage[] {
    const answerOf = ({ key: page, hits, removed, version }: StoredPage) => ({
      ...{ page, hits, removed, version },
    })
    return this.changed.map(answerOf)
  }

  /** The entries of the audit log, once the versions are set. */
  get entries(): NewEntry[] {
    return this.#outcomes.map(({ action, page, key = page.key, before, after }) => ({
      ...{ action, key, log: page.log, before, after },
    }))
  }

  /** @param first the number of the first change among all that there were */
  setVersions(first: number): void {
    for (const [index, { page }] of this.#outcomes.entries()) {
      page.log ??= first + index
      const now = last(page)
      now.version = first + index
      now.log ??= page.log
    }
  }

  #apply(change: Change): void {
    this.#checkVersion(change)
    const act = this.#actions[change.action] as (change: Change) => Outcome
    const outcome = act(change)
    const { page } = outcome
    this.#outcomes.push({ ...outcome, action: change.action })
    if (!this.#versionsBefore.has(page)) this.#versionsBefore.set(page, page.version)
  }

  /** The actor's own changes in the same call do not count. */
  #checkVersion({ page: key, ifVersion }: Change): void {
    if (ifVersion === undefined) return
    const page = this.pages.find(key)
    const version = page ? (this.#versionsBefore.get(page) ?? page.version) : 0
    if (version !== ifVersion) throw new OtherVersion(key, page?.log ?? null)
  }

  /** @throws Refusal `no_such_page` */
  #known(key: PageKey): Page {
    const page = this.pages.find(key)
    if (page === undefined) throw refusals.unknown(key)
    return page
  }

  /** @throws Refusal `no_such_page`, or `bad_change` if the page is removed */
  #present(key: PageKey): Page {
    const page = this.#known(key)
    if (page.removed) throw refusals.isRemoved(page.key)
    return page
  }

  readonly #actions: { [Action in ChangeAction]: (change: ChangeOf<Action>) => Outcome } = {
    set: ({ page, hits }) => this.#setNumber(page, () => hits),
    add: ({ page, hits }) => this.#setNumber(page, (before) => before + hits),

    reset: ({ page: key }) => {
      const page = this.#present(key)
      const before = { hits: page.hits }
      page.hits = 0
      this.pages.dropHistory(page)
      return { page, before, after: { hits: 0 } }
    },

    rename: ({ page: key, to, alias }) => {
      const page = this.#present(key)
      const other = this.pages.find(to)
      if (other?.hash === hashOf(to)) throw refusals.isKnown(to)
      if (other) throw refusals.isAlias(to, other.key)
      const renamed = this.pages.rename(page, to)
      this.#versionsBefore.set(renamed, this.#versionsBefore.get(page) ?? page.version)
      if (alias) this.pages.setAlias(page.key, renamed)
      const [before, after] = [{ page: page.key }, { page: to, alias }]
      return { page: renamed, key: page.key, before, after }
    },

    merge: ({ page: key, into: intoKey }) => {
      const page = this.#present(key)
      const into = this.#present(intoKey)
      if (page === into) throw refusals.ofItself(page.key)
      const sum = page.hits + into.hits
      checkNumber(into.key, sum)
      into.hits = sum
      this.pages.merge(page, into)
      this.pages.setAlias(page.key, into)
      const [before, after] = [{ hits: page.hits }, { page: into.key, hits: sum }]
      return { page: into, key: page.key, before, after }
    },

    unalias: ({ page: key }) => {
      const page = this.#known(key)
      if (page.hash === hashOf(key)) throw refusals.isNoAlias(key)
      this.pages.setAlias(key, null)
      return { page, key, before: { page: page.key }, after: null }
    },

    remove: ({ page: key }) => {
      const page = this.#known(key)
      if (page.removed) throw refusals.isRemovedAlready(page.key)
      page.removed = this.#deed
      return { page, before: { hits: page.hits }, after: null }
    },

    restore: ({ page: key }) => {
      const page = this.#known(key)
      if (!page.removed) throw refusals.isNotRemoved(page.key, 'restore')
      page.removed = null
      return { page, before: null, after: { hits: page.hits } }
    },

    purge: ({ page: key }) => {
      const page = this.#known(key)
      if (!page.removed) throw refusals.isNotRemoved(page.key, 'purge')
      this.pages.purge(page)
      return { page, before: { hits: page.hits }, after: null }
    },

    'take-back': ({ page: key, hour }) => {
      const page = this.#present(key)
      const taken = page.history.hits.get(hour) ?? 0
      if (taken === 0) {
        const isDay = this.pages.hasDay(page, Math.floor(hour / DAY_HOURS))
        throw isDay ? refusals.isRolledUp(page.key, hour) : refusals.hasNoHits(page.key, hour)
      }
      if (taken > page.hits) throw refusals.hasFewer(page.key, page.hits, taken)
      const before = { hits: page.hits }
      page.hits -= taken
      this.pages.takeHour(page, hour)
      return { page, before, after: { hits: page.hits, hour: nameOfHour(hour) } }
    },
  }

  #setNumber(key: PageKey, numberOf: (hits: number) => number): Outcome {
    const known = this.pages.find(key)
    if (known?.removed) throw refusals.isRemoved(known.key)
    const number = numberOf(known?.hits ?? 0)
    checkNumber(key, number)
    const before = known ? { hits: known.hits } : null
    const page = known ?? this.pages.make(key)
    page.hits = number
    return { page, before, after: { hits: number } }
  }
}
