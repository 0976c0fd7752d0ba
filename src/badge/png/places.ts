/** The time that all jobs that wait may take together, and those of one caller, in ms. */
const MAX_MS = 4000
const MAX_CALLER_MS = 2000
/** What a job is taken to need at least, in ms. */
const LEAST_MS = 10
/** How many of the last jobs decide what the next one is taken to need. */
const REMEMBERED = 8

/** Places in a queue, bounded by the time that its jobs are expected to take: in all, and for each caller. */
export class Places {
  readonly #ofCaller = new Map<string, number>()
  #taken = 0
  #jobMs = LEAST_MS

  /** Takes a place, to be left again. @returns whether there was one */
  take(caller: string): boolean {
    const own = (this.#ofCaller.get(caller) ?? 0) + 1
    const [all, ofCaller] = [(this.#taken + 1) * this.#jobMs, own * this.#jobMs]
    if (all > MAX_MS || ofCaller > MAX_CALLER_MS) return false
    this.#taken += 1
    this.#ofCaller.set(caller, own)
    return true
  }

  leave(caller: string): void {
    const left = (this.#ofCaller.get(caller) as number) - 1
    this.#taken -= 1
    if (left === 0) this.#ofCaller.delete(caller)
    else this.#ofCaller.set(caller, left)
  }

  /** Learns what a job took. */
  learn(ms: number): void {
    this.#jobMs = Math.max(LEAST_MS, this.#jobMs + (ms - this.#jobMs) / REMEMBERED)
  }
}
