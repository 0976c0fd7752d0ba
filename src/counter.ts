import { hourOf, type Span } from './hours.ts'
import type { PageKey } from './page.ts'
import type { Recognised, Recognition, Visitor } from './recognition.ts'
import type { CountedHit, Look, Store } from './store.ts'
import type { Token } from './token.ts'
import { type Decision, decide, type Exclusion, NOTED, type Noted, type Outcome } from './visit.ts'

/** A request for a page's number, with all that the decision needs. */
export interface Visit {
  page: PageKey
  /** It only asks: /nocount, HEAD, a prefetch or a prerender. */
  readOnly: boolean
  excluded: Exclusion | null
  bot: boolean
  /** What the browser's cookies for this page hold, not yet believed. Mostly there is one, if any. */
  tokens: readonly Token[]
  /** Whether the browser asks not to be followed: then no cookie is set. */
  reserved: boolean
  /** Whom it comes from, where that is to be hashed. */
  visitor: Visitor | null
  /** Parts of time whose hits are asked for as well. */
  spans: readonly Span[]
  /** Milliseconds since 1970, UTC. */
  now: number
}

export interface Answer {
  /** The page's number. */
  count: number
  /** Its hits in each of the spans that were asked for, this visit's own too if it counted. */
  sums: number[]
  /** The window that this visit opened, to be set as a cookie. */
  token: Token | null
  decision: Decision
}

export interface Counter {
  /** Seconds; 0 when windows are off. */
  readonly windowSeconds: number
  /** @throws Refusal `unavailable` when the number cannot be stored or read */
  count(visit: Visit): Promise<Answer>
}

const NO_TOKENS: readonly Token[] = []
const NOTED_OUTCOMES: ReadonlySet<Outcome> = new Set(NOTED)

/** The one pipeline behind every route that answers with a page's number. */
export function createCounter(
  store: Store,
  options: { windowSeconds: number; newSecret: () => string; recognition: Recognition },
): Counter {
  const { windowSeconds, newSecret, recognition } = options
  const windowMs = windowSeconds * 1000

  async function count(visit: Visit): Promise<Answer> {
    const { page, spans, now } = visit
    const reader = visit.readOnly ? store.replica : store
    // Asked for first: once a visit counts, nothing may go wrong any more.
    const [countBefore = 0, ...before] =
      spans.length === 0 ? [] : await reader.sums(page, [null, ...spans])
    const { readOnly, excluded, bot } = visit
    const facts = { readOnly, excluded, bot, live: false, limited: false }
    let outcome = decide(facts)
    // A browser without a token has no window here, so a visit that counts is written without a look first.
    const claims = outcome === 'counted' && windowMs > 0 ? visit.tokens : NO_TOKENS
    let look: Look | null = null
    for (const claim of claims) {
      look = await reader.look(page, claim, now)
      if (look.liveUntil !== null) break
    }
    if (outcome !== 'counted') look = await reader.look(page, null, now)
    let blockedUntil = look?.liveUntil ?? null
    let recognised: Recognised | null = null
    if (outcome === 'counted') {
      facts.live = blockedUntil !== null
      if (!facts.live && visit.visitor !== null) {
        // From here to `admit` nothing else may run, or two visits at once would both be the first.
        recognised = recognition.recognise(visit.visitor, page, now)
        facts.live = recognised.repeatUntil !== null
        facts.limited = recognised.limitedUntil !== null
        blockedUntil = recognised.repeatUntil ?? recognised.limitedUntil
      }
      outcome = decide(facts)
    }
    const hit = outcome === 'counted' ? await add(visit, recognised) : null
    if (NOTED_OUTCOMES.has(outcome)) store.note(page, outcome as Noted, now)
    const { count } = hit ?? look ?? (await store.look(page, null, now))
    // This hit, and those that others have written since the sums were read: all of them are of the present hour.
    const since = Math.max(hit === null ? 0 : 1, count - countBefore)
    return {
      count,
      sums: before.map((hits, at) => (holds(spans[at] as Span, now) ? hits + since : hits)),
      token: hit?.token ?? null,
      decision: { outcome, excluded: visit.excluded, blockedUntil, now, windowMs },
    }
  }

  const holds = ({ from, to }: Span, now: number) => from <= hourOf(now) && hourOf(now) < to

  async function add(
    { page, reserved, now }: Visit,
    recognised: Recognised | null,
  ): Promise<CountedHit> {
    const window =
      windowMs > 0 && !reserved ? { secret: newSecret(), endsAt: now + windowMs } : null
    const forget = recognised?.admit()
    try {
      return await store.count({ page, at: now, window })
    } catch (error) {
      forget?.()
      throw error
    }
  }

  return { windowSeconds, count }
}
