import { isCssColor } from '../options/parse.ts'

/** The reason why an SVG cannot be used, for its author. */
export class SvgProblem extends Error {}

/**
 * Checks the value of an attribute.
 * @param side the larger side of the drawing's viewBox
 * @returns the value to write, or null if it is not understood
 */
type Reader = (value: string, side: number) => string | null

/** The largest number in a drawing of any size. */
const MAX_NUMBER = 1e6
/**
 * The largest coordinate, in sides of the drawing. Editors put drawings some hundred sides away and move them back. At this
 * distance, a renderer's 32-bit numbers still distinguish 1,600 positions across the drawing.
 */
const MAX_SIDES = 10_000
/** The widest stroke, in sides of the drawing. It covers all of it; a renderer needs seconds for curves with wider ones. */
const MAX_STROKE_SIDES = 100

const NUMBER = '[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:e[+-]?\\d+)?'
const LENGTH = new RegExp(`^(${NUMBER})(?:px|pt|pc|mm|cm|in|%)?$`, 'i')
const PIECE = new RegExp(`${NUMBER}|[a-z]|[\\s,]+`, 'iy')
const TRANSFORM = /\s*(?:matrix|translate|scale|rotate|skewX|skewY)\s*\(([^()]*)\)[\s,]*|./gs

/** Whether a value is a list of numbers up to `max`, which may have some of these letters between them. */
function isData(value: string, letters: string, max: number): boolean {
  PIECE.lastIndex = 0
  // `test` creates no object for each of thousands of numbers, as `exec` does.
  for (let at = 0; at < value.length; at = PIECE.lastIndex) {
    if (!PIECE.test(value)) return false
    const piece = value.slice(at, PIECE.lastIndex)
    const number = Math.abs(Number(piece))
    if (number > max) return false
    if (Number.isNaN(number) && !letters.includes(piece) && !/^[\s,]/.test(piece)) return false
  }
  return true
}

function isLength(value: string, max: number): boolean {
  const number = LENGTH.exec(value)?.[1]
  return number !== undefined && Math.abs(Number(number)) <= max
}

function isTransform(value: string): boolean {
  for (const [, numbers] of value.matchAll(TRANSFORM)) {
    if (numbers === undefined || !isData(numbers, '', MAX_NUMBER)) return false
  }
  return true
}

const when =
  (is: (value: string, side: number) => boolean): Reader =>
  (value, side) =>
    is(value, side) ? value : null
const words = (...allowed: string[]) => when((value) => allowed.includes(value))

const maxCoordinate = (side: number) => Math.min(MAX_NUMBER, MAX_SIDES * side)
const data = (letters: string) => when((value, side) => isData(value, letters, maxCoordinate(side)))

const color: Reader = (value) => {
  const lower = value.toLowerCase()
  // An image has no surroundings whose colour it could take.
  if (lower === 'currentcolor') return '#000'
  return lower === 'transparent' || (lower.length <= 64 && isCssColor(lower)) ? lower : null
}
const paint: Reader = (value) =>
  value === 'none' || referenceIn(value) !== null ? value : color(value, 0)

/** How the attributes that a drawing may have are read. */
const READERS: Record<string, Reader> = {
  'x y width height cx cy r rx ry x1 y1 x2 y2 fx fy fr': when((value, side) =>
    isLength(value, maxCoordinate(side)),
  ),
  'stroke-width': when((value, side) => isLength(value, MAX_STROKE_SIDES * side)),
  'opacity fill-opacity stroke-opacity stop-opacity offset stroke-miterlimit': when((value) =>
    isLength(value, MAX_NUMBER),
  ),
  d: data('MmZzLlHhVvCcSsQqTtAa'),
  points: data(''),
  'transform gradientTransform': when(isTransform),
  viewBox: when((value) => readViewBox(value) !== null),
  preserveAspectRatio: when((value) =>
    /^(none|x(Min|Mid|Max)Y(Min|Mid|Max)( (meet|slice))?)$/.test(value),
  ),
  'fill stroke': paint,
  'stop-color': color,
  'fill-rule clip-rule': words('nonzero', 'evenodd'),
  'stroke-linecap': words('butt', 'round', 'square'),
  'stroke-linejoin': words('miter', 'round', 'bevel'),
  'vector-effect': words('none', 'non-scaling-stroke'),
  display: words('none', 'inline', 'block'),
  visibility: words('visible', 'hidden', 'collapse'),
  'gradientUnits clipPathUnits': words('userSpaceOnUse', 'objectBoundingBox'),
  spreadMethod: words('pad', 'reflect', 'repeat'),
  'clip-path': when((value) => value === 'none' || referenceIn(value) !== null),
  // Only `none` is accepted: dropping them would change the drawing. Fine dashes can take a renderer minutes.
  'filter mask marker marker-start marker-mid marker-end stroke-dasharray': words('none'),
}
const READER_OF: ReadonlyMap<string, Reader> = new Map(
  Object.entries(READERS).flatMap(([names, reader]) =>
    names.split(' ').map((name) => [name, reader] as const),
  ),
)

/**
 * Reads the attributes of an element and the properties of its `style`, which take precedence. Unknown ones are left out:
 * handlers, links, classes, and the data of editors.
 * @param side the larger side of the drawing's viewBox
 * @throws SvgProblem if a known attribute has a value that is not understood
 */
export function readAttributes(
  given: ReadonlyMap<string, string>,
  side: number,
): Map<string, string> {
  const read = new Map<string, string>()
  const add = (name: string, value: string) => {
    const reader = READER_OF.get(name)
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

/** The id in a value such as `url(#a)`; null for other values. */
export function referenceIn(value: string): string | null {
  // A quick answer for most attributes.
  if (!value.startsWith('url(')) return null
  return /^url\((["']?)#([^\s"'()\\]+)\1\)$/.exec(value)?.[2] ?? null
}

export type ViewBox = [x: number, y: number, width: number, height: number]

/** Null if this is not four numbers, of which the last two are at least 0.01. */
export function readViewBox(value: string): ViewBox | null {
  if (!isData(value, '', MAX_NUMBER)) return null
  const box = value
    .trim()
    .split(/[\s,]+/)
    .map(Number)
  const [, , width = 0, height = 0] = box
  const usable = box.length === 4 && box.every(Number.isFinite) && width >= 0.01 && height >= 0.01
  return usable ? (box as ViewBox) : null
}
