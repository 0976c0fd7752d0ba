import { SaxesParser } from 'saxes'
import type { FaceOptions } from '../../src/badge/digits/face.ts'
import { FACES, type FaceName } from '../../src/badge/digits/faces.ts'
import { createStyleSheet, type Theme } from '../../src/badge/style/theme.ts'
import { compile, element, fill, type SlotValues } from '../../src/badge/svg.ts'

export interface Drawn {
  svg: string
  width: number
  height: number
  elements: { name: string; attributes: Record<string, string> }[]
  css: string
}

export type Wishes = Partial<Omit<FaceOptions, 'sheet'>> & { theme?: Theme }

/**
 * Draws numbers in a face, and reads the drawing by a strict XML parser.
 * @param numbers their digits
 * @throws Error if a number is too large for tally marks
 */
export function drawFace(
  name: FaceName,
  numbers: readonly string[],
  { theme = 'light', ...wishes }: Wishes = {},
): Drawn {
  const sheet = createStyleSheet(theme)
  const none = { color: null, background: null, radius: null, animate: false }
  // The drawing of digits depends on how many there are, not on which.
  const shown = numbers.map((digits) =>
    name === 'tally' ? Number(digits) : 10 ** (digits.length - 1),
  )
  const drawing = FACES[name].put(shown, 1)?.draw({ ...none, ...wishes, sheet })
  if (!drawing) throw new Error(`${numbers.join()} was not drawn`)
  const { width, height, content } = drawing
  const size = { width, height, viewBox: `0 0 ${width} ${height}` }
  const attributes = { xmlns: 'http://www.w3.org/2000/svg', ...size }
  const values: SlotValues = {
    text: '',
    spoken: '',
    sparklineText: '',
    digits: numbers.join(''),
    sparklinePath: '',
    frames: [],
  }
  const svg = fill(compile(element('svg', attributes, ...sheet.elements(), ...content)), values)
  return { svg, width, height, ...read(svg) }
}

/** @throws Error if this is not XML */
function read(svg: string): Pick<Drawn, 'elements' | 'css'> {
  const elements: Drawn['elements'] = []
  let css = ''
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    elements.push({ name, attributes: { ...(attributes as Record<string, string>) } })
  })
  parser.on('text', (text) => {
    css += text
  })
  parser.write(svg).close()
  return { elements, css }
}
