/** Visits that are remembered, 4 bytes each: some 16 MB. Where there are more, the oldest are forgotten. */
const CAPACITY = 4_000_000

interface Batch {
  at: number
  pages: Uint32Array
}

/** Who is here now: which pages the visits of the last minutes were to, and nothing else about them. In memory. */
export class Active {
  readonly #lastMs: number
  readonly #capacity: number
  readonly #many = new Map<number, number>()
  #batches: Batch[] = []
  #head = 0
  #total = 0

  /** @param lastMs how long a visit is active */
  constructor(lastMs: number, capacity = CAPACITY) {
    this.#lastMs = lastMs
    this.#capacity = capacity
  }

  /** Adds visits that were counted together, by the ids of their pages. */
  add(pages: readonly number[], at: number): void {
    if (pages.length === 0) return
    this.#batches.push({ at, pages: Uint32Array.from(pages) })
    this.#total += pages.length
    for (const page of pages) this.#many.set(page, (this.#many.get(page) ?? 0) + 1)
    this.#sweep(at)
  }

  /** Active visits of a page, or of all pages together. */
  many(page: number | null, now: number): number {
    this.#sweep(now)
    return page === null ? this.#total : (this.#many.get(page) ?? 0)
  }

  #sweep(now: number): void {
    for (let first = this.#batches[this.#head]; first; first = this.#batches[this.#head]) {
      // One from the future was added before the clock was set back.
      const active = first.at > now - this.#lastMs && first.at <= now + this.#lastMs
      if (active && this.#total <= this.#capacity) break
      this.#head += 1
      this.#total -= first.pages.length
      for (const page of first.pages) {
        const many = (this.#many.get(page) as number) - 1
        if (many === 0) this.#many.delete(page)
        else this.#many.set(page, many)
      }
    }
    if (this.#head > 1000 && this.#head > this.#batches.length / 2) {
      this.#batches = this.#batches.slice(this.#head)
      this.#head = 0
    }
  }
}
