// The thread that uses the database. `thread.ts` starts it and calls these functions.
import { workerData } from 'node:worker_threads'
import type { PageKey } from '../../page.ts'
import { Refusal } from '../../refusal.ts'
import type { PageState, Store } from '../../store.ts'
import { serve } from '../../worker.ts'
import type { StoreOptions } from '../options.ts'
import { Active } from './active.ts'
import { administrationWork } from './admin/work.ts'
import { connect, logKeeper } from './connection.ts'
import { historyReader, historyWriter } from './history.ts'
import { hitTable } from './hits.ts'
import { listRows } from './list-rows.ts'
import { idleRemover } from './pages.ts'
import { tokenReader, tokenSweep } from './tokens.ts'
import { activePages, topLists } from './top.ts'

/** Visits remembered as active, in 4 to 8 bytes each. */
const MAX_ACTIVE = 2_000_000

export interface Settings extends StoreOptions {
  file: string
}

/** A short read, by the name and the parameters of a method of `Reader`; `state` is `readPage`. */
export type Question =
  | ['state', ...Parameters<Store['readPage']>]
  | ['sums', ...Parameters<Store['sums']>]
  | ['active', ...Parameters<Store['active']>]

function openWork({ file, activeMs, ...settings }: Settings) {
  const driver = connect(file, settings.durability)
  const active = new Active(activeMs, MAX_ACTIVE)
  const hits = hitTable(driver, settings, active)
  const tokens = tokenSweep(driver)
  const liveUntil = tokenReader(driver)
  const { sums, history, seen } = historyReader(driver, hits)
  const lists = listRows(driver, hits.journal)
  const log = logKeeper(driver, file)
  // Reads the journal: the service must not start with a file in which that fails.
  hits.reading(() => {})

  /** The answer; null if the page is removed. */
  function tryToAnswer(question: Question): ReturnType<typeof answer> | null {
    try {
      return answer(question)
    } catch (error) {
      if (error instanceof Refusal) return null
      throw error
    }
  }

  function answer(question: Question): PageState | number[] | number {
    switch (question[0]) {
      case 'state': {
        const [, key, token, now] = question
        const page = hits.find(key)
        const until = page && token ? liveUntil(page.id, token, now) : null
        return { count: page?.hits ?? 0, liveUntil: until }
      }
      case 'sums':
        return sums(question[1], question[2])
      case 'active': {
        const [, key, now] = question
        if (key === null) return active.visits(null, now)
        const page = hits.find(key)
        return page === undefined ? 0 : active.visits(page.id, now)
      }
    }
  }

  return {
    writeHits: hits.writeHits,
    answer: (questions: readonly Question[]) => hits.reading(() => questions.map(tryToAnswer)),
    history: (...query: Parameters<Store['history']>) => hits.reading(() => history(...query)),
    pagesOfSmallHost: (...query: Parameters<typeof lists.ofSmallHost>) =>
      hits.reading(() => lists.ofSmallHost(...query)),
    presentPages: (...query: Parameters<typeof lists.presentPages>) =>
      hits.reading(() => lists.presentPages(...query)),
    presentHosts: (...query: Parameters<typeof lists.presentHosts>) =>
      hits.reading(() => lists.presentHosts(...query)),
    seen: (page: PageKey) => hits.reading(() => seen(page)),
    capWindows: tokens.capWindows,
    sweep(...parameters: Parameters<typeof tokens.sweep>): number {
      const removed = tokens.sweep(...parameters)
      if (removed > 0) log.recordRemoval()
      return removed
    },
    maintain(now: number): void {
      active.sweep(now)
      log.emptyIfLarge()
      log.emptyAfterRemovals(now)
    },
    emptyLog: log.empty,
    ...historyWriter(driver, hits),
    removeIdle: idleRemover(driver, hits),
    top: topLists(driver, hits),
    activePages: activePages(hits, active),
    resolve: (addresses: readonly PageKey[]) =>
      hits.reading(() => addresses.map(hits.pages.pageOf)),
    ...administrationWork(driver, hits, active),
    ping: () => void hits.find('' as PageKey),
    /** @param leave whether to leave the files as they are, because they were removed or replaced */
    close(leave: boolean) {
      try {
        if (!leave) hits.rollUp()
      } finally {
        driver.close()
      }
    },
  }
}
export type Work = ReturnType<typeof openWork>

serve(openWork(workerData))
