import { createHmac, randomBytes } from 'node:crypto'
import { subscriber } from './address.ts'
import type { PageKey } from './page.ts'
import { DAY_MS } from './time.ts'

/** Visits that each of the three sets of hashes holds at most; beyond that, the oldest is removed. */
const CAPACITY = 200_000

/** Where a visit comes from, for hashing. Image proxies, and browsers that ask for privacy, are never hashed. */
export interface Visitor {
  address: string
  agent: string
  /** The host of the referring page; empty if there is none. */
  site: string
}

export interface RecognitionOptions {
  windowMs: number
  /** Live visits that one address may have; 0 sets no limit. A visit is live until its window ends. */
  limit: number
  /** Live visits that one address may have on one page; 0 sets no limit. */
  pageLimit: number
  /** Whether to recognise a browser without a cookie by its address, user agent, page and referring site. */
  fingerprint: boolean
}

/** Whether any setting requires visitors to be recognised without a cookie. */
export function recognises({ limit, pageLimit, fingerprint }: RecognitionOptions): boolean {
  return limit > 0 || pageLimit > 0 || fingerprint
}

/** What the hashes say about a visitor before the visit counts. Times are ms since 1970, UTC. */
export interface Recognised {
  /** When the window of the same browser's last visit to the page ends; null if none is running. */
  repeatUntil: number | null
  /** When a visit from the address can count again; null if it has not reached a limit. */
  limitedUntil: number | null
  /** Remembers the visit until its window ends. @returns a function that forgets it, for when it could not be stored */
  admit(): () => void
}

/**
 * Recognises visitors by keyed hashes of their addresses, never by the addresses themselves. The key exists only in
 * memory and is replaced every day at midnight, UTC; all hashes made with it are then removed. Otherwise a hash is kept
 * until its visit's window ends.
 */
export class Recognition {
  readonly #options: RecognitionOptions
  readonly #addresses = new LiveHashes(CAPACITY)
  readonly #addressesOnPages = new LiveHashes(CAPACITY)
  readonly #fingerprints = new LiveHashes(CAPACITY)
  #key: Buffer = Buffer.alloc(0)
  #day = Number.NaN

  constructor(options: RecognitionOptions) {
    this.#options = options
  }

  recognise({ address, agent, site }: Visitor, page: PageKey, now: number): Recognised {
    this.sweep(now)
    const { windowMs, limit, pageLimit, fingerprint } = this.#options
    const network = subscriber(address)
    const ofAddress = limit > 0 ? this.#hash('address', network) : null
    const ofAddressAndPage = pageLimit > 0 ? this.#hash('address and page', network, page) : null
    // The referring site is part of it, as with partitioned cookies. Otherwise any site could find out whether its
    // visitor has seen a page of another site.
    const ofBrowser = fingerprint ? this.#hash('fingerprint', network, agent, site, page) : null
    return {
      repeatUntil: this.#fingerprints.ends(ofBrowser)[0] ?? null,
      limitedUntil: later(
        this.#addresses.ends(ofAddress).at(-limit),
        this.#addressesOnPages.ends(ofAddressAndPage).at(-pageLimit),
      ),
      admit: () => {
        const endsAt = now + windowMs
        const forgets = [
          this.#addresses.add(ofAddress, endsAt),
          this.#addressesOnPages.add(ofAddressAndPage, endsAt),
          this.#fingerprints.add(ofBrowser, endsAt),
        ]
        return () => {
          for (const forget of forgets) forget()
        }
      },
    }
  }

  /** Removes the hashes of visits whose windows have ended. On a new day, replaces the key and removes all hashes. */
  sweep(now: number): void {
    const day = Math.floor(now / DAY_MS)
    // A delayed request can have a time just before midnight although today's key is in use. An even earlier time means
    // that the clock was set back.
    if (!(day === this.#day || day === this.#day - 1)) {
      this.#day = day
      this.#key = randomBytes(32)
      for (const hashes of this.#all()) hashes.clear()
    }
    for (const hashes of this.#all()) hashes.sweep(now, this.#options.windowMs)
  }

  #all(): LiveHashes[] {
    return [this.#addresses, this.#addressesOnPages, this.#fingerprints]
  }

  #hash(...parts: string[]): string {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify(parts))
      .digest('base64url')
      .slice(0, 22)
  }
}

/** The later of two times; null if there is neither. */
function later(a: number | undefined, b: number | undefined): number | null {
  return a && b ? Math.max(a, b) : (a ?? b ?? null)
}

interface LiveVisit {
  hash: string
  endsAt: number
  removed: boolean
}

/** Removed visits that may remain at the head of the queue before it is copied without them. */
const SLACK = 1000

const NO_ENDS: readonly number[] = []

/**
 * Hashes, each with the times when its live visits end. All windows are equally long, so visits end in the order in
 * which they are added. If a check is turned off, its hash is null. A null hash never has visits.
 */
export class LiveHashes {
  readonly #capacity: number
  readonly #ends = new Map<string, number[]>()
  #queue: LiveVisit[] = []
  #head = 0
  #size = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  ends(hash: string | null): readonly number[] {
    return hash === null ? NO_ENDS : (this.#ends.get(hash) ?? NO_ENDS)
  }

  /** Adds a visit. @returns a function that removes it again */
  add(hash: string | null, endsAt: number): () => void {
    if (hash === null) return () => {}
    const visit = { hash, endsAt, removed: false }
    this.#queue.push(visit)
    this.#size += 1
    const ends = this.#ends.get(hash)
    if (ends) ends.push(endsAt)
    else this.#ends.set(hash, [endsAt])
    while (this.#size > this.#capacity) this.#removeFirst()
    return () => this.#remove(visit)
  }

  /**
   * Removes the visits that have ended. A visit that would last longer than two windows from now was added before the
   * clock was set back, and is removed too; a small excess only means that requests overtook each other.
   */
  sweep(now: number, windowMs: number): void {
    for (let first = this.#queue[this.#head]; first; first = this.#queue[this.#head]) {
      if (!first.removed && first.endsAt > now && first.endsAt <= now + 2 * windowMs) break
      this.#removeFirst()
    }
    if (this.#head > SLACK && this.#head > this.#queue.length / 2) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
  }

  clear(): void {
    while (this.#size > 0) this.#removeFirst()
    this.#queue = []
    this.#head = 0
  }

  #removeFirst(): void {
    this.#remove(this.#queue[this.#head] as LiveVisit)
    this.#head += 1
  }

  #remove(visit: LiveVisit): void {
    if (visit.removed) return
    visit.removed = true
    this.#size -= 1
    const ends = this.#ends.get(visit.hash) as number[]
    ends.splice(ends.indexOf(visit.endsAt), 1)
    if (ends.length === 0) this.#ends.delete(visit.hash)
  }
}
