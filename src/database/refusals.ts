import { Refusal } from '../refusal.ts'
import type { Full } from './page-limits.ts'

/** It could not be found out whether a hit was stored: it counts once, or not at all. */
export class UnknownOutcome extends Error {}

/** What people are told when the database cannot be reached; the cause is for the log. */
export function unavailable(cause: unknown): Refusal {
  const counted =
    cause instanceof UnknownOutcome
      ? 'whether this was counted is not known'
      : 'nothing was counted'
  return new Refusal(
    'unavailable',
    'try again soon',
    `The counter cannot reach its database just now; ${counted}. Try again soon.`,
    { cause },
  )
}

export function noMorePages(why: Full): Refusal {
  const sentence = {
    all: 'This counter takes no more new pages',
    host: 'This counter takes no more new pages of that host',
  }[why]
  return new Refusal(
    'too_many_pages',
    'no new pages',
    `${sentence}; those it knows are counted on.`,
  )
}

/** Refuses what comes after the end, and turns whatever fails into what people are told. */
export class Guard {
  closed = false
  /** Why nothing that is written now would be kept; null where all is well. */
  lost: string | null = null

  readonly around =
    <Given extends unknown[], Result>(run: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      try {
        if (this.closed) throw new Error('the store is closed')
        this.#checkLost()
        const result = await run(...given)
        // A hit that was on its way may be lost too.
        this.#checkLost()
        return result
      } catch (error) {
        throw error instanceof Refusal ? error : unavailable(error)
      }
    }

  #checkLost(): void {
    if (this.lost !== null) throw new Error(this.lost)
  }
}
