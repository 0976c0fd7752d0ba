import type { ServerResponse } from 'node:http'

/** Requests in work at once, of all that wait for turns together. */
const MAX_WORKING = 32
/** How long turns may take before the event loop goes on, in ms. */
const TURNS_MS = 4
/** How long turns may be postponed, in ms. */
const MAX_PAUSE_MS = 50

/** Something that has requests to begin. */
export interface Waiter {
  takeTurn(): void
}

/**
 * Lets those who wait take turns: one request each, in the order of their coming, few in work at once, and between them
 * whatever else the event loop has to do.
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
   * Must be called when a connection is accepted. libuv accepts one each time that the event loop goes round (libuv pull 3696), so with
   * turns in between, a client would wait for as many rounds as there are clients before it.
   */
  postpone(): void {
    this.#postponed = true
  }

  /** Must be called when a request begins. One that began in a turn holds a place until its answer is given. */
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
