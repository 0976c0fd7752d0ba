import { Worker } from 'node:worker_threads'

/** What the thread's heap keeps for short-lived things, in MB; V8's own choice takes several times as much. */
const YOUNG_MB = 8

export interface PngTask {
  svg: string
  scale: number
}

/** What the thread answers: the file, or how many pixels there would be, or what was thrown. */
export type PngReply = { png: Uint8Array } | { tooLarge: number } | { error: unknown }

/** A drawing that would have too many pixels; it is not drawn. */
export class PngTooLarge extends Error {
  constructor(pixels: number) {
    super(`a PNG of ${Math.round(pixels)} pixels is too large`)
    this.name = 'PngTooLarge'
  }
}

export interface PngThreadOptions {
  /** How long a drawing may take, in ms, the start of the thread included. */
  limitMs: number
  /** Calls back after some ms, unless what it returns is called before. */
  after(ms: number, ring: () => void): () => void
  /** What the thread runs. */
  program: URL
}

/**
 * Draws PNGs in a thread of its own, one at a time: counting does not wait for them. The thread starts with the first
 * drawing, and a new one where that is gone. It keeps the process alive only while it draws.
 */
export class PngThread {
  readonly #options: PngThreadOptions
  #worker: Worker | null = null
  #closed = false

  constructor(options: PngThreadOptions) {
    this.#options = options
  }

  /**
   * Not to be called before the last one is done.
   * @returns a PNG file
   * @throws PngTooLarge
   * @throws Error where the drawing cannot be read, takes too long, or ends the thread; or the thread was closed
   */
  async draw(task: PngTask): Promise<Uint8Array> {
    if (this.#closed) throw new Error('PNGs are no longer drawn')
    const { limitMs, after } = this.#options
    this.#worker ??= this.#start()
    const worker = this.#worker
    const { promise, resolve, reject } = Promise.withResolvers<PngReply>()
    const ended = (code: number) => reject(new Error(`the PNG thread ended with code ${code}`))
    worker.on('message', resolve).on('error', reject).on('exit', ended).ref()
    const cancel = after(limitMs, () => {
      this.#forget(worker)
      void worker.terminate()
      reject(new Error(`a PNG took more than ${limitMs} ms`))
    })
    worker.postMessage(task)
    try {
      const reply = await promise
      if ('error' in reply) throw reply.error
      if ('tooLarge' in reply) throw new PngTooLarge(reply.tooLarge)
      return reply.png
    } finally {
      cancel()
      worker.off('message', resolve).off('error', reject).off('exit', ended).unref()
    }
  }

  /** Ends the thread; what it is drawing is rejected. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(this.#options.program, {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    })
    const forget = () => this.#forget(worker)
    return worker.on('error', forget).on('exit', forget)
  }

  #forget(worker: Worker): void {
    if (this.#worker === worker) this.#worker = null
  }
}
