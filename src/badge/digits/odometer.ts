import { both } from '../style/theme.ts'
import { type Content, element } from '../svg.ts'
import type { FaceAsked, FaceDrawing } from './face.ts'
import {
  box,
  colorsOf,
  comeIn,
  endOf,
  type Group,
  gradient,
  layOut,
  type Palette,
  readableOn,
} from './parts.ts'
import { roundDigits } from './round.ts'

export const ODOMETER: Palette = {
  color: both('#f7f3e8'),
  ground: { light: '#212226', dark: '#282a30' },
  edge: { light: '#08090a', dark: '#767d89' },
}

/** In px; a wheel has the line to its left with it, and the last one of a case another to its right. */
const SIZE = { height: 24, wheel: 15, line: 1, digit: 14, radius: 3, gap: 6 }

/** Wheels of an old car: a case for each number, and its last wheel the other way round, as that of the tenths. */
export function drawOdometer(asked: FaceAsked): FaceDrawing {
  const { ink } = asked
  const { color, ground, edge } = colorsOf(asked, ODOMETER)
  const onLight = asked.color || asked.ground ? readableOn(color) : ground
  const groups = layOut(asked.groups, { start: 0, pitch: SIZE.wheel, gap: SIZE.line + SIZE.gap })
  const coming = comeIn(asked, asked.groups, 5)
  const radius = asked.radius ?? SIZE.radius
  const corner = Math.min(radius, SIZE.height / 2)
  const room = { width: SIZE.wheel + SIZE.line, height: SIZE.height, tall: SIZE.digit }

  const drawCase = ({ x, width, places }: Group): Content[] => {
    const size = { x, width: width + SIZE.line, height: SIZE.height, radius }
    const round = box(size, { fill: 'url(#odometer-round)', ...ink.paint({ stroke: edge }) })
    // A wheel on its own is no tenths.
    if (places.length === 1) {
      return [
        box(size, ink.paint({ fill: ground })),
        round,
        roundDigits(places, room, { ink, color, coming }),
      ]
    }
    const end = x + width + SIZE.line
    const last = end - SIZE.line - SIZE.wheel
    const lines = places.slice(1).map((place) => `M${place.x + 0.5} 1V${SIZE.height - 1}`)
    return [
      element('path', { d: halfCase(last, x, corner), ...ink.paint({ fill: ground }) }),
      element('path', { d: halfCase(last, end, corner), ...ink.paint({ fill: color }) }),
      round,
      element('path', { d: lines.join(''), stroke: '#000', 'stroke-opacity': 0.75 }),
      roundDigits(places.slice(0, -1), room, { ink, color, coming }),
      roundDigits(places.slice(-1), room, { ink, color: onLight, coming }),
    ]
  }
  return {
    width: endOf(groups) + SIZE.line,
    height: SIZE.height,
    content: [
      // A wheel is round: it turns away above and below.
      gradient('odometer-round', [
        [0, '#000', 0.6],
        [0.22, '#000', 0.12],
        [0.42, '#fff', 0.13],
        [0.7, '#000', 0.05],
        [1, '#000', 0.6],
      ]),
      ...groups.flatMap(drawCase),
    ],
  }
}

/** The part of a case from where two parts meet to one of its ends, left or right, with the round corners there. */
function halfCase(meet: number, end: number, corner: number): string {
  const way = Math.sign(end - meet)
  const bottom = SIZE.height - corner
  const sweep = way > 0 ? 1 : 0
  const arc = `A${corner} ${corner} 0 0 ${sweep} `
  return `M${meet} 0H${end - way * corner}${arc}${end} ${corner}V${bottom}${arc}${end - way * corner} ${SIZE.height}H${meet}Z`
}
