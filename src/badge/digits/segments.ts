import type { Pair } from '../style/theme.ts'
import { type Content, element } from '../svg.ts'
import type { FaceAsked } from './face.ts'
import { comeIn, digitAt, endOf, layOut } from './parts.ts'
import { SEGMENT, SEGMENT_DIGITS } from './shapes.ts'

/** The size of a display of seven segments, in px. */
export const DISPLAY = { height: 26, pitch: 14, gap: 14, padding: 6, radius: 3 }

/** How far segments lean over, in degrees. */
const LEAN = 6

/**
 * The digits of a display.
 * @param id of the shape that has all segments, which is not to be in the drawing yet
 * @param unlit how much of segments that are off is to be seen, 0 to 1
 * @returns the width of the whole display, and the segments that are off and on
 */
export function segments(
  asked: FaceAsked,
  { id, color, unlit }: { id: string; color: Pair; unlit: number },
): { width: number; off: Content; on: Content } {
  const { pitch, gap, padding, height } = DISPLAY
  const groups = layOut(asked.groups, { start: padding, pitch, gap })
  const places = groups.flatMap((group) => group.places)
  const coming = comeIn(asked, asked.groups, 3)
  const top = (height - SEGMENT.height) / 2
  // The foot of what leans goes to the left; half of that is taken back.
  const lean = (SEGMENT.height * Math.tan((LEAN * Math.PI) / 180)) / 2
  const attributes = {
    transform: `translate(${lean.toFixed(2)} ${top})skewX(-${LEAN})`,
    ...asked.ink.paint({ fill: color }),
  }
  const spare = pitch - SEGMENT.width
  const slashes = groups.slice(1).map(({ x }) => {
    const middle = x - (gap + spare) / 2
    return element('path', { d: `M${middle + 1.4} 1h1.7l-4.2 ${SEGMENT.height - 2}h-1.7z` })
  })
  return {
    width: endOf(groups) - spare + padding,
    off: element(
      'g',
      { ...attributes, opacity: unlit },
      element('defs', {}, element('path', { id, d: SEGMENT_DIGITS[8] as string })),
      ...places.map(({ x }) => element('use', { href: `#${id}`, x })),
    ),
    on: element(
      'g',
      attributes,
      ...slashes,
      ...places.map(({ n, x }) =>
        element('path', {
          transform: `translate(${x})`,
          d: [digitAt(n, SEGMENT_DIGITS)],
          ...coming(n),
        }),
      ),
    ),
  }
}
