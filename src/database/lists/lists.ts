import { type Found, type Part, Snapshot } from './snapshot.ts'

/** For how long a snapshot is used, as a multiple of the time that reading it took, and at most, in ms. */
const KEPT_TIMES = 60
const MAX_KEPT_MS = 180_000
/**
 * A list that is read in so many ms is short. It is kept for no longer than that, in ms, and a request waits for the next snapshot:
 * a visit is in the list within a tenth of a second. For a longer list nobody waits while there is an old snapshot.
 */
const SHORT_MS = 25
const SHORT_KEPT_MS = 60
/** After an operator's change, requests wait also for a list that was last read in so many ms. */
const WAIT_MS = 500

export interface Bounds {
  /** Bytes of all snapshots. The newest one is kept in any case. */
  maxBytes: number
  /** A list that nobody has used for so long, in ms, is forgotten. */
  unusedMs: number
}
const BOUNDS: Bounds = { maxBytes: 500_000_000, unusedMs: 60_000 }
/** How often unused lists are looked for in that time. */
const SWEEPS = 6

/** A part of a list, and for how long it has been read, in ms. */
export interface ReadPart extends Found {
  ageMs: number
}

/** Adds an entry. @returns whether there was room for it */
export type Add = Snapshot['add']

/**
 * Reads all entries of a list, in the order of their ids, with pauses for other work. It may end when there is no more room.
 */
export interface Source<List> {
  /** How many values each entry has. */
  columns(list: List): number
  read(list: List, add: Add): Promise<void>
}

interface Kept {
  snapshot: Snapshot | null
  /** When it began to be read. */
  at: number
  tookMs: number
  freshUntil: number
  /** Whether an operator has changed pages since it began to be read. */
  isChanged: boolean
  usedAt: number
  reading: Promise<Snapshot> | null
}

/**
 * Lists of which reading takes as long as there are entries. Each is read as a whole and kept for some sixty times as long as
 * that took: short lists are as good as new, and long ones use a bounded share of the time. While a long one is read again, the
 * old one answers.
 */
export class Lists<List> {
  readonly #source: Source<List>
  /** By description. A list that was used is moved to the end. */
  #kept = new Map<string, Kept>()
  /** How often operators have changed pages. */
  #changes = 0
  /** Lists are read one after the other. */
  #last: Promise<unknown> = Promise.resolve()
  readonly #bounds: Bounds
  readonly #sweep: NodeJS.Timeout

  constructor(source: Source<List>, bounds = BOUNDS) {
    this.#source = source
    this.#bounds = bounds
    this.#sweep = setInterval(() => this.#forgetUnused(), bounds.unusedMs / SWEEPS).unref()
  }

  /**
   * Has all lists read again: an operator has changed pages. Until then a long list still answers; whoever shows its entries
   * leaves out those that are gone.
   */
  expire(): void {
    this.#changes += 1
    const changed = { freshUntil: 0, isChanged: true, reading: null }
    for (const kept of this.#kept.values()) Object.assign(kept, changed)
  }

  /** How many lists are kept, and their bytes. */
  get size(): { lists: number; bytes: number } {
    const all = [...this.#kept.values()]
    return {
      lists: all.length,
      bytes: all.reduce((sum, { snapshot }) => sum + (snapshot?.bytes ?? 0), 0),
    }
  }

  /** @throws Refusal `bad_request` for a place that no answer has had as `next` */
  async read(list: List, part: Part): Promise<ReadPart> {
    const { snapshot, at } = await this.#find(list)
    return { ...(await snapshot.read(part)), ageMs: performance.now() - at }
  }

  close(): void {
    clearInterval(this.#sweep)
    this.#kept = new Map()
  }

  async #find(list: List): Promise<{ snapshot: Snapshot; at: number }> {
    const name = JSON.stringify(list)
    const kept = this.#kept.get(name) ?? newlyKept()
    this.#kept.delete(name)
    this.#kept.set(name, kept)
    kept.usedAt = performance.now()
    const { snapshot, at } = kept
    if (snapshot && kept.usedAt < kept.freshUntil) return { snapshot, at }
    const reading = this.#readInTurn(list, kept)
    if (snapshot && kept.tookMs > (kept.isChanged ? WAIT_MS : SHORT_MS)) return { snapshot, at }
    return { snapshot: await reading, at: kept.at }
  }

  /** Reads a list after those that wait already, once for all who ask meanwhile. */
  #readInTurn(list: List, kept: Kept): Promise<Snapshot> {
    if (kept.reading) return kept.reading
    const reading = this.#last
      .then(() => this.#read(list, kept))
      .finally(() => {
        if (kept.reading === reading) kept.reading = null
      })
    // If it fails, the next request tries again.
    this.#last = reading.catch(() => {})
    kept.reading = reading
    return reading
  }

  async #read(list: List, kept: Kept): Promise<Snapshot> {
    const changes = this.#changes
    const at = performance.now()
    const snapshot = new Snapshot(this.#source.columns(list))
    await this.#source.read(list, (...entry) => snapshot.add(...entry))
    if (kept.snapshot) await snapshot.prepareAs(kept.snapshot)
    const end = performance.now()
    const tookMs = end - at
    const mostKeptMs = tookMs > SHORT_MS ? MAX_KEPT_MS : SHORT_KEPT_MS
    const isChanged = changes !== this.#changes
    const freshUntil = isChanged ? 0 : end + Math.min(KEPT_TIMES * tookMs, mostKeptMs)
    Object.assign(kept, { snapshot, at, tookMs, freshUntil, isChanged, usedAt: end })
    this.#makeRoom()
    return snapshot
  }

  /** Forgets the lists that were not used for longest, all except one, if they take too much memory. */
  #makeRoom(): void {
    for (const name of this.#kept.keys()) {
      const { lists, bytes } = this.size
      if (lists === 1 || bytes <= this.#bounds.maxBytes) break
      this.#kept.delete(name)
    }
  }

  #forgetUnused(): void {
    const now = performance.now()
    for (const [name, { usedAt, reading }] of this.#kept)
      if (reading === null && now - usedAt > this.#bounds.unusedMs) this.#kept.delete(name)
  }
}

function newlyKept(): Kept {
  const none = { snapshot: null, reading: null, isChanged: false }
  return { ...none, at: 0, tookMs: 0, freshUntil: 0, usedAt: 0 }
}
