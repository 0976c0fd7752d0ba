/** Path data by digit: ten strings, in order. */
export type Shapes = readonly string[]

/** The grid that round digits are drawn on, in units; a stroke about 2 wide stays inside. */
export const ROUND = { width: 10, height: 16 } as const

/** Digits to be stroked with round ends, such as those on a wheel or a card. */
export const ROUND_DIGITS: Shapes = [
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

/** The size of a digit of seven segments, in px. */
export const SEGMENT = { width: 10, height: 18 } as const

/** Half of a segment's thickness, and half of the gap between the tips of two. */
const HALF = 1.25
const GAP = 0.25

/** Segments by their usual letters: the top, then clockwise, and the middle last. */
const SEGMENTS = new Map([
  ['a', across(HALF)],
  ['b', down(SEGMENT.width - HALF, HALF, SEGMENT.height / 2)],
  ['c', down(SEGMENT.width - HALF, SEGMENT.height / 2, SEGMENT.height - HALF)],
  ['d', across(SEGMENT.height - HALF)],
  ['e', down(HALF, SEGMENT.height / 2, SEGMENT.height - HALF)],
  ['f', down(HALF, HALF, SEGMENT.height / 2)],
  ['g', across(SEGMENT.height / 2)],
])

/** Which segments are lit, by digit. */
const LIT = [
  'abcdef',
  'bc',
  'abged',
  'abgcd',
  'fgbc',
  'afgcd',
  'afgedc',
  'abc',
  'abcdefg',
  'abcdfg',
] as const

/** Digits of seven segments with pointed ends, to be filled. The 8 has all of them. */
export const SEGMENT_DIGITS: Shapes = LIT.map((letters) =>
  [...letters].map((letter) => SEGMENTS.get(letter)).join(''),
)

function across(y: number): string {
  const from = HALF + GAP
  const to = SEGMENT.width - HALF - GAP
  return `M${from} ${y}l${HALF}-${HALF}H${to - HALF}l${HALF} ${HALF}-${HALF} ${HALF}H${from + HALF}z`
}

function down(x: number, top: number, bottom: number): string {
  const from = top + GAP
  const to = bottom - GAP
  return `M${x} ${from}l${HALF} ${HALF}V${to - HALF}l-${HALF} ${HALF}-${HALF}-${HALF}V${from + HALF}z`
}

/** The size of a digit in a dot matrix, in dots. */
export const MATRIX = { width: 5, height: 7 } as const

/** Rows from the top, by digit; a dot is lit where there is a `#`. */
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

/** Digits as dots, to be stroked with round ends; one dot to the next is 1. */
export const DOT_DIGITS: Shapes = ROWS.map((rows) => dots(rows.split(' ')))

/** Path data of the dots that are `#`. */
export function dots(rows: readonly string[]): string {
  return rows
    .flatMap((row, y) =>
      // A line of no length at all is left out by some programs.
      [...row].map((dot, x) => (dot === '#' ? `M${x} ${y}h.01` : '')),
    )
    .join('')
}
