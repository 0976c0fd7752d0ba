import type { PageKey } from '../../page.ts'
import type { Refusal } from '../../refusal.ts'
import type { CountedHit, NewHit } from '../../store.ts'
import { MINUTE_MS } from '../../time.ts'
import { noMorePages } from '../failures.ts'
import type { FullLimit } from '../options.ts'
import type { Connection } from './connection.ts'
import { list, type PageHash, type Pages, unlist } from './pages.ts'
import { type TokenBlocks, tokenId } from './tokens.ts'
import type { Transactions } from './transaction.ts'

interface PageHits {
  page: PageHash
  hits: number
  hitsOfMinutes: Map<number, number>
  /** The page's number for the next hit to be answered. */
  nextNumber: number
}

/** The hits and tokens of a batch. */
class Batch {
  readonly #pages = new Map<PageHash, PageHits>()
  readonly #tokens = { pages: [] as PageHash[], secrets: [] as string[], ends: [] as number[] }

  get size(): number {
    return this.#pages.size
  }

  add(page: PageHash, at: number): PageHits {
    let hits = this.#pages.get(page)
    if (!hits) {
      hits = { page, hits: 0, hitsOfMinutes: new Map(), nextNumber: 0 }
      this.#pages.set(page, hits)
    }
    const minute = Math.floor(at / MINUTE_MS)
    hits.hits += 1
    hits.hitsOfMinutes.set(minute, (hits.hitsOfMinutes.get(minute) ?? 0) + 1)
    return hits
  }

  /** @returns the token's place in the batch */
  addToken(page: PageHash, { secret, endsAt }: { secret: string; endsAt: number }): number {
    const { pages, secrets, ends } = this.#tokens
    secrets.push(secret)
    ends.push(endsAt)
    return pages.push(page) - 1
  }

  /**
   * Writes the batch and sets the number of each page. Pages are always written in the order of their hashes, so two
   * batches cannot block each other.
   * @returns a promise that resolves when the numbers are known, if the connection was lost and they have to be looked
   *   up; else null
   */
  async write(
    transactions: Transactions,
    { block, owner }: { block: number; owner: string },
    now: number,
  ): Promise<{ lookup: Promise<void> | null }> {
    const sorted = [...this.#pages.values()].sort((left, right) =>
      left.page < right.page ? -1 : 1,
    )
    const journal = { pages: [] as PageHash[], minutes: [] as number[], hits: [] as number[] }
    for (const { page, hitsOfMinutes } of sorted) {
      for (const [minute, hits] of hitsOfMinutes) {
        journal.pages.push(page)
        journal.minutes.push(minute)
        journal.hits.push(hits)
      }
    }
    const { pages, secrets, ends } = this.#tokens
    const end = ends.length === 0 ? 0 : Math.max(...ends)
    const { numbers } = await transactions.addHits(now, [
      list(sorted.map(({ page }) => page)),
      list(sorted.map(({ hits }) => hits)),
      list(journal.pages),
      list(journal.minutes),
      list(journal.hits),
      pages.length === 0 ? 0 : block,
      owner,
      list(pages),
      list(secrets),
      list(ends.map((each) => end - each)),
      end,
    ])
    const setNumbers = (text: string) => {
      for (const [index, number] of unlist(text).entries()) {
        const page = sorted[index] as PageHits
        page.nextNumber = Number(number) - page.hits + 1
      }
    }
    if (typeof numbers !== 'string') return { lookup: numbers.then(setNumbers) }
    setNumbers(numbers)
    return { lookup: null }
  }
}

/**
 * @returns a function that writes a batch of hits. When it resolves, all are stored; if it rejects, none is. If the
 *   connection is lost during the commit, it resolves with promises, which settle when the outcome is known
 */
export function hitWriter(pages: Pages, blocks: TokenBlocks, link: Connection) {
  return async function write(
    hits: readonly NewHit[],
    transactions: Transactions,
  ): Promise<(CountedHit | Refusal | Promise<CountedHit>)[]> {
    const now = hits.at(-1)?.at ?? 0
    const keys = new Set<PageKey>(hits.map(({ page }) => page))
    const { names, refused } = await pages.names(keys, true, { link, transactions, now })
    const batch = new Batch()
    const added = hits.map(({ page, at, window }) => {
      const name = names.get(page)
      if (name === undefined) return null
      const place = window && batch.addToken(name, window)
      return { ofPage: batch.add(name, at), place }
    })
    const opened = blocks.next(now)
    const { lookup } =
      batch.size > 0 ? await batch.write(transactions, opened, now) : { lookup: null }
    return hits.map(({ page, window }, index) => {
      const each = added[index]
      if (!each) return noMorePages(refused.get(page) as FullLimit)
      const answer = () => {
        const count = each.ofPage.nextNumber
        each.ofPage.nextNumber += 1
        const id = tokenId(opened.block, each.place ?? 0)
        return { count, token: window && { id, secret: window.secret } }
      }
      return lookup === null ? answer() : lookup.then(answer)
    })
  }
}
