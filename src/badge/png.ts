import { hash } from 'node:crypto'
import { Cache } from '../cache.ts'
import { FairQueue, type Place, QueueFull } from './fair-queue.ts'
import { PngProblem, PngThread, PngThreadEnded } from './png-thread.ts'

export { PngProblem, QueueFull as PngsFull }

/** Expected time of all that waits, in ms. */
const MAX_WAITING_MS = 4000
/** Most badges take 3 to 8 ms. */
const EXPECTED_MS = 10
/** Of the processor, for a badge of our own making; it ends what should not be. */
const OWN_LIMIT_MS = 2000
/** Of the processor, for a badge with a stranger's picture in it. */
const PICTURE_LIMIT_MS = 150
/** Bytes that are kept of what was drawn last: badges that count nothing are asked for again and again. */
const KEPT_BYTES = 4_000_000
/** For the hashes of pictures that could not be drawn, some 1,000: they are refused at once. */
const MAX_PROBLEM_BYTES = 160_000

/** A place in the queue for one request. */
export interface PngOrder {
  /**
   * @param svg a drawing that needs nothing from outside of itself
   * @param scale pixels for one unit of its width and height: more than 0
   * @returns a PNG file with a clear ground, not to be changed: others may get the same
   * @throws PngProblem where the drawing is at fault
   * @throws Error where the thread cannot start or ends
   */
  draw(svg: string, scale: number): Promise<Uint8Array>
  /**
   * The same with less patience, for a drawing with a stranger's picture in it: 150 ms of the processor.
   * @param picture what the stranger sent; if it cannot be drawn, that is remembered
   */
  try(svg: string, scale: number, picture: string): Promise<Uint8Array>
  leave(): void
}

/** Draws SVGs as PNGs. */
export interface Pngs {
  /**
   * @param caller whose turn it will be: callers get equal shares of the time
   * @param picture a stranger's picture that the drawing has in it, if any
   * @throws PngsFull
   * @throws PngProblem where that picture could not be drawn before
   */
  order(caller: string, picture: string | null): PngOrder
  /** Ends the thread. What was not drawn by then is rejected. */
  close(): Promise<void>
}

/** Nothing is started before the first drawing. */
export function createPngs(): Pngs {
  const thread = new PngThread()
  const queue = new FairQueue(MAX_WAITING_MS)
  const recent = new Cache<Uint8Array>(KEPT_BYTES, (png) => png.byteLength)
  const waiting = new Map<string, Promise<Uint8Array>>()
  const problems = new Cache<true>(MAX_PROBLEM_BYTES, () => 0)

  async function drawOnce(svg: string, scale: number, limitMs: number): Promise<Uint8Array> {
    try {
      return await thread.draw({ svg, scale }, limitMs)
    } catch (error) {
      if (!(error instanceof PngThreadEnded)) throw error
      return thread.draw({ svg, scale }, limitMs)
    }
  }

  function draw(place: Place, svg: string, scale: number, limitMs: number): Promise<Uint8Array> {
    const key = `${scale} ${svg}`
    const png = recent.get(key)
    if (png) return Promise.resolve(png)
    // A drawing that waits already serves every request for it.
    const same = waiting.get(key)
    if (same) return same
    const drawn = place
      .run(() => drawOnce(svg, scale, limitMs))
      .then((png) => {
        recent.set(key, png)
        return png
      })
      .finally(() => waiting.delete(key))
    waiting.set(key, drawn)
    return drawn
  }

  return {
    order(caller, picture) {
      if (picture !== null && problems.get(nameOf(picture))) {
        throw new PngProblem('a drawing with this picture failed before')
      }
      const place = queue.enter(caller, picture === null ? EXPECTED_MS : PICTURE_LIMIT_MS)
      return {
        draw: (svg, scale) => draw(place, svg, scale, OWN_LIMIT_MS),
        async try(svg, scale, picture) {
          try {
            return await draw(place, svg, scale, PICTURE_LIMIT_MS)
          } catch (error) {
            if (error instanceof PngProblem) problems.set(nameOf(picture), true)
            throw error
          }
        },
        leave: place.leave,
      }
    },
    close: () => thread.close(),
  }
}

const nameOf = (picture: string) => hash('sha256', picture, 'base64')
