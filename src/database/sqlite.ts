import type { Refusal } from '../refusal.ts'
import type { CountedHit, NewHit, PageState, Reader, Store, Tally } from '../store.ts'
import { GroupCommit } from './group-commit.ts'
import { Guard, noMorePages, unavailable } from './refusals.ts'
import { checkDatabase } from './sqlite/condition.ts'
import { type PackedHits, REFUSED } from './sqlite/hits.ts'
import { openDatabase } from './sqlite/open.ts'
import { hasLog, quickCheck } from './sqlite/quick-check.ts'
import { WriterThread } from './sqlite/thread.ts'
import { watchFiles } from './sqlite/watch.ts'
import type { Query, Question, Work } from './sqlite/work.ts'
import { STORE_DEFAULTS, type StoreOptions } from './store-options.ts'
import { UncountedQueue } from './uncounted.ts'

/** Histories that may wait to be read; each takes some ms. */
const MAX_HISTORIES = 100

/**
 * Opens the store on a SQLite file.
 * @param onLost called when the file is removed or replaced, with what has happened: from then on all is refused. Called
 *   with null when the file is back, and all goes on.
 * @throws when the file cannot be opened, made, or brought up to date
 */
export async function openSqliteStore(
  file: string,
  options: Partial<StoreOptions> = {},
  onLost: (reason: string | null) => void = () => {},
): Promise<Store> {
  const { durability, maxPages, maxPagesPerHost, maxWaiting, activeMs } = {
    ...STORE_DEFAULTS,
    ...options,
  }
  if (hasLog(file)) {
    checkDatabase(file)
    await quickCheck(file)
  }
  await (await openDatabase(file)).db.destroy()
  const limits = { pages: maxPages, pagesPerHost: maxPagesPerHost }
  const settings = { file, durability, limits, activeMs }
  const thread = await WriterThread.start(settings)
  const hits = new GroupCommit<NewHit, CountedHit>(
    async (batch) => unpack(batch, await thread.call('writeHits', pack(batch))),
    maxWaiting,
    () => unavailable(new Error(`${maxWaiting} hits are waiting for the disk`)),
  )
  const pageReads = new GroupCommit<Query, PageState>(
    (batch) => thread.call('readPage', batch),
    maxWaiting,
    () => unavailable(new Error(`${maxWaiting} reads are waiting for the disk`)),
  )
  const questions = new GroupCommit<Question, unknown>(
    (batch) => thread.call('ask', batch),
    maxWaiting,
    () => unavailable(new Error(`${maxWaiting} questions are waiting for the disk`)),
  )
  const uncounted = new UncountedQueue((slice) => thread.call('writeUncounted', slice))
  // One after the other, so that hits have their turn in between.
  const histories = new GroupCommit<Parameters<Store['history']>, Tally[][]>(
    async (batch) => {
      // Who asks sees what was noted up to now.
      await uncounted.write()
      const answers: Tally[][][] = []
      for (const query of batch) answers.push(await thread.call('history', ...query))
      return answers
    },
    MAX_HISTORIES,
    () => unavailable(new Error(`${MAX_HISTORIES} histories are waiting`)),
  )
  const guard = new Guard()
  const guarded = guard.around
  let closed: Promise<void> | null = null

  const stopWatching = watchFiles(file, (reason) => {
    guard.lost = reason
    onLost(reason)
    if (reason === null) return
    // The log may still stand beside the file that was put in place of this one, and SQLite would take it for that
    // file's own. What is in the log belongs to this one, wherever it stands now.
    hits
      .drain()
      .then(() => thread.call('emptyLog'))
      .catch((error) => onLost(`${reason}, and its log could not be emptied: ${error.message}`))
  })

  const ask = <Result>(question: Question) => questions.add(question) as Promise<Result>

  const through = <Name extends keyof Work>(name: Name) =>
    guarded((...given: Parameters<Work[Name]>) => thread.call(name, ...given))

  const reader: Reader = {
    readPage: guarded((...query) => pageReads.add(query)),
    top: through('top'),
    sums: guarded((page, spans) => ask<number[]>(['sums', page, spans])),
    active: guarded((page, now) => ask<number>(['active', page, now])),
    history: guarded((...query) => histories.add(query)),
  }
  return {
    ...reader,
    replica: reader,
    count: guarded((hit) => hits.add(hit)),
    capWindows: through('capWindows'),
    sweep: through('sweep'),
    maintain: through('maintain'),
    // Nobody else has to be asked: of two services on one file, both may.
    claim: async () => true,
    rollUpHours: through('rollUpHours'),
    prune: through('prune'),
    removeIdle: through('removeIdle'),
    recordUncounted: (page, outcome, at) => uncounted.add(page, outcome, at),
    writeUncounted: guarded(() => uncounted.write()),
    ping: through('ping'),
    close() {
      guard.closed = true
      stopWatching()
      closed ??= (async () => {
        await hits.drain()
        const isLost = guard.lost !== null
        try {
          if (!isLost) await uncounted.write()
        } finally {
          await thread.close(isLost)
        }
      })()
      return closed
    },
  }
}

function pack(batch: readonly NewHit[]): PackedHits {
  return {
    pages: batch.map(({ page }) => page),
    times: batch.flatMap(({ at, window }) => [at, window?.endsAt ?? 0]),
    secrets: batch.map(({ window }) => window?.secret ?? ''),
  }
}

function unpack(batch: readonly NewHit[], written: readonly number[]): (CountedHit | Refusal)[] {
  return batch.map(({ window }, index) => {
    const count = written[2 * index] as number
    if (count === REFUSED.all) return noMorePages('all')
    if (count === REFUSED.host) return noMorePages('host')
    const id = written[2 * index + 1] as number
    return { count, token: window && { id, secret: window.secret } }
  })
}
