import { both } from '../style/theme.ts'
import { type Attributes, element } from '../svg.ts'
import {
  box,
  colorsOf,
  endOf,
  type FaceDrawing,
  type FaceOptions,
  gradient,
  moveIn,
  type Palette,
  placeDigits,
} from './face.ts'
import { roundDigits } from './round.ts'

export const FLAP: Palette = {
  color: both('#fbf8ef'),
  ground: { light: '#2b2e34', dark: '#30343c' },
  edge: { light: '#17191c', dark: '#6b727e' },
}

const SIZE = { height: 27, card: 17, digit: 17, radius: 3, between: 2, gap: 8 }
const MIDDLE = SIZE.height / 2

/** Looks like a split-flap board: each digit is on a card that is cut across the middle. */
export function drawFlap(lengths: readonly number[], options: FaceOptions): FaceDrawing {
  const { ink } = options
  const { color, ground, edge } = colorsOf(options, FLAP)
  const groups = placeDigits(lengths, {
    start: 0,
    pitch: SIZE.card + SIZE.between,
    gap: SIZE.gap,
  })
  const places = groups.flatMap((group) => group.places)
  const place = { width: SIZE.card, height: SIZE.height, digit: SIZE.digit }
  const attributesOf = moveIn(options, lengths, -6)
  const cards = (attributes: Attributes) =>
    places.map(({ x }) =>
      box(
        { x, width: SIZE.card, height: SIZE.height, radius: options.radius ?? SIZE.radius },
        attributes,
      ),
    )
  const cut = places.map(({ x }) => `M${x} ${MIDDLE}h${SIZE.card}`).join('')
  // The pins on which the cards turn, at both ends of the cut.
  const pins = places
    .map(({ x }) => `M${x + 1} ${MIDDLE - 2}v4M${x + SIZE.card - 1} ${MIDDLE - 2}v4`)
    .join('')
  return {
    width: endOf(groups) - SIZE.between,
    height: SIZE.height,
    content: [
      gradient('flap-halves', [
        [0, '#fff', 0.16],
        [0.5, '#fff', 0.1],
        [0.5, '#000', 0.14],
        [1, '#000', 0],
      ]),
      element('g', ink.paint({ fill: ground }), ...cards({})),
      element('g', { fill: 'url(#flap-halves)', ...ink.paint({ stroke: edge }) }, ...cards({})),
      roundDigits(places, place, color, options, attributesOf),
      element('path', { d: cut, stroke: '#000', 'stroke-opacity': 0.65 }),
      element('path', { d: pins, 'stroke-width': 2, ...ink.paint({ stroke: edge }) }),
    ],
  }
}
