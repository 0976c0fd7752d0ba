import type { FastifyInstance } from 'fastify'
import { createPngs, PngsFull } from '../badge/png/pngs.ts'
import { Refusal } from '../refusal.ts'
import { answerSender } from './answer.ts'
import type { Query } from './visits.ts'

/** Badges that may wait to be drawn as PNG; each takes some ms of a thread. */
const MOST_WAITING = 200
const SCALES = ['1', '2', '3']

export const sendPng = answerSender('image/png')

/** A PNG that was asked for, before anything is counted. */
export interface PngOrder {
  /** What is asked for but the scale, which the pixels have and the drawing has not. */
  query: Query
  /** @throws Refusal `internal` */
  draw(svg: string): Promise<Uint8Array>
}

/** Draws PNGs for an app, until it is closed. */
export function pngDesk(app: FastifyInstance) {
  // Room for as many refusals: they are not to take the places of what was counted.
  const pngs = createPngs({ most: 2 * MOST_WAITING })
  app.addHook('onClose', () => pngs.close())
  let orders = 0
  let refusals = 0

  function read({ scale = '', ...query }: Query): PngOrder {
    if (scale !== '' && !SCALES.includes(String(scale))) {
      throw new Refusal('bad_option', 'bad scale', 'scale must be 1, 2 or 3 for a PNG.')
    }
    return {
      query,
      draw: (svg) =>
        pngs.draw(svg, Number(scale || 1)).catch((cause) => {
          throw new Refusal('internal', 'server error', 'The badge could not be drawn.', { cause })
        }),
    }
  }

  return {
    /** @throws Refusal `bad_option` */
    read,
    /**
     * Does what ends in a drawing, unless too many are being done.
     * @throws Refusal `unavailable`, before anything was done
     */
    async order<Result>(work: () => Promise<Result>): Promise<Result> {
      if (orders >= MOST_WAITING) {
        const sentence = 'Too many PNGs wait to be drawn; try again soon.'
        throw new Refusal('unavailable', 'try again', sentence)
      }
      orders += 1
      try {
        return await work()
      } finally {
        orders -= 1
      }
    },
    /** A refusal as a PNG. @throws PngsFull */
    async drawRefusal(svg: string): Promise<Uint8Array> {
      if (refusals >= MOST_WAITING) throw new PngsFull(MOST_WAITING)
      refusals += 1
      try {
        return await pngs.draw(svg, 1)
      } finally {
        refusals -= 1
      }
    },
  }
}

export type PngDesk = ReturnType<typeof pngDesk>
