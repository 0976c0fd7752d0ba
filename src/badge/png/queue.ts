/** The longest that a job may be expected to wait, and that the jobs of one caller may be expected to take, in ms. */
const MAX_WAIT_MS = 4000
const MAX_CALLER_MS = 2000
/** The most reserved places, however fast the jobs are. Each job keeps an SVG of some kB. */
const MAX_PLACES = 1000
/** The least time that a job is expected to take, in ms. */
const LEAST_JOB_MS = 10
/** How much the last job changes the time that the next one is expected to take. */
const LAST_JOB_WEIGHT = 1 / 8
/** Callers without jobs whose used time is remembered. */
const MAX_IDLE_CALLERS = 1000

interface Caller<Job> {
  jobs: Job[]
  usedMs: number
}

interface Turn<Job> {
  job: Job
  /** Reports how long the job took. */
  spend(ms: number): void
}

/**
 * A queue that is fair by time: the next job is one of the caller that has used the least time. A caller with slow jobs,
 * or with many, delays another caller by at most one job. (Start-time fair queueing, by Goyal and others, 1996.)
 * Its length is bounded by the places that callers reserve.
 */
export class FairQueue<Job> {
  readonly #callers = new Map<string, Caller<Job>>()
  readonly #places = new Map<string, number>()
  #placeCount = 0
  #jobCount = 0
  #expectedJobMs = LEAST_JOB_MS
  /** The time that the caller of the last turn had used before it. New callers start with this time. */
  #reachedMs = 0

  /** Reserves a place for a job, until `release`. @returns whether there was one */
  reserve(caller: string): boolean {
    const own = (this.#places.get(caller) ?? 0) + 1
    const callers = this.#places.size + (own === 1 ? 1 : 0)
    const callerMs = own * this.#expectedJobMs
    // Before this job runs, each caller can get as many turns as this one.
    const waitMs = callerMs * callers
    if (callerMs > MAX_CALLER_MS || waitMs > MAX_WAIT_MS || this.#placeCount >= MAX_PLACES)
      return false
    this.#placeCount += 1
    this.#places.set(caller, own)
    return true
  }

  release(caller: string): void {
    const left = (this.#places.get(caller) as number) - 1
    this.#placeCount -= 1
    if (left === 0) this.#places.delete(caller)
    else this.#places.set(caller, left)
  }

  add(callerName: string, job: Job): void {
    // While nobody waited, nobody took time from others.
    if (this.#jobCount === 0) this.#callers.clear()
    const caller = this.#callers.get(callerName) ?? { jobs: [], usedMs: 0 }
    // A caller that had no jobs for a while starts level with the others.
    if (caller.jobs.length === 0) caller.usedMs = Math.max(caller.usedMs, this.#reachedMs)
    caller.jobs.push(job)
    this.#callers.set(callerName, caller)
    this.#jobCount += 1
  }

  /** Called when the job before is done and its time is spent. */
  next(): Turn<Job> | null {
    if (this.#jobCount === 0) return null
    let next: Caller<Job> | null = null
    for (const [name, caller] of this.#callers) {
      if (caller.jobs.length > 0) {
        if (!next || caller.usedMs < next.usedMs) next = caller
      } else if (caller.usedMs <= this.#reachedMs || this.#callers.size > MAX_IDLE_CALLERS) {
        this.#callers.delete(name)
      }
    }
    const caller = next as Caller<Job>
    this.#reachedMs = caller.usedMs
    this.#jobCount -= 1
    const spend = (ms: number) => {
      caller.usedMs += ms
      const expected = this.#expectedJobMs + (ms - this.#expectedJobMs) * LAST_JOB_WEIGHT
      this.#expectedJobMs = Math.max(LEAST_JOB_MS, expected)
    }
    return { job: caller.jobs.shift() as Job, spend }
  }
}
