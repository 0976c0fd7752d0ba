import type { Change, ChangeAction, ChangedPage, Deed } from '../admin.ts'
import type { PageKey } from '../page.ts'
import { Refusal } from '../refusal.ts'
import { DAY_HOURS, HOUR_MS } from '../time.ts'
import { badChange, checkNumber, mapChanges, ofItself, shown } from './changes.ts'

/** A page while changes are made. */
export interface ChangingPage extends Omit<ChangedPage, 'page'> {
  key: PageKey
  /** Whether it was purged or merged into another page. */
  isGone: boolean
}

/** The pages of a database as the changes of a call find and leave them. They do whatever they are told. */
export interface ChangingPages<Page extends ChangingPage> {
  /** The page for which an address stands: always the same object. */
  find(address: PageKey): Page | undefined
  /** @throws Refusal `too_many_pages` */
  make(key: PageKey): Page
  /** Gives a page another key. @param alias whether the old one becomes an alias */
  rename(page: Page, to: PageKey, alias: boolean): void
  /** Adds the history and aliases of a page to another one. The page is gone, and its key is an alias. */
  merge(page: Page, into: Page): void
  /** Removes a page with its history and aliases. */
  purge(page: Page): void
  removeAlias(address: PageKey): void
  dropHistory(page: Page): void
  /** A page's hits in an hour that is to be taken back, as far as they are kept by the hour. */
  hitsIn(page: Page, hour: number): number
  /** Whether hits of a page are kept by the day. */
  hasDay(page: Page, day: number): boolean
  takeHour(page: Page, hour: number): void
}

/** What a change did, for the audit log. */
interface Outcome<Page> {
  page: Page
  /** The address that was changed. */
  key: PageKey
  before: unknown
  after: unknown
}
export type MadeChange<Page> = Outcome<Page> & { action: ChangeAction }

/** A page is not at the version that the actor has seen. */
export class OtherVersion<Page> extends Error {
  readonly key: PageKey
  readonly page: Page | undefined
  /** Which of the changes it is about, counted from 0. */
  readonly place: number

  constructor(key: PageKey, page: Page | undefined, place: number) {
    super(`${key} is at another version`)
    this.key = key
    this.page = page
    this.place = place
  }
}

type ChangeOf<Action extends ChangeAction> = Extract<Change, { action: Action }>
type Actions<Page> = { [Action in ChangeAction]: (change: ChangeOf<Action>) => Outcome<Page> }

const isRemoved = ({ key }: ChangingPage) =>
  badChange(`${shown(key)} is removed: restore it first.`)

/** An hour as people and programs read it: `2026-01-15T12:00:00.000Z`. */
const nameOfHour = (hour: number): string => new Date(hour * HOUR_MS).toISOString()

/**
 * Makes changes, one after the other, and decides which are refused, before anything of such a change is made. Numbers and
 * removals are only in the pages' objects afterwards, and their versions are still those before the call.
 * @throws Refusal for the first change that cannot be made, or OtherVersion
 */
