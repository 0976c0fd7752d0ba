import type { Config } from '../../config.ts'
import { Refusal } from '../refusal.ts'
import type { CountedHit, Look, NewHit, Store, Tally } from '../store.ts'
import type { Durability } from './connection.ts'
import { type PackedHits, REFUSED } from './hits.ts'
import { Notes } from './notes.ts'
import { openDatabase } from './open.ts'
import { buildQueries } from './queries.ts'
import { WriterThread } from './thread.ts'
import type { Query, Question, Work } from './work.ts'
import { GroupCommit } from './writer.ts'

/** Notes written between two batches of hits; some ms' work. */
const NOTES_AT_ONCE = 500
/** Histories that may wait to be read; each takes some ms. */
const MOST_HISTORIES = 100

export interface StoreOptions {
  durability: Durability
  /** Pages that there may be, in all and of one host; 0 for as many as come. */
  maxPages: number
  maxPagesPerHost: number
  /** Hits that may wait for the disk. */
  maxWaiting: number
  /** How long a hit is active, in ms. */
  activeMs: number
}

const OPTIONS: StoreOptions = {
  durability: 'full',
  maxPages: 0,
  maxPagesPerHost: 0,
  maxWaiting: 10_000,
  activeMs: 600_000,
}

/** What of the settings concerns the store. */
export function storeOptions(
  config: Pick<
    Config,
    'DURABILITY' | 'MAX_PAGES' | 'MAX_PAGES_PER_HOST' | 'MAX_WAITING' | 'ACTIVE_MINUTES'
  >,
): StoreOptions {
  return {
    durability: config.DURABILITY,
    maxPages: config.MAX_PAGES,
    maxPagesPerHost: config.MAX_PAGES_PER_HOST,
    maxWaiting: config.MAX_WAITING,
    activeMs: config.ACTIVE_MINUTES * 60_000,
  }
}

/**
 * Opens the store on a SQLite file.
 * @throws when the file cannot be opened, made, or brought up to date
 */
export async function openSqliteStore(
  file: string,
  options: Partial<StoreOptions> = {},
): Promise<Store> {
  const { durability, maxPages, maxPagesPerHost, maxWaiting, activeMs } = { ...OPTIONS, ...options }
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
  const notes = new Notes()
  // One after the other, so that hits have their turn in between.
  const histories = new GroupCommit<Parameters<Store['history']>, Tally[][]>(
    async (batch) => {
      // Who asks sees what was noted up to now.
      await writeNotes()
      const answers: Tally[][][] = []
      for (const query of batch) answers.push(await thread.call('history', ...query))
      return answers
    },
    MOST_HISTORIES,
    () => unavailable(new Error(`${MOST_HISTORIES} histories are waiting`)),
  )
  let closed: Promise<void> | null = null

  /** Turns whatever fails into the refusal that people are told, and keeps it as the cause. */
  function guarded<Given extends unknown[], Result>(run: (...given: Given) => Promise<Result>) {
    return async (...given: Given): Promise<Result> => {
      try {
        if (closed) throw new Error('the store is closed')
        return await run(...given)
      } catch (error) {
        throw error instanceof Refusal ? error : unavailable(error)
      }
    }
  }

  const ask = <Result>(question: Question) => questions.add(question) as Promise<Result>

  let writing: Promise<void> = Promise.resolve()
  /** One after the other: who comes second has to see all that the first one took. */
  function writeNotes(): Promise<void> {
    writing = writing.then(writeTaken, writeTaken)
    return writing
  }

  async function writeTaken(): Promise<void> {
    const taken = notes.take()
    try {
      while (taken.length > 0) {
        await thread.call('writeNotes', taken.slice(-NOTES_AT_ONCE))
        taken.length = Math.max(0, taken.length - NOTES_AT_ONCE)
      }
    } catch (error) {
      notes.putBack(taken)
      throw error
    }
  }

  const through = <Name extends keyof Work>(name: Name) =>
    guarded((...given: Parameters<Work[Name]>) => thread.call(name, ...given))

  return {
    count: guarded((hit) => hits.add(hit)),
    look: guarded((...query) => looks.add(query)),
    top: through('top'),
    capWindows: through('capWindows'),
    sweep: through('sweep'),
    foldHours: through('foldHours'),
    prune: through('prune'),
    sums: guarded((page, spans) => ask<number[]>(['sums', page, spans])),
    active: guarded((page, now) => ask<number>(['active', page, now])),
    history: guarded((...query) => histories.add(query)),
    note: (page, outcome, at) => notes.add(page, outcome, at),
    writeNotes: guarded(writeNotes),
    ping: through('ping'),
    close() {
      closed ??= (async () => {
        await hits.drain()
        try {
          await writeNotes()
        } finally {
          await thread.close()
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
    if (count === REFUSED.all) return noMorePages('This counter takes no more new pages')
    if (count === REFUSED.host)
      return noMorePages('This counter takes no more new pages of that host')
    const id = written[2 * index + 1] as number
    return { count, token: window && { id, secret: window.secret } }
  })
}

function noMorePages(sentence: string): Refusal {
  return new Refusal(
    'too_many_pages',
    'no new pages',
    `${sentence}; those it knows are counted on.`,
  )
}

function unavailable(cause: unknown): Refusal {
  return new Refusal(
    'unavailable',
    'try again soon',
    'The counter cannot reach its database just now; nothing was counted. Try again soon.',
    { cause },
  )
}
