import type { Database } from 'better-sqlite3'
import type { Change, ChangeAction, ChangedPage, Deed } from '../../../admin.ts'
import type { PageKey } from '../../../page.ts'
import { Refusal } from '../../../refusal.ts'
import { DAY_HOURS } from '../../../time.ts'
import { checkChanges, checkNumber, nameOfHour, refusals } from '../../changes.ts'
import { noMorePages } from '../../failures.ts'
import type { Active } from '../active.ts'
import type { HitTable } from '../hits.ts'
import { auditWriter } from './audit.ts'
import type { PageRow } from './describe.ts'
import { pageMover } from './moves.ts'
import { ADMIN_QUERIES } from './queries.ts'

/** Pages that housekeeping purges in one transaction. */
const PURGED_PAGES = 10

interface Page {
  id: number
  key: PageKey
  /** Including those that wait in the journal. */
  hits: number
  version: number
  isRemoved: boolean
}

/** What a change does: it is made when `make` is called, after everything that could refuse it. */
interface Plan {
  /** The page that the audit log and the answer name. */
  page: Page
  before: unknown
  after: unknown
  make(): void
}

type ChangeOf<Action extends ChangeAction> = Extract<Change, { action: Action }>

/** `change` of `Administration`, and `purge`. */
export function pageChanger(driver: Database, hits: HitTable, active: Active) {
  const { journal, pages } = hits
  const readRow = driver.prepare<[number], PageRow>(ADMIN_QUERIES.readRow)
  const readRemoved = driver.prepare<[number], Deed>(ADMIN_QUERIES.readRemoved)
  const readLast = driver.prepare<[number], { actor: string; action: string; at: number }>(
    ADMIN_QUERIES.readLastEntry,
  )
  const readVersions = driver.prepare<[], { pages: number }>(ADMIN_QUERIES.readVersions)
  const setPagesVersion = driver.prepare<[number]>(ADMIN_QUERIES.setPagesVersion)
  const setVersion = driver.prepare<[number, number]>(ADMIN_QUERIES.setVersion)
  const setTally = driver.prepare<[number, number]>(ADMIN_QUERIES.setTally)
  const hasDay = driver.prepare<[number, number], number>(ADMIN_QUERIES.hasDay).pluck()
  const readHour = driver.prepare<[number, number], number>(ADMIN_QUERIES.readHour).pluck()
  const removeHour = driver.prepare<[number, number]>(ADMIN_QUERIES.removeHour)
  const addRemoved = driver.prepare<[number, string, string, number]>(ADMIN_QUERIES.addRemoved)
  const removeRemoved = driver.prepare<[number]>(ADMIN_QUERIES.removeRemoved)
  const removeAlias = driver.prepare<[PageKey]>(ADMIN_QUERIES.removeAlias)
  const findRemoved = driver
    .prepare<[number, number], PageKey>(ADMIN_QUERIES.findRemovedBefore)
    .pluck()
  const audit = auditWriter(driver)
  const move = pageMover(driver, hits)

  function readPage(id: number): Page | undefined {
    const row = readRow.get(id)
    if (row === undefined) return undefined
    const isRemoved = row.isRemoved === 1
    return { ...row, id, isRemoved, hits: row.hits + journal.waitingHits(id) }
  }

  /** A page by its key or an alias. */
  function find(key: PageKey): Page | undefined {
    const id = pages.resolve(key)
    return id === undefined ? undefined : readPage(id)
  }

  /** @throws Refusal `no_such_page` */
  function known(key: PageKey): Page {
    const page = find(key)
    if (page === undefined) throw refusals.unknown(key)
    return page
  }

  /** @throws Refusal `no_such_page`, or `bad_change` if the page is removed */
  function present(key: PageKey): Page {
    const page = known(key)
    if (page.isRemoved) throw refusals.isRemoved(page.key)
    return page
  }

  /** A plan that gives a page a number. An unknown page is made. */
  function planNumber(key: PageKey, numberOf: (hits: number) => number): Plan {
    const page = find(key)
    if (page?.isRemoved) throw refusals.isRemoved(page.key)
    const number = numberOf(page?.hits ?? 0)
    checkNumber(key, number)
    const target = page ?? makePage(key)
    const before = page ? { hits: page.hits } : null
    const make = () => void setTally.run(target.id, number)
    return { page: target, before, after: { hits: number }, make }
  }

  /** @throws Refusal `too_many_pages` */
  function makePage(key: PageKey): Page {
    const made = pages.makePage(key, true)
    if (typeof made === 'string') throw noMorePages(made)
    return { id: made, key, hits: 0, version: 0, isRemoved: false }
  }

  const plans: {
    [Action in ChangeAction]: (change: ChangeOf<Action>, call: Call) => Plan
  } = {
    set: (change) => planNumber(change.page, () => change.hits),
    add: (change) => planNumber(change.page, (hits) => hits + change.hits),

    reset(change) {
      const page = present(change.page)
      const make = () => move.reset(page.id)
      return { page, before: { hits: page.hits }, after: { hits: 0 }, make }
    },

    rename({ page: key, to, alias }, call) {
      const page = present(key)
      if (pages.findPage(to) !== undefined) throw refusals.isKnown(to)
      const target = pages.findAlias(to)
      if (target !== undefined) throw refusals.isAlias(to, pages.readKey(target))
      const make = () => {
        move.rename(page.id, page.key, to, alias)
        call.movesAddresses = true
      }
      return { page, before: { page: page.key }, after: { page: to, alias }, make }
    },

    merge(change, call) {
      const page = present(change.page)
      const into = present(change.into)
      if (page.id === into.id) throw refusals.ofItself(page.key)
      const sum = page.hits + into.hits
      checkNumber(into.key, sum)
      const make = () => {
        journal.rollUpPage(page.id)
        move.merge(page.id, page.key, page.hits, into.id)
        call.movesAddresses = true
        call.merged.set(page.id, into.id)
      }
      const [before, after] = [{ hits: page.hits }, { page: into.key, hits: sum }]
      return { page: { ...into, key: page.key }, before, after, make }
    },

    unalias({ page: key }, call) {
      const id = pages.findPage(key) === undefined ? pages.findAlias(key) : undefined
      const page = known(key)
      if (id === undefined) throw refusals.isNoAlias(key)
      const make = () => {
        removeAlias.run(key)
        call.movesAddresses = true
      }
      return { page: { ...page, key }, before: { page: page.key }, after: null, make }
    },

    remove(change, { deed: { actor, reason, at } }) {
      const page = known(change.page)
      if (page.isRemoved) throw refusals.isRemovedAlready(page.key)
      const make = () => void addRemoved.run(page.id, actor, reason, at)
      return { page, before: { hits: page.hits }, after: null, make }
    },

    restore(change) {
      const page = known(change.page)
      if (!page.isRemoved) throw refusals.isNotRemoved(page.key, 'restore')
      const make = () => void removeRemoved.run(page.id)
      return { page, before: null, after: { hits: page.hits }, make }
    },

    purge(change, call) {
      const page = known(change.page)
      if (!page.isRemoved) throw refusals.isNotRemoved(page.key, 'purge')
      const make = () => {
        move.purge(page.id)
        call.movesAddresses = true
      }
      return { page, before: { hits: page.hits }, after: null, make }
    },

    'take-back'({ page: key, hour }) {
      const page = present(key)
      let taken = readHour.get(page.id, hour) ?? 0
      const span = { from: hour, to: hour + 1 }
      for (const [, waiting] of journal.waitingHours(page.id, span)) taken += waiting
      if (taken === 0) {
        const isRolledUp = hasDay.get(page.id, Math.floor(hour / DAY_HOURS)) !== undefined
        throw isRolledUp ? refusals.isRolledUp(page.key, hour) : refusals.hasNoHits(page.key, hour)
      }
      if (taken > page.hits) throw refusals.hasFewer(page.key, page.hits, taken)
      const left = page.hits - taken
      const make = () => {
        setTally.run(page.id, left)
        removeHour.run(page.id, hour)
      }
      const after = { hits: left, hour: nameOfHour(hour) }
      return { page, before: { hits: page.hits }, after, make }
    },
  }

  /** @throws Refusal `changed` if the version is not what the actor has seen before this call */
  function checkVersion({ page: key, ifVersion }: Change, call: Call): void {
    if (ifVersion === undefined) return
    const page = find(key)
    const version = page ? (call.versionsBefore.get(page.id) ?? page.version) : 0
    if (version !== ifVersion) throw refusals.changed(key, page && readLast.get(page.id))
  }

  function apply(change: Change, call: Call): void {
    checkVersion(change, call)
    const plan = plans[change.action] as (change: Change, call: Call) => Plan
    const { page, before, after, make } = plan(change, call)
    journal.rollUpPage(page.id)
    hits.forgetPage(page.key)
    make()
    call.version += 1
    if (!call.versionsBefore.has(page.id)) call.versionsBefore.set(page.id, page.version)
    if (change.action !== 'purge') setVersion.run(page.id, call.version)
    const { action } = change
    audit(call.deed, { action, page: page.key, pageId: page.id, before, after })
  }

  function describe(id: number): ChangedPage[] {
    const page = readPage(id)
    if (page === undefined) return []
    const removed = page.isRemoved ? (readRemoved.get(id) ?? null) : null
    return [{ page: page.key, hits: page.hits, removed, version: page.version }]
  }

  function run(changes: readonly Change[], deed: Deed): Call {
    const call = new Call(deed, readVersions.get()?.pages ?? 0)
    try {
      for (const change of changes) apply(change, call)
    } catch (error) {
      // The changes before it were made in memory, too.
      if (error instanceof Refusal && call.versionsBefore.size > 0) hits.forget()
      throw error
    }
    setPagesVersion.run(call.version)
    if (call.movesAddresses) hits.forgetPages()
    return call
  }

  function change(changes: readonly Change[], deed: Deed): ChangedPage[] {
    checkChanges(changes)
    if (changes.length === 0) return []
    const { call, changed } = hits.writing(() => {
      const call = run(changes, deed)
      return { call, changed: [...call.versionsBefore.keys()].flatMap(describe) }
    })
    active.move(call.merged)
    return changed
  }

  return {
    change,

    purgeRemoved(before: number, now: number): number {
      const keys = hits.reading(() => findRemoved.all(before, PURGED_PAGES))
      if (keys.length === 0) return 0
      const reason = `removed before ${new Date(before).toISOString()}`
      const changes = keys.map((page) => ({ action: 'purge', page }) as const)
      change(changes, { actor: 'housekeeping', reason, at: now })
      return keys.length
    },
  }
}

/** What the changes of a call have in common. */
class Call {
  readonly deed: Deed
  /** The number of all changes so far. */
  version: number
  /** The versions that the changed pages had before the call, in the order of the changes. */
  readonly versionsBefore = new Map<number, number>()
  /** The pages that were merged, in order, and into which. */
  readonly merged = new Map<number, number>()
  /** Whether pages are cached under addresses that they no longer have. */
  movesAddresses = false

  constructor(deed: Deed, version: number) {
    this.deed = deed
    this.version = version
  }
}
