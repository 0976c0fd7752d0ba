/** How a request for a page ended. Only `counted` moves the number. */
export const OUTCOMES = ['read', 'repeat', 'counted'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** What is known of a visit when it is decided. */
export interface Facts {
  /** It only asks: /nocount, HEAD, a prefetch or a prerender. */
  readOnly: boolean
  /** Its browser holds a token of this page whose window has not ended. */
  live: boolean
}

/** Decides a visit; the first outcome that fits wins, in the order of OUTCOMES. */
export function decide(facts: Facts): Outcome {
  if (facts.readOnly) return 'read'
  if (facts.live) return 'repeat'
  return 'counted'
}
