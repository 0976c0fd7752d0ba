import type { ServerResponse } from 'node:http'

/** Requests in work at once, of all that wait for turns together. */
const MAX_WORKING = 32
/** How long turns may take before other connections are looked at, in ms. */
const TURNS_MS = 8

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

  wait(waiter: Of): void {
    this.#waiting.add(waiter)
    this.#schedule()
  }

  leave(waiter: Of): void {
    this.#waiting.delete(waiter)
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
    const end = performance.now() + TURNS_MS
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
