import { readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { compile, type Element, element } from '../svg.ts'
import { type Sanitised, sanitiseSvg } from '../untrusted/sanitise.ts'
import { readSmallFile } from '../untrusted/small-file.ts'
import { SvgProblem } from '../untrusted/svg-values.ts'
import type { Face } from './face.ts'
import { FACE_NAMES } from './faces.ts'

/** Names that an operator's own face cannot have. */
const BUILT_IN: ReadonlySet<string> = new Set(FACE_NAMES)

const DIGITS = [...'0123456789']
/** How high digits are drawn, in px. */
const HEIGHT = 24
/** How wide a digit may be, in heights. */
const WIDEST = 4
/** The largest file that is read, in bytes: editors write much that is left out. */
const LARGEST_FILE = 16_384
/** What two numbers of 16 digits, the longest there are, may take in bytes: an answer stays below 64 kB. */
const MAX_DIGITS = 32
const LARGEST_NUMBER = 60_000

/** The ten digits of a face, ready to be put in. */
interface Digits {
  /** Of each digit, in the units that they are drawn in. */
  width: number
  height: number
  /** What the digits refer to. */
  defs: Element[]
  /** The markup of each digit, its top left corner at 0,0. */
  markup: readonly string[]
}

/**
 * Reads an operator's own digits: SVGs named `0.svg` to `9.svg`, in the folder itself or in folders in it, each of
 * which is a face of its name. What begins with a dot is passed over.
 * @returns faces by name
 * @throws Error, made to be read by the operator, where there are no digits or they cannot be used
 */
export function readOwnFaces(folder: string): Map<string, Face> {
  const path = resolve(folder)
  const names = readdirSync(path).filter((name) => !name.startsWith('.'))
  const folders = names.some((name) => /^\d\.svg$/.test(name))
    ? [path]
    : names.map((name) => join(path, name)).filter((inside) => statSync(inside).isDirectory())
  if (folders.length === 0)
    throw new Error(`${path} holds neither 0.svg to 9.svg nor folders that hold them`)
  return new Map(folders.map((each) => [nameOf(each), ownFace(readDigits(each))]))
}

function nameOf(folder: string): string {
  const name = basename(folder)
  if (!/^[a-z\d-]{1,32}$/.test(name))
    throw new Error(
      `the folder ${folder} cannot name a face: 1 to 32 lower-case letters, digits and hyphens can`,
    )
  if (BUILT_IN.has(name)) throw new Error(`the face ${name} of ${folder} is there already`)
  return name
}

function readDigits(folder: string): Digits {
  const drawings = DIGITS.map((digit) => readDigit(join(folder, `${digit}.svg`), `n${digit}-`))
  const [, , width, height] = (drawings[0] as Sanitised).viewBox
  for (const [digit, { viewBox }] of drawings.entries()) {
    if (viewBox[2] !== width || viewBox[3] !== height)
      throw new Error(
        `${join(folder, `${digit}.svg`)} is ${viewBox[2]} by ${viewBox[3]} and 0.svg ${width} by ${height}: ` +
          'all digits must be of one size',
      )
  }
  if (width > height * WIDEST)
    throw new Error(`the digits of ${folder} are more than ${WIDEST} times as wide as high`)
  const defs = drawings.flatMap((drawing) => drawing.defs)
  const markup = drawings.map(({ viewBox: [x, y], children }) =>
    written(element('g', { transform: `translate(${-x} ${-y})` }, ...children)),
  )
  const shared = written(element('defs', {}, ...defs)).length
  const largest = Math.max(...markup.map((digit) => digit.length))
  if (shared + MAX_DIGITS * largest > LARGEST_NUMBER)
    throw new Error(
      `the digits of ${folder} are too large: the largest is ${largest} bytes, what they share is ${shared}, ` +
        `and ${MAX_DIGITS} digits with what they share may be ${LARGEST_NUMBER}`,
    )
  return { width, height, defs, markup }
}

function readDigit(file: string, prefix: string): Sanitised {
  const svg = readSmallFile(file, LARGEST_FILE)
  try {
    return sanitiseSvg(svg, prefix)
  } catch (error) {
    if (error instanceof SvgProblem) throw new Error(`${file} cannot be used: ${error.message}`)
    throw error
  }
}

// The sanitiser writes ASCII only, so that characters are bytes.
const written = (drawing: Element) => compile(drawing).pieces.join('')

/** The digits have the colours that they were drawn with. A colour or motion that is asked for changes nothing. */
function ownFace({ width, height, defs, markup }: Digits): Face {
  const wide = round((HEIGHT * width) / height)
  return ({ groups, ground, radius, ink }) => {
    const places: Element[] = []
    let x = 0
    for (const [group, digits] of groups.entries()) {
      if (group > 0) x += wide / 2
      for (let digit = 0; digit < digits; digit++) {
        const place = places.length
        places.push(
          element(
            'svg',
            { x: round(x), width: wide, height: HEIGHT, viewBox: `0 0 ${width} ${height}` },
            (shown) => markup[Number(shown.digits[place])] as string,
          ),
        )
        x += wide
      }
    }
    const size = { width: round(x), height: HEIGHT }
    const paint = ground && ink.paint({ fill: ground })
    return {
      ...size,
      content: [
        ...(defs.length > 0 ? [element('defs', {}, ...defs)] : []),
        ...(paint ? [element('rect', { ...size, rx: radius ?? 0, ...paint })] : []),
        ...places,
      ],
    }
  }
}

const round = (px: number) => Math.round(px * 1000) / 1000
