import type { PageKey } from './page.ts'
import type { Store } from './store.ts'
import type { Token } from './token.ts'
import { decide, type Outcome } from './visit.ts'

/** A request for a page's number, with all that the decision needs. */
export interface Visit {
  page: PageKey
  /** It only asks: /nocount, HEAD, a prefetch or a prerender. */
  readOnly: boolean
  /** What the browser's cookie for this page holds, not yet believed. */
  token: Token | null
  /** Milliseconds since 1970, UTC. */
  now: number
}

export interface Answer {
  count: number
  outcome: Outcome
  /** The window that this visit opened, to be set as a cookie. */
  token: Token | null
}

export interface Counter {
  /** Seconds; 0 when windows are off. */
  readonly windowSeconds: number
  /** @throws Refusal `unavailable` when the number cannot be stored or read */
  count(visit: Visit): Promise<Answer>
}

/** The one pipeline behind every route that answers with a page's number. */
export function createCounter(
  store: Store,
  { windowSeconds, newSecret }: { windowSeconds: number; newSecret: () => string },
): Counter {
  async function count({ page, readOnly, token, now }: Visit): Promise<Answer> {
    // A browser without a token has no window here, so a visit that counts is written without a look first.
    const claim = readOnly || windowSeconds === 0 ? null : token
    const look = readOnly || claim ? await store.look(page, claim, now) : null
    const outcome = decide({ readOnly, live: look?.live ?? false })
    if (look && outcome !== 'counted') return { count: look.count, outcome, token: null }
    const window =
      windowSeconds > 0 ? { secret: newSecret(), endsAt: now + windowSeconds * 1000 } : null
    const hit = await store.count({ page, at: now, window })
    return { ...hit, outcome }
  }

  return { windowSeconds, count }
}
