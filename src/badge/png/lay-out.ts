import { parseBadge, TEXT_SCALE } from '../style/badge-maker.ts'
import { FROM_RIGHT, GRAPHEMES, isLatin } from '../style/letters.ts'
import { type Attributes, type Element, element, elementsNamed, writeSvg } from '../svg.ts'
import type { ChosenFont } from './fonts.ts'

/** The least space on each side of a text, in px. */
const MARGIN = 3
/** A text with more pieces is drawn in one: to measure a piece takes 2 to 8 ms. */
const MAX_PIECES = 40
/** Marks with a width of their own. resvg 0.34 gives such a letter the width of its widest part. */
const WIDE_MARK = /\p{Mc}|[\u0e33\u0eb3]/u

/** The width of a text that is drawn in one piece, in em. */
type Measure = (text: string, weight: string) => number

/** The left and right end of a rectangle, in px. */
type Box = [left: number, right: number]

/**
 * Lays out the texts of a badge whose widths are only estimated: in pieces of one font each, and no wider than their
 * boxes. resvg mixes up the letters of a text if two fonts shape it differently.
 * @returns the badge; unchanged if badge-maker did not draw it
 */
export function layOut(svg: string, fonts: readonly ChosenFont[], measure: Measure): string {
  if (isLatin(svg)) return svg
  let root: Element
  try {
    root = parseBadge(svg)
  } catch {
    // The badge of an operator's template may hold anything, and has positions for its texts.
    return svg
  }
  const boxes = elementsNamed(root, 'rect').map(
    ({ attributes: { x = 0, width } }): Box => [Number(x), Number(x) + Number(width)],
  )
  const visit = (parent: Element, inherited: Attributes) => {
    for (const child of parent.children) {
      if (typeof child !== 'object') continue
      const attributes = { ...inherited, ...child.attributes }
      if (child.name !== 'text') visit(child, attributes)
      else if (attributes['text-anchor'] === 'middle' && attributes.transform === 'scale(.1)')
        layOutText(child, attributes, boxes, fonts, measure)
    }
  }
  visit(root, {})
  return writeSvg(root)
}

/** @param attributes those of the text, with the inherited ones */
function layOutText(
  text: Element,
  attributes: Attributes,
  boxes: readonly Box[],
  fonts: readonly ChosenFont[],
  measure: Measure,
): void {
  const content = text.children.join('')
  // A text of no opacity is a smaller number of a count-up, which a PNG does not show.
  if (attributes.textLength !== undefined || attributes.opacity === '0' || isLatin(content)) return
  const size = Number.parseFloat(String(attributes['font-size']))
  const weight = String(attributes['font-weight'] ?? 400)
  const parts = piecesOf(content, fonts)
  const pieces = parts.length > MAX_PIECES ? [content] : parts
  const widths = pieces.map((piece) => measure(piece, weight) * size)
  const width = widths.reduce((sum, each) => sum + each, 0)
  const middle = Number(attributes.x)
  const distances = boxes.flatMap(([left, right]) => {
    const sides = [middle / TEXT_SCALE - left, right - middle / TEXT_SCALE]
    return sides.every((side) => side > 0) ? sides : []
  })
  const maxWidth = 2 * (Math.min(...distances) - MARGIN) * TEXT_SCALE
  const fit = Math.min(1, maxWidth / width)
  if (fit === 1 && pieces.length === 1 && !WIDE_MARK.test(content)) return
  text.attributes['xml:space'] = 'preserve'
  text.attributes['font-size'] = size * fit
  let x = middle - (width * fit) / 2
  text.children = pieces.map((piece, index) => {
    const part = element('tspan', { x, 'text-anchor': 'start' }, piece)
    x += (widths[index] as number) * fit
    return part
  })
}

/**
 * Splits a text into pieces that resvg draws and measures correctly. A text that runs from right to left stays whole,
 * because its pieces would change places.
 */
function piecesOf(text: string, fonts: readonly ChosenFont[]): string[] {
  if (FROM_RIGHT.test(text)) return [text]
  const pieces: string[] = []
  let last: number | null = null
  for (const { segment } of GRAPHEMES.segment(text)) {
    const font = fonts.findIndex(({ characters }) =>
      [...segment].some((character) => characters.includes(character)),
    )
    const alone = WIDE_MARK.test(segment)
    if (font === last && !alone) pieces[pieces.length - 1] += segment
    else pieces.push(segment)
    last = alone ? null : font
  }
  return pieces
}
