/**
 * How a request for a page ended, in the order in which they are tried: the first that fits wins. Only `counted`
 * moves the number.
 */
export const OUTCOMES = ['read', 'excluded', 'bot', 'repeat', 'limited', 'counted'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** The outcomes that are kept by page and hour beside the hits: a read leaves no trace, and hits are kept as hits. */
export const UNCOUNTED_OUTCOMES = [
  'repeat',
  'bot',
  'excluded',
  'limited',
] as const satisfies Outcome[]
export type UncountedOutcome = (typeof UNCOUNTED_OUTCOMES)[number]

/** What an operator, or the owner of a browser, does not want to be counted. */
export type Exclusion = 'browser' | 'address' | 'agent' | 'page'

/** What is known of a visit when it is decided. */
export interface Facts {
  /** It only asks: /nocount, HEAD, a prefetch or a prerender. */
  readOnly: boolean
  /** Why it is not to be counted, if it is not. */
  excluded: Exclusion | null
  /** It comes from a crawler that says so. */
  bot: boolean
  /** Its browser has counted here, and that window has not ended. */
  live: boolean
  /** Its address has as many live visits as one may have. */
  limited: boolean
}

export function decide(facts: Facts): Outcome {
  if (facts.readOnly) return 'read'
  if (facts.excluded !== null) return 'excluded'
  if (facts.bot) return 'bot'
  if (facts.live) return 'repeat'
  if (facts.limited) return 'limited'
  return 'counted'
}

/** How a visit was decided, as far as a person wants to know. Times are in ms. */
export interface Decision {
  outcome: Outcome
  excluded: Exclusion | null
  /** When this visit may count again, where that is only a matter of time: a moment since 1970, UTC. */
  blockedUntil: number | null
  now: number
  windowMs: number
}

const EXCLUDED: Record<Exclusion, string> = {
  browser: 'this browser asked not to be counted, on the page /me of this counter',
  address: 'this counter does not count visits from this address',
  agent: 'this counter does not count visits of this user agent',
  page: 'this counter shows the number of this page, but does not move it',
}

/** One sentence for a person: whether the visit counted, and why not. */
export function explain({ outcome, excluded, blockedUntil, now, windowMs }: Decision): string {
  // A clock that was set back, or a window that was made shorter, may say what cannot be.
  const left = Math.min(windowMs, Math.max(0, (blockedUntil ?? now) - now))
  switch (outcome) {
    case 'read':
      return 'Not counted: this only asks.'
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
