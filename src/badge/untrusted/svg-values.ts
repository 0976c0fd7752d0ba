import { isCssColor } from '../options/color.ts'

/** An SVG that cannot be used, and why: a sentence for whoever made it. */
export class SvgProblem extends Error {}

/**
 * Checks the value of an attribute: the value as it may be written, or null where it is not understood.
 * @param side the larger side of the drawing's viewBox
 */
type Reader = (value: string, side: number) => string | null

/** The largest number, whatever the size of the drawing. */
const MAX_NUMBER = 1e6
/**
 * The largest coordinate, in sides of the drawing. A renderer's 32-bit numbers tell 1,600 places across the drawing
 * apart there; editors put drawings some hundred sides away, and move them back.
 */
const MAX_SIDES = 10_000
/** The widest stroke, in sides of the drawing: it covers all of it. A renderer takes seconds to bend wider ones. */
const MAX_STROKE_SIDES = 100

const NUMBER = '[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:e[+-]?\\d+)?'
const LENGTH = new RegExp(`^(${NUMBER})(?:px|pt|pc|mm|cm|in|%)?$`, 'i')
const PIECE = new RegExp(`${NUMBER}|[a-z]|[\\s,]+`, 'iy')
const TRANSFORM = /\s*(?:matrix|translate|scale|rotate|skewX|skewY)\s*\(([^()]*)\)[\s,]*|./gs

/** Numbers up to the largest one, with letters between them if they are among these. */
function isData(value: string, letters: string, largest = MAX_NUMBER): boolean {
  PIECE.lastIndex = 0
  // By `test`, which makes no object for each of thousands of numbers.
  for (let at = 0; at < value.length; at = PIECE.lastIndex) {
    if (!PIECE.test(value)) return false
    const piece = value.slice(at, PIECE.lastIndex)
    const number = Math.abs(Number(piece))
    if (number > largest) return false
    if (Number.isNaN(number) && !letters.includes(piece) && !/^[\s,]/.test(piece)) return false
  }
  return true
}

function isLength(value: string, largest: number): boolean {
  const number = LENGTH.exec(value)?.[1]
  return number !== undefined && Math.abs(Number(number)) <= largest
}

function isTransform(value: string): boolean {
  for (const [, numbers] of value.matchAll(TRANSFORM)) {
    if (numbers === undefined || !isData(numbers, '')) return false
  }
  return true
}

const when =
  (is: (value: string, side: number) => boolean): Reader =>
  (value, side) =>
    is(value, side) ? value : null
const words = (...allowed: string[]) => when((value) => allowed.includes(value))

const largestAt = (side: number) => Math.min(MAX_NUMBER, MAX_SIDES * side)
const length = when((value, side) => isLength(value, largestAt(side)))
const strokeWidth = when((value, side) => isLength(value, MAX_STROKE_SIDES * side))
const numbers = when((value, side) => isData(value, '', largestAt(side)))
const path = when((value, side) => isData(value, 'MmZzLlHhVvCcSsQqTtAa', largestAt(side)))
const viewBox = when((value) => readViewBox(value) !== null)
const units = words('userSpaceOnUse', 'objectBoundingBox')
const rule = words('nonzero', 'evenodd')

const color: Reader = (value) => {
  const lower = value.toLowerCase()
  // In an image there is nothing around that it could take its colour from.
  if (lower === 'currentcolor') return '#000'
  return lower === 'transparent' || (lower.length <= 64 && isCssColor(lower)) ? lower : null
}

const paint: Reader = (value) =>
  value === 'none' ? value : (color(value, 0) ?? (referenceIn(value) === null ? null : value))

/** What a drawing may say, and how. */
const READERS = new Map<string, Reader>([
  ...each('x y width height cx cy r rx ry x1 y1 x2 y2 fx fy fr', length),
  ...each('d', path),
  ...each('points', numbers),
  ...each('transform gradientTransform', when(isTransform)),
  ...each('viewBox', viewBox),
  ...each(
    'preserveAspectRatio',
    when((value) => /^(none|x(Min|Mid|Max)Y(Min|Mid|Max)( (meet|slice))?)$/.test(value)),
  ),
  ...each('fill stroke', paint),
  ...each('stop-color', color),
  ...each(
    'opacity fill-opacity stroke-opacity stop-opacity offset stroke-miterlimit',
    when((value) => isLength(value, MAX_NUMBER)),
  ),
  ...each('stroke-width', strokeWidth),
  ...each('fill-rule clip-rule', rule),
  ...each('stroke-linecap', words('butt', 'round', 'square')),
  ...each('stroke-linejoin', words('miter', 'round', 'bevel')),
  ...each('vector-effect', words('none', 'non-scaling-stroke')),
  ...each('display', words('none', 'inline', 'block')),
  ...each('visibility', words('visible', 'hidden', 'collapse')),
  ...each('gradientUnits clipPathUnits', units),
  ...each('spreadMethod', words('pad', 'reflect', 'repeat')),
  ...each(
    'clip-path',
    when((value) => value === 'none' || referenceIn(value) !== null),
  ),
  // The drawing would be another one without these. Dashes can be so fine that they take a renderer minutes.
  ...each('filter mask marker marker-start marker-mid marker-end stroke-dasharray', words('none')),
])

function each(names: string, reader: Reader): [string, Reader][] {
  return names.split(' ').map((name) => [name, reader])
}

/**
 * The attributes of an element that may be written, with those of its `style`, which count for more. What is not
 * known is left out: handlers, links, classes, and the notes that editors make for themselves.
 * @param side the larger side of the drawing's viewBox
 * @throws SvgProblem where a known one has a value that is not understood
 */
export function readAttributes(
  given: ReadonlyMap<string, string>,
  side: number,
): Map<string, string> {
  const read = new Map<string, string>()
  const add = (name: string, value: string) => {
    const reader = READERS.get(name)
    if (!reader) return
    const written = reader(value.trim().replace(/[ \t\r\n]+/g, ' '), side)
    if (written === null || !/^[ -~]*$/.test(written))
      throw new SvgProblem(`${name}="${value.slice(0, 40)}" cannot be used in a drawing here`)
    read.set(name, written)
  }
  for (const [name, value] of given) add(name, value)
  for (const declaration of given.get('style')?.split(';') ?? []) {
    const colon = declaration.indexOf(':')
    if (colon > 0) add(declaration.slice(0, colon).trim(), declaration.slice(colon + 1))
  }
  return read
}

/** The id that a value such as `url(#a)` names; null where it is no such value. */
export function referenceIn(value: string): string | null {
  // Asked of every attribute, and most refer to nothing.
  if (!value.startsWith('url(')) return null
  return /^url\((["']?)#([^\s"'()\\]+)\1\)$/.exec(value)?.[2] ?? null
}

export type ViewBox = [x: number, y: number, width: number, height: number]

/** Null where these are not four numbers, the last two of them at least 0.01. */
export function readViewBox(value: string): ViewBox | null {
  if (!isData(value, '')) return null
  const [x, y, width, height, ...more] = value
    .trim()
    .split(/[\s,]+/)
    .map(Number)
  if (x === undefined || y === undefined || width === undefined || height === undefined) return null
  const usable =
    more.length === 0 && [x, y].every(Number.isFinite) && width >= 0.01 && height >= 0.01
  return usable ? [x, y, width, height] : null
}
