import { both } from '../style/theme.ts'
import { element } from '../svg.ts'
import {
  box,
  colorsOf,
  type DigitShapes,
  digitAt,
  endOf,
  type FaceDrawing,
  type FaceOptions,
  moveIn,
  type Palette,
  placeDigits,
} from './face.ts'

export const DOTS: Palette = {
  color: both('#ffb52b'),
  ground: { light: '#1b1a17', dark: '#1d1b16' },
  edge: { light: '#000', dark: '#6f6650' },
}

/** In px. `pitch` is the distance between two dots; `rim` is the space between the dots and the edge. */
const SIZE = { pitch: 3, dot: 2.5, rim: 0.5, radius: 3 }
/** Columns and rows of dots around the digits. */
const MARGIN = 1

/** The size of a digit in a dot matrix, in dots. */
const MATRIX = { width: 5, height: 7 } as const

/** The rows of each digit, from the top; `#` is a lit dot. */
const ROWS = [
  '.###. #...# #...# #...# #...# #...# .###.',
  '..#.. .##.. ..#.. ..#.. ..#.. ..#.. .###.',
  '.###. #...# ....# ...#. ..#.. .#... #####',
  '.###. #...# ....# ..##. ....# #...# .###.',
  '...#. ..##. .#.#. #..#. ##### ...#. ...#.',
  '##### #.... ####. ....# ....# #...# .###.',
  '.###. #.... #.... ####. #...# #...# .###.',
  '##### ....# ...#. ..#.. ..#.. .#... .#...',
  '.###. #...# #...# .###. #...# #...# .###.',
  '.###. #...# #...# .#### ....# ....# .###.',
] as const

/** Digits as dots: strokes of almost no length with round ends. The distance between two dots is 1. */
export const DOT_DIGITS: DigitShapes = ROWS.map((rows) => dots(rows.split(' ')))

/** The slash between two numbers; it has two free columns on either side. */
const SLASH = { width: 3, d: dots(['..#', '..#', '.#.', '.#.', '.#.', '#..', '#..']) }

/** Looks like the display of a bus: a matrix of dots, some of them lit. */
export function drawDots(lengths: readonly number[], options: FaceOptions): FaceDrawing {
  const { ink } = options
  const { color, ground, edge } = colorsOf(options, DOTS)
  // In dots. One free column follows each digit.
  const pitch = MATRIX.width + 1
  const groups = placeDigits(lengths, { start: 0, pitch, gap: SLASH.width + 3 })
  const inPx = (dots: number) => (dots + 2 * MARGIN) * SIZE.pitch + 2 * SIZE.rim
  const width = inPx(endOf(groups) - 1)
  const height = inPx(MATRIX.height)
  const size = { width, height, radius: options.radius ?? SIZE.radius }
  const attributesOf = moveIn(options, lengths, 1)
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
              ...attributesOf(n),
            }),
          ),
      ),
    ],
  }
}

/** Path data of the lit dots. */
function dots(rows: readonly string[]): string {
  return rows
    .flatMap((row, y) =>
      // Some programs do not draw a line of no length at all.
      [...row].map((dot, x) => (dot === '#' ? `M${x} ${y}h.01` : '')),
    )
    .join('')
}
