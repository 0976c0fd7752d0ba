import type { PageKey } from '../../../page.ts'
import { noMorePages } from '../../failures.ts'
import type { ChangingPage, ChangingPages } from '../../make-changes.ts'
import type { HitTable } from '../hits.ts'
import { type PageRow, readPage } from './describe.ts'
import type { Statements } from './statements.ts'

/** After every hour and day. */
const END = Number.MAX_SAFE_INTEGER

export interface FilePage extends PageRow, ChangingPage {
  id: number
}

/**
 * The pages of a call. What moves is written at once; numbers, versions and removals are written by `write`. For use within a
 * transaction.
 */
export class FilePages implements ChangingPages<FilePage> {
  readonly #sql: Statements
  readonly #hits: HitTable
  readonly #pages = new Map<number, FilePage>()
  #knownSources: { name: string }[] | undefined
  /** The pages that were merged, in order, and into which. */
  readonly merged = new Map<number, number>()
  /** Whether the journal has moved hits from its memory to the tables. */
  hasRolledUp = false
  /** Whether pages may be cached under addresses that they no longer have. */
  movesAddresses = false

  constructor(sql: Statements, hits: HitTable) {
    this.#sql = sql
    this.#hits = hits
  }

  find(address: PageKey): FilePage | undefined {
    const id = this.#hits.pages.resolve(address)
    if (id === undefined) return undefined
    const known = this.#pages.get(id)
    if (known) return known
    const row = readPage(this.#sql, id)
    return this.#add({ ...row, id, hits: row.hits + this.#hits.journal.waitingHits(id) })
  }

  make(key: PageKey): FilePage {
    const id = this.#hits.pages.makePage(key, true)
    if (typeof id === 'string') throw noMorePages(id)
    return this.#add({ id, key, hits: 0, version: 0, removed: null })
  }

  rename(page: FilePage, to: PageKey, alias: boolean): void {
    const { pages } = this.#hits
    this.movesAddresses = true
    this.#leaveHost(page)
    this.#sql.run('renamePage', to, pages.addHost(to), page.id)
    if (alias) this.#sql.run('addAlias', page.key, page.id, null)
    page.key = to
  }

  merge(page: FilePage, into: FilePage): void {
    this.#rollUp(page)
    for (const name of ['mergeHours', 'mergeDays', 'mergeOutcomes'] as const)
      this.#sql.run(name, into.id, page.id)
    for (const { name } of this.#sources) this.#sql.run('mergeImported', into.id, name, page.id)
    this.#remove(page)
    this.#sql.run('moveAliases', into.id, page.id)
    this.#sql.run('addAlias', page.key, into.id, page.id)
    this.merged.set(page.id, into.id)
  }

  purge(page: FilePage): void {
    this.#remove(page)
    this.#sql.run('removeAliases', page.id)
  }

  removeAlias(address: PageKey): void {
    this.movesAddresses = true
    this.#sql.run('removeAlias', address)
  }

  dropHistory(page: FilePage): void {
    this.#rollUp(page)
    for (const name of ['removeHours', 'removeDays', 'removeOutcomes'] as const)
      this.#sql.run(name, page.id, END)
  }

  hitsIn({ id }: FilePage, hour: number): number {
    let { hits } = this.#sql.get<{ hits: number }>('readHour', id, hour) ?? { hits: 0 }
    const span = { from: hour, to: hour + 1 }
    for (const [, waiting] of this.#hits.journal.waitingHours(id, span)) hits += waiting
    return hits
  }

  hasDay({ id }: FilePage, day: number): boolean {
    return this.#sql.get('hasDay', id, day) !== undefined
  }

  takeHour(page: FilePage, hour: number): void {
    this.#rollUp(page)
    this.#sql.run('removeHour', page.id, hour)
  }

  /** Writes the number, version and removal of a page. */
  write(page: FilePage): void {
    const { id, key, hits, version, removed } = page
    this.#rollUp(page)
    this.#hits.forgetPage(key)
    this.#sql.run('setTally', id, hits)
    this.#sql.run('setVersion', id, version)
    this.#sql.run('removeRemoved', id)
    if (removed) this.#sql.run('addRemoved', id, removed.actor, removed.reason, removed.at)
  }

  #add(page: Omit<FilePage, 'isGone'>): FilePage {
    const added = { ...page, isGone: false }
    this.#pages.set(page.id, added)
    return added
  }

  /** Rolls up a page's hits: they came before the change. */
  #rollUp({ id }: FilePage): void {
    this.hasRolledUp = true
    this.#hits.journal.rollUpPage(id)
  }

  #remove(page: FilePage): void {
    this.movesAddresses = true
    this.dropHistory(page)
    for (const { name } of this.#sources) this.#sql.run('removeImported', name, page.id)
    this.#leaveHost(page)
    for (const name of ['removeTally', 'removePage', 'removeRemoved', 'removeVersion'] as const)
      this.#sql.run(name, page.id)
    this.#sql.run('countPurged', page.id)
  }

  /** The counters from which hits were imported. */
  get #sources(): { name: string }[] {
    this.#knownSources ??= this.#sql.all<{ name: string }>('readSources')
    return this.#knownSources
  }

  #leaveHost({ id }: FilePage): void {
    const { host } = this.#sql.get<{ host: number }>('readHostOf', id) as { host: number }
    this.#hits.pages.leaveHost(host)
  }
}
