import { readableOn } from '../style/contrast.ts'
import { both, type ColorPair } from '../style/theme.ts'
import { type Attributes, type Content, type Element, element } from '../svg.ts'
import {
  box,
  colorsOf,
  type DigitShapes,
  digitFace,
  drawDigits,
  type FaceOptions,
  type Group,
  gradient,
  type Moving,
  moveIn,
  type Palette,
  type Place,
} from './face.ts'

/** The box of a round digit, in units; a stroke of about 2 units stays inside. */
const ROUND = { width: 10, height: 16 }

/** Digits as on a wheel or a card, drawn as strokes with round ends. */
export const ROUND_DIGITS: DigitShapes = [
  'M5 1C2.4 1 1.2 3.6 1.2 8S2.4 15 5 15 8.8 12.4 8.8 8 7.6 1 5 1Z',
  'M2.6 3.9 5.8 1V15',
  'M1.4 4.8C1.5 2.4 3 1 5.1 1S8.6 2.4 8.6 4.5C8.6 6.2 7.8 7.4 6.5 8.8L1.3 15H8.8',
  'M1.5 3.7C1.9 2 3.2 1 5 1 7 1 8.4 2.3 8.4 4.2S7 7.5 5 7.5H4.1M5 7.5C7.2 7.5 8.8 9 8.8 11.2S7.2 15 5 15C3.1 15 1.7 14 1.2 12.2',
  'M6.7 15V1L1 11H9',
  'M8.2 1H2.5L1.9 7.3C2.7 6.6 3.8 6.2 4.9 6.2 7.2 6.2 8.8 7.9 8.8 10.5S7.2 15 4.9 15C3.1 15 1.7 14.1 1.2 12.4',
  'M8 2.7C7.3 1.6 6.3 1 5.2 1 2.6 1 1.2 3.7 1.2 8.3V10.5C1.2 13.2 2.8 15 5 15S8.8 13.2 8.8 10.6 7.2 6.4 5 6.4 1.2 8.1 1.2 10.5',
  'M1.2 1H8.8L4.2 15',
  'M5 7.5C3 7.5 1.7 6.1 1.7 4.2S3 1 5 1 8.3 2.3 8.3 4.2 7 7.5 5 7.5ZM5 7.5C2.7 7.5 1.1 9.1 1.1 11.2S2.7 15 5 15 8.9 13.3 8.9 11.2 7.3 7.5 5 7.5Z',
  'M2 13.3C2.7 14.4 3.7 15 4.8 15 7.4 15 8.8 12.3 8.8 7.7V5.5C8.8 2.8 7.2 1 5 1S1.2 2.8 1.2 5.4 2.8 9.6 5 9.6 8.8 7.9 8.8 5.5',
]

/**
 * Draws round digits in the middle of their places.
 * @param place the size of a place and the height of its digit, in px
 */
