import { readableOn } from '../style/paint.ts'
import { both } from '../style/theme.ts'
import { type Content, element } from '../svg.ts'
import {
  box,
  colorsOf,
  endOf,
  type FaceDrawing,
  type FaceOptions,
  type Group,
  gradient,
  moveIn,
  type Palette,
  placeDigits,
} from './face.ts'
import { roundDigits } from './round.ts'

export const ODOMETER: Palette = {
  color: both('#f7f3e8'),
  ground: { light: '#212226', dark: '#282a30' },
  edge: { light: '#08090a', dark: '#767d89' },
}

/** In px. `wheel` includes the line to its left; another line is at the right end of a case. */
const SIZE = { height: 24, wheel: 15, line: 1, digit: 14, radius: 3, gap: 6 }

/** Looks like the odometer of an old car: a case for each number, with swapped colours on the last wheel, as for tenths. */
export function drawOdometer(lengths: readonly number[], options: FaceOptions): FaceDrawing {
  const { ink } = options
  const { color, ground, edge } = colorsOf(options, ODOMETER)
  const lastColor = options.color || options.ground ? readableOn(color) : ground
  const groups = placeDigits(lengths, {
    start: 0,
    pitch: SIZE.wheel,
    gap: SIZE.line + SIZE.gap,
  })
  const attributesOf = moveIn(options, lengths, 5)
  const radius = options.radius ?? SIZE.radius
  const corner = Math.min(radius, SIZE.height / 2)
  const place = { width: SIZE.wheel + SIZE.line, height: SIZE.height, digit: SIZE.digit }

  const drawCase = ({ x, width, places }: Group): Content[] => {
    const size = { x, width: width + SIZE.line, height: SIZE.height, radius }
    const round = box(size, { fill: 'url(#odometer-round)', ...ink.paint({ stroke: edge }) })
    // A single wheel does not show tenths.
    if (places.length === 1) {
      return [
        box(size, ink.paint({ fill: ground })),
        round,
        roundDigits(places, place, color, options, attributesOf),
      ]
    }
    const end = x + width + SIZE.line
    const last = end - SIZE.line - SIZE.wheel
    const lines = places.slice(1).map(({ x }) => `M${x + 0.5} 1V${SIZE.height - 1}`)
    return [
      element('path', { d: halfCase(last, x, corner), ...ink.paint({ fill: ground }) }),
      element('path', { d: halfCase(last, end, corner), ...ink.paint({ fill: color }) }),
      round,
      element('path', { d: lines.join(''), stroke: '#000', 'stroke-opacity': 0.75 }),
      roundDigits(places.slice(0, -1), place, color, options, attributesOf),
      roundDigits(places.slice(-1), place, lastColor, options, attributesOf),
    ]
  }
  return {
    width: endOf(groups) + SIZE.line,
    height: SIZE.height,
    content: [
      // Wheels are round, so they are darker at the top and at the bottom.
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

/** The path data of a case from `meet`, where its two colours meet, to its left or right end with round corners. */
function halfCase(meet: number, end: number, corner: number): string {
  const direction = Math.sign(end - meet)
  const bottom = SIZE.height - corner
  const sweep = direction > 0 ? 1 : 0
  const arc = `A${corner} ${corner} 0 0 ${sweep} `
  return `M${meet} 0H${end - direction * corner}${arc}${end} ${corner}V${bottom}${arc}${end - direction * corner} ${SIZE.height}H${meet}Z`
}
