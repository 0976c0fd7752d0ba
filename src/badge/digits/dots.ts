import { both } from '../style/theme.ts'
import { element } from '../svg.ts'
import type { FaceAsked, FaceDrawing } from './face.ts'
import { box, colorsOf, comeIn, digitAt, endOf, layOut, type Palette } from './parts.ts'
import { DOT_DIGITS, dots, MATRIX } from './shapes.ts'

export const DOTS: Palette = {
  color: both('#ffb52b'),
  ground: { light: '#1b1a17', dark: '#1d1b16' },
  edge: { light: '#000', dark: '#6f6650' },
}

/** From one dot to the next, how large they are, and from their field to the edge of the case, in px. */
const SIZE = { pitch: 3, dot: 2.5, rim: 0.5, radius: 3 }
/** Dots around the digits. */
const MARGIN = 1

/** Between two numbers, with two dots of room on either side. */
const SLASH = { width: 3, d: dots(['..#', '..#', '.#.', '.#.', '.#.', '#..', '#..']) }

/** The board of a bus: a matrix of dots, of which some are lit. */
export function drawDots(asked: FaceAsked): FaceDrawing {
  const { ink } = asked
  const { color, ground, edge } = colorsOf(asked, DOTS)
  // In dots, with one of room after each digit.
  const pitch = MATRIX.width + 1
  const groups = layOut(asked.groups, { start: 0, pitch, gap: SLASH.width + 3 })
  const inPx = (many: number) => (many + 2 * MARGIN) * SIZE.pitch + 2 * SIZE.rim
  const width = inPx(endOf(groups) - 1)
  const height = inPx(MATRIX.height)
  const size = { width, height, radius: asked.radius ?? SIZE.radius }
  const coming = comeIn(asked, asked.groups, 1)
  const first = SIZE.rim + (MARGIN + 0.5) * SIZE.pitch
  return {
    width,
    height,
    content: [
      element(
        'pattern',
        {
          id: 'dots-off',
          patternUnits: 'userSpaceOnUse',
          x: SIZE.rim,
          y: SIZE.rim,
          width: SIZE.pitch,
          height: SIZE.pitch,
        },
        element('circle', {
          cx: SIZE.pitch / 2,
          cy: SIZE.pitch / 2,
          r: SIZE.dot / 2,
          ...ink.paint({ fill: color }),
        }),
      ),
      box(size, ink.paint({ fill: ground, stroke: edge })),
      box(size, { fill: 'url(#dots-off)', opacity: 0.13 }),
      element(
        'g',
        {
          transform: `translate(${first} ${first})scale(${SIZE.pitch})`,
          'stroke-width': (SIZE.dot / SIZE.pitch).toFixed(2),
          'stroke-linecap': 'round',
          ...ink.paint({ stroke: color }),
        },
        ...groups
          .slice(1)
          .map(({ x }) =>
            element('path', { transform: `translate(${x - SLASH.width - 2})`, d: SLASH.d }),
          ),
        ...groups
          .flatMap(({ places }) => places)
          .map(({ n, x }) =>
            element('path', {
              transform: `translate(${x})`,
              d: [digitAt(n, DOT_DIGITS)],
              ...coming(n),
            }),
          ),
      ),
    ],
  }
}
