import { randomUUID } from 'node:crypto'
import type { PageKey } from '../../page.ts'
import type { Refusal } from '../../refusal.ts'
import type { CountedHit, NewHit } from '../../store.ts'
import { MINUTE_MS } from '../../time.ts'
import { sameSecret, type Token } from '../../token.ts'
import type { Connection, Row } from './connection.ts'
import { retrying } from './failures.ts'
import { hashOf, list, type PageHash, type Pages, unlist } from './pages.ts'
import type { Transactions } from './transaction.ts'

/** Blocks are counted in ms from 2026-01-01 UTC, so that ids have at most 15 digits until 2056. */
const EPOCH = Date.UTC(2026, 0)
/** The largest number of windows that a batch can open; a block is one row. */
export const BLOCK = 1024
/** A clock that goes back by more than this, in ms, was set back. Visits that overtake each other differ by less. */
const SET_BACK_MS = 60_000

/**
 * Numbers blocks of tokens, one for each batch. A token's id consists of its block and its place in the block. Blocks
 * are numbered by time, so that windows of lower blocks end first. Two services may use the same number: then their rows
 * differ by owner, and their tokens by secret.
 */
export class TokenBlocks {
  #last = 0
  #owner: string = randomUUID()

  next(at: number): { block: number; owner: string } {
    const first = at - EPOCH
    // If the clock was set back, the numbers go back too. Otherwise new tokens would wait behind old ones that end later.
    const isBack = first < this.#last - SET_BACK_MS
    if (isBack) this.#owner = randomUUID()
    this.#last = Math.max(1, isBack ? first : Math.max(this.#last + 1, first))
    return { block: this.#last, owner: this.#owner }
  }
}

/** @param place from 0 */
const tokenId = (block: number, place: number) => block * BLOCK + place

/** A token's block, and its place there from 1, as SQL counts. */
export function placeOf({ id }: Token): [block: number, place: number] {
  return [Math.floor(id / BLOCK), (id % BLOCK) + 1]
}

/**
 * When a token's window ends; null if it has ended, or the token is of another page.
 * @param rows the result of `readTokens`
 * @param pages those of which the token may be: an address that became an alias has tokens of itself and of its page
 */
export function liveUntil(
  rows: readonly Row[],
  pages: readonly PageHash[],
  token: Token,
  now: number,
): number | null {
  const [ofBlock, atPlace] = placeOf(token)
  for (const [block, place, ofPage, secret, endsAt] of rows) {
    const isAtPlace = block === ofBlock && place === atPlace && pages.includes(ofPage as PageHash)
    if (isAtPlace && sameSecret(String(secret), token.secret) && Number(endsAt) > now)
      return Number(endsAt)
  }
  return null
}

/** The hits of a batch to one page or host. */
interface PageHits {
  page: PageHash
  hits: number
  hitsOfMinutes: Map<number, number>
  /** The page's number for the next hit to be answered. */
  nextNumber: number
}

interface Added {
  counters: readonly [page: PageHits, host: PageHits]
  place: number
}

/** The windows that a batch opens: parallel lists. */
interface Opened {
  pages: PageHash[]
  secrets: string[]
  ends: number[]
}

/** A batch as parameters of `addHits`. `pages` are in the order of their hashes, so two batches cannot block each other. */
function parametersOf(
  pages: readonly PageHits[],
  { block, owner }: ReturnType<TokenBlocks['next']>,
  opened: Opened,
): (string | number)[] {
  const journal = { pages: [] as PageHash[], minutes: [] as number[], hits: [] as number[] }
  for (const { page, hitsOfMinutes } of pages) {
    for (const [minute, hits] of hitsOfMinutes) {
      journal.pages.push(page)
      journal.minutes.push(minute)
      journal.hits.push(hits)
    }
  }
  const end = opened.ends.length === 0 ? 0 : Math.max(...opened.ends)
  return [
    list(pages.map(({ page }) => page)),
    list(pages.map(({ hits }) => hits)),
    list(journal.pages),
    list(journal.minutes),
    list(journal.hits),
    opened.pages.length === 0 ? 0 : block,
    owner,
    list(opened.pages),
    list(opened.secrets),
    list(opened.ends.map((each) => end - each)),
    end,
  ]
}

/**
 * @returns a function that writes a batch of hits. When it resolves, all are stored; if it rejects, none is. If the
 *   connection is lost during the commit, it resolves with promises, which settle when the outcome is known
 */
export function hitWriter(pages: Pages, blocks: TokenBlocks, link: Connection) {
  async function write(
    hits: readonly NewHit[],
    transactions: Transactions,
  ): Promise<(CountedHit | Refusal | Promise<CountedHit>)[]> {
    const now = hits.at(-1)?.at ?? 0
    const writer = await transactions.register(now)
    const keys = new Set<PageKey>(hits.map(({ page }) => page))
    const { names, refused } = await pages.names(keys, true, { link, transactions, now })
    const byPage = new Map<PageHash, PageHits>()
    const opened: Opened = { pages: [], secrets: [], ends: [] }

    /** @returns the counters of the page and its host, and the token's place in the batch; null if the page cannot be made */
    function add({ page: key, at, window }: NewHit): Added | null {
      const named = names.get(key)
      if (named === undefined) return null
      const minute = Math.floor(at / MINUTE_MS)
      const counters = [addHit(named.page, minute), addHit(named.host, minute)] as const
      if (window === null) return { counters, place: 0 }
      opened.secrets.push(window.secret)
      opened.ends.push(window.endsAt)
      return { counters, place: opened.pages.push(named.page) - 1 }
    }

    function addHit(name: PageHash, minute: number): PageHits {
      let ofPage = byPage.get(name)
      if (!ofPage) {
        ofPage = { page: name, hits: 0, hitsOfMinutes: new Map(), nextNumber: 0 }
        byPage.set(name, ofPage)
      }
      ofPage.hits += 1
      ofPage.hitsOfMinutes.set(minute, (ofPage.hitsOfMinutes.get(minute) ?? 0) + 1)
      return ofPage
    }

    const added = hits.map(add)
    const block = blocks.next(now)
    const others = await readOtherSites(hits, byPage)
    let lookup: Promise<void> | null = null
    if (byPage.size > 0) {
      const sorted = [...byPage.values()].sort((left, right) => (left.page < right.page ? -1 : 1))
      const columns = parametersOf(sorted, block, opened)
      const { numbers } = await transactions.addHits(now, columns, writer)
      const setNumbers = (text: string) => {
        for (const [index, number] of unlist(text).entries()) {
          const page = sorted[index] as PageHits
          page.nextNumber = Number(number) - page.hits + 1
        }
      }
      if (typeof numbers === 'string') setNumbers(numbers)
      else lookup = numbers.then(setNumbers)
    }
    return hits.map(({ page, window, site }, index) => {
      const each = added[index]
      if (!each) return refused.get(page) as Refusal
      const { counters, place } = each
      const answer = () => {
        const [ofPage, ofHost] = counters
        const count = ofPage.nextNumber
        ofPage.nextNumber += 1
        ofHost.nextNumber += 1
        const token = window && { id: tokenId(block.block, place), secret: window.secret }
        if (!site) return { count, token }
        const name = hashOf(site)
        const ofBatch = byPage.get(name)
        return { count, token, ofSite: ofBatch ? ofBatch.nextNumber - 1 : (others.get(name) ?? 0) }
      }
      return lookup === null ? answer() : lookup.then(answer)
    })
  }

  /** The numbers of hosts that are asked for and that the batch does not change: read first, since reading may fail. */
  async function readOtherSites(
    hits: readonly NewHit[],
    byPage: ReadonlyMap<PageHash, PageHits>,
  ): Promise<Map<PageHash, number>> {
    const asked = new Set(hits.flatMap(({ site }) => (site ? hashOf(site) : [])))
    const others = [...asked].filter((site) => !byPage.has(site))
    if (others.length === 0) return new Map()
    const [rows = []] = await link.run(['readTallies', list(others)])
    return new Map(rows as [PageHash, number][])
  }

  // If an operator's action fences the writer, the pages are looked up again.
  return (hits: readonly NewHit[], transactions: Transactions) =>
    retrying(() => write(hits, transactions))
}
