import type { FastifyInstance, FastifyRequest } from 'fastify'
import { subscriber } from '../address.ts'
import type { Look } from '../badge/looks.ts'
import { createPngs, type PngOrder, PngProblem, PngsFull } from '../badge/png.ts'
import { Refusal } from '../refusal.ts'
import { answerSender } from './answer.ts'
import type { Query } from './visits.ts'

const SCALES = ['1', '2', '3']

export const sendPng = answerSender('image/png')

/** A PNG that was asked for, before anything is counted. */
export interface PngRequest {
  /** What is asked for but the scale, which the pixels have and the drawing has not. */
  query: Query
  scale: number
}

/** Draws an SVG as the PNG that was asked for. @throws Refusal `internal` */
export type DrawPng = (svg: string) => Promise<Uint8Array>

/** Draws PNGs for an app, until it is closed. */
export function pngDesk(app: FastifyInstance) {
  const pngs = createPngs()
  app.addHook('onClose', () => pngs.close())

  /** @throws Refusal `bad_option` */
  function read({ scale = '', ...query }: Query): PngRequest {
    if (scale !== '' && !SCALES.includes(String(scale))) {
      throw new Refusal('bad_option', 'bad scale', 'scale must be 1, 2 or 3 for a PNG.')
    }
    return { query, scale: Number(scale || 1) }
  }

  return {
    read,
    /**
     * Does what ends in a drawing, unless too much waits to be drawn.
     * @param sample draws the badge with some number; a picture that a stranger sent is tried with it first, so that a
     * visit whose badge cannot be drawn is not counted
     * @throws Refusal `unavailable` or `bad_option`, before anything was done
     */
    async order<Result>(
      request: FastifyRequest,
      scale: number,
      { options: { logo } }: Look,
      sample: () => string,
      work: (draw: DrawPng) => Promise<Result>,
    ): Promise<Result> {
      const picture = logo && 'image' in logo ? logo.image : null
      let order: PngOrder
      try {
        order = pngs.order(subscriber(request.ip), picture)
      } catch (error) {
        throw refusalOf(error)
      }
      try {
        if (picture !== null) {
          await order.try(sample(), scale, picture).catch((error) => {
            throw refusalOf(error)
          })
        }
        return await work((svg) =>
          order.draw(svg, scale).catch((cause) => {
            throw notDrawn(cause)
          }),
        )
      } finally {
        order.leave()
      }
    },
    /** A refusal as a PNG. @throws PngsFull */
    async drawRefusal(request: FastifyRequest, svg: string): Promise<Uint8Array> {
      // Apart from what the same caller has ordered: that may be why it is refused.
      const order = pngs.order(`refusals ${subscriber(request.ip)}`, null)
      try {
        return await order.draw(svg, 1)
      } finally {
        order.leave()
      }
    },
  }
}

export type PngDesk = ReturnType<typeof pngDesk>

function notDrawn(cause: unknown): Refusal {
  return new Refusal('internal', 'server error', 'The badge could not be drawn.', { cause })
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof PngsFull) {
    const sentence = 'Too many PNGs wait to be drawn; try again soon.'
    return new Refusal('unavailable', 'try again', sentence)
  }
  if (error instanceof PngProblem) {
    const sentence =
      'The picture in logo cannot be drawn as a PNG, or takes too long; use a simpler one, or an SVG badge.'
    return new Refusal('bad_option', 'bad logo', sentence)
  }
  return notDrawn(error)
}
