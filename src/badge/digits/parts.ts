import { textOn } from '../style/contrast.ts'
import type { Ink, Pair } from '../style/theme.ts'
import { type Attributes, type Element, element, type Slot } from '../svg.ts'
import type { FaceAsked } from './face.ts'
import type { Shapes } from './shapes.ts'

/** The colours of a face. */
export interface Palette {
  /** Of the digits. */
  color: Pair
  /** Of what they stand on. */
  ground: Pair
  /** Of the line around it, which is to be seen on the ground of a page. */
  edge: Pair
}

/** A face's own colours, and those that were asked for instead. A ground alone brings a colour that can be read on it. */
export function colorsOf(asked: FaceAsked, own: Palette): Palette {
  const { color, ground } = asked
  return {
    color: color ?? (ground ? readableOn(ground) : own.color),
    ground: ground ?? own.ground,
    edge: own.edge,
  }
}

/** White or dark: what can be read on a colour. */
export function readableOn({ light, dark }: Pair): Pair {
  return { light: textOn(light, 'light'), dark: textOn(dark, 'dark') }
}

/** The digits of one number: where they begin, how wide they are together, and where each of them stands, in px. */
export interface Group {
  x: number
  width: number
  /** `n` counts over all groups. */
  places: { n: number; x: number }[]
}

/**
 * Puts digits in a row.
 * @param start where the first stands, in px
 * @param pitch from one digit to the next
 * @param gap from one number to the next, on top of the pitch
 */
export function layOut(
  groups: readonly number[],
  { start, pitch, gap }: { start: number; pitch: number; gap: number },
): Group[] {
  let n = 0
  let x = start
  return groups.map((digits) => {
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

/** The path data of the digit at place `n`. A place that has no digit stays blank. */
export function digitAt(n: number, shapes: Shapes): Slot {
  return ({ digits }) => shapes[digits.charCodeAt(n) - 48] ?? ''
}

/**
 * Lets things come in from below, one after the other, where that is asked for and the viewer has nothing against
 * motion. At rest everything is in its place, so that a program without CSS shows all of it.
 * @param groups how many things, in one or more parts
 * @param rise how far they come, in px
 * @returns the attributes of thing `n`, which may not have a class of its own
 */
export function comeIn(
  { animate, ink }: { animate: boolean; ink: Ink },
  groups: readonly number[],
  rise: number,
): (n: number) => Attributes {
  if (!animate) return () => ({})
  const many = groups.reduce((sum, each) => sum + each, 0)
  const delays = Array.from({ length: many }, (_, n) => `.in${n}{animation-delay:${n * 60}ms}`)
  // `translate` leaves the attribute `transform` alone.
  ink.rule(
    '@media (prefers-reduced-motion:no-preference){' +
      `@keyframes in{from{opacity:0;translate:0 ${rise}px}}` +
      `.in{animation:in .5s cubic-bezier(.2,.8,.3,1) backwards}${delays.join('')}}`,
  )
  return (n) => ({ class: `in in${n}` })
}

/** A gradient from top to bottom. @param stops where, 0 to 1; which colour; how much of it, 0 to 1 */
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

/** A rectangle with a line of 1 px around it that stays inside. */
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
