import { readableOn } from '../style/paint.ts'
import type { ColorPair, Ink } from '../style/theme.ts'
import { type Attributes, type Content, type Element, element, type Slot } from '../svg.ts'

/** A way to draw numbers by their digits. */
export interface Face {
  /** @returns null if the face cannot draw these numbers */
  put(numbers: readonly number[], leastDigits: number): NumbersOnFace | null
}

/** Numbers that are drawn by a face. */
export interface NumbersOnFace {
  /** The key of their compiled drawing. */
  shape: string
  /** The digits that fill the drawing in. */
  digits: string
  draw(options: FaceOptions): FaceDrawing
}

/** @param draw its `lengths` are how many digits each number has after padding */
export function digitFace(
  draw: (lengths: readonly number[], options: FaceOptions) => FaceDrawing,
): Face {
  return {
    put(numbers, leastDigits) {
      const padded = numbers.map((number) => String(number).padStart(leastDigits, '0'))
      const lengths = padded.map((digits) => digits.length)
      return {
        shape: `face ${lengths.join('/')}`,
        digits: padded.join(''),
        draw: (options) => draw(lengths, options),
      }
    },
  }
}

export interface FaceOptions {
  /** The colour of the digits; null for the face's own. */
  color: ColorPair | null
  /** The colour behind the digits; null for the face's own. */
  ground: ColorPair | null
  /** The radius of the corners in px; null for the face's own. */
  radius: number | null
  /** Whether the digits move in one after the other, for viewers who accept motion. */
  animate: boolean
  ink: Ink
}

/** A drawing with slots for digits. The digit at place `n` is `digits[n]` of the slot values, across all numbers. */
export interface FaceDrawing {
  /** In px, before scaling. */
  width: number
  height: number
  content: Content[]
}

/** Path data of the ten digits. */
export type DigitShapes = readonly string[]

/** The colours of a face. */
export interface Palette {
  /** Of the digits. */
  color: ColorPair
  /** Behind the digits. */
  ground: ColorPair
  /** Of the line around the ground; it stands out from the page. */
  edge: ColorPair
}

/** A face's own colours, replaced by those of the tag. To a ground alone belong digits that can be read on it. */
export function colorsOf({ color, ground }: FaceOptions, own: Palette): Palette {
  return {
    color: color ?? (ground ? readableOn(ground) : own.color),
    ground: ground ?? own.ground,
    edge: own.edge,
  }
}

/** The digits of one number: where they start, how wide they are together, and where each one is, in px. */
export interface Group {
  x: number
  width: number
  /** `n` counts across all numbers. */
  places: { n: number; x: number }[]
}

/**
 * Puts digits in a row.
 * @param start the position of the first digit, in px
 * @param pitch the distance from one digit to the next
 * @param gap the distance between two numbers, added to the pitch
 */
export function placeDigits(
  lengths: readonly number[],
  { start, pitch, gap }: { start: number; pitch: number; gap: number },
): Group[] {
  let n = 0
  let x = start
  return lengths.map((digits) => {
    const places = Array.from({ length: digits }, (_, at) => ({ n: n + at, x: x + at * pitch }))
    const group = { x, width: digits * pitch, places }
    n += digits
    x += group.width + gap
    return group
  })
}

/** Where the last number ends, in px. */
export function endOf(groups: readonly Group[]): number {
  const last = groups.at(-1)
  return last ? last.x + last.width : 0
}

/** The path data of the digit at place `n`; empty if there is no digit. */
export function digitAt(n: number, shapes: DigitShapes): Slot {
  return ({ digits }) => shapes[digits.charCodeAt(n) - 48] ?? ''
}

/**
 * Makes digits or marks move in from below, one after the other, if the tag wants motion and the viewer accepts it.
 * Without the animation they are at their places, so that programs without CSS show all of them.
 * @param lengths how many elements each number has
 * @param rise the distance that they move, in px
 * @returns the attributes of element `n`, which may not have a class of its own
 */
export function moveIn(
  { animate, ink }: { animate: boolean; ink: Ink },
  lengths: readonly number[],
  rise: number,
): (n: number) => Attributes {
  if (!animate) return () => ({})
  const length = lengths.reduce((sum, each) => sum + each, 0)
  const delays = Array.from({ length }, (_, n) => `.in${n}{animation-delay:${n * 60}ms}`)
  // The property `translate` does not replace the attribute `transform`.
  ink.rule(
    '@media (prefers-reduced-motion:no-preference){' +
      `@keyframes in{from{opacity:0;translate:0 ${rise}px}}` +
      `.in{animation:in .5s cubic-bezier(.2,.8,.3,1) backwards}${delays.join('')}}`,
  )
  return (n) => ({ class: `in in${n}` })
}

/** A gradient from top to bottom. Offset and opacity are 0 to 1. */
export function gradient(
  id: string,
  stops: readonly (readonly [offset: number, color: string, opacity: number])[],
): Element {
  return element(
    'linearGradient',
    { id, x2: 0, y2: 1 },
    ...stops.map(([offset, color, opacity]) =>
      element('stop', { offset, 'stop-color': color, 'stop-opacity': opacity }),
    ),
  )
}

/** A rectangle inset by half of the 1 px that its border takes. */
export function box(
  { x = 0, width, height, radius }: { x?: number; width: number; height: number; radius: number },
  attributes: Attributes,
): Element {
  return element('rect', {
    x: x + 0.5,
    y: 0.5,
    width: width - 1,
    height: height - 1,
    rx: Math.max(0, Math.min(radius, width / 2, height / 2) - 0.5),
    ...attributes,
  })
}
