import type { Appearance } from '../appearance.ts'
import { finish } from '../style/additions.ts'
import { type ColorPair, createInk } from '../style/theme.ts'
import { type Element, element, type Slot } from '../svg.ts'
import type { Face, FaceDrawing, FaceOptions } from './face.ts'
import { FACES } from './faces.ts'
import { drawTally, MAX_MARKS } from './tally.ts'

/** Numbers that are drawn by a face. */
export interface NumbersOnFace {
  /** The key of their compiled drawing. */
  shape: string
  /** The digits that fill the drawing in. */
  digits: string
  draw(options: Omit<FaceOptions, 'groups'>): FaceDrawing
}

const BUILT_IN: ReadonlyMap<string, Face> = FACES

/** @param ownFaces an operator's own, by name @returns a function that gives null if a face cannot draw the numbers */
export function facePutter(ownFaces: ReadonlyMap<string, Face>) {
  return function putOnFace(
    name: string,
    numbers: readonly number[],
    leastDigits: number,
  ): NumbersOnFace | null {
    if (name === 'tally') {
      if (numbers.reduce((sum, number) => sum + number, 0) > MAX_MARKS) return null
      // Marks are not digits, so each number has a drawing of its own.
      return {
        shape: `tally ${numbers.join('/')}`,
        digits: '',
        draw: (options) => drawTally(numbers, options),
      }
    }
    const face = BUILT_IN.get(name) ?? ownFaces.get(name)
    if (!face) throw new Error(`there is no face ${name}`)
    const padded = numbers.map((number) => String(number).padStart(leastDigits, '0'))
    const groups = padded.map((digits) => digits.length)
    return {
      shape: `face ${groups.join('/')}`,
      digits: padded.join(''),
      draw: (options) => face({ ...options, groups }),
    }
  }
}

/** Draws numbers on a face, with the name for screen readers that their badge would have. */
export function drawFace(
  face: NumbersOnFace,
  { options, theme }: Appearance,
  color: ColorPair | null,
  spoken: Slot,
): Element {
  const { label, prefix, suffix, labelColor, radius, animate, scale } = options
  const ink = createInk(theme)
  const { width, height, content } = face.draw({ color, ground: labelColor, radius, animate, ink })
  const name = [label === '' ? '' : `${label}: `, prefix.trimStart(), spoken, suffix.trimEnd()]
  const root = element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width, height, role: 'img', 'aria-label': name },
    element('title', {}, ...name),
    ...content,
  )
  finish(root, scale, ink)
  return root
}
