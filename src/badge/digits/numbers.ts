import type { Appearance } from '../appearance.ts'
import { finish } from '../style/maker.ts'
import { createInk, type Pair } from '../style/theme.ts'
import { type Element, element, type Slot } from '../svg.ts'
import type { Face, FaceAsked, FaceDrawing } from './face.ts'
import { FACES } from './faces.ts'
import { drawTally, MAX_MARKS } from './tally.ts'

/** Numbers on a face: what its template is kept by, and the digits that fill it in. */
export interface Faced {
  shape: string
  digits: string
  draw(asked: Omit<FaceAsked, 'groups'>): FaceDrawing
}

const BUILT_IN: ReadonlyMap<string, Face> = FACES

/** @param own an operator's own, by name. Returns null where a face cannot draw these numbers */
export function faceReader(own: ReadonlyMap<string, Face>) {
  return function read(name: string, numbers: readonly number[], least: number): Faced | null {
    if (name === 'tally') {
      // Marks have no digits: each number is a drawing of its own.
      if (numbers.reduce((sum, number) => sum + number, 0) > MAX_MARKS) return null
      const draw: Faced['draw'] = (asked) =>
        drawTally(numbers, { ...asked, groups: [] }) as FaceDrawing
      return { shape: `tally ${numbers.join('/')}`, digits: '', draw }
    }
    const face = BUILT_IN.get(name) ?? own.get(name)
    if (!face) throw new Error(`there is no face ${name}`)
    const written = numbers.map((number) => String(number).padStart(least, '0'))
    const groups = written.map((digits) => digits.length)
    return {
      shape: `face ${groups.join('/')}`,
      digits: written.join(''),
      draw: (asked) => face({ ...asked, groups }),
    }
  }
}

/** A face with the name that a badge would have. Of the look's colours, the number's is the digits' here. */
export function drawFaced(
  face: Faced,
  { options, theme }: Appearance,
  color: Pair | null,
  spoken: Slot,
): Element {
  const { label, prefix, suffix, labelColor, radius, animate, scale } = options
  const ink = createInk(theme)
  const { width, height, content } = face.draw({ color, ground: labelColor, radius, animate, ink })
  const named = [label === '' ? '' : `${label}: `, prefix.trimStart(), spoken, suffix.trimEnd()]
  const root = element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width, height, role: 'img', 'aria-label': named },
    element('title', {}, ...named),
    ...content,
  )
  finish(root, scale, ink)
  return root
}
