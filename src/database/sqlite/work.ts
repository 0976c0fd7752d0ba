// The thread that has the database. `thread.ts` starts it and calls these functions.
import { parentPort, workerData } from 'node:worker_threads'
import type { PageKey } from '../../page.ts'
import type { PageState, Store } from '../../store.ts'
import type { PageLimits } from '../page-limits.ts'
import type { Durability } from '../store-options.ts'
import { Active } from './active.ts'
import { connect } from './connection.ts'
import { historyReader, historyWriter } from './history.ts'
import { hitTable } from './hits.ts'
import { idleRemover } from './idle.ts'
import { logKeeper } from './log.ts'
import { tokenReader, tokenSweep } from './tokens.ts'
import { topLists } from './top.ts'

export interface Settings {
  file: string
  durability: Durability
  limits: PageLimits
  /** How long a hit is active. */
  activeMs: number
}

/** What `readPage` is asked, see `Store`. */
export type Query = Parameters<Store['readPage']>

/** The other short questions: a name, and what it is asked with. */
export type Question =
  | ['sums', ...Parameters<Store['sums']>]
  | ['active', ...Parameters<Store['active']>]

export function openWork({ file, durability, limits, activeMs }: Settings) {
  const driver = connect(file, durability)
  const active = new Active(activeMs)
  const hits = hitTable(driver, limits, active)
  const tokens = tokenSweep(driver)
  const liveUntil = tokenReader(driver)
  const { sums, history } = historyReader(driver, hits)
  const log = logKeeper(driver, file)
  // What waits in the journal is read at the start: a file in which that fails is none to count into.
  hits.reading(() => {})

  function answer(question: Question): unknown {
    if (question[0] === 'sums') return sums(question[1], question[2])
    const [, key, now] = question
    const page = key === null ? null : hits.find(key)
    return page === undefined ? 0 : active.many(page?.id ?? null, now)
  }

  return {
    writeHits: hits.writeHits,
    readPage: (queries: readonly Query[]) =>
      hits.reading(() =>
        queries.map(([key, token, now]): PageState => {
          const page = hits.find(key)
          const until = page && token ? liveUntil(page.id, token, now) : null
          return { count: page?.hits ?? 0, liveUntil: until }
        }),
      ),
    ask: (questions: readonly Question[]) => hits.reading(() => questions.map(answer)),
    history: (...query: Parameters<Store['history']>) => hits.reading(() => history(...query)),
    capWindows: tokens.capWindows,
    sweep(...given: Parameters<typeof tokens.sweep>): number {
      const removed = tokens.sweep(...given)
      if (removed > 0) log.recordRemoval()
      return removed
    },
    maintain(now: number): void {
      active.sweep(now)
      log.bound()
      log.forget(now)
    },
    emptyLog: log.empty,
    ...historyWriter(driver, hits),
    removeIdle: idleRemover(driver, hits),
    top: topLists(driver, hits),
    ping: () => void hits.find('' as PageKey),
    /** @param leave whether the files are left as they are, since they stand elsewhere now, or nowhere */
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

if (parentPort) {
  const work = openWork(workerData)
  parentPort.on('message', async ({ id, name, parameters }) => {
    try {
      const run = work[name as keyof Work] as (...given: unknown[]) => unknown
      const result = run(...parameters)
      parentPort?.postMessage({ id, result: result instanceof Promise ? await result : result })
    } catch (error) {
      parentPort?.postMessage({ id, error, code: (error as { code?: unknown }).code })
    }
  })
}
