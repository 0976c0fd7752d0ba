import type { FastifyInstance, FastifyRequest } from 'fastify'
import { subscriber } from '../address.ts'
import type { Appearance } from '../badge/appearance.ts'
import type { Badges } from '../badge/badge.ts'
import { type Draw, type Drawing, PngProblem, Pngs, PngsFull } from '../badge/png/pngs.ts'
import { Refusal } from '../refusal.ts'
import { answerSender } from './answer.ts'
import { Trials } from './trials.ts'
import type { Query } from './visits.ts'

const SCALES = ['1', '2', '3']

export const sendPng = answerSender('image/png')

/**
 * Takes the scale of a PNG out of a query: the pixels have it, and the drawing has not.
 * @throws Refusal `bad_option`
 */
export function readScale({ scale = '', ...query }: Query): { query: Query; scale: number } {
  if (scale !== '' && !SCALES.includes(String(scale))) {
    throw new Refusal('bad_option', 'bad scale', 'scale must be 1, 2 or 3 for a PNG.')
  }
  return { query, scale: Number(scale || 1) }
}

/**
 * Draws PNGs for an app, until it is closed.
 * @param fonts a folder of the operator's own fonts, if there is one
 * @param now milliseconds since 1970, UTC
 */
export function pngQueue(
  app: FastifyInstance,
  badges: Badges,
  fonts: string | undefined,
  now: () => number,
) {
  const pngs = new Pngs(fonts ?? null, (problem) => app.log.warn(problem))
  const trials = new Trials(now)
  app.addHook('onClose', () => pngs.close())

  /** Why a badge's foreign part is refused, before anything is counted. */
  function refusalOf(error: unknown): Refusal {
    if (error instanceof PngsFull) return full()
    if (badges.own || !(error instanceof PngProblem)) return undrawn(error)
    const sentence = 'This logo cannot be drawn as a PNG, or takes too long; use a simpler one.'
    return new Refusal('bad_option', 'bad logo', sentence)
  }

  return {
    /**
     * Does what ends in a drawing of a badge.
     * @throws Refusal before anything is done: `unavailable` where too many PNGs wait, `bad_option` where the badge's logo
     * cannot be drawn, `internal` where an operator's own badge cannot
     */
    async enqueue<Result>(
      request: FastifyRequest,
      appearance: Appearance,
      scale: number,
      work: (draw: (svg: string) => Promise<Drawing>) => Promise<Result>,
    ): Promise<Result> {
      const caller = subscriber(request.ip)
      const foreign = badges.untrustedPart(appearance)
      if (foreign !== null) {
        // An operator's own badge may take as long as one of ours.
        const purpose = badges.own ? 'badge' : 'trial'
        const trial = () => pngs.reserve(caller, purpose, (draw) => draw(foreign, scale))
        await trials.check(foreign, scale, trial).catch((error) => {
          throw refusalOf(error)
        })
      }
      const draws = (draw: Draw) => async (svg: string) => {
        try {
          return await draw(svg, scale)
        } catch (error) {
          if (foreign !== null && error instanceof PngProblem) trials.refuse(foreign, scale, error)
          throw undrawn(error)
        }
      }
      return pngs
        .reserve(caller, 'badge', (draw) => work(draws(draw)))
        .catch((error) => {
          throw error instanceof PngsFull ? full() : error
        })
    },
    /** A refusal as a PNG. @throws PngsFull */
    drawRefusal: (request: FastifyRequest, svg: string): Promise<Drawing> =>
      pngs.reserve(subscriber(request.ip), 'refusal', (draw) => draw(svg, 1)),
  }
}

export type PngQueue = ReturnType<typeof pngQueue>

const full = () =>
  new Refusal('unavailable', 'try again', 'Too many PNGs wait to be drawn; try again soon.')

const undrawn = (cause: unknown) =>
  new Refusal('internal', 'server error', 'The badge could not be drawn.', { cause })
