// The thread that has the database. `thread.ts` starts it and calls these functions.
import { parentPort, workerData } from 'node:worker_threads'
import type { PageKey } from '../page.ts'
import type { Look, Store } from '../store.ts'
import { connect, type Durability } from './connection.ts'
import { hitTable } from './hits.ts'
import { hourFolding } from './hours.ts'
import type { PageLimits } from './pages.ts'
import type { Queries } from './queries.ts'
import { tokenReader, tokenSweep } from './tokens.ts'
import { topLists } from './top.ts'

export interface Settings {
  file: string
  durability: Durability
  limits: PageLimits
  queries: Queries
}

/** What `look` is asked, see `Store`. */
export type Query = Parameters<Store['look']>

export function openWork({ file, durability, limits, queries }: Settings) {
  const driver = connect(file, durability)
  const hits = hitTable(driver, queries, limits)
  const isLive = tokenReader(driver, queries)

  return {
    writeHits: hits.writeHits,
    look: (queries: readonly Query[]) =>
      hits.reading(() =>
        queries.map(([key, token, now]): Look => {
          const page = hits.find(key)
          const live = page !== undefined && token !== null && isLive(page.id, token, now)
          return { count: page?.hits ?? 0, live }
        }),
      ),
    ...tokenSweep(driver, queries),
    ...hourFolding(driver, queries),
    top: topLists(driver, queries, hits),
    ping: () => void hits.find('' as PageKey),
    close() {
      try {
        hits.fold()
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
      parentPort?.postMessage({ id, error })
    }
  })
}
