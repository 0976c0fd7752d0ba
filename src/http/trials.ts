import { createHash } from 'node:crypto'
import { PngProblem } from '../badge/png/pngs.ts'
import { Cache } from '../cache.ts'

/** Some 10,000 results; and bytes of each. */
const MAX_BYTES = 2_000_000
const RESULT_BYTES = 50
/** How long a refusal is remembered, in ms. A machine may have been too busy to judge a picture right. */
const REFUSED_MS = 600_000

interface Result {
  /** Null where the picture can be drawn. */
  problem: PngProblem | null
  until: number
}

/** Tries each picture once, and remembers whether it can be drawn, by its hash. */
export class Trials {
  readonly #results = new Cache<Result>(MAX_BYTES, () => RESULT_BYTES)
  readonly #running = new Map<string, Promise<void>>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** @throws what `draw` throws. A PngProblem is remembered, another error is not. */
  check(picture: string, scale: number, draw: () => Promise<unknown>): Promise<void> {
    const name = nameOf(picture, scale)
    const known = this.#results.get(name)
    if (known && this.#now() < known.until) {
      return known.problem ? Promise.reject(known.problem) : Promise.resolve()
    }
    const running = this.#running.get(name)
    if (running) return running
    const trial = draw()
      .then(
        () => this.#remember(name, { problem: null, until: Number.POSITIVE_INFINITY }),
        (error) => {
          if (error instanceof PngProblem) this.#refuse(name, error)
          throw error
        },
      )
      .finally(() => this.#running.delete(name))
    this.#running.set(name, trial)
    return trial
  }

  /** Refuses a picture that passed its trial, and could not be drawn in its badge. */
  refuse(picture: string, scale: number, problem: PngProblem): void {
    this.#refuse(nameOf(picture, scale), problem)
  }

  #refuse(name: string, problem: PngProblem): void {
    this.#remember(name, { problem, until: this.#now() + REFUSED_MS })
  }

  #remember(name: string, result: Result): void {
    this.#results.set(name, result)
  }
}

const nameOf = (picture: string, scale: number) =>
  createHash('sha256').update(`${scale} ${picture}`).digest('base64')
