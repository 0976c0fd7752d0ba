/** Room for visits at first. It is doubled when it is full. */
const FIRST_ROOM = 1024
/** Parts into which the time is divided: the visits of a part end together. */
const PARTS = 600

/** The pages of the visits of the last minutes, in memory, and nothing else about these visits. */
export class Active {
  readonly #partMs: number
  readonly #capacity: number
  readonly #byPage = new Map<number, number>()
  /** The number of visits in each part, the oldest part first. */
  readonly #parts: { part: number; visits: number }[] = []
  /** The pages in a ring buffer, the oldest at `#first`. An ordinary array would take several times the memory. */
  #pages: Uint32Array
  #first = 0
  #total = 0

  /**
   * @param lastMs how long a visit is active
   * @param capacity visits remembered at most; beyond that, the oldest is forgotten
   */
  constructor(lastMs: number, capacity: number) {
    this.#partMs = lastMs / PARTS
    this.#capacity = capacity
    this.#pages = new Uint32Array(Math.min(FIRST_ROOM, capacity))
  }

  /** Adds visits that were counted together, each by the id of its page. */
  add(pages: readonly number[], at: number): void {
    this.sweep(at)
    const part = Math.floor(at / this.#partMs)
    for (const page of pages) {
      if (this.#total === this.#pages.length) this.#makeRoom()
      this.#pages[(this.#first + this.#total) % this.#pages.length] = page
      this.#total += 1
      this.#byPage.set(page, (this.#byPage.get(page) ?? 0) + 1)
      const last = this.#parts.at(-1)
      if (last?.part === part) last.visits += 1
      else this.#parts.push({ part, visits: 1 })
    }
  }

  /** The number of active visits to a page, or to all pages. */
  visits(page: number | null, now: number): number {
    this.sweep(now)
    return page === null ? this.#total : (this.#byPage.get(page) ?? 0)
  }

  /** Moves the visits of pages to others. @param moves in order: a page can be moved again with all that it has got */
  move(moves: ReadonlyMap<number, number>): void {
    if (moves.size === 0) return
    const targets = new Map<number, number>()
    for (const [page, target] of [...moves].reverse())
      targets.set(page, targets.get(target) ?? target)
    for (const [index, page] of this.#pages.entries()) {
      const target = targets.get(page)
      if (target !== undefined) this.#pages[index] = target
    }
    for (const [page, target] of targets) {
      const visits = this.#byPage.get(page)
      if (visits === undefined) continue
      this.#byPage.delete(page)
      this.#byPage.set(target, (this.#byPage.get(target) ?? 0) + visits)
    }
  }

  /** Forgets visits that are no longer active. */
  sweep(now: number): void {
    const present = Math.floor(now / this.#partMs)
    for (let oldest = this.#parts[0]; oldest; oldest = this.#parts[0]) {
      // A part in the future was added before the clock was set back.
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
    const left = (this.#byPage.get(page) as number) - 1
    if (left === 0) this.#byPage.delete(page)
    else this.#byPage.set(page, left)
    const oldest = this.#parts[0] as { visits: number }
    oldest.visits -= 1
    if (oldest.visits === 0) this.#parts.shift()
  }
}
