import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

const PROGRAM = new URL('./png-worker.ts', import.meta.url)
const RESVG = new URL(import.meta.resolve('@resvg/resvg-wasm/index_bg.wasm'))
/** What the thread's heap keeps for short-lived things, in MB; V8's own choice takes several times as much. */
const YOUNG_MB = 8
/** A drawing is given up after so many ms, however little of the processor it got. */
const MAX_WALL_MS = 5000

export interface PngTask {
  svg: string
  scale: number
}

/** The file, the pixels that there would be, or what was thrown. */
export type Drawn = { png: Uint8Array } | { tooLarge: number } | { error: unknown; broken: boolean }

/** What the thread sends: first that it has started. */
export type PngReply = (Drawn | { started: true }) & { cpu: CpuUsage | undefined }

/** Time of the processor in microseconds, from the start of a thread. */
interface CpuUsage {
  user: number
  system: number
}

/** A picture that cannot be drawn, by its own fault. */
export class PngProblem extends Error {
  override name = 'PngProblem'
}

/** The thread ended while it drew, by no fault of the picture that is known. */
export class PngThreadEnded extends Error {
  override name = 'PngThreadEnded'
}

/**
 * Draws PNGs in a thread of its own, one at a time: counting does not wait for them. resvg runs there as WebAssembly,
 * so a panic in it is an exception, and a drawing that takes too long is ended with its thread. The thread starts with
 * the first drawing, and again after one that broke it. It keeps the process alive only while it draws.
 */
export class PngThread {
  #module: Promise<WebAssembly.Module> | null = null
  #worker: Promise<Worker> | null = null
  /** Time of the processor that the thread had used when it was last idle, in ms. */
  #idleMs: number | null = null
  #closed = false

  /**
   * Not to be called before the last drawing is done.
   * @param limitMs time of the processor that the drawing may take; of the clock, where Node cannot tell (before 24.6)
   * @returns a PNG file
   * @throws PngProblem where the drawing cannot be read, is too large, takes too long or breaks the renderer
   * @throws PngThreadEnded
   * @throws Error where the thread cannot start, or was closed
   */
  async draw(task: PngTask, limitMs: number): Promise<Uint8Array> {
    if (this.#closed) throw new Error('PNGs are no longer drawn')
    this.#worker ??= this.#start()
    const worker = await this.#worker
    worker.ref()
    const done = new AbortController()
    try {
      const replied = nextReply(worker)
      worker.postMessage(task)
      const reply = await Promise.race([replied, this.#limit(worker, limitMs, done.signal)])
      this.#idleMs = inMs(reply.cpu)
      if ('png' in reply) return reply.png
      if ('tooLarge' in reply)
        throw new PngProblem(`a PNG of ${Math.round(reply.tooLarge)} pixels is too large`)
      if (!('error' in reply)) throw new Error('the PNG thread started twice')
      if (reply.broken) this.#end(worker)
      throw new PngProblem(`the drawing cannot be drawn: ${reply.error}`, { cause: reply.error })
    } finally {
      done.abort()
      worker.unref()
    }
  }

  /** Ends the thread; what it is drawing is rejected. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#worker?.then((worker) => worker.terminate())
  }

  async #start(): Promise<Worker> {
    try {
      // Compiled once: a thread that follows another then starts in some 60 ms.
      this.#module ??= readFile(RESVG).then((file) => WebAssembly.compile(file))
      const worker = new Worker(PROGRAM, {
        workerData: await this.#module,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      })
      const { cpu } = await nextReply(worker)
      this.#idleMs = inMs(cpu)
      const forget = () => {
        this.#worker = null
      }
      // An error ends the thread too.
      worker.on('error', forget).on('exit', forget)
      if (this.#closed) await worker.terminate()
      return worker
    } catch (error) {
      this.#worker = null
      throw error
    }
  }

  #end(worker: Worker): void {
    this.#worker = null
    void worker.terminate()
  }

  /** Once the drawing has taken too long, ends the thread and rejects; it never resolves. */
  async #limit(worker: Worker, limitMs: number, signal: AbortSignal): Promise<never> {
    const begun = performance.now()
    for (let leftMs = limitMs; leftMs > 0; ) {
      await pause(leftMs, undefined, { signal })
      const usedMs = await this.#usedMs(worker)
      if (usedMs === null || performance.now() - begun > MAX_WALL_MS) break
      leftMs = limitMs - usedMs
    }
    signal.throwIfAborted()
    this.#end(worker)
    throw new PngProblem(`the drawing takes more than ${limitMs} ms`)
  }

  /** What the drawing has taken of the processor's time, in ms; null where Node cannot tell. */
  async #usedMs(worker: Worker): Promise<number | null> {
    // A thread that has ended cannot tell, and the drawing has ended with it.
    const cpu = await worker.cpuUsage?.().catch(() => undefined)
    const ms = inMs(cpu)
    return ms === null || this.#idleMs === null ? null : ms - this.#idleMs
  }
}

function inMs(cpu: CpuUsage | undefined): number | null {
  return cpu === undefined ? null : (cpu.user + cpu.system) / 1000
}

/** @throws PngThreadEnded @throws Error that ended the thread */
function nextReply(worker: Worker): Promise<PngReply> {
  const { promise, resolve, reject } = Promise.withResolvers<PngReply>()
  const ended = (code: number) =>
    reject(new PngThreadEnded(`the PNG thread ended with code ${code}`))
  worker.on('message', resolve).on('error', reject).on('exit', ended)
  return promise.finally(() =>
    worker.off('message', resolve).off('error', reject).off('exit', ended),
  )
}
