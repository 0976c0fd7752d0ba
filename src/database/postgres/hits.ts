import type { PageKey } from '../../page.ts'
import type { Refusal } from '../../refusal.ts'
import type { CountedHit, NewHit } from '../../store.ts'
import type { Full } from '../page-limits.ts'
import { noMorePages } from '../refusals.ts'
import type { Connection } from './connection.ts'
import { list, type Pages, unlist } from './pages.ts'
import type { PageHash } from './schema.ts'
import { type TokenBlocks, tokenId } from './tokens.ts'
import type { Transactions } from './transaction.ts'

export const MINUTE_MS = 60_000

interface PageHits {
  page: PageHash
  many: number
  /** How many in which minute. */
  minutes: Map<number, number>
  /** The number of the next of them to be told. */
  next: number
}

/** What a batch writes. */
class Batch {
  readonly #pages = new Map<PageHash, PageHits>()
  readonly #tokens = { pages: [] as PageHash[], secrets: [] as string[], ends: [] as number[] }

  get size(): number {
    return this.#pages.size
  }

  add(page: PageHash, at: number): PageHits {
    let hits = this.#pages.get(page)
    if (!hits) {
      hits = { page, many: 0, minutes: new Map(), next: 0 }
      this.#pages.set(page, hits)
    }
    const minute = Math.floor(at / MINUTE_MS)
    hits.many += 1
    hits.minutes.set(minute, (hits.minutes.get(minute) ?? 0) + 1)
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
   * Writes it, and gives each page its number. Pages come in the order of their hashes, whoever writes them: so no two
   * batches can wait for each other.
   * @returns what resolves when the numbers are known, where the connection was lost and they have to be found out
   */
  async write(
    transactions: Transactions,
    { block, owner }: { block: number; owner: string },
    now: number,
  ): Promise<{ told: Promise<void> | null }> {
    const sorted = [...this.#pages.values()].sort((left, right) =>
      left.page < right.page ? -1 : 1,
    )
    const journal = { pages: [] as PageHash[], minutes: [] as number[], hits: [] as number[] }
    for (const { page, minutes } of sorted) {
      for (const [minute, many] of minutes) {
        journal.pages.push(page)
        journal.minutes.push(minute)
        journal.hits.push(many)
      }
    }
    const { pages, secrets, ends } = this.#tokens
    const end = ends.length === 0 ? 0 : Math.max(...ends)
    const { numbers } = await transactions.addHits(now, [
      list(sorted.map(({ page }) => page)),
      list(sorted.map(({ many }) => many)),
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
    const tell = (text: string) => {
      for (const [at, number] of unlist(text).entries()) {
        const hits = sorted[at] as PageHits
        hits.next = Number(number) - hits.many + 1
      }
    }
    if (typeof numbers !== 'string') return { told: numbers.then(tell) }
    tell(numbers)
    return { told: null }
  }
}

/**
 * Writes hits together: all are stored when it resolves, and none where it rejects. Where the connection was lost on
 * the way, it resolves at once, with answers that will come.
 */
export function hitWriter(pages: Pages, blocks: TokenBlocks, link: Connection) {
  return async function write(
    hits: readonly NewHit[],
    transactions: Transactions,
  ): Promise<(CountedHit | Refusal | Promise<CountedHit>)[]> {
    const now = hits.at(-1)?.at ?? 0
    const asked = new Set<PageKey>(hits.map(({ page }) => page))
    const { names, refused } = await pages.names(asked, true, { link, transactions, now })
    const batch = new Batch()
    const added = hits.map(({ page, at, window }) => {
      const name = names.get(page)
      if (name === undefined) return null
      const place = window && batch.addToken(name, window)
      return { ofPage: batch.add(name, at), place }
    })
    const opened = blocks.next(now)
    const { told } = batch.size > 0 ? await batch.write(transactions, opened, now) : { told: null }
    return hits.map(({ page, window }, index) => {
      const each = added[index]
      if (!each) return noMorePages(refused.get(page) as Full)
      const answer = () => {
        const count = each.ofPage.next
        each.ofPage.next += 1
        const id = tokenId(opened.block, each.place ?? 0)
        return { count, token: window && { id, secret: window.secret } }
      }
      return told === null ? answer() : told.then(answer)
    })
  }
}