export function makeChanges<Page extends ChangingPage>(
  changes: readonly Change[],
  { actor, reason, at }: Deed,
  pages: ChangingPages<Page>,
): MadeChange<Page>[] {
  /** @throws Refusal `no_such_page` */
  function known(key: PageKey): Page {
    const page = pages.find(key)
    if (page === undefined) {
      const sentence = `This counter knows no page ${shown(key)}.`
      throw new Refusal('no_such_page', 'no such page', sentence)
    }
    return page
  }

  /** @throws Refusal `no_such_page`, or `bad_change` if the page is removed */
  function present(key: PageKey): Page {
    const page = known(key)
    if (page.removed) throw isRemoved(page)
    return page
  }

  /** Gives a page a number. An unknown page is made. */
  function setNumber(address: PageKey, numberOf: (hits: number) => number): Outcome<Page> {
    const found = pages.find(address)
    if (found?.removed) throw isRemoved(found)
    const hits = numberOf(found?.hits ?? 0)
    checkNumber(address, hits)
    const before = found ? { hits: found.hits } : null
    const page = found ?? pages.make(address)
    page.hits = hits
    return { page, key: page.key, before, after: { hits } }
  }

  const actions: Actions<Page> = {
    set: ({ page, hits }) => setNumber(page, () => hits),
    add: ({ page, hits }) => setNumber(page, (before) => before + hits),

    reset(change) {
      const page = present(change.page)
      const before = { hits: page.hits }
      pages.dropHistory(page)
      page.hits = 0
      return { page, key: page.key, before, after: { hits: 0 } }
    },

    rename({ page: address, to, alias }) {
      const page = present(address)
      const other = pages.find(to)
      if (other?.key === to) {
        throw badChange(
          `${shown(to)} is a page already: merge the pages, or rename to another address.`,
        )
      }
      if (other) {
        throw badChange(
          `${shown(to)} is an old address of ${shown(other.key)}: make it an unknown page first.`,
        )
      }
      const { key } = page
      pages.rename(page, to, alias)
      return { page, key, before: { page: key }, after: { page: to, alias } }
    },

    merge(change) {
      const page = present(change.page)
      const into = present(change.into)
      if (page === into) throw ofItself(page.key)
      const hits = page.hits + into.hits
      checkNumber(into.key, hits)
      pages.merge(page, into)
      page.isGone = true
      into.hits = hits
      const [before, after] = [{ hits: page.hits }, { page: into.key, hits }]
      return { page: into, key: page.key, before, after }
    },

    unalias({ page: key }) {
      const page = known(key)
      if (page.key === key) throw badChange(`${shown(key)} is a page, not the old address of one.`)
      pages.removeAlias(key)
      return { page, key, before: { page: page.key }, after: null }
    },

    remove(change) {
      const page = known(change.page)
      if (page.removed) throw badChange(`${shown(page.key)} is removed already.`)
      page.removed = { actor, reason, at }
      return { page, key: page.key, before: { hits: page.hits }, after: null }
    },

    restore(change) {
      const page = known(change.page)
      if (!page.removed) {
        throw badChange(`${shown(page.key)} is not removed, so there is nothing to restore.`)
      }
      page.removed = null
      return { page, key: page.key, before: null, after: { hits: page.hits } }
    },

    purge(change) {
      const page = known(change.page)
      if (!page.removed) {
        throw badChange(`${shown(page.key)} is not removed: only a removed page can be purged.`)
      }
      pages.purge(page)
      page.isGone = true
      return { page, key: page.key, before: { hits: page.hits }, after: null }
    },

    'take-back'({ page: address, hour }) {
      const page = present(address)
      const { key, hits } = page
      const taken = pages.hitsIn(page, hour)
      if (taken === 0) {
        throw badChange(
          pages.hasDay(page, Math.floor(hour / DAY_HOURS))
            ? `The hits of ${shown(key)} around ${nameOfHour(hour)} are kept by the day, so those of an hour are not known.`
            : `${shown(key)} has no hits in the hour ${nameOfHour(hour)}.`,
        )
      }
      // `set` can make a page's number smaller than the hits of an hour.
      if (taken > hits) {
        throw badChange(
          `${shown(key)} has ${hits.toLocaleString('en')} hits, fewer than the ${taken.toLocaleString('en')} of that hour.`,
        )
      }
      pages.takeHour(page, hour)
      page.hits -= taken
      return { page, key, before: { hits }, after: { hits: page.hits, hour: nameOfHour(hour) } }
    },
  }

  return mapChanges(changes, (change, place) => {
    const { page: key, action, ifVersion } = change
    if (ifVersion !== undefined) {
      const page = pages.find(key)
      if (ifVersion !== (page?.version ?? 0)) throw new OtherVersion(key, page, place)
    }
    const act = actions[action] as (change: Change) => Outcome<Page>
    return { ...act(change), action }
  })
}

/** The pages that were changed and still exist, each once, in the order of the changes. */
export const changedPages = <Page extends ChangingPage>(made: readonly MadeChange<Page>[]) =>
  [...new Set(made.map(({ page }) => page))].filter(({ isGone }) => !isGone)

/** What `Administration` answers about a page. */
export const answerOf = ({
  key: page,
  hits,
  removed,
  version,
}: Omit<ChangingPage, 'isGone'>): ChangedPage => ({ page, hits, removed, version })
