/** Splits texts into letters with the marks that belong to them. */
export const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** A letter of a script that is written from right to left. */
export const FROM_RIGHT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u

/** Whether a text has Latin letters only. badge-maker's table and DejaVu Sans have all of them. */
export function isLatin(text: string): boolean {
  return !/[^\0-\u024f]/.test(text)
}
