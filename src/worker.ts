import { parentPort, Worker, type WorkerOptions } from 'node:worker_threads'
import { Refusal } from './refusal.ts'

/** The functions that a thread gives to `serve`. Parameters and results are copied between the threads. */
type Functions<Names extends PropertyKey> = Record<Names, (...parameters: never[]) => unknown>

/** Methods as a thread has them: with results instead of promises. */
export type Sync<Methods> = {
  [Name in keyof Methods]: Methods[Name] extends (...parameters: infer Parameters) => infer Result
    ? (...parameters: Parameters) => Awaited<Result>
    : never
}

interface Call {
  id: number
  name: string
  parameters: never[]
}

type Reply =
  | { id: number; result: unknown }
  /** An error loses its code when it is copied between threads, and a refusal its class. */
  | { id: number; error: unknown; code?: unknown }
  | { id: number; refusal: ConstructorParameters<typeof Refusal> }

/** Calls functions in a thread of its own. */
export class Thread<Served extends Functions<keyof Served>> {
  readonly worker: Worker
  readonly #calls = new Map<number, PromiseWithResolvers<never>>()
  #lastId = 0
  #hasEnded = false
  /** What ended the thread, once it has ended. */
  #reason: unknown

  /** @param file the module to run in the thread; it must call `serve` */
  constructor(file: URL, options: WorkerOptions) {
    this.worker = new Worker(file, options)
    this.worker.on('message', (reply: Reply) => {
      const call = this.#calls.get(reply.id)
      this.#calls.delete(reply.id)
      if ('refusal' in reply) call?.reject(new Refusal(...reply.refusal))
      else if ('error' in reply) call?.reject(withCode(reply.error, reply.code))
      else call?.resolve(reply.result as never)
    })
    this.worker.on('error', (error) => this.#end(error))
    this.worker.on('exit', (code) => this.#end(new Error(`the thread ended with code ${code}`)))
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** @throws what the function throws, or what ended the thread */
  call<Name extends keyof Served>(
    name: Name,
    ...parameters: Parameters<Served[Name]>
  ): Promise<Awaited<ReturnType<Served[Name]>>> {
    // A message to a thread that has ended is dropped without an error.
    if (this.#hasEnded) return Promise.reject(this.#reason)
    this.#lastId += 1
    const call = Promise.withResolvers<never>()
    this.#calls.set(this.#lastId, call)
    this.worker.postMessage({ id: this.#lastId, name, parameters })
    return call.promise
  }

  #end(reason: unknown): void {
    if (!this.#hasEnded) this.#reason = reason
    this.#hasEnded = true
    for (const { reject } of this.#calls.values()) reject(reason)
    this.#calls.clear()
  }
}

const withCode = (error: unknown, code: unknown) =>
  error instanceof Error && code !== undefined ? Object.assign(error, { code }) : error

/** Answers the calls of a `Thread`, in its thread. */
export function serve(functions: Functions<string>): void {
  const reply = (message: Reply) => parentPort?.postMessage(message)
  parentPort?.on('message', async ({ id, name, parameters }: Call) => {
    try {
      const run = functions[name]
      if (run === undefined) throw new Error(`the thread has no function ${name}`)
      const result = run(...parameters)
      reply({ id, result: result instanceof Promise ? await result : result })
    } catch (error) {
      if (error instanceof Refusal) {
        const { code, brief, message, place, field } = error
        reply({ id, refusal: [code, brief, message, { place, field }] })
        return
      }
      const code = (error as { code?: unknown } | null | undefined)?.code
      try {
        reply({ id, error, code })
      } catch {
        // The error cannot be copied, for example because it has a function.
        reply({ id, error: new Error(String(error)) })
      }
    }
  })
}
