import { parentPort, Worker, type WorkerOptions } from 'node:worker_threads'

/** The functions that a thread gives to `serve`. Parameters and results are copied between the threads. */
type Functions<Names extends PropertyKey> = Record<Names, (...parameters: never[]) => unknown>

interface Call {
  id: number
  name: string
  parameters: never[]
}

interface Reply {
  id: number
  result?: unknown
  error?: Error
  /** The error's code, which is lost when an error is copied between threads. */
  code?: string
}

/** Calls functions in a thread of its own. */
export class Thread<Served extends Functions<keyof Served>> {
  readonly worker: Worker
  readonly #calls = new Map<number, PromiseWithResolvers<never>>()
  #lastId = 0

  /** @param file calls `serve` when it is ready */
  constructor(file: URL, options: WorkerOptions) {
    this.worker = new Worker(file, options)
    this.worker.on('message', ({ id, result, error, code }: Reply) => {
      const call = this.#calls.get(id)
      this.#calls.delete(id)
      if (error) call?.reject(Object.assign(error, code !== undefined && { code }))
      else call?.resolve(result as never)
    })
    this.worker.on('error', (error) => this.#rejectAll(error))
    this.worker.on('exit', (code) =>
      this.#rejectAll(new Error(`the thread ended with code ${code}`)),
    )
  }

  /** @throws what the function throws, or what ended the thread */
  call<Name extends keyof Served>(
    name: Name,
    ...parameters: Parameters<Served[Name]>
  ): Promise<Awaited<ReturnType<Served[Name]>>> {
    this.#lastId += 1
    const call = Promise.withResolvers<never>()
    this.#calls.set(this.#lastId, call)
    this.worker.postMessage({ id: this.#lastId, name, parameters })
    return call.promise
  }

  #rejectAll(error: unknown): void {
    for (const { reject } of this.#calls.values()) reject(error)
    this.#calls.clear()
  }
}

/** Answers the calls of a `Thread`, in its thread. */
export function serve(functions: Functions<string>): void {
  parentPort?.on('message', async ({ id, name, parameters }: Call) => {
    try {
      const result = functions[name]?.(...parameters)
      parentPort?.postMessage({ id, result: result instanceof Promise ? await result : result })
    } catch (error) {
      parentPort?.postMessage({ id, error, code: (error as { code?: unknown }).code })
    }
  })
}
