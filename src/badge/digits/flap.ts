import { both } from '../style/theme.ts'
import { type Attributes, element } from '../svg.ts'
import type { FaceAsked, FaceDrawing } from './face.ts'
import { box, colorsOf, comeIn, endOf, gradient, layOut, type Palette } from './parts.ts'
import { roundDigits } from './round.ts'

export const FLAP: Palette = {
  color: both('#fbf8ef'),
  ground: { light: '#2b2e34', dark: '#30343c' },
  edge: { light: '#17191c', dark: '#6b727e' },
}

const SIZE = { height: 27, card: 17, digit: 17, radius: 3, between: 2, gap: 8 }
const MIDDLE = SIZE.height / 2

/** A split-flap board: a card for each digit, cut across the middle. */
export function drawFlap(asked: FaceAsked): FaceDrawing {
  const { ink } = asked
  const { color, ground, edge } = colorsOf(asked, FLAP)
  const groups = layOut(asked.groups, {
    start: 0,
    pitch: SIZE.card + SIZE.between,
    gap: SIZE.gap,
  })
  const places = groups.flatMap((group) => group.places)
  const room = { width: SIZE.card, height: SIZE.height, tall: SIZE.digit }
  const coming = comeIn(asked, asked.groups, -6)
  const cards = (attributes: Attributes) =>
    places.map(({ x }) =>
      box(
        { x, width: SIZE.card, height: SIZE.height, radius: asked.radius ?? SIZE.radius },
        attributes,
      ),
    )
  const cut = places.map(({ x }) => `M${x} ${MIDDLE}h${SIZE.card}`).join('')
  // The pins that cards turn on, at both ends of the cut.
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
      roundDigits(places, room, { ink, color, coming }),
      element('path', { d: cut, stroke: '#000', 'stroke-opacity': 0.65 }),
      element('path', { d: pins, 'stroke-width': 2, ...ink.paint({ stroke: edge }) }),
    ],
  }
}
