import { rmSync, truncateSync } from 'node:fs'
import type { Refusal } from '../refusal.ts'
import type { CountedHit, Look, NewHit, Reader, Store, Tally } from '../store.ts'
import { GroupCommit } from './group-commit.ts'
import { Notes } from './notes.ts'
import { STORE_DEFAULTS, type StoreOptions } from './options.ts'
import { Guard, noMorePages, unavailable } from './refusals.ts'
import { checkDatabase } from './sqlite/condition.ts'
import { type PackedHits, REFUSED } from './sqlite/hits.ts'
import { openDatabase } from './sqlite/open.ts'
import { buildQueries } from './sqlite/queries.ts'
import { hasLog, quickCheck } from './sqlite/quick-check.ts'
import { WriterThread } from './sqlite/thread.ts'
import { watchFiles } from './sqlite/watch.ts'
import type { Query, Question, Work } from './sqlite/work.ts'

/** Histories that may wait to be read; each takes some ms. */
const MOST_HISTORIES = 100

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
  const settings = { file, durability, limits, activeMs, queries: buildQueries() }
  const thread = await WriterThread.start(settings)
  const hits = new GroupCommit<NewHit, CountedHit>(
    async (batch) => unpack(batch, await thread.call('writeHits', pack(batch))),
    maxWaiting,
    () => unavailable(new Error(`${maxWaiting} hits are waiting for the disk`)),
  )
  const looks = new GroupCommit<Query, Look>(
    (batch) => thread.call('look', batch),
    maxWaiting,
    () => unavailable(new Error(`${maxWaiting} reads are waiting for the disk`)),
  )
  const questions = new GroupCommit<Question, unknown>(
    (batch) => thread.call('ask', batch),
    maxWaiting,
    () => unavailable(new Error(`${maxWaiting} questions are waiting for the disk`)),
  )
  const notes = new Notes((slice) => thread.call('writeNotes', slice))
  // One after the other, so that hits have their turn in between.
  const histories = new GroupCommit<Parameters<Store['history']>, Tally[][]>(
    async (batch) => {
      // Who asks sees what was noted up to now.
      await notes.write()
      const answers: Tally[][][] = []
      for (const query of batch) answers.push(await thread.call('history', ...query))
      return answers
    },
    MOST_HISTORIES,
    () => unavailable(new Error(`${MOST_HISTORIES} histories are waiting`)),
  )
  const guard = new Guard()
  const guarded = guard.around
  let closed: Promise<void> | null = null

  let isOverwritten = false
  const watch = watchFiles(file, (lost) => {
    const reason = lost?.reason ?? null
    guard.lost = reason
    onLost(reason)
    if (lost === null) return
    if (lost.overwritten) {
      isOverwritten = true
      // SQLite would write what is in it into the file at the end, whatever that is now.
      truncateSync(`${file}-wal`)
      return
    }
    // The log may still stand beside the file that was put in place of this one, and SQLite would take it for that
    // file's own. What is in the log belongs to this one, wherever it stands now.
    hits
      .drain()
      .then(() => thread.call('emptyLog'))
      .catch((error) => onLost(`${reason}, and its log could not be emptied: ${error.message}`))
  })

  async function closeThread(isLost: boolean): Promise<void> {
    if (!isOverwritten) return thread.close(isLost)
    // That the log cannot be read any more is what was wanted.
    await thread.close(true).catch(() => {})
    for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true })
  }

  const ask = <Result>(question: Question) => questions.add(question) as Promise<Result>

  const through = <Name extends keyof Work>(name: Name) =>
    guarded((...given: Parameters<Work[Name]>) => thread.call(name, ...given))

  const reader: Reader = {
    look: guarded((...query) => looks.add(query)),
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
    tidy: through('tidy'),
    // Nobody else has to be asked: of two services on one file, both may.
    claim: async () => true,
    foldHours: through('foldHours'),
    prune: through('prune'),
    removeIdle: through('removeIdle'),
    note: (page, outcome, at) => notes.add(page, outcome, at),
    writeNotes: guarded(() => notes.write()),
    ping: through('ping'),
    close() {
      guard.closed = true
      watch.stop()
      closed ??= (async () => {
        await hits.drain()
        const isLost = guard.lost !== null
        try {
          if (!isLost) await notes.write()
        } finally {
          await closeThread(isLost).finally(watch.release)
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
