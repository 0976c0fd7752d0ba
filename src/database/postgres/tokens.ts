import { randomUUID } from 'node:crypto'
import { sameSecret, type Token } from '../../token.ts'
import type { Row } from './connection.ts'
import type { PageHash } from './pages.ts'

/** Blocks are counted in ms from 2026-01-01 UTC, so that ids have at most 15 digits until 2056. */
const EPOCH = Date.UTC(2026, 0)
/** Tokens in a block, which is a row: a batch can open so many windows. */
export const BLOCK = 1024
/** A clock that goes back by more than this, in ms, was set back. Visits that overtake each other differ by less. */
const SET_BACK_MS = 60_000

/**
 * Numbers blocks of tokens, one for each batch. A token's id consists of its block and its place in the block. Blocks
 * are numbered by time, so that the lowest end first. Two services may use the same number: then their rows differ by
 * owner, and their tokens by secret.
 */
export class TokenBlocks {
  #last = 0
  #owner: string = randomUUID()

  next(at: number): { block: number; owner: string } {
    const first = at - EPOCH
    // If the clock was set back, so are the numbers. Otherwise new tokens would be removed only after the older ones.
    const isBack = first < this.#last - SET_BACK_MS
    if (isBack) this.#owner = randomUUID()
    this.#last = Math.max(1, isBack ? first : Math.max(this.#last + 1, first))
    return { block: this.#last, owner: this.#owner }
  }
}

/** @param place from 0 */
export const tokenId = (block: number, place: number) => block * BLOCK + place

/** A token's block, and its place there from 1, as SQL counts. */
export function placeOf({ id }: Token): [block: number, place: number] {
  return [Math.floor(id / BLOCK), (id % BLOCK) + 1]
}

/**
 * When a token's window ends; null if it has ended, or the token is of another page.
 * @param rows the result of `readTokens`
 */
export function liveUntil(
  rows: readonly Row[],
  page: PageHash,
  token: Token,
  now: number,
): number | null {
  const [ofBlock, atPlace] = placeOf(token)
  for (const [block, place, ofPage, secret, endsAt] of rows) {
    const isAtPlace = block === ofBlock && place === atPlace && ofPage === page
    if (isAtPlace && sameSecret(String(secret), token.secret) && Number(endsAt) > now)
      return Number(endsAt)
  }
  return null
}
