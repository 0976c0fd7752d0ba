import { readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { element, writeSvg } from '../svg.ts'
import { type Sanitised, sanitiseSvg } from '../untrusted/sanitise.ts'
import { readSmallFile } from '../untrusted/small-file.ts'
import { SvgProblem } from '../untrusted/svg-values.ts'
import { DOTS_FACE } from './dots.ts'
import { digitFace, type Face } from './face.ts'
import { FLAP_FACE, ODOMETER_FACE } from './round.ts'
import { LCD_FACE, LED_FACE } from './segments.ts'
import { TALLY_FACE } from './tally.ts'

/** Tallymark's own faces. */
export const FACES = {
  odometer: ODOMETER_FACE,
  lcd: LCD_FACE,
  flap: FLAP_FACE,
  tally: TALLY_FACE,
  dots: DOTS_FACE,
  led: LED_FACE,
} as const satisfies Record<string, Face>
export type FaceName = keyof typeof FACES
export const FACE_NAMES = Object.keys(FACES) as FaceName[]

/** The height of an operator's digits, in px. */
const HEIGHT = 24
/** The greatest width of a digit, in heights. */
const MAX_WIDTH = 4
/** The largest file that is read, in bytes. Editors write much that is left out. */
const MAX_FILE = 16_384
/** Digits of two of the longest numbers, which have 16 each. */
const MAX_DIGITS = 32
/** The size of so many digits, in bytes: an answer stays below 64 kB. */
const MAX_SIZE = 60_000

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
  return new Map(folders.map((each) => [nameOf(each), readFace(each)]))
}

function nameOf(folder: string): string {
  const name = basename(folder)
  if (!/^[a-z\d-]{1,32}$/.test(name))
    throw new Error(
      `the folder ${folder} cannot name a face: 1 to 32 lower-case letters, digits and hyphens can`,
    )
  if (Object.hasOwn(FACES, name)) throw new Error(`the face ${name} of ${folder} is there already`)
  return name
}

/** Reads a face that draws the digits in the colours of their files, without motion. */
function readFace(folder: string): Face {
  const drawings = Array.from('0123456789', (digit) =>
    readDigit(join(folder, `${digit}.svg`), `n${digit}-`),
  )
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
  const defs = element('defs', {}, ...drawings.flatMap((drawing) => drawing.defs))
  // Each digit's top left corner is moved to 0, 0.
  const markup = drawings.map(({ viewBox: [x, y], children }) =>
    writeSvg(element('g', { transform: `translate(${-x} ${-y})` }, ...children)),
  )
  // The sanitiser writes ASCII only, so that characters are bytes.
  const shared = writeSvg(defs).length
  const largest = Math.max(...markup.map((digit) => digit.length))
  if (shared + MAX_DIGITS * largest > MAX_SIZE)
    throw new Error(
      `the digits of ${folder} are too large: the largest is ${largest} bytes, what they share is ${shared}, ` +
        `and ${MAX_DIGITS} digits with what they share may be ${MAX_SIZE}`,
    )

  const pitch = round((HEIGHT * width) / height)
  return digitFace(
    { start: 0, pitch, gap: pitch / 2 },
    ({ places, end }, { background, radius, sheet }) => {
      const size = { width: round(end), height: HEIGHT }
      const digit = { width: pitch, height: HEIGHT, viewBox: `0 0 ${width} ${height}` }
      const area = background && { ...size, rx: radius ?? 0, ...sheet.paint({ fill: background }) }
      return {
        ...size,
        content: [
          ...(defs.children.length > 0 ? [defs] : []),
          ...(area ? [element('rect', area)] : []),
          ...places.map(({ n, x }) =>
            element(
              'svg',
              { x: round(x), ...digit },
              ({ digits }) => markup[Number(digits[n])] as string,
            ),
          ),
        ],
      }
    },
  )
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

const round = (px: number) => Math.round(px * 1000) / 1000
