import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { Thread } from '../../worker.ts'
import type { ChosenFont } from './fonts.ts'
import type { PngFunctions } from './resvg.ts'

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

/** A drawing that cannot be drawn. */
export class PngProblem extends Error {
  override name = 'PngProblem'
}

class TooLarge extends PngProblem {}

export class TooSlow extends PngProblem {}

interface Running {
  thread: Thread<PngFunctions>
  /** The processor time of the thread before the current drawing; null if Node cannot report it. */
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
    const { worker } = running.thread
    const done = new AbortController()
    worker.ref()
    try {
      const reply = running.thread.call('draw', task)
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
    await running?.thread.worker.terminate()
  }

  async #open(): Promise<Running> {
    let thread: Thread<PngFunctions> | null = null
    try {
      this.#module ??= await compileResvg()
      thread = new Thread(new URL('./resvg.ts', import.meta.url), {
        workerData: this.#module,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      })
      const cpu = await Promise.race([thread.call('cpuUsage'), failAfter(START_MS)])
      thread.worker.on('exit', () => {
        this.#running = null
      })
      thread.worker.unref()
      return { thread, cpu }
    } catch (error) {
      this.#running = null
      await thread?.worker.terminate()
      throw error
    }
  }
}

/** Rejects after a time, without keeping the process alive for it. */
export async function failAfter(ms: number): Promise<never> {
  await setTimeout(ms, null, { ref: false })
  throw new Error(`it takes more than ${ms} ms`)
}

/** Rejects when a drawing has used up its time. @throws TooSlow */
async function limit(running: Running, limitMs: number, signal: AbortSignal): Promise<never> {
  const { thread, cpu: before } = running
  const canMeasure = before !== null && 'cpuUsage' in thread.worker
  const end = performance.now() + (canMeasure ? WALL_MS : WALL_ALONE_MS)
  let left = canMeasure ? limitMs : WALL_ALONE_MS
  while (left > 0 && performance.now() < end) {
    await setTimeout(Math.max(left, CHECK_MS), null, { signal })
    if (!canMeasure) continue
    // The thread itself answers this between two steps of its work, so the answer may take long on a busy machine.
    const usage = await Promise.race([
      thread.worker.cpuUsage(before),
      setTimeout(WALL_MS, null, { signal }),
    ])
    left = usage === null ? 0 : limitMs - (usage.user + usage.system) / 1000
  }
  throw new TooSlow(`it takes more than ${limitMs} ms to draw`)
}

/** The most memory of resvg, in pages of 64 kB: 128 MB for some layers of a million pixels, and for fonts. */
const MAX_PAGES = 2048

/** The id of the memory section in a WebAssembly file. */
const MEMORY = 5
/** Bytes before the first section: the magic number and the version. */
const HEADER = 8

/** Compiles resvg with bounded memory. */
async function compileResvg(): Promise<WebAssembly.Module> {
  const file = new URL(import.meta.resolve('@resvg/resvg-wasm/index_bg.wasm'))
  return WebAssembly.compile(boundMemory(await readFile(file), MAX_PAGES))
}

/**
 * Sets a maximum for the memory of a module that has none. The `resourceLimits` of a Worker do not apply to WebAssembly.
 * Format: https://webassembly.github.io/spec/core/binary/modules.html#memory-section
 */
export function boundMemory(file: Uint8Array, maxPages: number): Uint8Array<ArrayBuffer> {
  for (let start = HEADER; start < file.length; ) {
    const [size, content] = readNumber(file, start + 1)
    const end = content + size
    if (file[start] === MEMORY) {
      const [memories, flags] = file.subarray(content, content + 2)
      if (memories !== 1 || flags !== 0) throw new Error('the module has no memory without maximum')
      const [minimum] = readNumber(file, content + 2)
      const section = [1, 1, ...writeNumber(minimum), ...writeNumber(maxPages)]
      const bounded = Uint8Array.of(MEMORY, ...writeNumber(section.length), ...section)
      return Buffer.concat([file.subarray(0, start), bounded, file.subarray(end)])
    }
    start = end
  }
  throw new Error('the module has no memory')
}

/** Reads a number in LEB128. @returns the number and the position behind it */
function readNumber(file: Uint8Array, at: number): [value: number, end: number] {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = file[at++] as number
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return [value, at]
  }
}

function writeNumber(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...writeNumber(value >> 7)]
}
