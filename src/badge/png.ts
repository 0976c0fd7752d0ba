import { PngThread, type PngThreadOptions, PngTooLarge } from './png-thread.ts'
import { Recent } from './recent.ts'

export { PngTooLarge }

/** As many drawings wait as may; see `full`. */
export class PngsFull extends Error {
  constructor(most: number) {
    super(`${most} PNGs are waiting to be drawn`)
    this.name = 'PngsFull'
  }
}

/** Draws SVGs as PNGs. */
export interface Pngs {
  /** Whether `draw` would refuse a new drawing now. */
  readonly full: boolean
  /**
   * @param svg a drawing that needs nothing from outside of itself
   * @param scale pixels for one unit of its width and height: more than 0
   * @returns a PNG file with a clear ground, not to be changed: others may get the same
   * @throws PngsFull
   * @throws PngTooLarge
   * @throws Error where the drawing cannot be read, takes too long, or ends its thread
   */
  draw(svg: string, scale: number): Promise<Uint8Array>
  /** Ends the thread. What was not drawn by then is rejected. */
  close(): Promise<void>
}

export interface PngOptions extends PngThreadOptions {
  /** Drawings that may wait, the one that is being drawn included; most take 1 to 4 ms. */
  most: number
  /** Bytes that are kept of what was drawn last: badges that count nothing are asked for again and again. */
  kept: number
}

const DEFAULTS: PngOptions = {
  most: 200,
  kept: 4_000_000,
  limitMs: 5000,
  after(ms, ring) {
    const timer = setTimeout(ring, ms)
    return () => clearTimeout(timer)
  },
  program: new URL('./png-worker.ts', import.meta.url),
}

interface Waiting extends PromiseWithResolvers<Uint8Array> {
  svg: string
  scale: number
}

/** Nothing is started before the first drawing. */
export function createPngs(options: Partial<PngOptions> = {}): Pngs {
  const { most, kept, ...rest } = { ...DEFAULTS, ...options }
  const thread = new PngThread(rest)
  const recent = new Recent(kept)
  // The first one is being drawn. Who asks for a drawing that waits already, waits with it.
  const waiting = new Map<string, Waiting>()

  let drawing = false

  async function drawAll() {
    drawing = true
    // A Map goes on to what is added on the way.
    for (const [key, { svg, scale, resolve, reject }] of waiting) {
      try {
        const png = await thread.draw({ svg, scale })
        recent.add(key, png)
        resolve(png)
      } catch (error) {
        reject(error)
      }
      waiting.delete(key)
    }
    drawing = false
  }

  return {
    get full() {
      return waiting.size >= most
    },
    async draw(svg, scale) {
      const key = `${scale} ${svg}`
      const png = recent.get(key)
      if (png) return png
      const same = waiting.get(key)
      if (same) return same.promise
      if (waiting.size >= most) throw new PngsFull(most)
      const next = { svg, scale, ...Promise.withResolvers<Uint8Array>() }
      waiting.set(key, next)
      if (!drawing) void drawAll()
      return next.promise
    },
    close: () => thread.close(),
  }
}
