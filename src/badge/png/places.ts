/** The longest that a job may be expected to wait, and that the jobs of one caller may be expected to take, in ms. */
const MAX_WAIT_MS = 4000
const MAX_CALLER_MS = 2000
/** Jobs that may wait, however fast they are: each keeps an SVG of some kB. */
const MAX_JOBS = 1000
/** What a job is expected to take at least, in ms. */
const LEAST_MS = 10
/** How many of the last jobs decide how long the next one is expected to take. */
const REMEMBERED = 8

/** Places in a queue that is fair to all callers, bounded by the time that its jobs are expected to take. */
export class Places {
  readonly #ofCaller = new Map<string, number>()
  #jobs = 0
  #jobMs = LEAST_MS

  /** Takes a place, to be left again. @returns whether there was one */
  take(caller: string): boolean {
    const before = this.#ofCaller.get(caller) ?? 0
    const callers = this.#ofCaller.size + (before === 0 ? 1 : 0)
    const own = before + 1
    const ownMs = own * this.#jobMs
    // Until its turn comes, every caller has as many turns as this one.
    const waitMs = ownMs * callers
    if (ownMs > MAX_CALLER_MS || waitMs > MAX_WAIT_MS || this.#jobs >= MAX_JOBS) return false
    this.#jobs += 1
    this.#ofCaller.set(caller, own)
    return true
  }

  leave(caller: string): void {
    const left = (this.#ofCaller.get(caller) as number) - 1
    this.#jobs -= 1
    if (left === 0) this.#ofCaller.delete(caller)
    else this.#ofCaller.set(caller, left)
  }

  /** Learns how long a job took. */
  learn(ms: number): void {
    this.#jobMs = Math.max(LEAST_MS, this.#jobMs + (ms - this.#jobMs) / REMEMBERED)
  }
}
