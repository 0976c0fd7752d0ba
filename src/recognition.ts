import { createHmac, randomBytes } from 'node:crypto'
import type { Config } from '../config.ts'
import { subscriber } from './address.ts'
import { DAY_MS } from './hours.ts'
import type { PageKey } from './page.ts'

/** Live visits that are remembered; the oldest make room. */
const CAPACITY = 200_000

/** Whom a visit comes from, where that may be hashed: not for image proxies, nor where a browser asks for privacy. */
export interface Visitor {
  address: string
  agent: string
  /** The host of the page that refers here; empty where none does. */
  site: string
}

export interface RecognitionOptions {
  windowMs: number
  /** Live visits that one address may have; 0 for any number. */
  limit: number
  /** Live visits that one address may have on one page; 0 for any number. */
  pageLimit: number
  /** Whether a browser without a cookie is recognised by address, user agent, page and referring site. */
  fingerprint: boolean
}

/** What of the settings concerns recognition. */
export function recognitionOptions(
  config: Pick<
    Config,
    'WINDOW_SECONDS' | 'LIMIT_PER_ADDRESS' | 'LIMIT_PER_ADDRESS_AND_PAGE' | 'WITHOUT_COOKIE'
  >,
): RecognitionOptions {
  return {
    windowMs: config.WINDOW_SECONDS * 1000,
    limit: config.LIMIT_PER_ADDRESS,
    pageLimit: config.LIMIT_PER_ADDRESS_AND_PAGE,
    fingerprint: config.WITHOUT_COOKIE === 'fingerprint',
  }
}

/** Whether visitors are recognised without a cookie. */
export function recognises({ limit, pageLimit, fingerprint }: RecognitionOptions): boolean {
  return limit > 0 || pageLimit > 0 || fingerprint
}

/** What is known of a visitor before the visit counts. Moments are ms since 1970, UTC. */
export interface Recognised {
  /** When the window of the same browser's last visit to the page ends, if it has not. */
  repeatUntil: number | null
  /** When the address may count again, if it has reached one of its limits. */
  limitedUntil: number | null
  /** Remembers the visit until its window ends. @returns what forgets it, for a visit that could not be stored */
  admit(): () => void
}

/**
 * Recognises visitors without knowing them: by hashes whose key lives in memory and is replaced every day, UTC.
 * Nothing is kept longer than a window, and with the key all that was hashed with it is forgotten.
 */
export class Recognition {
  readonly #options: RecognitionOptions
  readonly #addresses: LiveHashes
  readonly #addressesOnPages: LiveHashes
  readonly #fingerprints: LiveHashes
  readonly #newKey: () => Buffer
  #key: Buffer = Buffer.alloc(0)
  #day = Number.NaN

  constructor(options: RecognitionOptions, capacity = CAPACITY, newKey = () => randomBytes(32)) {
    this.#options = options
    this.#addresses = new LiveHashes(capacity)
    this.#addressesOnPages = new LiveHashes(capacity)
    this.#fingerprints = new LiveHashes(capacity)
    this.#newKey = newKey
  }

  recognise({ address, agent, site }: Visitor, page: PageKey, now: number): Recognised {
    this.sweep(now)
    const { windowMs, limit, pageLimit, fingerprint } = this.#options
    const network = subscriber(address)
    const who = limit > 0 ? this.#hash('address', network) : null
    const where = pageLimit > 0 ? this.#hash('address and page', network, page) : null
    // As partitioned cookies are: or any site could ask whether its visitor has been on a page of another.
    const what = fingerprint ? this.#hash('fingerprint', network, agent, site, page) : null
    return {
      repeatUntil: what === null ? null : (this.#fingerprints.ends(what)[0] ?? null),
      limitedUntil: later(
        who === null ? null : this.#addresses.ends(who).at(-limit),
        where === null ? null : this.#addressesOnPages.ends(where).at(-pageLimit),
      ),
      admit: () => {
        const endsAt = now + windowMs
        const forgets = [
          who === null ? null : this.#addresses.add(who, endsAt),
          where === null ? null : this.#addressesOnPages.add(where, endsAt),
          what === null ? null : this.#fingerprints.add(what, endsAt),
        ]
        return () => {
          for (const forget of forgets) forget?.()
        }
      },
    }
  }

  /** Forgets what has ended, and the key of yesterday. */
  sweep(now: number): void {
    const day = Math.floor(now / DAY_MS)
    // A request that had to wait may be from before midnight; a clock that was set back by days is not.
    if (!(day === this.#day || day === this.#day - 1)) {
      this.#day = day
      this.#key = this.#newKey()
      for (const hashes of this.#all()) hashes.clear()
    }
    for (const hashes of this.#all()) hashes.sweep(now, this.#options.windowMs)
  }

  /** How many hashes are held. */
  get size(): number {
    return this.#all().reduce((size, hashes) => size + hashes.size, 0)
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

/** The later of two moments; null where there is none. */
function later(a: number | null | undefined, b: number | null | undefined): number | null {
  return a && b ? Math.max(a, b) : (a ?? b ?? null)
}

interface Live {
  hash: string
  endsAt: number
  gone: boolean
}

/** Ended ones that may stand at the head of the queue before it is copied. */
const SLACK = 1000

/** Hashes, each with the ends of its live visits. All windows are equally long, so the first to begin ends first. */
class LiveHashes {
  readonly #capacity: number
  readonly #ends = new Map<string, number[]>()
  #queue: Live[] = []
  #head = 0
  #size = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#size
  }

  ends(hash: string): readonly number[] {
    return this.#ends.get(hash) ?? []
  }

  /** @returns what takes it back */
  add(hash: string, endsAt: number): () => void {
    const live = { hash, endsAt, gone: false }
    this.#queue.push(live)
    this.#size += 1
    const ends = this.#ends.get(hash)
    if (ends) ends.push(endsAt)
    else this.#ends.set(hash, [endsAt])
    while (this.#size > this.#capacity) this.#removeFirst()
    return () => this.#remove(live)
  }

  /** A window that would last for two was opened before the clock was set back, and not by a visit that overtook. */
  sweep(now: number, windowMs: number): void {
    for (let first = this.#queue[this.#head]; first; first = this.#queue[this.#head]) {
      if (!first.gone && first.endsAt > now && first.endsAt <= now + 2 * windowMs) break
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
    this.#remove(this.#queue[this.#head] as Live)
    this.#head += 1
  }

  #remove(live: Live): void {
    if (live.gone) return
    live.gone = true
    this.#size -= 1
    const ends = this.#ends.get(live.hash) as number[]
    ends.splice(ends.indexOf(live.endsAt), 1)
    if (ends.length === 0) this.#ends.delete(live.hash)
  }
}
