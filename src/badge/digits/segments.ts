import { both, type ColorPair } from '../style/theme.ts'
import { type Content, element } from '../svg.ts'
import {
  box,
  colorsOf,
  type DigitShapes,
  digitAt,
  endOf,
  type FaceDrawing,
  type FaceOptions,
  gradient,
  moveIn,
  type Palette,
  placeDigits,
} from './face.ts'

/** The size of a digit of seven segments, in px. */
const SEGMENT = { width: 10, height: 18 } as const

/** Half of a segment's thickness, and half of the gap between the tips of two. */
const HALF = 1.25
const GAP = 0.25

/** Path data of the segments by their usual letters: `a` is the top, then clockwise; `g` is the middle. */
const SEGMENTS = new Map([
  ['a', across(HALF)],
  ['b', down(SEGMENT.width - HALF, HALF, SEGMENT.height / 2)],
  ['c', down(SEGMENT.width - HALF, SEGMENT.height / 2, SEGMENT.height - HALF)],
  ['d', across(SEGMENT.height - HALF)],
  ['e', down(HALF, SEGMENT.height / 2, SEGMENT.height - HALF)],
  ['f', down(HALF, HALF, SEGMENT.height / 2)],
  ['g', across(SEGMENT.height / 2)],
])

/** The lit segments of each digit. */
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

/** Digits of seven segments with pointed ends, drawn as filled shapes. The 8 has all segments. */
export const SEGMENT_DIGITS: DigitShapes = LIT.map((letters) =>
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

/** The size of a display of seven segments, in px. */
const DISPLAY = { height: 26, pitch: 14, gap: 14, padding: 6, radius: 3 }

/** How far segments lean to the right, in degrees. */
const LEAN = 6

export const LCD: Palette = {
  color: { light: '#1b2318', dark: '#12180f' },
  ground: { light: '#c2ccb4', dark: '#a3b094' },
  edge: { light: '#7c8872', dark: '#5f6b57' },
}

/** Looks like a pocket calculator: dark segments on grey-green glass. */
export function drawLcd(lengths: readonly number[], options: FaceOptions): FaceDrawing {
  const { color, ground, edge } = colorsOf(options, LCD)
  const { width, off, on } = segments(lengths, options, { id: 'lcd-all', color, unlit: 0.07 })
  const size = { width, height: DISPLAY.height, radius: options.radius ?? DISPLAY.radius }
  return {
    width,
    height: DISPLAY.height,
    content: [
      // The shadow that the case throws on the glass.
      gradient('lcd-glass', [
        [0, '#000', 0.22],
        [0.2, '#000', 0.04],
        [0.5, '#fff', 0],
        [1, '#fff', 0.18],
      ]),
      box(size, options.ink.paint({ fill: ground })),
      box(size, { fill: 'url(#lcd-glass)', ...options.ink.paint({ stroke: edge }) }),
      off,
      on,
    ],
  }
}

export const LED: Palette = {
  color: both('#ff4136'),
  ground: { light: '#190b0c', dark: '#1c0c0d' },
  edge: { light: '#3c1d1e', dark: '#7a4446' },
}

/** Looks like an alarm clock: glowing segments on a ground that is nearly black. */
export function drawLed(lengths: readonly number[], options: FaceOptions): FaceDrawing {
  const { color, ground, edge } = colorsOf(options, LED)
  const { width, off, on } = segments(lengths, options, { id: 'led-all', color, unlit: 0.1 })
  const size = { width, height: DISPLAY.height, radius: options.radius ?? DISPLAY.radius }
  return {
    width,
    height: DISPLAY.height,
    content: [
      gradient('led-glass', [
        [0, '#fff', 0.13],
        [0.45, '#fff', 0.03],
        [0.5, '#fff', 0],
      ]),
      // Its size is in px. As a share of the digits, it would cut off the glow of a 1, which is narrow.
      element(
        'filter',
        {
          id: 'led-glow',
          filterUnits: 'userSpaceOnUse',
          x: 0,
          y: 0,
          width,
          height: DISPLAY.height,
        },
        element('feGaussianBlur', { stdDeviation: 1.6, result: 'glow' }),
        element(
          'feMerge',
          {},
          element('feMergeNode', { in: 'glow' }),
          element('feMergeNode', { in: 'SourceGraphic' }),
        ),
      ),
      box(size, options.ink.paint({ fill: ground, stroke: edge })),
      off,
      element('g', { filter: 'url(#led-glow)' }, on),
      box(size, { fill: 'url(#led-glass)' }),
    ],
  }
}

/**
 * Draws the digits of a display.
 * @param id an unused id, for the shape that has all segments
 * @param unlit the opacity of segments that are off, 0 to 1
 * @returns the width of the display, and the segments that are off and on
 */
function segments(
  lengths: readonly number[],
  options: FaceOptions,
  { id, color, unlit }: { id: string; color: ColorPair; unlit: number },
): { width: number; off: Content; on: Content } {
  const { pitch, gap, padding, height } = DISPLAY
  const groups = placeDigits(lengths, { start: padding, pitch, gap })
  const places = groups.flatMap((group) => group.places)
  const attributesOf = moveIn(options, lengths, 3)
  const top = (height - SEGMENT.height) / 2
  // Leaning moves the lower end to the left. Half of that is added, so that the digits stay in the middle.
  const lean = (SEGMENT.height * Math.tan((LEAN * Math.PI) / 180)) / 2
  const attributes = {
    transform: `translate(${lean.toFixed(2)} ${top})skewX(-${LEAN})`,
    ...options.ink.paint({ fill: color }),
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
          ...attributesOf(n),
        }),
      ),
    ),
  }
}
