import type { Administration } from '../../admin.ts'
import type { PageKey } from '../../page.ts'
import type { ListedHost, ListedPage, Reader } from '../../store.ts'
import type { Span } from '../../time.ts'
import { unavailable } from '../failures.ts'
import { OnDemand } from '../on-demand.ts'
import { HOST_COLUMNS, type List, PAGE_COLUMNS } from './list.ts'
import { type ListsWork, partOf, type Wanted } from './serve.ts'
import { type Entry, Snapshot } from './snapshot.ts'

/** Requests for lists that may wait. */
const MAX_WAITING = 100

/** How long closing waits for answers, in ms: an unreachable server does not answer. */
const CLOSE_MS = 1000

/** What a database tells of lists at once, without reading a whole one. */
export interface Present {
  /** The pages of a host, in the order of their ids; null if they are more than `SMALL_HOST`. */
  ofHost(host: string, today: Span): Promise<Entry[] | null>
  /** The same entries as they are now, in any order. Those that are gone are left out. */
  pages(entries: readonly Entry[], today: Span): Promise<Entry[]>
  hosts(entries: readonly Entry[]): Promise<Entry[]>
}

export type OpenLists = ReturnType<typeof openLists>

/**
 * The lists of `Reader`. A thread reads them as a whole and keeps them, see `Lists`; so the order may be some time old. The numbers
 * are read for each answer.
 * @param thread a module that calls `serveLists`
 */
export function openLists(file: URL, workerData: unknown, present: Present) {
  const thread = new OnDemand<ListsWork>(file, workerData)

  async function read(list: List, wanted: Wanted) {
    if (thread.waiting >= MAX_WAITING)
      throw unavailable(new Error(`${MAX_WAITING} requests for lists are waiting`))
    return thread.call('read', list, wanted)
  }

  async function readPages(host: string | null, today: Span, wanted: Wanted) {
    const entries = host === null ? null : await present.ofHost(host, today)
    if (entries !== null) {
      const snapshot = new Snapshot(PAGE_COLUMNS.length)
      for (const { id, name, values } of entries) snapshot.add(id, name, ...values)
      return { ...(await snapshot.read(partOf({ of: 'pages' }, wanted))), ageMs: 0 }
    }
    const found = await read({ of: 'pages', host, today }, wanted)
    return {
      ...found,
      entries: inOrderOf(found.entries, await present.pages(found.entries, today)),
    }
  }

  const lists: Pick<Reader, 'pages' | 'hosts'> = {
    async pages({ host, today, sort, ...query }) {
      const wanted = { ...query, column: PAGE_COLUMNS.indexOf(sort) }
      const { entries, next, ageMs } = await readPages(host, today, wanted)
      return { pages: entries.map(pageOf), next, at: Date.now() - ageMs }
    },
    async hosts(query) {
      const wanted = { ...query, column: HOST_COLUMNS.indexOf('hits') }
      const { entries, next, ageMs } = await read({ of: 'hosts' }, wanted)
      const found = inOrderOf(entries, await present.hosts(entries))
      return { hosts: found.map(hostOf), next, at: Date.now() - ageMs }
    },
  }

  /** Has all lists read again: an operator has changed pages. */
  function expire(): void {
    // If it fails, the thread has ended, and so have its lists.
    if (thread.isRunning) thread.call('expire').catch(() => {})
  }

  return {
    ...lists,
    expire,
    close: () => thread.close(CLOSE_MS),
  }
}

/** Has lists read again after each change of pages. */
export function expiring(admin: Administration, expire: () => void): Administration {
  return {
    ...admin,
    async change(...parameters) {
      const changed = await admin.change(...parameters)
      expire()
      return changed
    },
  }
}

function inOrderOf(entries: readonly Entry[], present: readonly Entry[]): Entry[] {
  const byName = new Map(present.map((entry) => [entry.name, entry]))
  return entries.flatMap(({ name }) => byName.get(name) ?? [])
}

function pageOf({ name, values }: Entry): ListedPage {
  const [hits = 0, today = 0, last = 0] = values
  return { name: name as PageKey, hits, today, lastSeen: last === 0 ? null : last }
}

function hostOf({ name, values }: Entry): ListedHost {
  const [hits = 0, pages = 0] = values
  return { name, hits, pages }
}
