/** Visits that are remembered, 4 to 8 bytes each. Where there are more, the oldest are forgotten. */
const CAPACITY = 2_000_000
/** Room for visits at first; it is doubled when it is full. */
const ROOM = 1024
/** Parts that the time is cut into: visits of one part end together. */
const PARTS = 600

/** Who is here now: which pages the visits of the last minutes were to, and nothing else about them. In memory. */
export class Active {
  readonly #partMs: number
  readonly #capacity: number
  readonly #many = new Map<number, number>()
  /** How many visits a part has, the oldest part first. */
  readonly #parts: { part: number; visits: number }[] = []
  /** The visits' pages in a ring, the oldest at `#first`. An array that grows would take several times as much. */
  #pages: Uint32Array
  #first = 0
  #total = 0

  /** @param lastMs how long a visit is active */
  constructor(lastMs: number, capacity = CAPACITY) {
    this.#partMs = lastMs / PARTS
    this.#capacity = capacity
    this.#pages = new Uint32Array(Math.min(ROOM, capacity))
  }

  /** Adds visits that were counted together, by the ids of their pages. */
  add(pages: readonly number[], at: number): void {
    this.sweep(at)
    const part = Math.floor(at / this.#partMs)
    for (const page of pages) {
      if (this.#total === this.#pages.length) this.#makeRoom()
      this.#pages[(this.#first + this.#total) % this.#pages.length] = page
      this.#total += 1
      this.#many.set(page, (this.#many.get(page) ?? 0) + 1)
      const last = this.#parts.at(-1)
      if (last?.part === part) last.visits += 1
      else this.#parts.push({ part, visits: 1 })
    }
  }

  /** Active visits of a page, or of all pages together. */
  many(page: number | null, now: number): number {
    this.sweep(now)
    return page === null ? this.#total : (this.#many.get(page) ?? 0)
  }

  /** Forgets those that are active no more. */
  sweep(now: number): void {
    const present = Math.floor(now / this.#partMs)
    for (let oldest = this.#parts[0]; oldest; oldest = this.#parts[0]) {
      // One from the future was added before the clock was set back.
      if (oldest.part > present - PARTS && oldest.part <= present + PARTS) break
      for (let visits = oldest.visits; visits > 0; visits--) this.#forgetFirst()
    }
  }

  #makeRoom(): void {
    const length = Math.min(2 * this.#pages.length, this.#capacity)
    if (length === this.#pages.length) {
      this.#forgetFirst()
      return
    }
    const pages = new Uint32Array(length)
    pages.set(this.#pages.subarray(this.#first))
    pages.set(this.#pages.subarray(0, this.#first), this.#pages.length - this.#first)
    this.#pages = pages
    this.#first = 0
  }

  #forgetFirst(): void {
    const page = this.#pages[this.#first] as number
    this.#first = (this.#first + 1) % this.#pages.length
    this.#total -= 1
    const many = (this.#many.get(page) as number) - 1
    if (many === 0) this.#many.delete(page)
    else this.#many.set(page, many)
    const oldest = this.#parts[0] as { visits: number }
    oldest.visits -= 1
    if (oldest.visits === 0) this.#parts.shift()
  }
}
