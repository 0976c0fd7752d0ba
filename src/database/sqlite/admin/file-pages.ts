import type { PageKey } from '../../../page.ts'
import { noMorePages } from '../../failures.ts'
import type { ChangingPage, ChangingPages } from '../../make-changes.ts'
import { type Moves, NO_HOST } from '../active.ts'
import type { HitTable } from '../hits.ts'
import { counterOf } from '../host-counters.ts'
import { type PageRow, readPage } from './describe.ts'
import type { Statements } from './statements.ts'

/** After every hour and day. */
const END = Number.MAX_SAFE_INTEGER

export interface FilePage extends PageRow, ChangingPage {
  id: number
  host: number
  /** Whether its history is a part of its host's. */
  isInHost: boolean
  /** What was a part of a host before the changes: hits, and of which; null for a page that was removed or is new. */
  before: { host: number; hits: number } | null
}

/**
 * The pages of a call. What moves is written at once; numbers, versions and removals are written by `write`, and then the
 * numbers of hosts by `writeHosts`. For use within a transaction.
 */
export class FilePages implements ChangingPages<FilePage> {
  readonly #sql: Statements
  readonly #hits: HitTable
  readonly #pages = new Map<number, FilePage>()
  #knownSources: { name: string }[] | undefined
  /** The pages that were merged, in order, and into which. */
  readonly #merged = new Map<number, number>()
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
    const hits = row.hits + this.#hits.journal.waitingHits(id)
    const host = this.#hits.hosts.hostOf(id) as number
    const isInHost = row.removed === null
    return this.#add({ ...row, id, hits, host, isInHost, before: isInHost ? { host, hits } : null })
  }

  make(key: PageKey): FilePage {
    const id = this.#hits.pages.makePage(key, true)
    if (typeof id === 'string') throw noMorePages(id)
    const host = this.#hits.hosts.hostOf(id) as number
    const isNew = { hits: 0, version: 0, removed: null, isInHost: true, before: null }
    return this.#add({ id, key, host, ...isNew })
  }

  rename(page: FilePage, to: PageKey, alias: boolean): void {
    const { pages, hosts } = this.#hits
    this.movesAddresses = true
    const host = pages.addHost(to)
    if (host !== page.host) this.#takeFromHost(page)
    hosts.leaveHost(page.host)
    page.host = host
    this.#sql.run('renamePage', to, host, page.id)
    if (alias) this.#sql.run('addAlias', page.key, page.id, null)
    page.key = to
  }

  merge(page: FilePage, into: FilePage): void {
    this.#rollUp(page)
    // Within a host, nothing changes for that.
    if (page.host !== into.host || page.isInHost !== into.isInHost)
      for (const each of [page, into]) this.#takeFromHost(each)
    for (const name of ['mergeHours', 'mergeDays', 'mergeOutcomes'] as const)
      this.#sql.run(name, into.id, page.id)
    for (const { name } of this.#sources) this.#sql.run('mergeImported', into.id, name, page.id)
    this.#remove(page)
    this.#sql.run('moveAliases', into.id, page.id)
    this.#sql.run('addAlias', page.key, into.id, page.id)
    this.#merged.set(page.id, into.id)
  }

  purge(page: FilePage): void {
    this.#takeFromHost(page)
    this.#remove(page)
    this.#sql.run('removeAliases', page.id)
  }

  removeAlias(address: PageKey): void {
    this.movesAddresses = true
    this.#sql.run('removeAlias', address)
  }

  dropHistory(page: FilePage): void {
    this.#takeFromHost(page)
    this.#removeHistory(page)
  }

  #removeHistory(page: FilePage): void {
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
    const hits = this.hitsIn(page, hour)
    this.#rollUp(page)
    this.#sql.run('removeHour', page.id, hour)
    if (page.isInHost) this.#hits.hosts.takeHour(page.host, hour, hits)
  }

  /** Writes the number, version and removal of a page. */
  write(page: FilePage): void {
    const { id, key, hits, version, removed } = page
    this.#rollUp(page)
    this.#hits.forgetPage(key)
    this.#sql.run('setTally', id, hits)
    this.#sql.run('setVersion', id, version)
    this.#sql.run('removeRemoved', id)
    if (removed) {
      this.#sql.run('addRemoved', id, removed.actor, removed.reason, removed.at)
      this.#takeFromHost(page)
    } else if (!page.isInHost) {
      this.#hits.hosts.addHistory(page.host, id)
      page.isInHost = true
    }
  }

  /** Writes by how much the numbers of hosts change, after all pages are written. */
  writeHosts(): void {
    const { hosts } = this.#hits
    const changes = new Map<number, bigint>()
    const add = (host: number, hits: bigint) => changes.set(host, (changes.get(host) ?? 0n) + hits)
    for (const { host, hits, removed, isGone, before } of this.#pages.values()) {
      if (before) add(before.host, -BigInt(before.hits))
      if (!isGone && removed === null) add(host, BigInt(hits))
    }
    for (const [host, hits] of changes) hosts.addHits(host, hits)
    hosts.settle()
  }

  /** Where the active visits of the pages belong now. */
  get moves(): Moves {
    const ends = new Map<number, number>()
    // The last first, because a page can be merged with all that was merged into it.
    for (const [id, into] of [...this.#merged].reverse()) ends.set(id, ends.get(into) ?? into)
    return new Map(
      [...this.#pages.keys()].map((id) => {
        const end = this.#pages.get(ends.get(id) ?? id) as FilePage
        const isInHost = !end.isGone && end.removed === null
        return [id, { page: end.id, host: isInHost ? counterOf(end.host) : NO_HOST }]
      }),
    )
  }

  /** Takes a page's history from that of its host. */
  #takeFromHost(page: FilePage): void {
    if (!page.isInHost) return
    this.#rollUp(page)
    this.#hits.hosts.takeHistory(page.host, page.id)
    page.isInHost = false
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
    this.#removeHistory(page)
    for (const { name } of this.#sources) this.#sql.run('removeImported', name, page.id)
    this.#hits.hosts.leaveHost(page.host)
    for (const name of ['removeTally', 'removePage', 'removeRemoved', 'removeVersion'] as const)
      this.#sql.run(name, page.id)
    this.#sql.run('countPurged', page.id)
  }

  /** The counters from which hits were imported. */
  get #sources(): { name: string }[] {
    this.#knownSources ??= this.#sql.all<{ name: string }>('readSources')
    return this.#knownSources
  }
}
