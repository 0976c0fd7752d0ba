import { Cache } from '../../cache.ts'
import { type FontChoice, Fonts } from './fonts.ts'
import { FairQueue } from './queue.ts'
import { PngProblem, PngThread, TooSlow } from './thread.ts'

export { PngProblem }

/** What the last drawings may take, in bytes. Badges that do not count are requested again and again. */
const CACHE_BYTES = 4_000_000

/**
 * What a drawing is for: a badge, a refusal, or a trial of an untrusted picture. Each purpose has a queue of its own and,
 * while all have jobs, a third of the time, so that no stranger's picture delays a badge without one.
 */
export type Purpose = keyof typeof LIMITS

/**
 * Each drawing is tried twice. `drawMs` limits the processor time of one try: an untrusted picture can
 * use 150 ms in all. The rest of a badge is Tallymark's own, and takes 2 to 15 ms; its limit guards against mistakes.
 * `waitMs` is the longest wait. A badge always waits until it is drawn, because its visit may be counted already.
 */
const LIMITS = {
  badge: { drawMs: 500, waitMs: Number.POSITIVE_INFINITY },
  trial: { drawMs: 75, waitMs: 5000 },
  refusal: { drawMs: 500, waitMs: 5000 },
} as const

/** So many drawings wait that another one would wait too long. */
export class PngsFull extends Error {
  override name = 'PngsFull'
}

/** A PNG file with a transparent background. Other callers may get the same object, so it must not be changed. */
export interface Drawing {
  png: Uint8Array
  /** The characters that no font has: they are drawn as boxes. */
  missing: string
}

/**
 * Draws an SVG without anything outside of it.
 * @param scale pixels for one unit of its width and height: more than 0
 * @throws PngProblem if the SVG cannot be drawn
 * @throws PngsFull if it has waited too long
 * @throws Error if the thread that draws cannot start, or has ended twice
 */
export type Draw = (svg: string, scale: number) => Promise<Drawing>

interface Job extends PromiseWithResolvers<Drawing> {
  svg: string
  scale: number
  choice: FontChoice
  addedAt: number
}

/** Draws SVGs as PNGs, one at a time, in an order that is fair to all callers. The first drawing starts the thread. */
export class Pngs {
  readonly #fonts: Fonts
  readonly #thread = new PngThread()
  readonly #recent = new Cache<Drawing>(
    CACHE_BYTES,
    ({ png, missing }) => png.byteLength + 2 * missing.length,
  )
  readonly #queues: Record<Purpose, FairQueue<Job>> = {
    badge: new FairQueue(),
    trial: new FairQueue(),
    refusal: new FairQueue(),
  }
  /** Decides which purpose is next; it has one turn for each job. */
  readonly #turns = new FairQueue<Purpose>()
  #drawing = false

  /**
   * @param folder an operator's own fonts
   * @param report is called with a sentence about each font that cannot be used
   */
  constructor(folder: string | null = null, report: (problem: string) => void = () => {}) {
    this.#fonts = new Fonts(folder, report)
  }

  /**
   * Reserves a place in the queue, then does work that ends with a drawing.
   * @throws PngsFull before the work starts
   */
  async reserve<Result>(
    caller: string,
    purpose: Purpose,
    work: (draw: Draw) => Promise<Result>,
  ): Promise<Result> {
    const queue = this.#queues[purpose]
    if (!queue.reserve(caller)) throw new PngsFull('too many PNGs wait to be drawn')
    try {
      return await work(async (svg, scale) => {
        const choice = await this.#fonts.choose(svg)
        const done = Promise.withResolvers<Drawing>()
        queue.add(caller, { svg, scale, choice, addedAt: performance.now(), ...done })
        this.#turns.add(purpose, purpose)
        if (!this.#drawing) void this.#drawAll()
        return done.promise
      })
    } finally {
      queue.release(caller)
    }
  }

  /** Ends the thread. Drawings that are not done are rejected. */
  close(): Promise<void> {
    return this.#thread.close()
  }

  async #drawAll(): Promise<void> {
    this.#drawing = true
    // If the thread cannot start, each drawing reports it. The time of the start does not count for any job.
    await this.#thread.start().catch(() => {})
    const readyAt = performance.now()
    for (let turn = this.#turns.next(); turn; turn = this.#turns.next()) {
      const next = this.#queues[turn.job].next()
      if (!next) throw new Error('every turn has a job')
      const { job, spend } = next
      const { drawMs, waitMs } = LIMITS[turn.job]
      const startedAt = performance.now()
      if (startedAt - Math.max(job.addedAt, readyAt) > waitMs) {
        job.reject(new PngsFull('a PNG has waited too long'))
        continue
      }
      await this.#draw(job, drawMs).then(job.resolve, job.reject)
      // The caller whose drawing ended the thread pays for the next start.
      await this.#thread.start().catch(() => {})
      const ms = performance.now() - startedAt
      turn.spend(ms)
      spend(ms)
    }
    this.#drawing = false
  }

  async #draw({ svg, scale, choice }: Job, limitMs: number): Promise<Drawing> {
    const name = `${scale} ${svg}`
    const known = this.#recent.get(name)
    if (known) return known
    const drawWith = async ({ fonts, missing }: FontChoice) => {
      const tryOnce = () => this.#thread.draw({ svg, scale, fonts }, limitMs)
      const png = await tryOnce().catch((error) => {
        if (error instanceof PngProblem && !(error instanceof TooSlow)) throw error
        // The thread ended by itself; or the drawing took too long, since V8 compiles a part of resvg at its first use.
        return tryOnce()
      })
      return { png, missing }
    }
    const drawing = await drawWith(choice).catch(async (error) => {
      if (choice.fonts.length === 0 || !(error instanceof PngProblem)) throw error
      const drawing = await drawWith(withBoxes(choice))
      // The fonts are at fault only if they fail with a text of their own: a stranger chooses the badge.
      const sample = { svg: sampleOf(choice), scale: 1, fonts: choice.fonts }
      await this.#thread.draw(sample, limitMs).catch((fault) => {
        if (fault instanceof PngProblem && !(fault instanceof TooSlow))
          return this.#fonts.drop(choice.fonts, fault.message)
      })
      return drawing
    })
    this.#recent.set(name, drawing)
    return drawing
  }
}

/** A drawing of one character of each font. */
function sampleOf({ fonts }: FontChoice): string {
  const text = fonts.map(({ characters }) => Array.from(characters)[0]).join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" width="99" height="20"><text y="15">${text}</text></svg>`
}

/** The same choice without fonts: their characters are drawn as boxes. */
function withBoxes({ fonts, missing }: FontChoice): FontChoice {
  return { fonts: [], missing: missing + fonts.map(({ characters }) => characters).join('') }
}
