import { Worker } from 'node:worker_threads'
import type { Settings, Work } from './work.ts'

/** Size of the thread's heap for short-lived objects, in MB. V8's default is several times larger. */
const YOUNG_MB = 8

interface Reply {
  id: number
  result?: unknown
  error?: Error
  /** The error's code, which is lost when an error is copied between threads. */
  code?: string
}

/** Calls the functions of `work.ts` in a thread of its own, so that a slow disk does not delay other answers. */
export class WriterThread {
  readonly #worker: Worker
  readonly #calls = new Map<number, { resolve(result: never): void; reject(error: Error): void }>()
  #lastId = 0

  private constructor(settings: Settings) {
    this.#worker = new Worker(new URL('./work.ts', import.meta.url), {
      workerData: settings,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    })
    this.#worker.on('message', ({ id, result, error, code }: Reply) => {
      const call = this.#calls.get(id)
      this.#calls.delete(id)
      if (error) call?.reject(Object.assign(error, code !== undefined && { code }))
      else call?.resolve(result as never)
    })
  }

  /** Starts the thread, which opens the database. @throws if it cannot be opened */
  static async start(settings: Settings): Promise<WriterThread> {
    const thread = new WriterThread(settings)
    const failed = Promise.withResolvers<never>()
    thread.#worker.once('error', failed.reject)
    try {
      await Promise.race([thread.call('ping'), failed.promise])
    } catch (error) {
      await thread.#worker.terminate()
      throw error
    }
    // From now on, an error that ends the thread also ends the process. Every answer that was sent is on disk.
    thread.#worker.off('error', failed.reject)
    return thread
  }

  call<Name extends keyof Work>(
    name: Name,
    ...parameters: Parameters<Work[Name]>
  ): Promise<Awaited<ReturnType<Work[Name]>>> {
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject })
      this.#worker.postMessage({ id, name, parameters })
    })
  }

  /** Closes the connection, then ends the thread. */
  async close(...parameters: Parameters<Work['close']>): Promise<void> {
    try {
      await this.call('close', ...parameters)
    } finally {
      await this.#worker.terminate()
    }
  }
}
