import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ChosenFont } from './fonts.ts'
import { compileResvg } from './module.ts'

/** The heap of the thread for short-lived objects, in MB. V8's own choice takes several times as much. */
const YOUNG_MB = 8
/** How long the thread may take to start, in ms. On an idle machine it takes some 100. */
const START_MS = 30_000
/** The longest that a drawing may take by the clock, in ms: on a busy machine the thread waits for the processor. */
const WALL_MS = 2000
/** The same before Node 24.6, which cannot report the processor time of a thread. */
const WALL_ALONE_MS = 1000
/** The least time between two checks of a drawing's processor time, in ms. */
const CHECK_MS = 10

export interface PngTask {
  svg: string
  /** Pixels for one unit of its width and height: more than 0. */
  scale: number
  /** The fonts for characters that DejaVu lacks. */
  fonts: readonly ChosenFont[]
}

/** Either a PNG file, or the reason why the drawing failed. */
export interface PngResult {
  png?: Uint8Array
  problem?: string
  /** Set if the drawing was refused before resvg drew it, so that the thread can be used again. */
  tooLarge?: true
}

/** The thread posts this when it is ready, and after each drawing. */
export interface PngReply extends PngResult {
  /** The processor time of the thread since its start; null if Node cannot report it. */
  cpu: NodeJS.CpuUsage | null
}

/** A drawing that cannot be drawn. */
export class PngProblem extends Error {
  override name = 'PngProblem'
}

class TooLarge extends PngProblem {}

export class TooSlow extends PngProblem {}

interface Running {
  worker: Worker
  /** Its processor time before the current drawing. */
  cpu: NodeJS.CpuUsage | null
}

/**
 * Draws PNGs in a thread of its own, one at a time, so that counting does not wait for them. The thread starts with the
 * first drawing. It is ended after a drawing that fails, because a panic may leave resvg's memory in any state, and
 * because nothing else stops a drawing that takes too long. It keeps the process alive only while it draws.
 */
export class PngThread {
  #running: Promise<Running> | null = null
  /** Keeps the code that V8 has compiled: with it, the next thread starts in half of the time. */
  #module: WebAssembly.Module | null = null
  #closed = false

  /**
   * Must not be called before the last call is done.
   * @param limitMs the processor time that the drawing may use
   * @returns a PNG file
   * @throws PngProblem if the drawing cannot be read, is too large, takes too long, or makes resvg panic
   * @throws Error if the thread cannot start, or ends
   */
  async draw(task: PngTask, limitMs: number): Promise<Uint8Array> {
    const running = await this.start()
    const { worker } = running
    const done = new AbortController()
    worker.ref()
    try {
      const reply = messageFrom<PngReply>(worker, done.signal)
      worker.postMessage(task)
      const result = await Promise.race([reply, limit(running, limitMs, done.signal)])
      running.cpu = result.cpu
      if (result.png) return result.png
      throw result.tooLarge ? new TooLarge(result.problem) : new PngProblem(result.problem)
    } catch (error) {
      if (!(error instanceof TooLarge)) {
        await worker.terminate()
        this.#running = null
      }
      throw error
    } finally {
      done.abort()
      worker.unref()
    }
  }

  /** Starts the thread if it does not run. @throws Error */
  start(): Promise<Running> {
    if (this.#closed) return Promise.reject(new Error('PNGs are no longer drawn'))
    this.#running ??= this.#open()
    return this.#running
  }

  /** Ends the thread. Its current drawing is rejected. */
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
      // An error between two drawings has no other listener, and would end the process.
      worker.on('error', () => {})
      const { cpu } = await messageFrom<PngReply>(worker, AbortSignal.timeout(START_MS))
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
}

/** Waits for the next message of a thread. @throws Error if the thread fails or ends before, or the signal aborts */
export async function messageFrom<Message>(worker: Worker, signal: AbortSignal): Promise<Message> {
  const ended = once(worker, 'exit', { signal }).then(([code]) => {
    throw new Error(`the thread ended with code ${code}`)
  })
  const [message] = await Promise.race([once(worker, 'message', { signal }), ended])
  return message
}

/** Rejects when a drawing has used up its time. @throws TooSlow */
async function limit(running: Running, limitMs: number, signal: AbortSignal): Promise<never> {
  const { worker, cpu: before } = running
  const canMeasure = before !== null && 'cpuUsage' in worker
  const end = performance.now() + (canMeasure ? WALL_MS : WALL_ALONE_MS)
  let left = canMeasure ? limitMs : WALL_ALONE_MS
  while (left > 0 && performance.now() < end) {
    await setTimeout(Math.max(left, CHECK_MS), null, { signal })
    if (!canMeasure) continue
    // The thread itself answers this between two steps of its work, so the answer may take long on a busy machine.
    const usage = await Promise.race([
      worker.cpuUsage(before),
      setTimeout(WALL_MS, null, { signal }),
    ])
    left = usage === null ? 0 : limitMs - (usage.user + usage.system) / 1000
  }
  throw new TooSlow(`it takes more than ${limitMs} ms to draw`)
}
