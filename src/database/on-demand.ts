import { setTimeout as sleep } from 'node:timers/promises'
import { Thread } from '../worker.ts'

/** How long the thread stays when nobody calls it, in ms. */
const IDLE_MS = 60_000

/** How long closing waits for answers, in ms: a list of all pages may take some seconds. */
const MAX_CLOSE_MS = 60_000

type Functions<Names extends PropertyKey> = Record<Names, (...parameters: never[]) => unknown>

/** Calls functions in a thread that runs only while it is needed. `close` ends what they use; it is the last call. */
export class OnDemand<Served extends Functions<keyof Served> & { close(): unknown }> {
  readonly #file: URL
  readonly #workerData: unknown
  readonly #calls = new Set<Promise<unknown>>()
  #thread: Thread<Served> | null = null
  #idle: NodeJS.Timeout | undefined

  /** @param file the module to run in the thread; it must call `serve` */
  constructor(file: URL, workerData: unknown) {
    this.#file = file
    this.#workerData = workerData
  }

  /** Calls that wait for their answers. */
  get waiting(): number {
    return this.#calls.size
  }

  get isRunning(): boolean {
    return this.#thread !== null
  }

  async call<Name extends keyof Served>(
    name: Name,
    ...parameters: Parameters<Served[Name]>
  ): Promise<Awaited<ReturnType<Served[Name]>>> {
    clearTimeout(this.#idle)
    this.#thread ??= new Thread<Served>(this.#file, { workerData: this.#workerData })
    const thread = this.#thread
    const answer = thread.call(name, ...parameters)
    this.#calls.add(answer)
    try {
      return await answer
    } finally {
      this.#calls.delete(answer)
      // A thread that has failed to open its database does not open it later.
      if (thread.hasEnded && this.#thread === thread) this.#thread = null
      if (this.#calls.size === 0)
        this.#idle = setTimeout(() => void this.#stop().catch(() => {}), IDLE_MS).unref()
    }
  }

  /** Waits for the answers to all calls, but no longer than `ms`; then ends the thread, and rejects those that are left. */
  async close(ms = MAX_CLOSE_MS): Promise<void> {
    const late = new AbortController()
    await Promise.race([
      Promise.allSettled(this.#calls),
      sleep(ms, undefined, { signal: late.signal }).catch(() => {}),
    ])
    late.abort()
    await this.#stop()
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#idle)
    const ending = this.#thread
    this.#thread = null
    try {
      await ending?.call('close', ...([] as unknown as Parameters<Served['close']>))
    } finally {
      await ending?.worker.terminate()
    }
  }
}