function roundDigits(
  places: readonly Place[],
  place: { width: number; height: number; digit: number },
  color: ColorPair,
  { sheet }: FaceOptions,
  moving: Moving,
): Element {
  const scale = place.digit / ROUND.height
  const left = (place.width - ROUND.width * scale) / 2
  const top = (place.height - place.digit) / 2
  const transformOf = (x: number) => `translate(${x + left} ${top})scale(${scale})`
  const line = { 'stroke-width': 2.3, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' }
  return element(
    'g',
    { fill: 'none', ...line, ...sheet.paint({ stroke: color }) },
    ...drawDigits(places, ROUND_DIGITS, moving, transformOf),
  )
}

export const FLAP: Palette = {
  color: both('#fbf8ef'),
  background: { light: '#2b2e34', dark: '#30343c' },
  edge: { light: '#17191c', dark: '#6b727e' },
}

/** In px. `between` is the space between two cards; `gap` is added to it between two numbers. */
const CARD = { width: 17, height: 27, digit: 17, radius: 3, between: 2, gap: 8 }

/** Looks like a split-flap board: each digit is on a card that is cut across the middle. */
export const FLAP_FACE = digitFace(
  { start: 0, pitch: CARD.width + CARD.between, gap: CARD.gap },
  ({ places, end }, options) => {
    const { paint } = options.sheet
    const { color, background, edge } = colorsOf(options, FLAP)
    const radius = options.radius ?? CARD.radius
    const cards = (attributes: Attributes) =>
      element('g', attributes, ...places.map(({ x }) => box({ ...CARD, x, radius }, {})))
    const middle = CARD.height / 2
    const cut = places.map(({ x }) => `M${x} ${middle}h${CARD.width}`).join('')
    // The pins on which the cards turn, at both ends of the cut.
    const pins = places
      .map(({ x }) => `M${x + 1} ${middle - 2}v4M${x + CARD.width - 1} ${middle - 2}v4`)
      .join('')
    return {
      width: end - CARD.between,
      height: CARD.height,
      content: [
        gradient('flap-halves', '0 #fff 0.16', '0.5 #fff 0.1', '0.5 #000 0.14', '1 #000 0'),
        cards(paint({ fill: background })),
        cards({ fill: 'url(#flap-halves)', ...paint({ stroke: edge }) }),
        roundDigits(places, CARD, color, options, moveIn(options, places.length, -6)),
        element('path', { d: cut, stroke: '#000', 'stroke-opacity': 0.65 }),
        element('path', { d: pins, 'stroke-width': 2, ...paint({ stroke: edge }) }),
      ],
    }
  },
)

export const ODOMETER: Palette = {
  color: both('#f7f3e8'),
  background: { light: '#212226', dark: '#282a30' },
  edge: { light: '#08090a', dark: '#767d89' },
}

/** In px. `pitch` includes the line to a wheel's left; another line is at the right end of a case. */
const WHEEL = { pitch: 15, line: 1, height: 24, digit: 14, radius: 3, gap: 6 }

/** Looks like the odometer of an old car: a case for each number, with swapped colours on the last wheel, as for tenths. */
export const ODOMETER_FACE = digitFace(
  { start: 0, pitch: WHEEL.pitch, gap: WHEEL.line + WHEEL.gap },
  ({ groups, places, end }, options) => {
    const { paint } = options.sheet
    const { color, background, edge } = colorsOf(options, ODOMETER)
    const lastColor = options.color || options.background ? readableOn(color) : background
    const radius = options.radius ?? WHEEL.radius
    const { height } = WHEEL
    const place = { width: WHEEL.pitch + WHEEL.line, height, digit: WHEEL.digit }
    const moving = moveIn(options, places.length, 5)
    const wheels = (places: readonly Place[], color: ColorPair) =>
      roundDigits(places, place, color, options, moving)

    const drawCase = ({ x, width, places }: Group): Content[] => {
      const size = { x, width: width + WHEEL.line, height, radius }
      const shade = box(size, { fill: 'url(#odometer-round)', ...paint({ stroke: edge }) })
      // A single wheel does not show tenths.
      if (places.length === 1)
        return [box(size, paint({ fill: background })), shade, wheels(places, color)]
      const last = x + width - WHEEL.pitch
      const halfCase = (end: number, fill: ColorPair) => {
        const d = halfCaseOf(last, end, Math.min(radius, height / 2))
        return element('path', { d, ...paint({ fill }) })
      }
      const lines = places.slice(1).map(({ x }) => `M${x + 0.5} 1V${height - 1}`)
      return [
        halfCase(x, background),
        halfCase(x + width + WHEEL.line, color),
        shade,
        element('path', { d: lines.join(''), stroke: '#000', 'stroke-opacity': 0.75 }),
        wheels(places.slice(0, -1), color),
        wheels(places.slice(-1), lastColor),
      ]
    }
    return {
      width: end + WHEEL.line,
      height,
      content: [
        // Wheels are round, so they are darker at the top and at the bottom.
        gradient(
          'odometer-round',
          '0 #000 0.6',
          '0.22 #000 0.12',
          '0.42 #fff 0.13',
          '0.7 #000 0.05',
          '1 #000 0.6',
        ),
        ...groups.flatMap(drawCase),
      ],
    }
  },
)

/** The path data of a case from `meet`, where its two colours meet, to its left or right end with round corners. */
function halfCaseOf(meet: number, end: number, corner: number): string {
  const direction = Math.sign(end - meet)
  const { height } = WHEEL
  const side = end - direction * corner
  const arc = `A${corner} ${corner} 0 0 ${direction > 0 ? 1 : 0} `
  return `M${meet} 0H${side}${arc}${end} ${corner}V${height - corner}${arc}${side} ${height}H${meet}Z`
}
