import { resolve } from 'node:path'
import type { Removed } from '../store.ts'

/**
 * The largest number of a host that is kept. The sum of numbers that operators have set may be larger than a database can
 * count; a number that has reached this is added up again from those of the pages whenever an operator changes one.
 */
export const MAX_SUM = 4_000_000_000_000_000_000n

/** When a commit is on disk: `full`, before it is answered; `normal`, soon after. */
export type Durability = 'full' | 'normal'

export interface StoreOptions {
  durability: Durability
  /** Pages that there may be, in all and of one host; 0 sets no limit. */
  maxPages: number
  maxPagesPerHost: number
  /** Hits that may wait for the disk. */
  maxWaiting: number
  /** How long a hit is active, in ms. */
  activeMs: number
}

export const STORE_DEFAULTS: StoreOptions = {
  durability: 'full',
  maxPages: 0,
  maxPagesPerHost: 0,
  maxWaiting: 10_000,
  activeMs: 600_000,
}

/** How a message names the database: the absolute path of a file, or a server's address without its password. */
export function databaseName(url: string | undefined, file: string): string {
  if (url === undefined) return resolve(file)
  const { host, pathname } = new URL(url)
  return `postgres://${host}${pathname}`
}

export type PageLimits = Pick<StoreOptions, 'maxPages' | 'maxPagesPerHost'>

/** The share of the limits for pages that were never counted, so that crawlers alone cannot use them up. */
const UNCOUNTED_SHARE = 0.9

/** The limit that is reached: on all pages, or on those of a host. */
export type FullLimit = 'all' | 'host'

/**
 * The limit that leaves no room for a new page; null if there is room.
 * @param counted whether the page is made for a hit, not for a visit that did not count
 * @param pages how many there are, in all and of the page's host
 */
export function reachedLimit(
  { maxPages, maxPagesPerHost }: PageLimits,
  counted: boolean,
  pages: { all(): number; ofHost(): number },
): FullLimit | null {
  const share = counted ? 1 : UNCOUNTED_SHARE
  if (maxPages > 0 && pages.all() >= maxPages * share) return 'all'
  if (maxPagesPerHost > 0 && pages.ofHost() >= maxPagesPerHost * share) return 'host'
  return null
}

/** What is too old to be kept: rows by kind, and tokens of windows that have ended. */
export interface Outdated {
  removed: Removed
  tokens: number
}
