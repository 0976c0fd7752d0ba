/** How many pages there may be; 0 for as many as come. */
export interface PageLimits {
  pages: number
  pagesPerHost: number
}

/** The part of the limits that pages may take that were never counted: crawlers alone shall not use them up. */
const UNCOUNTED_SHARE = 0.9

/** Why a page that is not known yet cannot be made. */
export type Full = 'all' | 'host'

/**
 * Whether there is room for one more page.
 * @param counted whether it is counted just now
 * @param pages how many there are, in all and of its host
 */
export function whyFull(
  limits: PageLimits,
  counted: boolean,
  pages: { all(): number; ofHost(): number },
): Full | null {
  const share = counted ? 1 : UNCOUNTED_SHARE
  const all = limits.pages * share
  if (all > 0 && pages.all() >= all) return 'all'
  const ofHost = limits.pagesPerHost * share
  if (ofHost > 0 && pages.ofHost() >= ofHost) return 'host'
  return null
}
