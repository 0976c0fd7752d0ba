import type { Pair } from '../style/theme.ts'
import { type Attributes, type Element, element } from '../svg.ts'
import type { FaceAsked } from './face.ts'
import { digitAt, type Group } from './parts.ts'
import { ROUND, ROUND_DIGITS } from './shapes.ts'

/**
 * Round digits in the middles of their places.
 * @param room the size of a place in px, and how tall digits are in it
 * @param coming the attributes of the digit at place `n`, see `comeIn`
 */
export function roundDigits(
  places: Group['places'],
  room: { width: number; height: number; tall: number },
  { ink, color, coming }: Pick<FaceAsked, 'ink'> & { color: Pair; coming(n: number): Attributes },
): Element {
  const scale = room.tall / ROUND.height
  const left = (room.width - ROUND.width * scale) / 2
  const top = (room.height - room.tall) / 2
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
        ...coming(n),
      }),
    ),
  )
}
