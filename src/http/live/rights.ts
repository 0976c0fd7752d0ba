import type { ServerResponse } from 'node:http'

/** How often it is looked up whether those who have streams may still have them, in ms. */
const LOOK_UP_MS = 10_000

/** Ends the streams of those who may not have them any more: their session has ended, or their key was revoked. */
export class StreamRights {
  readonly #streams = new Map<ServerResponse, () => Promise<boolean>>()
  #lookedUpAt = Number.NEGATIVE_INFINITY
  #isLookingUp = false

  /** @param maySee whether the client of a stream may still see what it shows */
  add(response: ServerResponse, maySee: () => Promise<boolean>): void {
    this.#streams.set(response, maySee)
    response.once('close', () => this.#streams.delete(response))
  }

  /** Must be called often. */
  tick(now: number): void {
    if (this.#streams.size === 0 || this.#isLookingUp) return
    if (Math.abs(now - this.#lookedUpAt) < LOOK_UP_MS) return
    this.#lookedUpAt = now
    this.#isLookingUp = true
    void this.#lookUp([...this.#streams]).finally(() => {
      this.#isLookingUp = false
    })
  }

  /** One after the other, so that other requests need not wait. */
  async #lookUp(streams: [ServerResponse, () => Promise<boolean>][]): Promise<void> {
    for (const [response, maySee] of streams) {
      // While the database is away nothing is known, and nothing is counted either.
      if (!(await maySee().catch(() => true))) response.destroy()
    }
  }
}
