import { both } from '../style/theme.ts'
import { element } from '../svg.ts'
import {
  box,
  colorsOf,
  type DigitShapes,
  digitFace,
  drawDigits,
  moveIn,
  type Palette,
} from './face.ts'

export const DOTS: Palette = {
  color: both('#ffb52b'),
  background: { light: '#1b1a17', dark: '#1d1b16' },
  edge: { light: '#000', dark: '#6f6650' },
}

/** In px. `pitch` is the distance between two dots; `rim` is the space between the dots and the edge. */
const SIZE = { pitch: 3, dot: 2.5, rim: 0.5, radius: 3 }
/** Columns and rows of dots around the digits. */
const MARGIN = 1

/** The size of a digit, in dots. */
const MATRIX = { width: 5, height: 7 }

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
]

/** Digits as dots: strokes of almost no length with round ends. The distance between two dots is 1. */
export const DOT_DIGITS: DigitShapes = ROWS.map(dotsOf)

/** The slash between two numbers; it has two free columns on either side. */
const SLASH = { width: 3, d: dotsOf('..# ..# .#. .#. .#. #.. #..') }

// In dots. One free column follows each digit.
const LAYOUT = { start: 0, pitch: MATRIX.width + 1, gap: SLASH.width + 3 }

/** Looks like the display of a bus: a matrix of dots, some of them lit. */
export const DOTS_FACE = digitFace(LAYOUT, ({ groups, places, end }, options) => {
  const { paint } = options.sheet
  const { color, background, edge } = colorsOf(options, DOTS)
  const inPx = (dots: number) => (dots + 2 * MARGIN) * SIZE.pitch + 2 * SIZE.rim
  const [width, height] = [inPx(end - 1), inPx(MATRIX.height)]
  const size = { width, height, radius: options.radius ?? SIZE.radius }
  const first = SIZE.rim + (MARGIN + 0.5) * SIZE.pitch
  const tile = { x: SIZE.rim, y: SIZE.rim, width: SIZE.pitch, height: SIZE.pitch }
  const dot = { cx: SIZE.pitch / 2, cy: SIZE.pitch / 2, r: SIZE.dot / 2 }
  const slashes = groups.slice(1).map(({ x }) => {
    const transform = `translate(${x - SLASH.width - 2})`
    return element('path', { transform, d: SLASH.d })
  })
  return {
    width,
    height,
    content: [
      element(
        'pattern',
        { id: 'dots-off', patternUnits: 'userSpaceOnUse', ...tile },
        element('circle', { ...dot, ...paint({ fill: color }) }),
      ),
      box(size, paint({ fill: background, stroke: edge })),
      box(size, { fill: 'url(#dots-off)', opacity: 0.13 }),
      element(
        'g',
        {
          transform: `translate(${first} ${first})scale(${SIZE.pitch})`,
          'stroke-width': (SIZE.dot / SIZE.pitch).toFixed(2),
          'stroke-linecap': 'round',
          ...paint({ stroke: color }),
        },
        ...slashes,
        ...drawDigits(places, DOT_DIGITS, moveIn(options, places.length, 1)),
      ),
    ],
  }
})

/** Path data of the lit dots. */
function dotsOf(rows: string): string {
  return rows
    .split(' ')
    .flatMap((row, y) =>
      // Some programs do not draw a line of no length at all.
      [...row].map((dot, x) => (dot === '#' ? `M${x} ${y}h.01` : '')),
    )
    .join('')
}
