import type { Database } from 'better-sqlite3'
import { sameSecret, type Token } from '../../token.ts'
import { QUERIES } from './queries.ts'

/**
 * Writes the tokens of a batch within its transaction: one row each, but one statement for all that end together.
 * @returns a function that begins a batch
 */
export function tokenWriter(driver: Database) {
  const newest = driver.prepare<[], number | null>(QUERIES.newestToken).pluck()
  const addTokens = driver.prepare<
    [
      firstId: number,
      secrets: string,
      length: number,
      length: number,
      endsAt: number,
      pages: string,
    ]
  >(QUERIES.addTokens)

  return function begin() {
    let firstId = (newest.get() ?? 0) + 1
    let pages: number[] = []
    let secrets = ''
    let length = 0
    let endsAt = 0

    function write(): void {
      if (pages.length === 0) return
      addTokens.run(firstId, secrets, length, length, endsAt, `[${pages.join()}]`)
      firstId += pages.length
      pages = []
      secrets = ''
    }

    return {
      /** @returns the token's row */
      add(page: number, secret: string, end: number): number {
        if (end !== endsAt || secret.length !== length) write()
        length = secret.length
        endsAt = end
        secrets += secret
        return firstId + pages.push(page) - 1
      },
      write,
    }
  }
}

/** @returns a function that says when a token's window ends; null if it has ended, or the token is of another page */
export function tokenReader(driver: Database) {
  const read = driver.prepare<[number], { page_id: number; secret: string; ends_at: number }>(
    QUERIES.readToken,
  )
  const isMerged = driver.prepare<[number, number], number>(QUERIES.isMerged).pluck()
  return (page: number, { id, secret }: Token, now: number): number | null => {
    const stored = read.get(id)
    const live =
      stored !== undefined &&
      stored.ends_at > now &&
      sameSecret(stored.secret, secret) &&
      (stored.page_id === page || isMerged.get(stored.page_id, page) !== undefined)
    return live ? stored.ends_at : null
  }
}

/** `capWindows` and `sweep` of `Store`. */
export function tokenSweep(driver: Database) {
  const cap = driver.prepare<[number, number]>(QUERIES.capTokens)
  const oldest = driver.prepare<[], number>(QUERIES.oldestToken).pluck()
  const remove = driver.prepare<[number, number]>(QUERIES.removeTokens)
  const capWindows = driver.transaction((latestEnd: number): void => {
    cap.run(latestEnd, latestEnd)
  }).immediate
  const removeEnded = driver.transaction((limit: number, now: number) => {
    return remove.run(limit, now).changes
  }).immediate

  return {
    capWindows,
    /** Rows are only appended, so the tokens with the lowest ids end first. */
    sweep(now: number, limit: number, windowMs: number): number {
      const first = oldest.get()
      if (first !== undefined && first > now + windowMs) capWindows(now + windowMs)
      return first !== undefined && first <= now ? removeEnded(limit, now) : 0
    },
  }
}
