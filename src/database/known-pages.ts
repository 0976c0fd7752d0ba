import type { PageKey } from '../page.ts'

/** What an entry costs beside its key, in bytes, on the safe side: measured, 108 with a key of 30 characters. */
const ENTRY = 100

/**
 * The ids of pages, so that a known page costs no look-up. Bounded by what it takes, since a stranger chooses how
 * long keys are; the oldest make room for new ones.
 */
export class KnownPages {
  readonly #ids = new Map<PageKey, number>()
  readonly #budget: number
  #cost = 0

  /** @param budget bytes that it may take, roughly */
  constructor(budget: number) {
    this.#budget = budget
  }

  get size(): number {
    return this.#ids.size
  }

  id(page: PageKey): number | undefined {
    return this.#ids.get(page)
  }

  remember(page: PageKey, id: number): void {
    if (this.#ids.has(page)) return
    this.#ids.set(page, id)
    this.#cost += page.length + ENTRY
    for (const oldest of this.#ids.keys()) {
      if (this.#cost <= this.#budget) break
      this.#ids.delete(oldest)
      this.#cost -= oldest.length + ENTRY
    }
  }
}
