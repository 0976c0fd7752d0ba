import { all } from '../style/stretch.ts'
import { type Attributes, compile, type Element, element, parseDrawn } from '../svg.ts'
import type { Wanted } from './fonts.ts'

/** What a text needs on each side of it at least, in px. */
const MARGIN = 3
/** Badge-maker's texts are drawn ten times as large, and made smaller again. */
const SCALE = 10

/** A text of more pieces is drawn in one: to measure a piece takes 2 to 8 ms. */
const MAX_PIECES = 40

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** Marks with a width of their own. resvg 0.34 takes such a letter to be as wide as the widest of its parts. */
const WIDE_MARK = /\p{Mc}|[\u0e33\u0eb3]/u
const FROM_RIGHT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u

/** The width of a text that is drawn in one go, in em. */
export type Measure = (text: string, weight: string) => number

/**
 * Lays out the texts of a badge whose widths were only estimated: in pieces of one font each, and no wider than their
 * boxes. resvg mixes up the letters of a text where two fonts shape it differently.
 * @returns the badge, as it was where it is not one of ours
 */
export function layOut(svg: string, fonts: readonly Wanted[], measure: Measure): string {
  if (!/[^\0-\u024f]/.test(svg)) return svg
  let root: Element
  try {
    root = parseDrawn(svg)
  } catch {
    // An operator's own badge may hold anything, and says where its texts stand.
    return svg
  }
  const boxes = all(root, 'rect').map(({ attributes: { x = 0, width } }) => [
    Number(x),
    Number(x) + Number(width),
  ])
  const visit = (parent: Element, inherited: Attributes) => {
    for (const child of parent.children) {
      if (typeof child !== 'object') continue
      const all = { ...inherited, ...child.attributes }
      if (child.name !== 'text') visit(child, all)
      else if (all['text-anchor'] === 'middle' && all.transform === 'scale(.1)')
        place(child, all, boxes as Box[], fonts, measure)
    }
  }
  visit(root, {})
  return compile(root).pieces.join('')
}

type Box = [left: number, right: number]

function place(
  text: Element,
  all: Attributes,
  boxes: Box[],
  fonts: readonly Wanted[],
  measure: Measure,
): void {
  const written = text.children.join('')
  // The smaller numbers of a count-up are not seen.
  if (all.textLength !== undefined || all.opacity === '0' || !/[^\0-\u024f]/.test(written)) return
  const size = Number.parseFloat(String(all['font-size']))
  const weight = String(all['font-weight'] ?? 400)
  const parts = piecesOf(written, fonts)
  const pieces = parts.length > MAX_PIECES ? [written] : parts
  const widths = pieces.map((piece) => measure(piece, weight) * size)
  const width = widths.reduce((sum, each) => sum + each, 0)
  const x = Number(all.x)
  const sides = boxes
    .filter(([left, right]) => left < x / SCALE && x / SCALE < right)
    .map(([left, right]) => Math.min(x / SCALE - left, right - x / SCALE))
  const room = 2 * (Math.min(...sides) - MARGIN) * SCALE
  const fit = Math.min(1, room / width)
  if (fit === 1 && pieces.length === 1 && !WIDE_MARK.test(written)) return
  text.attributes['xml:space'] = 'preserve'
  text.attributes['font-size'] = size * fit
  let at = x - (width * fit) / 2
  text.children = pieces.map((piece, index) => {
    const part = element('tspan', { x: at, 'text-anchor': 'start' }, piece)
    at += (widths[index] as number) * fit
    return part
  })
}

/** Parts of a text that resvg draws and measures well. What runs from the right stays whole: its parts change places. */
function piecesOf(text: string, fonts: readonly Wanted[]): string[] {
  if (FROM_RIGHT.test(text)) return [text]
  const pieces: string[] = []
  let last: number | null = null
  for (const { segment } of SEGMENTER.segment(text)) {
    const font = fonts.findIndex(({ characters }) =>
      [...segment].some((letter) => characters.includes(letter)),
    )
    const alone = WIDE_MARK.test(segment)
    if (font === last && !alone) pieces[pieces.length - 1] += segment
    else pieces.push(segment)
    last = alone ? null : font
  }
  return pieces
}
