import type { ColorPair } from '../style/theme.ts'
import { type Attributes, type Element, element } from '../svg.ts'
import { type DigitShapes, digitAt, type FaceOptions, type Group } from './face.ts'

/** The box of a round digit, in units; a stroke of about 2 units stays inside. */
const ROUND = { width: 10, height: 16 } as const

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
 * @param attributesOf the attributes of the digit at place `n`, see `moveIn`
 */
export function roundDigits(
  places: Group['places'],
  place: { width: number; height: number; digit: number },
  color: ColorPair,
  { ink }: FaceOptions,
  attributesOf: (n: number) => Attributes,
): Element {
  const scale = place.digit / ROUND.height
  const left = (place.width - ROUND.width * scale) / 2
  const top = (place.height - place.digit) / 2
  return element(
    'g',
    {
      fill: 'none',
      'stroke-width': 2.3,
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
      ...ink.paint({ stroke: color }),
    },
    ...places.map(({ n, x }) =>
      element('path', {
        transform: `translate(${x + left} ${top})scale(${scale})`,
        d: [digitAt(n, ROUND_DIGITS)],
        ...attributesOf(n),
      }),
    ),
  )
}
