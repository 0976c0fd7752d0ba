import { readableOn } from '../style/contrast.ts'
import type { ColorPair, StyleSheet } from '../style/theme.ts'
import { type Attributes, type Content, type Element, element } from '../svg.ts'

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

export interface FaceOptions {
  /** The colour of the digits; null for the face's own. */
  color: ColorPair | null
  /** The colour behind the digits; null for the face's own. */
  background: ColorPair | null
  /** The radius of the corners in px; null for the face's own. */
  radius: number | null
  /** Whether the digits move in one after the other, for viewers who accept motion. */
  animate: boolean
  sheet: StyleSheet
}

/** A drawing with slots for digits. The digit at place `n` is `digits[n]` of the slot values, across all numbers. */
export interface FaceDrawing {
  /** In px, before scaling. */
  width: number
  height: number
  content: Content[]
}

/** Where the digits are, in px. */
interface Layout {
  /** The position of the first digit. */
  start: number
  /** The distance from one digit to the next. */
  pitch: number
  /** The distance between two numbers, added to the pitch. */
  gap: number
}

/** A digit's place; `n` counts across all numbers. */
export interface Place {
  n: number
  x: number
}

/** The digits of one number: where they start, how wide they are together, and where each one is, in px. */
export interface Group {
  x: number
  width: number
  places: readonly Place[]
}

interface Digits {
  groups: readonly Group[]
  /** Those of all groups. */
  places: readonly Place[]
  /** Where the last number ends, in px. */
  end: number
}

/** A face that gives each digit a place of the same width. */
export function digitFace(
  layout: Layout,
  draw: (digits: Digits, options: FaceOptions) => FaceDrawing,
): Face {
  return {
    put(numbers, leastDigits) {
      const padded = numbers.map((number) => String(number).padStart(leastDigits, '0'))
      const lengths = padded.map(({ length }) => length)
      return {
        shape: `face ${lengths.join('/')}`,
        digits: padded.join(''),
        draw: (options) => draw(placeDigits(lengths, layout), options),
      }
    },
  }
}

function placeDigits(lengths: readonly number[], { start, pitch, gap }: Layout): Digits {
  let n = 0
  let x = start
  const groups = lengths.map((length) => {
    const group = { x, width: length * pitch, places: [] as Place[] }
    for (let at = 0; at < length; at++, n++, x += pitch) group.places.push({ n, x })
    x += gap
    return group
  })
  return { groups, places: groups.flatMap(({ places }) => places), end: x - gap }
}

/** The path data of the ten digits. */
export type DigitShapes = readonly string[]

/** Draws digits. @param transformOf places a shape, by the `x` of its place */
export function drawDigits(
  places: readonly Place[],
  shapes: DigitShapes,
  moving: Moving,
  transformOf = (x: number) => `translate(${x})`,
): Element[] {
  return places.map(({ n, x }) =>
    element('path', {
      transform: transformOf(x),
      d: [({ digits }) => shapes[digits.charCodeAt(n) - 48] ?? ''],
      ...moving(n),
    }),
  )
}

/** The colours of a face. */
export interface Palette {
  /** Of the digits. */
  color: ColorPair
  /** Behind the digits. */
  background: ColorPair
  /** Of the line around the background; it stands out from the page. */
  edge: ColorPair
}

/** A face's own colours, replaced by those of the tag. If the tag names only a background, its digits can be read on it. */
export function colorsOf({ color, background }: FaceOptions, own: Palette): Palette {
  return {
    color: color ?? (background ? readableOn(background) : own.color),
    background: background ?? own.background,
    edge: own.edge,
  }
}

/** The attributes that make element `n` move. The element may not have a class of its own. */
export type Moving = (n: number) => Attributes

/**
 * Makes digits or marks move in from below, one after the other, if the tag wants motion and the viewer accepts it.
 * Without the animation they are at their places, so that programs without CSS show all of them.
 * @param count how many elements there are
 * @param rise the distance that they move, in px
 */
export function moveIn({ animate, sheet }: FaceOptions, count: number, rise: number): Moving {
  if (!animate) return () => ({})
  const delays = Array.from({ length: count }, (_, n) => `.in${n}{animation-delay:${n * 60}ms}`)
  // The property `translate` does not replace the attribute `transform`.
  sheet.addRule(
    '@media (prefers-reduced-motion:no-preference){' +
      `@keyframes in{from{opacity:0;translate:0 ${rise}px}}` +
      `.in{animation:in .5s cubic-bezier(.2,.8,.3,1) backwards}${delays.join('')}}`,
  )
  return (n) => ({ class: `in in${n}` })
}

/** A gradient from top to bottom. @param stops such as `0.5 #fff 0.1`: an offset, a colour, an opacity */
export function gradient(id: string, ...stops: string[]): Element {
  const children = stops.map((stop) => {
    const [offset = '', color = '', opacity = ''] = stop.split(' ')
    return element('stop', { offset, 'stop-color': color, 'stop-opacity': opacity })
  })
  return element('linearGradient', { id, x2: 0, y2: 1 }, ...children)
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
