import { measure } from '../style/measure.ts'

/** What is known of how wide texts are: by weight, at one size each. */
const MEASURED = {
  normal: { font: '11px Verdana', size: 11 },
  bold: { font: 'bold 10px Verdana', size: 10 },
} as const
export type Weight = keyof typeof MEASURED

/** The width of a text in px, in Verdana of this size. */
export function widthOf(text: string, size: number, weight: Weight = 'normal'): number {
  const known = MEASURED[weight]
  return (measure(text, known.font) * size) / known.size
}

/** The text, or as much of it as has room with an ellipsis behind it. @param room in px */
export function cut(text: string, room: number, size: number, weight: Weight = 'normal'): string {
  const roomOfPart = room - widthOf('…', size, weight)
  let width = 0
  let end = 0
  // A text may be much longer than what is shown of it: it is measured only as far as that.
  for (const character of text) {
    width += widthOf(character, size, weight)
    if (width > room) return `${text.slice(0, end)}…`
    if (width <= roomOfPart) end += character.length
  }
  return text
}

/** The text with a sign in the place of each character that XML 1.0 cannot hold, or that controls something. */
export function legible(text: string): string {
  return text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd')
}
