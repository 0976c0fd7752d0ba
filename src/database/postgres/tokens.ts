import { randomUUID } from 'node:crypto'
import { sameSecret, type Token } from '../../token.ts'
import type { Row } from './connection.ts'
import type { PageHash } from './schema.ts'

/** Blocks begin with this moment, 2026-01-01 UTC: so ids stay below 15 digits until 2056. */
const EPOCH = Date.UTC(2026, 0)
/** Tokens of a block, which is a row: what a batch may open. */
export const BLOCK = 1024
/** How far a clock goes back where it was set, in ms; visits overtake each other by less. */
const SET_BACK_MS = 60_000

/**
 * Blocks of ids, one for each batch. A token's id is its block and its place in it. Blocks grow with time, so that the
 * first are the first to end. Two services may well take the same one: they are told apart by their owners, and their
 * tokens by their secrets.
 */
export class TokenBlocks {
  #last = 0
  #owner: string = randomUUID()

  next(at: number): { block: number; owner: string } {
    const first = at - EPOCH
    // A clock that was set back is followed: windows of before would otherwise hold up the end of those that come.
    const isBack = first < this.#last - SET_BACK_MS
    if (isBack) this.#owner = randomUUID()
    this.#last = Math.max(1, isBack ? first : Math.max(this.#last + 1, first))
    return { block: this.#last, owner: this.#owner }
  }
}

/** @param place from 0 on */
export const tokenId = (block: number, place: number) => block * BLOCK + place

/** Where a token is to be looked for: its block, and its place there from 1 on. */
export function placeOf({ id }: Token): [block: number, place: number] {
  return [Math.floor(id / BLOCK), (id % BLOCK) + 1]
}

/**
 * When a token's window ends; null where it was not given for the page, or has ended.
 * @param rows what `readTokens` returned
 */
export function liveUntil(
  rows: readonly Row[],
  page: PageHash,
  token: Token,
  now: number,
): number | null {
  const [ofBlock, atPlace] = placeOf(token)
  for (const [block, place, ofPage, secret, endsAt] of rows) {
    const asked = block === ofBlock && place === atPlace && ofPage === page
    if (asked && sameSecret(String(secret), token.secret) && Number(endsAt) > now)
      return Number(endsAt)
  }
  return null
}
