import { measure } from '../style/measure.ts'
import type { ColorPair } from '../style/theme.ts'

/** The colours of a card. Backgrounds and texts are those of GitHub's own cards. */
export const PAINTS = {
  background: { light: '#ffffff', dark: '#0d1117' },
  border: { light: '#d0d7de', dark: '#30363d' },
  grid: { light: '#e4e8ec', dark: '#21262d' },
  baseline: { light: '#afb8c1', dark: '#484f58' },
  text: { light: '#1f2328', dark: '#f0f6fc' },
  muted: { light: '#59636e', dark: '#9198a1' },
  bars: { light: '#2da44e', dark: '#3fb950' },
} as const satisfies Record<string, ColorPair>

/** All lengths are in px, before the drawing is scaled. */
export const WIDTH = 480
export const HEIGHT = 190
export const LEFT = 20
export const RIGHT = WIDTH - LEFT

export const FONTS = 'Verdana,Geneva,DejaVu Sans,sans-serif'
/** Font sizes. */
export const SMALL = 11
export const TINY = 10

/** Rounds a length to hundredths of a px, which are finer than anyone can see. */
export function px(length: number): number {
  return Math.round(length * 100) / 100
}

/** The fonts in which texts are measured, and their sizes. Widths in other sizes are proportional. */
const MEASURED = {
  normal: { font: '11px Verdana', size: 11 },
  bold: { font: 'bold 10px Verdana', size: 10 },
} as const
type Weight = keyof typeof MEASURED

/** The width of a text in px, in Verdana of this size. */
export function widthOf(text: string, size: number, weight: Weight = 'normal'): number {
  const measured = MEASURED[weight]
  return (measure(text, measured.font) * size) / measured.size
}

/** Cuts a text to a width in px, with an ellipsis at the end if anything is cut off. */
export function cut(text: string, maxWidth: number, size: number, weight: Weight = 'normal') {
  const maxBeforeEllipsis = maxWidth - widthOf('…', size, weight)
  let width = 0
  let end = 0
  // It stops at the first character that does not fit, because a text may be much longer than what is shown.
  for (const character of text) {
    width += widthOf(character, size, weight)
    if (width > maxWidth) return `${text.slice(0, end)}…`
    if (width <= maxBeforeEllipsis) end += character.length
  }
  return text
}

/** Replaces characters that XML 1.0 cannot hold, and control characters. */
export function legible(text: string): string {
  return text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd')
}
