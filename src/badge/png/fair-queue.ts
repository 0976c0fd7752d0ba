/** Lines that are kept when nobody waits in them any more: those that have used more than others. */
const MAX_LINES = 1000

interface Line<Job> {
  jobs: Job[]
  /** The time that its jobs took, in ms. */
  used: number
}

/** A job whose turn it is, and how to say what it took. */
interface Turn<Job> {
  job: Job
  spend(ms: number): void
}

/**
 * A queue in which each caller has a line, and the line that has used the least time comes first. So a caller with slow
 * jobs, or with many, makes another one wait for one of them at most. (Start-time fair queueing, by Goyal and others, 1996.)
 */
export class FairQueue<Job> {
  readonly #lines = new Map<string, Line<Job>>()
  #waiting = 0
  /** What the line of the last turn had used before it: where a line begins that has not waited. */
  #reached = 0

  add(caller: string, job: Job): void {
    // When nobody waits, nobody has taken anything from another.
    if (this.#waiting === 0) this.#lines.clear()
    const line = this.#lines.get(caller) ?? { jobs: [], used: 0 }
    // Nobody saves time up by staying away.
    if (line.jobs.length === 0) line.used = Math.max(line.used, this.#reached)
    line.jobs.push(job)
    this.#lines.set(caller, line)
    this.#waiting += 1
  }

  /** To be called when the job before it is done, and its time is spent. */
  next(): Turn<Job> | null {
    if (this.#waiting === 0) return null
    let first: Line<Job> | null = null
    for (const [caller, line] of this.#lines) {
      if (line.jobs.length > 0) {
        if (!first || line.used < first.used) first = line
      } else if (line.used <= this.#reached || this.#lines.size > MAX_LINES) {
        this.#lines.delete(caller)
      }
    }
    const line = first as Line<Job>
    this.#reached = line.used
    this.#waiting -= 1
    const spend = (ms: number) => {
      line.used += ms
    }
    return { job: line.jobs.shift() as Job, spend }
  }
}
