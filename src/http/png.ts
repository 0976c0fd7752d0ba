import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { subscriber } from '../address.ts'
import type { Appearance } from '../badge/appearance.ts'
import type { Badges } from '../badge/badge.ts'
import { type Draw, type Drawing, PngProblem, Pngs, PngsFull } from '../badge/png/pngs.ts'
import { Cache } from '../cache.ts'
import { Refusal } from '../refusal.ts'
import type { Query } from './request.ts'

const SCALES = [1, 2, 3]
/** The parameter `scale` of a PNG, for /openapi.json. */
export const SCALE = { description: 'Pixels for one px of the badge', enum: SCALES, default: 1 }

/**
 * Takes the scale out of the query of a PNG: the pixels are scaled, and the SVG behind them is not.
 * @throws Refusal `bad_option`
 */
export function readScale({ scale = '', ...query }: Query): { query: Query; scale: number } {
  if (scale !== '' && !SCALES.some((each) => String(each) === scale)) {
    throw new Refusal('bad_option', 'bad scale', 'scale must be 1, 2 or 3 for a PNG.')
  }
  return { query, scale: Number(scale || 1) }
}

/** Draws badges as PNGs. If a badge cannot be drawn, throws a Refusal. */
export class PngBadges {
  readonly #badges: Badges
  readonly #pngs: Pngs
  readonly #trials: Trials

  /**
   * @param fonts a folder of the operator's own fonts
   * @param now milliseconds since 1970, UTC
   * @param warn is called for each font that cannot be used
   */
  constructor(
    badges: Badges,
    fonts: string | undefined,
    now: () => number,
    warn: (problem: string) => void,
  ) {
    this.#badges = badges
    this.#pngs = new Pngs(fonts ?? null, warn)
    this.#trials = new Trials(now)
  }

  /**
   * Does work that ends in drawing a badge. The work begins only when the badge has a place in the queue and its logo is known
   * to be drawable, so that no visit counts whose badge is refused.
   * @throws Refusal before the work begins: `unavailable` when too many PNGs wait, `bad_option` when the badge's logo cannot
   * be drawn, `internal` when an operator's own badge cannot
   */
  async draw<Result>(
    request: FastifyRequest,
    appearance: Appearance,
    scale: number,
    work: (toPng: (svg: string) => Promise<Drawing>) => Promise<Result>,
  ): Promise<Result> {
    const caller = subscriber(request.ip)
    const foreign = this.#badges.untrustedPart(appearance)
    // The result is remembered by the badge's options, because another badge with the same logo may be drawable.
    const badge = appearance.name ?? ''
    if (foreign !== null) await this.#try(foreign, badge, scale, caller)
    const toPng = (draw: Draw) => async (svg: string) => {
      try {
        return await draw(svg, scale)
      } catch (error) {
        if (foreign !== null && error instanceof PngProblem) {
          this.#trials.refuse(foreign + badge, scale, error)
        }
        throw undrawn(error)
      }
    }
    return this.#pngs
      .reserve(caller, 'badge', (draw) => work(toPng(draw)))
      .catch((error) => {
        throw error instanceof PngsFull ? full() : error
      })
  }

  /** Draws a refusal. @throws PngsFull */
  drawRefusal(request: FastifyRequest, svg: string): Promise<Drawing> {
    return this.#pngs.reserve(subscriber(request.ip), 'refusal', (draw) => draw(svg, 1))
  }

  close(): Promise<void> {
    return this.#pngs.close()
  }

  /** Tries to draw a part of a badge that is not ours. @throws Refusal when it cannot be drawn */
  async #try(foreign: string, badge: string, scale: number, caller: string): Promise<void> {
    const { own } = this.#badges
    // An operator's own badge may take as long as a built-in one.
    const purpose = own ? 'badge' : 'trial'
    const trial = () => this.#pngs.reserve(caller, purpose, (draw) => draw(foreign, scale))
    try {
      await this.#trials.check(foreign, scale, trial)
      this.#trials.checkRefused(foreign + badge, scale)
    } catch (error) {
      if (error instanceof PngsFull) throw full()
      if (own || !(error instanceof PngProblem)) throw undrawn(error)
      const sentence = 'This logo cannot be drawn as a PNG, or takes too long; use a simpler one.'
      throw new Refusal('bad_option', 'bad logo', sentence)
    }
  }
}

const full = () =>
  new Refusal('unavailable', 'try again', 'Too many PNGs wait to be drawn; try again soon.')

const undrawn = (cause: unknown) =>
  new Refusal('internal', 'server error', 'The badge could not be drawn.', { cause })

/** Bytes for the results of trials, some 10,000; and bytes of each. */
const MAX_BYTES = 2_000_000
const RESULT_BYTES = 50
/** How long a picture stays refused, in ms. It may only have been too slow because the machine was busy. */
const REFUSED_MS = 600_000

interface Result {
  /** Null if the picture can be drawn. */
  problem: PngProblem | null
  until: number
}

/** Tries to draw each picture once, and remembers by its hash whether it could. */
class Trials {
  readonly #results = new Cache<Result>(MAX_BYTES, () => RESULT_BYTES)
  readonly #running = new Map<string, Promise<void>>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** @throws what `draw` throws. A PngProblem is remembered, another error is not. */
  check(picture: string, scale: number, draw: () => Promise<unknown>): Promise<void> {
    const name = nameOf(picture, scale)
    const known = this.#results.get(name)
    if (known && this.#now() < known.until) {
      return known.problem ? Promise.reject(known.problem) : Promise.resolve()
    }
    const running = this.#running.get(name)
    if (running) return running
    const trial = draw()
      .then(
        () => this.#results.set(name, { problem: null, until: Number.POSITIVE_INFINITY }),
        (error) => {
          if (error instanceof PngProblem) this.#refuse(name, error)
          throw error
        },
      )
      .finally(() => this.#running.delete(name))
    this.#running.set(name, trial)
    return trial
  }

  /** Refuses a badge whose picture passed its trial, but which could not be drawn. Anyone may send that picture again. */
  refuse(badge: string, scale: number, problem: PngProblem): void {
    this.#refuse(nameOf(badge, scale), problem)
  }

  /** @throws PngProblem if the badge is refused */
  checkRefused(badge: string, scale: number): void {
    const known = this.#results.get(nameOf(badge, scale))
    if (known?.problem && this.#now() < known.until) throw known.problem
  }

  #refuse(name: string, problem: PngProblem): void {
    this.#results.set(name, { problem, until: this.#now() + REFUSED_MS })
  }
}

const nameOf = (picture: string, scale: number) =>
  createHash('sha256').update(`${scale} ${picture}`).digest('base64')
