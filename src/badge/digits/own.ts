import { readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type Element, element, writeSvg } from '../svg.ts'
import { type Sanitised, sanitiseSvg } from '../untrusted/sanitise.ts'
import { readSmallFile } from '../untrusted/small-file.ts'
import { SvgProblem } from '../untrusted/svg-values.ts'
import { digitFace, type Face } from './face.ts'
import { FACE_NAMES } from './faces.ts'

const BUILT_IN: ReadonlySet<string> = new Set(FACE_NAMES)

const DIGITS = [...'0123456789']
/** The height of digits, in px. */
const HEIGHT = 24
/** The greatest width of a digit, in heights. */
const MAX_WIDTH = 4
/** The largest file that is read, in bytes. Editors write much that is left out. */
const MAX_FILE = 16_384
/** Two numbers of 16 digits, which are the longest, and their size in bytes: an answer stays below 64 kB. */
const MAX_DIGITS = 32
const MAX_SIZE = 60_000

/** The ten digits of a face. */
interface Digits {
  /** The size of each digit, in units of its drawing. */
  width: number
  height: number
  /** The gradients and clip paths to which the digits refer. */
  defs: Element[]
  /** The markup of each digit, with its top left corner at 0,0. */
  markup: readonly string[]
}

/**
 * Reads an operator's own digits: SVGs named `0.svg` to `9.svg`. The folder is a face if it holds them itself; else each
 * folder in it is a face. Folders and files whose name begins with a dot are ignored.
 * @returns faces by the names of their folders
 * @throws Error with a message for the operator, if there are no digits or they cannot be used
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
  if (width > height * MAX_WIDTH)
    throw new Error(`the digits of ${folder} are more than ${MAX_WIDTH} times as wide as high`)
  const defs = drawings.flatMap((drawing) => drawing.defs)
  const markup = drawings.map(({ viewBox: [x, y], children }) =>
    writeSvg(element('g', { transform: `translate(${-x} ${-y})` }, ...children)),
  )
  // The sanitiser writes ASCII only, so that characters are bytes.
  const shared = writeSvg(element('defs', {}, ...defs)).length
  const largest = Math.max(...markup.map((digit) => digit.length))
  if (shared + MAX_DIGITS * largest > MAX_SIZE)
    throw new Error(
      `the digits of ${folder} are too large: the largest is ${largest} bytes, what they share is ${shared}, ` +
        `and ${MAX_DIGITS} digits with what they share may be ${MAX_SIZE}`,
    )
  return { width, height, defs, markup }
}

function readDigit(file: string, prefix: string): Sanitised {
  const svg = readSmallFile(file, MAX_FILE)
  try {
    return sanitiseSvg(svg, prefix)
  } catch (error) {
    if (error instanceof SvgProblem) throw new Error(`${file} cannot be used: ${error.message}`)
    throw error
  }
}

/** Draws the digits in the colours of their files, without motion. */
function ownFace({ width, height, defs, markup }: Digits): Face {
  const wide = round((HEIGHT * width) / height)
  return digitFace((lengths, { ground, radius, ink }) => {
    const places: Element[] = []
    let x = 0
    for (const [group, digits] of lengths.entries()) {
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
  })
}

const round = (px: number) => Math.round(px * 1000) / 1000
