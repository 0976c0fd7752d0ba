import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Wanted } from './fonts.ts'
import { compileResvg } from './module.ts'

/** What the thread's heap keeps for short-lived things, in MB; V8's own choice takes several times as much. */
const YOUNG_MB = 8
/** How long the thread may take to start, in ms. It takes some 100 on a machine with nothing else to do. */
const START_MS = 30_000
/** The most that a drawing may take by the clock, in ms: a busy machine leaves the thread little of the processor. */
const WALL_MS = 2000
/** The same before Node 24.6, which cannot say how long a thread has had the processor. */
const WALL_ALONE_MS = 1000
/** The least between two looks at how long a drawing has had the processor. */
const CHECK_MS = 10

export interface PngTask {
  svg: string
  /** Pixels for one unit of its width and height: more than 0. */
  scale: number
  /** What its texts are drawn with where DejaVu lacks their letters. */
  fonts: readonly Wanted[]
}

/** What became of a drawing: the file, how many pixels it would have, or what resvg says. */
export type PngResult = { png: Uint8Array } | { pixels: number } | { failed: string }

/** What the thread posts when it is ready, and after each drawing. */
export interface PngReply {
  /** None where the thread has started. */
  result: PngResult | null
  /** How long the thread has had the processor since it began; null where Node does not know. */
  cpu: NodeJS.CpuUsage | null
}

/** A drawing that cannot be drawn, by its own fault. */
export class PngProblem extends Error {
  override name = 'PngProblem'
}

class TooLarge extends PngProblem {}

export class TooSlow extends PngProblem {}

interface Running {
  worker: Worker
  /** As it was before the drawing that is being drawn. */
  cpu: NodeJS.CpuUsage | null
}

/**
 * Draws PNGs in a thread of its own, one at a time, so that counting does not wait for them. The thread starts with the
 * first drawing. It ends with each drawing that fails: a panic leaves resvg's memory in any state, and nothing but an
 * end stops a drawing that takes too long. It keeps the process alive only while it draws.
 */
export class PngThread {
  #running: Promise<Running> | null = null
  /** Kept with what V8 has compiled of it: the next thread starts in half of the time. */
  #module: WebAssembly.Module | null = null
  #closed = false

  /**
   * Not to be called before the last call is done.
   * @param limitMs how long the drawing may have the processor
   * @returns a PNG file
   * @throws PngProblem where the drawing cannot be read, is too large, takes too long, or makes resvg panic
   * @throws Error where the thread cannot start or has ended
   */
  async draw(task: PngTask, limitMs: number): Promise<Uint8Array> {
    const running = await this.start()
    const { worker } = running
    const done = new AbortController()
    worker.ref()
    try {
      const reply = replyOf(worker, done.signal)
      worker.postMessage(task)
      const { result, cpu } = await Promise.race([reply, limit(running, limitMs, done.signal)])
      running.cpu = cpu
      if (result && 'png' in result) return result.png
      if (result && 'pixels' in result)
        throw new TooLarge(`a PNG of ${Math.round(result.pixels)} pixels is too large`)
      throw new PngProblem(result?.failed)
    } catch (error) {
      if (!(error instanceof TooLarge)) await this.#end(worker)
      throw error
    } finally {
      done.abort()
      worker.unref()
    }
  }

  /** Starts the thread where it does not run. @throws Error */
  start(): Promise<Running> {
    if (this.#closed) return Promise.reject(new Error('PNGs are no longer drawn'))
    this.#running ??= this.#open()
    return this.#running
  }

  /** Ends the thread; what it is drawing is rejected. */
  async close(): Promise<void> {
    this.#closed = true
    const running = await this.#running?.catch(() => null)
    await running?.worker.terminate()
  }

  async #open(): Promise<Running> {
    let worker: Worker | null = null
    try {
      this.#module ??= await compileResvg()
      worker = new Worker(new URL('./worker.ts', import.meta.url), {
        workerData: this.#module,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      })
      // Between two drawings nobody waits for it, and an error without a listener would end the process.
      worker.on('error', () => {})
      const { cpu } = await replyOf(worker, AbortSignal.timeout(START_MS))
      worker.on('exit', () => {
        this.#running = null
      })
      worker.unref()
      return { worker, cpu }
    } catch (error) {
      this.#running = null
      await worker?.terminate()
      throw error
    }
  }

  async #end(worker: Worker): Promise<void> {
    await worker.terminate()
    this.#running = null
  }
}

/** @throws Error where the thread fails or ends instead, or the signal comes first */
async function replyOf(worker: Worker, signal: AbortSignal): Promise<PngReply> {
  const ended = once(worker, 'exit', { signal }).then(([code]) => {
    throw new Error(`the thread that draws PNGs ended with code ${code}`)
  })
  const [reply] = await Promise.race([once(worker, 'message', { signal }), ended])
  return reply
}

/** @throws PngProblem when a drawing has used its time up */
async function limit(running: Running, limitMs: number, signal: AbortSignal): Promise<never> {
  const { worker, cpu: before } = running
  const knows = before !== null && 'cpuUsage' in worker
  const end = performance.now() + (knows ? WALL_MS : WALL_ALONE_MS)
  let left = knows ? limitMs : WALL_ALONE_MS
  while (left > 0 && performance.now() < end) {
    await setTimeout(Math.max(left, CHECK_MS), null, { signal })
    if (!knows) continue
    // The thread answers this itself, between two steps of what it does: not before it has the processor.
    const usage = await Promise.race([
      worker.cpuUsage(before),
      setTimeout(WALL_MS, null, { signal }),
    ])
    left = usage === null ? 0 : limitMs - (usage.user + usage.system) / 1000
  }
  throw new TooSlow(`it takes more than ${limitMs} ms to draw`)
}
