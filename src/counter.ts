import type { PageKey } from './page.ts'
import type { Recognised, Recognition, Visitor } from './recognition.ts'
import type { CountedHit, PageState, Reader, Store } from './store.ts'
import { hourOf, type Span } from './time.ts'
import { secretMaker, type Token } from './token.ts'
import {
  type Decision,
  decide,
  type Exclusion,
  type Outcome,
  UNCOUNTED_OUTCOMES,
  type UncountedOutcome,
} from './visit.ts'

/** A request for a page's number, with everything that its outcome depends on. */
export interface Visit {
  page: PageKey
  /** It only reads the number: /nocount, HEAD, a prefetch or a prerender. */
  readOnly: boolean
  excluded: Exclusion | null
  bot: boolean
  /** The tokens in the browser's cookies for this page, not verified yet. Usually there is one at most. */
  tokens: readonly Token[]
  /** The browser asks for privacy, so no cookie is set. */
  reserved: boolean
  /** Where the visit comes from; null where that must not be hashed. */
  visitor: Visitor | null
  /** Spans of time whose hits are requested too. */
  spans: readonly Span[]
  /** Milliseconds since 1970, UTC. */
  now: number
}

interface Answer {
  /** The page's number. */
  count: number
  /** The page's hits in each of the visit's spans, including this visit if it counted. */
  sums: number[]
  /** The window that this visit opened, to be set as a cookie. */
  token: Token | null
  decision: Decision
}

const isUncounted = (outcome: Outcome): outcome is UncountedOutcome =>
  (UNCOUNTED_OUTCOMES as readonly Outcome[]).includes(outcome)

/** The one pipeline behind every route that answers with a page's number. */
export class Counter {
  readonly #store: Store
  readonly #recognition: Recognition
  /** 0 when windows are off. */
  readonly #windowMs: number
  readonly #newSecret: () => string

  constructor(
    store: Store,
    recognition: Recognition,
    { windowMs, tokenLength }: { windowMs: number; tokenLength: number },
  ) {
    this.#store = store
    this.#recognition = recognition
    this.#windowMs = windowMs
    this.#newSecret = secretMaker(tokenLength)
  }

  /** @throws Refusal `unavailable` when the number cannot be stored or read */
  async count(visit: Visit): Promise<Answer> {
    const { page, readOnly, excluded, bot, spans, now } = visit
    const reader = readOnly ? this.#store.replica : this.#store
    // Everything that can fail comes before the visit is counted.
    const [countBefore = 0, ...sums] =
      spans.length === 0 ? [] : await reader.sums(page, [null, ...spans])
    const state = await this.#readState(visit, reader)
    const liveUntil = state?.liveUntil ?? null
    // No `await` from here to `admit`: otherwise two simultaneous visits could both be the first. A visit that cannot
    // count is not hashed.
    const visitor = excluded === null && !bot && liveUntil === null ? visit.visitor : null
    const recognised = visitor === null ? null : this.#recognition.recognise(visitor, page, now)
    const repeatUntil = liveUntil ?? recognised?.repeatUntil ?? null
    const limitedUntil = recognised?.limitedUntil ?? null
    const live = repeatUntil !== null
    const outcome = decide({ readOnly, excluded, bot, live, limited: limitedUntil !== null })
    const hit = outcome === 'counted' ? await this.#add(visit, recognised) : null
    if (isUncounted(outcome)) this.#store.recordUncounted(page, outcome, now)
    const blockedUntil =
      outcome === 'repeat' ? repeatUntil : outcome === 'limited' ? limitedUntil : null
    const { count } = hit ?? state ?? (await reader.readPage(page, null, now))
    // This hit, and the hits that other visits have added since the sums were read: all of them are of the present hour.
    const added = Math.max(hit === null ? 0 : 1, count - countBefore)
    return {
      count,
      sums: sums.map((hits, index) => (isIn(spans[index] as Span, now) ? hits + added : hits)),
      token: hit?.token ?? null,
      decision: { outcome, excluded, blockedUntil, now, windowMs: this.#windowMs },
    }
  }

  /** The page's state with the first of the visit's tokens that is live; null if the visit has no token to check. */
  async #readState({ page, tokens, now }: Visit, reader: Reader): Promise<PageState | null> {
    if (this.#windowMs === 0) return null
    let state: PageState | null = null
    for (const token of tokens) {
      state = await reader.readPage(page, token, now)
      if (state.liveUntil !== null) break
    }
    return state
  }

  async #add({ page, reserved, now }: Visit, recognised: Recognised | null): Promise<CountedHit> {
    const opens = this.#windowMs > 0 && !reserved
    const window = opens ? { secret: this.#newSecret(), endsAt: now + this.#windowMs } : null
    const forget = recognised?.admit()
    try {
      return await this.#store.count({ page, at: now, window })
    } catch (error) {
      forget?.()
      throw error
    }
  }
}

/** Whether a moment lies in a span. */
const isIn = ({ from, to }: Span, now: number) => from <= hourOf(now) && hourOf(now) < to
