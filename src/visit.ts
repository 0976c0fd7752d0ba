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
  page: 'this counter shows the number of this page, but does not move it',
}

/** One sentence for a person: whether the visit counted, and if not, why. */
export function explain({ outcome, excluded, blockedUntil, now, windowMs }: Decision): string {
  // After the clock was set back, or the window shortened, the difference can be out of range.
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
