import type { Administration } from '../../../admin.ts'
import type { ListQuery, PageListQuery } from '../../../store.ts'
import { Thread } from '../../../worker.ts'
import { BatchQueue } from '../../batch.ts'
import type { ListWork } from './list-work.ts'

/** Lists that may wait to be read. */
const MAX_WAITING = 20
/** How long the thread stays when nobody reads a list, in ms. */
const IDLE_MS = 60_000

export type ListReader = ReturnType<typeof listReader>

/** Reads that go through all pages, one at a time, in a thread of their own. It runs only while it is needed. */
export function listReader(file: string) {
  let thread: Thread<ListWork> | null = null
  let idle: NodeJS.Timeout | undefined

  async function stop(): Promise<void> {
    clearTimeout(idle)
    const ending = thread
    thread = null
    try {
      await ending?.call('close')
    } finally {
      await ending?.worker.terminate()
    }
  }

  const queue = new BatchQueue<(lists: Thread<ListWork>) => Promise<unknown>, unknown>(
    async (batch) => {
      clearTimeout(idle)
      thread ??= new Thread<ListWork>(new URL('./list-work.ts', import.meta.url), {
        workerData: file,
      })
      try {
        return await Promise.all(batch.map((read) => read(thread as Thread<ListWork>)))
      } finally {
        // A thread that has failed to open the file does not open it later.
        if (thread.hasEnded) thread = null
        else idle = setTimeout(() => void stop().catch(() => {}), IDLE_MS).unref()
      }
    },
    { maxWaiting: MAX_WAITING, waitingMessage: 'lists are waiting', maxBatch: 1 },
  )
  const ask = <Result>(read: (lists: Thread<ListWork>) => Promise<Result>) =>
    queue.add(read) as Promise<Result>

  return {
    pages: ((query) => ask((lists) => lists.call('pages', query))) as Administration['pages'],
    spikes: ((...query) =>
      ask((lists) => lists.call('spikes', ...query))) as Administration['spikes'],
    listPages: (query: PageListQuery) => ask((lists) => lists.call('listPages', query)),
    hosts: (query: ListQuery) => ask((lists) => lists.call('hosts', query)),
    /** Waits for the list that is being read, then ends the thread. */
    async close(): Promise<void> {
      await queue.drain()
      await stop()
    },
  }
}
