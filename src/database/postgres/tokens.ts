import { sameSecret, type Token } from '../../token.ts'
import type { Row } from './link.ts'
import type { PageHash } from './schema.ts'

/** Ids begin with this moment, 2026-01-01 UTC: so they stay below 15 digits until 2057. */
const EPOCH = Date.UTC(2026, 0)
/** Ids of a millisecond; a service that gives out more goes on into the next. */
const IDS_A_MS = 1000
/** How far a clock goes back where it was set, in ms; visits overtake each other by less. */
const SET_BACK_MS = 60_000

/** Ids that grow with time, so that rows append and the oldest are the first to end. */
export class TokenIds {
  #last = 0

  next(at: number): number {
    const first = (at - EPOCH) * IDS_A_MS
    // A clock that was set back is followed: windows of before would otherwise hold up the end of those that come.
    const isBack = first < this.#last - SET_BACK_MS * IDS_A_MS
    this.#last = isBack ? first : Math.max(this.#last + 1, first)
    return this.#last
  }
}

/**
 * When a token's window ends; null where it was not given for the page, or has ended.
 * @param rows id, page, secret and end of all that have such an id
 */
export function liveUntil(
  rows: readonly Row[],
  page: PageHash,
  token: Token | null,
  now: number,
): number | null {
  if (token === null) return null
  for (const [id, ofPage, secret, endsAt] of rows) {
    const given = id === token.id && ofPage === page && sameSecret(String(secret), token.secret)
    if (given && Number(endsAt) > now) return Number(endsAt)
  }
  return null
}
