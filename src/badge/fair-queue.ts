/** The queue has no room for another order of this caller. */
export class QueueFull extends Error {
  constructor() {
    super('too much work waits already')
    this.name = 'QueueFull'
  }
}

/** A place in the queue: room for some time of work, kept until it is given back. */
export interface Place {
  /** Does a job when it is this caller's turn. */
  run<Result>(job: () => Promise<Result>): Promise<Result>
  leave(): void
}

interface Caller {
  reservedMs: number
  /** Time that its jobs took, on a clock that starts with the caller who has used least. */
  usedMs: number
  jobs: (() => Promise<void>)[]
}

/**
 * Does jobs one at a time, fairly between callers: next is a job of the caller whose jobs have taken least time. Places
 * are bounded by the time that they are expected to take. A caller gets a place only while at least as much time as it
 * then holds stays free, so the greediest caller leaves half of the room, and n of them leave 1/(n+1).
 */
export class FairQueue {
  readonly #callers = new Map<string, Caller>()
  readonly #maxMs: number
  #reservedMs = 0
  #running = false

  /** @param maxMs expected time of all places together */
  constructor(maxMs: number) {
    this.#maxMs = maxMs
  }

  /**
   * @param name the caller
   * @param ms time that its jobs are expected to take
   * @throws QueueFull
   */
  enter(name: string, ms: number): Place {
    const present = this.#callers.get(name)
    if ((present?.reservedMs ?? 0) + ms > this.#maxMs - this.#reservedMs) throw new QueueFull()
    const caller = present ?? { reservedMs: 0, usedMs: this.#leastUsedMs(), jobs: [] }
    this.#callers.set(name, caller)
    this.#reserve(caller, ms)
    return {
      run: (job) => this.#run(caller, job),
      leave: () => {
        this.#reserve(caller, -ms)
        if (caller.reservedMs === 0) this.#callers.delete(name)
      },
    }
  }

  #reserve(caller: Caller, ms: number): void {
    caller.reservedMs += ms
    this.#reservedMs += ms
  }

  #leastUsedMs(): number {
    const used = [...this.#callers.values()].map(({ usedMs }) => usedMs)
    return used.length === 0 ? 0 : Math.min(...used)
  }

  #run<Result>(caller: Caller, job: () => Promise<Result>): Promise<Result> {
    const { promise, resolve } = Promise.withResolvers<Result>()
    caller.jobs.push(async () => {
      const begun = performance.now()
      const result = job()
      resolve(result)
      // How it ends is for whoever waits for `promise`.
      await Promise.allSettled([result])
      caller.usedMs += performance.now() - begun
    })
    if (!this.#running) void this.#runAll()
    return promise
  }

  async #runAll(): Promise<void> {
    this.#running = true
    for (let job = this.#nextJob(); job; job = this.#nextJob()) await job()
    this.#running = false
  }

  #nextJob(): (() => Promise<void>) | undefined {
    let next: Caller | undefined
    for (const caller of this.#callers.values()) {
      if (caller.jobs.length > 0 && !(next && next.usedMs <= caller.usedMs)) next = caller
    }
    return next?.jobs.shift()
  }
}
