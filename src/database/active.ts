/** Visits that are remembered, some 10 bytes each. Where there are more, the oldest are forgotten. */
const CAPACITY = 2_000_000
/** Parts that the time is cut into: visits of one part end together. */
const PARTS = 600

interface Bucket {
  part: number
  pages: number[]
}

/** Who is here now: which pages the visits of the last minutes were to, and nothing else about them. In memory. */
export class Active {
  readonly #partMs: number
  readonly #capacity: number
  readonly #many = new Map<number, number>()
  readonly #buckets: Bucket[] = []
  #total = 0

  /** @param lastMs how long a visit is active */
  constructor(lastMs: number, capacity = CAPACITY) {
    this.#partMs = lastMs / PARTS
    this.#capacity = capacity
  }

  /** Adds visits that were counted together, by the ids of their pages. */
  add(pages: readonly number[], at: number): void {
    const part = Math.floor(at / this.#partMs)
    let bucket = this.#buckets.at(-1)
    if (bucket?.part !== part) {
      bucket = { part, pages: [] }
      this.#buckets.push(bucket)
    }
    for (const page of pages) {
      bucket.pages.push(page)
      this.#many.set(page, (this.#many.get(page) ?? 0) + 1)
    }
    this.#total += pages.length
    this.sweep(at)
  }

  /** Active visits of a page, or of all pages together. */
  many(page: number | null, now: number): number {
    this.sweep(now)
    return page === null ? this.#total : (this.#many.get(page) ?? 0)
  }

  /** Forgets those that are active no more. */
  sweep(now: number): void {
    const present = Math.floor(now / this.#partMs)
    for (let first = this.#buckets[0]; first; first = this.#buckets[0]) {
      // One from the future was added before the clock was set back.
      const active = first.part > present - PARTS && first.part <= present + PARTS
      if (active && this.#total <= this.#capacity) break
      this.#buckets.shift()
      this.#total -= first.pages.length
      for (const page of first.pages) {
        const many = (this.#many.get(page) as number) - 1
        if (many === 0) this.#many.delete(page)
        else this.#many.set(page, many)
      }
    }
  }
}
