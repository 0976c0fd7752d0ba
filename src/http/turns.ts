import type { ServerResponse } from 'node:http'

/** Requests in work at once, of all connections that take turns. */
const MAX_WORKING = 32
/** How long turns may take in one round of the event loop, in ms. */
const TURNS_MS = 4
/** How long turns may be postponed, in ms. */
const MAX_PAUSE_MS = 50

/** A connection with requests to begin. */
export interface Waiter {
  takeTurn(): void
}

/**
 * Lets connections take turns: one request each, first come, first served, with few requests in work at once. The event
 * loop does its other work in between.
 */
export class Turns<Of extends Waiter> {
  readonly #waiting = new Set<Of>()
  #turn: Of | null = null
  #working = 0
  #scheduled = false
  #postponed = false
  #ranAt = Number.NEGATIVE_INFINITY

  wait(waiter: Of): void {
    this.#waiting.add(waiter)
    this.#schedule()
  }

  leave(waiter: Of): void {
    this.#waiting.delete(waiter)
  }

  /**
   * Must be called when a connection is accepted. libuv accepts one in each round of the event loop (libuv pull 3696). If
   * requests were also handled in each round, a new client would wait one such round for each client ahead of it.
   */
  postpone(): void {
    this.#postponed = true
  }

  /**
   * Must be called when a request begins. A request that began in a turn holds a place until it is answered, or until its
   * response emits `streaming`: its answer has no end.
   */
  begin(waiter: Of, response: ServerResponse): void {
    if (waiter !== this.#turn) return
    this.#working += 1
    let working = true
    const end = () => {
      if (!working) return
      working = false
      this.#working -= 1
      this.#schedule()
    }
    response.once('prefinish', end)
    response.once('streaming', end)
    response.once('close', end)
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.size === 0 || this.#working >= MAX_WORKING) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#run()
    })
  }

  #run(): void {
    const now = performance.now()
    if (this.#postponed && now < this.#ranAt + MAX_PAUSE_MS) {
      this.#postponed = false
      this.#schedule()
      return
    }
    this.#ranAt = now
    const end = now + TURNS_MS
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter)
      this.#turn = waiter
      waiter.takeTurn()
      this.#turn = null
      if (this.#working >= MAX_WORKING || performance.now() >= end) break
    }
    this.#schedule()
  }
}
