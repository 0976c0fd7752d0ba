import { LiveVisits } from './live.ts'
import type { PageKey } from './page.ts'
import type { Recognised, Recognition, Visitor } from './recognition.ts'
import type { CountedHit, PageState, Reader, Store } from './store.ts'
import { hourOf, type Span } from './time.ts'
import { secretMaker, type Token } from './token.ts'

/** How a request for a page can end, in the order in which `decide` tests them. Only `counted` changes the number. */
export const OUTCOMES = ['read', 'excluded', 'bot', 'repeat', 'limited', 'counted'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** The outcomes that are recorded by page and hour in a table of their own. A read leaves no trace. */
export const UNCOUNTED_OUTCOMES = [
  'repeat',
  'bot',
  'excluded',
  'limited',
] as const satisfies Outcome[]
export type UncountedOutcome = (typeof UNCOUNTED_OUTCOMES)[number]

/** Why a visit is excluded: the operator's settings, or the choice of the visitor for this browser. */
export type Exclusion = 'browser' | 'address' | 'agent' | 'page'

/** Everything that `decide` needs to know about a visit. */
export interface Facts {
  /** It only reads the number: /nocount, HEAD, a prefetch or a prerender. */
  readOnly: boolean
  /** Why the operator or the visitor excludes it; null if nobody does. */
  excluded: Exclusion | null
  /** Its user agent names a crawler. */
  bot: boolean
  /** This browser's last counted visit to the page is younger than the window. */
  live: boolean
  /** Its address has reached a limit on visits whose windows have not ended. */
  limited: boolean
}

/**
 * Decides whether a visit counts, and if not, why. This is the central rule of the service: every request for a page
 * ends in exactly one outcome, the first whose condition holds.
 *
 * The order matters where several conditions hold. A read is never recorded, so it comes first. What the operator or
 * the visitor excludes is excluded even for a crawler. A repeat comes before a limit, because it says more about the
 * visit. Every outcome is answered with the page's number.
 */
export function decide(facts: Facts): Outcome {
  if (facts.readOnly) return 'read'
  if (facts.excluded !== null) return 'excluded'
  if (facts.bot) return 'bot'
  if (facts.live) return 'repeat'
  if (facts.limited) return 'limited'
  return 'counted'
}

/** An outcome with the facts that `explain` puts into words. Times are in ms. */
export interface Decision {
  outcome: Outcome
  excluded: Exclusion | null
  /** When the visitor's next visit can count, since 1970, UTC; null if that does not depend on time. */
  blockedUntil: number | null
  now: number
  windowMs: number
}

const EXCLUDED: Record<Exclusion, string> = {
  browser: 'this browser asked not to be counted, on the page /me of this counter',
  address: 'this counter does not count visits from this address',
  agent: 'this counter does not count visits of this user agent',
  page: 'this counter shows the number of this page, but does not count its visits',
}

/** One sentence for a person: whether the visit counted, and if not, why. */
export function explain({ outcome, excluded, blockedUntil, now, windowMs }: Decision): string {
  // After the clock was set back, or the window shortened, the difference can be out of range.
  const left = Math.min(windowMs, Math.max(0, (blockedUntil ?? now) - now))
  switch (outcome) {
    case 'read':
      return 'Not counted: this request only reads the number.'
    case 'excluded':
      return `Not counted: ${EXCLUDED[excluded ?? 'page']}.`
    case 'bot':
      return 'Not counted: this user agent is taken for a robot.'
    case 'repeat':
      return (
        `Not counted: this browser's last visit is ${seconds(windowMs - left)} old; ` +
        `visits count again after ${seconds(windowMs)}.`
      )
    case 'limited':
      return (
        'Not counted: this address has as many live visits as one may have here; ' +
        `the first of them ends in ${seconds(left)}.`
      )
    case 'counted':
      return 'Counted.'
  }
}

function seconds(ms: number): string {
  return `${Math.floor(ms / 1000)} s`
}

/** A request for a page's number, with everything that its outcome depends on. */
export interface Visit {
  page: PageKey
  /** The key of the counter of the host whose number is requested; null if the page's number is. */
  site: PageKey | null
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
  /** The page's number, or that of the visit's site. */
  count: number
  /** Its hits in each of the visit's spans, including this visit if it counted. */
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
  readonly #live: LiveVisits

  /** @param live is told of visits while somebody listens */
  constructor(
    store: Store,
    recognition: Recognition,
    { windowMs, tokenLength }: { windowMs: number; tokenLength: number },
    live: LiveVisits = new LiveVisits(),
  ) {
    this.#store = store
    this.#recognition = recognition
    this.#windowMs = windowMs
    this.#newSecret = secretMaker(tokenLength)
    this.#live = live
  }

  /** @throws Refusal `unavailable` when the number cannot be stored or read */
  async count(visit: Visit): Promise<Answer> {
    const { page, site, readOnly, excluded, bot, spans, now } = visit
    const shown = site ?? page
    const reader = readOnly ? this.#store.replica : this.#store
    // Everything that can fail comes before the visit is counted.
    const [countBefore = 0, ...sums] =
      spans.length === 0 ? [] : await reader.sums(shown, [null, ...spans])
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
    const ofPage = (hit ?? state)?.count
    const known = site === null ? ofPage : hit?.ofSite
    const count = known ?? (await reader.readPage(shown, null, now)).count
    if (outcome !== 'read' && this.#live.wants(page)) {
      const pageCount =
        site === null ? count : (ofPage ?? (await reader.readPage(page, null, now)).count)
      this.#live.add(page, pageCount, outcome, now)
    }
    // This hit, and the hits that other visits have added since the sums were read: all of them are of the present hour. The
    // site may be another one than the page's.
    const added = Math.max(hit === null || site !== null ? 0 : 1, count - countBefore)
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

  async #add(
    { page, site, reserved, now }: Visit,
    recognised: Recognised | null,
  ): Promise<CountedHit> {
    const opens = this.#windowMs > 0 && !reserved
    const window = opens ? { secret: this.#newSecret(), endsAt: now + this.#windowMs } : null
    const forget = recognised?.admit()
    try {
      return await this.#store.count({ page, at: now, window, site })
    } catch (error) {
      forget?.()
      throw error
    }
  }
}

/** Whether a moment lies in a span. */
const isIn = ({ from, to }: Span, now: number) => from <= hourOf(now) && hourOf(now) < to
