import { Recent } from './recent.ts'
import { PngProblem, PngThread } from './thread.ts'

export { PngProblem }

/** The longest that a drawing may have the processor, in ms. A badge takes 3 to 10. */
const LIMIT_MS = 150

/** As many drawings wait as may. */
export class PngsFull extends Error {
  constructor(most: number) {
    super(`${most} PNGs are waiting to be drawn`)
    this.name = 'PngsFull'
  }
}

/** Draws SVGs as PNGs. */
export interface Pngs {
  /**
   * @param svg a drawing; what it names outside of itself is left out
   * @param scale pixels for one unit of its width and height: more than 0
   * @returns a PNG file with a clear ground, not to be changed: others may get the same
   * @throws PngsFull
   * @throws PngProblem where the drawing cannot be drawn, by its own fault
   * @throws Error where its thread cannot start or has ended
   */
  draw(svg: string, scale: number): Promise<Uint8Array>
  /** Ends the thread. What was not drawn by then is rejected. */
  close(): Promise<void>
}

export interface PngOptions {
  /** Drawings that may wait, the one that is being drawn included; most take 3 to 10 ms. */
  most: number
  /** Bytes that are kept of what was drawn last: badges that count nothing are asked for again and again. */
  kept: number
}

const DEFAULTS: PngOptions = { most: 200, kept: 4_000_000 }

interface Waiting extends PromiseWithResolvers<Uint8Array> {
  svg: string
  scale: number
}

/** Nothing is started before the first drawing. */
export function createPngs(options: Partial<PngOptions> = {}): Pngs {
  const { most, kept } = { ...DEFAULTS, ...options }
  const thread = new PngThread()
  const recent = new Recent(kept)
  // The first one is being drawn. Who asks for a drawing that waits already, waits with it.
  const waiting = new Map<string, Waiting>()

  let drawing = false

  async function drawAll() {
    drawing = true
    // A Map goes on to what is added on the way.
    for (const [key, { svg, scale, resolve, reject }] of waiting) {
      try {
        const png = await thread.draw({ svg, scale }, LIMIT_MS)
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
