import { rmSync } from 'node:fs'
import type { Refusal } from '../refusal.ts'
import type { CountedHit, NewHit, PageState, Store } from '../store.ts'
import { BatchQueue, historyQueue, UncountedQueue } from './batch.ts'
import { guardedStore, noMorePages, removedPage, type StoreState } from './failures.ts'
import { expiring, openLists } from './lists/open-lists.ts'
import { STORE_DEFAULTS, type StoreOptions } from './options.ts'
import { administration } from './sqlite/admin/administration.ts'
import { listReader } from './sqlite/admin/lists.ts'
import { type PackedHits, REFUSED } from './sqlite/hits.ts'
import { findDamage, openDatabase } from './sqlite/open.ts'
import { hasLog } from './sqlite/readable.ts'
import { WriterThread } from './sqlite/thread.ts'
import { watchFiles } from './sqlite/watch.ts'
import type { Question, Work } from './sqlite/work.ts'

/**
 * Opens the store on a SQLite file.
 * @param onLost called with a description when the file is removed or replaced: from then on all calls are refused.
 *   Called with null when the file is back, and calls are answered again
 * @throws if the file cannot be opened, created, or brought up to date
 */
export async function openSqliteStore(
  file: string,
  options: Partial<StoreOptions> = {},
  onLost: (reason: string | null) => void = () => {},
): Promise<Store> {
  const settings = { ...STORE_DEFAULTS, ...options, file }
  const { maxWaiting } = settings
  if (hasLog(file)) await findDamage(file)
  ;(await openDatabase(file)).close()
  const thread = await WriterThread.start(settings)
  const hits = new BatchQueue<NewHit, CountedHit>(
    async (batch) => unpack(batch, await thread.call('writeHits', pack(batch))),
    { maxWaiting, waitingMessage: 'hits are waiting for the disk' },
  )
  const questions = new BatchQueue<Question, unknown>(
    async (batch) => (await thread.call('answer', batch)).map((answer) => answer ?? removedPage()),
    { maxWaiting, waitingMessage: 'reads are waiting for the disk' },
  )
  const uncounted = new UncountedQueue((slice) => thread.call('writeUncounted', slice))
  const histories = historyQueue((...query) => thread.call('history', ...query), uncounted)
  const allPages = listReader(file)
  // For everybody, in a thread of its own: strangers shall not keep operators waiting.
  const lists = openLists(new URL('./sqlite/list-source.ts', import.meta.url), file, {
    ofHost: (...query) => thread.call('pagesOfSmallHost', ...query),
    pages: (...query) => thread.call('presentPages', ...query),
    hosts: (...query) => thread.call('presentHosts', ...query),
  })
  let pagesVersion = -1
  const state: StoreState = { closed: false, lost: null }

  let isOverwritten = false
  const watch = await watching((lost) => {
    const reason = lost?.reason ?? null
    state.lost = reason
    onLost(reason)
    if (lost === null) return
    const onFailure = (error: Error) => {
      // The file may be back by now.
      if (state.lost !== null)
        onLost(`${reason}, and its log could not be emptied: ${error.message}`)
    }
    if (lost.overwritten) {
      isOverwritten = true
      // When SQLite closes the file, it would write the content of the log into it.
      try {
        watch.discardLog()
      } catch (error) {
        onFailure(error as Error)
      }
      return
    }
    // The log may remain beside another file that was put in place of this one, and SQLite would take it for that
    // file's log. Emptying it moves its content into its own file, wherever that is now.
    hits
      .drain()
      .then(() => thread.call('emptyLog'))
      .catch(onFailure)
  })

  async function watching(onChange: Parameters<typeof watchFiles>[1]) {
    try {
      return watchFiles(file, onChange)
    } catch (error) {
      await thread.close(true)
      throw error
    }
  }

  const ask = <Result>(question: Question) => questions.add(question) as Promise<Result>
  const callOf =
    <Name extends keyof Work>(name: Name) =>
    (...parameters: Parameters<Work[Name]>) =>
      thread.call(name, ...parameters)

  /** Has lists read again when an operator has changed pages, here or on another service. */
  function noticePages(version: number): void {
    if (version !== pagesVersion) lists.expire()
    pagesVersion = version
  }

  async function close(): Promise<void> {
    watch.stop()
    await hits.drain()
    await Promise.all([allPages.close(), lists.close()])
    const isLost = state.lost !== null
    try {
      if (!isLost) await uncounted.write()
    } finally {
      await closeThread(isLost).finally(watch.release)
    }
  }

  async function closeThread(isLost: boolean): Promise<void> {
    if (!isOverwritten) return thread.close(isLost)
    // SQLite fails to read the truncated log, as intended.
    await thread.close(true).catch(() => {})
    for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true })
  }

  return guardedStore(state, {
    reader: {
      readPage: (...query) => ask<PageState>(['state', ...query]),
      sums: (...query) => ask<number[]>(['sums', ...query]),
      active: (...query) => ask<number>(['active', ...query]),
      history: (...query) => histories.add(query),
      top: callOf('top'),
      seen: callOf('seen'),
      pages: lists.pages,
      hosts: lists.hosts,
      activePages: callOf('activePages'),
      resolve: callOf('resolve'),
    },
    admin: expiring(administration(thread, allPages, uncounted), lists.expire),
    methods: {
      count: (hit) => hits.add(hit),
      capWindows: callOf('capWindows'),
      sweep: callOf('sweep'),
      async maintain(now) {
        await thread.call('maintain', now)
        noticePages((await thread.call('versions')).pages)
      },
      rollUpHours: callOf('rollUpHours'),
      prune: callOf('prune'),
      removeIdle: callOf('removeIdle'),
      // If two services share a file, both may do the chore.
      claim: async () => true,
      ping: callOf('ping'),
    },
    uncounted,
    close,
  })
}

function pack(batch: readonly NewHit[]): PackedHits {
  return {
    pages: batch.map(({ page }) => page),
    times: batch.flatMap(({ at, window }) => [at, window?.endsAt ?? 0]),
    secrets: batch.map(({ window }) => window?.secret ?? ''),
    sites: batch.some(({ site }) => site) ? batch.map(({ site }) => site ?? '') : null,
  }
}

function unpack(batch: readonly NewHit[], written: readonly number[]): (CountedHit | Refusal)[] {
  const ofEach = written.length / batch.length
  return batch.map(({ window, site }, index) => {
    const first = ofEach * index
    const count = written[first] as number
    if (count === REFUSED.all) return noMorePages('all')
    if (count === REFUSED.host) return noMorePages('host')
    if (count === REFUSED.removed) return removedPage()
    const id = written[first + 1] as number
    const counted = { count, token: window && { id, secret: window.secret } }
    return site ? { ...counted, ofSite: written[first + 2] as number } : counted
  })
}
