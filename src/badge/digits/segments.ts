import { both, type ColorPair } from '../style/theme.ts'
import { type Attributes, type Content, type Element, element } from '../svg.ts'
import {
  box,
  colorsOf,
  type DigitShapes,
  digitFace,
  drawDigits,
  type Face,
  gradient,
  moveIn,
  type Palette,
} from './face.ts'

/** The size of a digit of seven segments, in px. */
const SEGMENT = { width: 10, height: 18 }

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
]

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
const LAYOUT = { start: DISPLAY.padding, pitch: DISPLAY.pitch, gap: DISPLAY.gap }

/** How far segments lean to the right, in degrees. */
const LEAN = 6

/** The parts of a display; `off` are the segments that are not lit. */
interface Parts {
  off: Element
  on: Element
  /** Draws the rectangle of the whole display. */
  area(colors: Record<string, ColorPair>, attributes?: Attributes): Element
  size: { width: number; height: number }
}

/**
 * A display of seven segments.
 * @param name the beginning of the ids in it
 * @param unlit the opacity of segments that are off, 0 to 1
 * @param assemble puts the parts together
 */
function display(
  name: string,
  palette: Palette,
  unlit: number,
  assemble: (parts: Parts, colors: Palette) => Content[],
): Face {
  return digitFace(LAYOUT, ({ groups, places, end }, options) => {
    const { paint } = options.sheet
    const colors = colorsOf(options, palette)
    const spare = DISPLAY.pitch - SEGMENT.width
    const size = { width: end - spare + DISPLAY.padding, height: DISPLAY.height }
    const top = (DISPLAY.height - SEGMENT.height) / 2
    // Leaning moves the lower end to the left. Half of that is added, so that the digits stay in the middle.
    const lean = (SEGMENT.height * Math.tan((LEAN * Math.PI) / 180)) / 2
    const attributes = {
      transform: `translate(${lean.toFixed(2)} ${top})skewX(-${LEAN})`,
      ...paint({ fill: colors.color }),
    }
    const slashes = groups.slice(1).map(({ x }) => {
      const middle = x - (DISPLAY.gap + spare) / 2
      return element('path', { d: `M${middle + 1.4} 1h1.7l-4.2 ${SEGMENT.height - 2}h-1.7z` })
    })
    const all = element('path', { id: `${name}-all`, d: SEGMENT_DIGITS[8] as string })
    const parts: Parts = {
      size,
      off: element(
        'g',
        { ...attributes, opacity: unlit },
        element('defs', {}, all),
        ...places.map(({ x }) => element('use', { href: `#${name}-all`, x })),
      ),
      on: element(
        'g',
        attributes,
        ...slashes,
        ...drawDigits(places, SEGMENT_DIGITS, moveIn(options, places.length, 3)),
      ),
      area: (colors, attributes = {}) =>
        box(
          { ...size, radius: options.radius ?? DISPLAY.radius },
          { ...attributes, ...paint(colors) },
        ),
    }
    return { ...size, content: assemble(parts, colors) }
  })
}

export const LCD: Palette = {
  color: { light: '#1b2318', dark: '#12180f' },
  background: { light: '#c2ccb4', dark: '#a3b094' },
  edge: { light: '#7c8872', dark: '#5f6b57' },
}

/** Looks like a pocket calculator: dark segments on grey-green glass. */
export const LCD_FACE = display('lcd', LCD, 0.07, ({ off, on, area }, { background, edge }) => [
  // The shadow that the case throws on the glass.
  gradient('lcd-glass', '0 #000 0.22', '0.2 #000 0.04', '0.5 #fff 0', '1 #fff 0.18'),
  area({ fill: background }),
  area({ stroke: edge }, { fill: 'url(#lcd-glass)' }),
  off,
  on,
])

export const LED: Palette = {
  color: both('#ff4136'),
  background: { light: '#190b0c', dark: '#1c0c0d' },
  edge: { light: '#3c1d1e', dark: '#7a4446' },
}

/** Looks like an alarm clock: glowing segments on a background that is nearly black. */
export const LED_FACE = display(
  'led',
  LED,
  0.1,
  ({ size, off, on, area }, { background, edge }) => [
    gradient('led-glass', '0 #fff 0.13', '0.45 #fff 0.03', '0.5 #fff 0'),
    // Its size is in px. As a share of the digits, it would cut off the glow of a 1, which is narrow.
    element(
      'filter',
      { id: 'led-glow', filterUnits: 'userSpaceOnUse', x: 0, y: 0, ...size },
      element('feGaussianBlur', { stdDeviation: 1.6, result: 'glow' }),
      element(
        'feMerge',
        {},
        element('feMergeNode', { in: 'glow' }),
        element('feMergeNode', { in: 'SourceGraphic' }),
      ),
    ),
    area({ fill: background, stroke: edge }),
    off,
    element('g', { filter: 'url(#led-glow)' }, on),
    area({}, { fill: 'url(#led-glass)' }),
  ],
)
