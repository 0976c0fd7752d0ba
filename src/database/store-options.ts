import type { Config } from '../../config.ts'

/** When a commit is on disk: `full`, before it is answered; `normal`, soon after. */
export type Durability = 'full' | 'normal'

export interface StoreOptions {
  durability: Durability
  /** Pages that there may be, in all and of one host; 0 for as many as come. */
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

/** What of the settings concerns the store. */
export function storeOptions(
  config: Pick<
    Config,
    'DURABILITY' | 'MAX_PAGES' | 'MAX_PAGES_PER_HOST' | 'MAX_WAITING' | 'ACTIVE_MINUTES'
  >,
): StoreOptions {
  return {
    durability: config.DURABILITY,
    maxPages: config.MAX_PAGES,
    maxPagesPerHost: config.MAX_PAGES_PER_HOST,
    maxWaiting: config.MAX_WAITING,
    activeMs: config.ACTIVE_MINUTES * 60_000,
  }
}
