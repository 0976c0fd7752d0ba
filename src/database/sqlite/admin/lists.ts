import type { Administration } from '../../../admin.ts'
import { BatchQueue } from '../../batch.ts'
import { OnDemand } from '../../on-demand.ts'
import type { ListWork } from './list-work.ts'

/** Lists that may wait to be read. */
const MAX_WAITING = 20

export type ListReader = ReturnType<typeof listReader>

/** Reads that go through all pages, one at a time, in a thread of their own. It runs only while it is needed. */
export function listReader(file: string) {
  const thread = new OnDemand<ListWork>(new URL('./list-work.ts', import.meta.url), file)
  const queue = new BatchQueue<() => Promise<unknown>, unknown>(
    (batch) => Promise.all(batch.map((read) => read())),
    { maxWaiting: MAX_WAITING, waitingMessage: 'lists are waiting', maxBatch: 1 },
  )
  const ask = <Result>(read: () => Promise<Result>) => queue.add(read) as Promise<Result>

  return {
    pages: ((query) => ask(() => thread.call('pages', query))) as Administration['pages'],
    spikes: ((...query) => ask(() => thread.call('spikes', ...query))) as Administration['spikes'],
    /** Waits for the list that is being read, then ends the thread. */
    async close(): Promise<void> {
      await queue.drain()
      await thread.close()
    },
  }
}
