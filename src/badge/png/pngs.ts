import { Cache } from '../../cache.ts'
import { FairQueue } from './fair-queue.ts'
import { Fonts } from './fonts.ts'
import { Places } from './places.ts'
import { PngProblem, type PngTask, PngThread, TooSlow } from './thread.ts'

export { PngProblem }

/** Bytes that are kept of what was drawn last: badges that count nothing are asked for again and again. */
const KEPT_BYTES = 4_000_000

/**
 * What drawings are for: badges, refusals, and trials of pictures that strangers sent. Each purpose has places of its own,
 * and a third of the time when all wait: no stranger's picture holds up a badge without one.
 */
export type Purpose = keyof typeof LIMITS

/**
 * The longest that each of two tries may have the processor, in ms: 150 in all for a picture that a stranger sent. The rest
 * of a badge is ours, and takes 2 to 15; its limit is there for our own mistakes. And the longest that a drawing may wait:
 * a badge that is counted is drawn.
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

/** A PNG file with a clear ground, not to be changed: others may get the same. */
export interface Drawing {
  png: Uint8Array
  /** The characters that no font has: boxes stand in their places. */
  missing: string
}

/**
 * Draws an SVG. What it names outside of itself is left out.
 * @param scale pixels for one unit of its width and height: more than 0
 * @throws PngProblem where the SVG cannot be drawn, by its own fault
 * @throws PngsFull where it has waited too long
 * @throws Error where the thread that draws cannot start, or has ended twice
 */
export type Draw = (svg: string, scale: number) => Promise<Drawing>

/** Draws SVGs as PNGs, one at a time, in an order that is fair to all callers. */
export interface Pngs {
  /**
   * Does work that ends in a drawing, with a place in the queue from the beginning.
   * @throws PngsFull before the work has begun
   */
  reserve<Result>(
    caller: string,
    purpose: Purpose,
    work: (draw: Draw) => Promise<Result>,
  ): Promise<Result>
  /** Ends the thread. What was not drawn by then is rejected. */
  close(): Promise<void>
}

interface Job extends PngTask, PromiseWithResolvers<Drawing> {
  missing: string
  since: number
}

/**
 * Nothing is started before the first drawing.
 * @param folder an operator's own fonts
 * @param report is told of each font that cannot be used
 */
export function createPngs(
  folder: string | null = null,
  report: (problem: string) => void = () => {},
): Pngs {
  const letters = new Fonts(folder, report)
  const thread = new PngThread()
  const recent = new Cache<Drawing>(
    KEPT_BYTES,
    ({ png, missing }) => png.byteLength + 2 * missing.length,
  )
  const places = { badge: new Places(), trial: new Places(), refusal: new Places() }
  const jobs = {
    badge: new FairQueue<Job>(),
    trial: new FairQueue<Job>(),
    refusal: new FairQueue<Job>(),
  }
  // For each job, its purpose has one turn.
  const turns = new FairQueue<Purpose>()
  let drawing = false

  async function drawAll(): Promise<void> {
    drawing = true
    // A thread that cannot start is reported with each drawing. Its start is nobody's time, and no time of waiting.
    await thread.start().catch(() => {})
    const ready = performance.now()
    for (let turn = turns.next(); turn; turn = turns.next()) {
      const purpose = turn.job
      const own = jobs[purpose].next()
      if (!own) throw new Error('every turn has a job')
      const begin = performance.now()
      const { drawMs, waitMs } = LIMITS[purpose]
      if (begin - Math.max(own.job.since, ready) > waitMs) {
        own.job.reject(new PngsFull('a PNG has waited too long'))
        continue
      }
      await finish(own.job, drawMs)
      // A drawing that ended its thread pays for the next one.
      await thread.start().catch(() => {})
      const ms = performance.now() - begin
      for (const { spend } of [turn, own]) spend(ms)
      places[purpose].learn(ms)
    }
    drawing = false
  }

  async function finish(job: Job, limitMs: number): Promise<void> {
    try {
      job.resolve(await draw(job, limitMs))
    } catch (error) {
      job.reject(error)
    }
  }

  async function draw(job: Job, limitMs: number): Promise<Drawing> {
    const { svg, scale, fonts } = job
    const name = `${scale} ${svg}`
    const known = recent.get(name)
    if (known) return known
    const drawing = await drawTwice(job, limitMs).catch(async (error) => {
      if (fonts.length === 0 || !(error instanceof PngProblem)) throw error
      const drawing = await drawTwice(withDejavu(job), limitMs)
      // A badge that is slow by itself says nothing of the fonts.
      if (!(error instanceof TooSlow)) await letters.drop(fonts, error.message)
      return drawing
    })
    recent.set(name, drawing)
    return drawing
  }

  async function drawTwice({ missing, ...job }: Job, limitMs: number): Promise<Drawing> {
    const { svg, scale, fonts } = job
    const tryOnce = async () => ({
      png: await thread.draw({ svg, scale, fonts }, limitMs),
      missing,
    })
    return tryOnce().catch((error) => {
      // V8 compiles what resvg does when it does it for the first time, which can take longer than to do it; or the
      // thread has ended by itself.
      const again = error instanceof TooSlow || !(error instanceof PngProblem)
      if (again) return tryOnce()
      throw error
    })
  }

  return {
    async reserve(caller, purpose, work) {
      if (!places[purpose].take(caller)) throw new PngsFull('too many PNGs wait to be drawn')
      const add: Draw = async (svg, scale) => {
        const chosen = letters.choose(svg)
        const { fonts, missing } = chosen instanceof Promise ? await chosen : chosen
        const { promise, resolve, reject } = Promise.withResolvers<Drawing>()
        const since = performance.now()
        jobs[purpose].add(caller, { svg, scale, fonts, missing, since, promise, resolve, reject })
        turns.add(purpose, purpose)
        if (!drawing) void drawAll()
        return promise
      }
      try {
        return await work(add)
      } finally {
        places[purpose].leave(caller)
      }
    },
    close: () => thread.close(),
  }
}

/** The same drawing without other fonts. */
function withDejavu(job: Job): Job {
  const boxes = job.fonts.map(({ characters }) => characters).join('')
  return { ...job, fonts: [], missing: job.missing + boxes }
}
