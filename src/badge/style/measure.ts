import anafanafo from 'anafanafo'
import { Cache } from '../../cache.ts'
import { FROM_RIGHT, GRAPHEMES } from './letters.ts'

/** The fonts in which badge-maker measures texts. */
export type Font = '11px Verdana' | '10px Verdana' | 'bold 10px Verdana' | 'bold 11px Helvetica'

/** What the known widths of a font may take, in bytes: those of some 1,000 characters. */
const KNOWN_BYTES = 130_000
const createKnown = () => new Cache<number | null>(KNOWN_BYTES, () => 8)

/** By font: the widths of characters in px; null for characters that badge-maker's table lacks. */
const known: Readonly<Record<Font, Cache<number | null>>> = {
  '11px Verdana': createKnown(),
  '10px Verdana': createKnown(),
  'bold 10px Verdana': createKnown(),
  'bold 11px Helvetica': createKnown(),
}

/**
 * The width of a text in px: the sum of its characters as badge-maker measures them. badge-maker gives the width of an `m`
 * to a character that its table lacks; here the width of such a letter is estimated by its script.
 */
export function measure(text: string, font: Font): number {
  let sum = 0
  for (const character of text) {
    const width = widthOf(character, font)
    if (width === null) return estimate(text, font)
    sum += width
  }
  return sum
}

/** Whether badge-maker's table has all characters of a text. Else its width is estimated. */
export function isMeasured(text: string, font: Font): boolean {
  return [...text].every((character) => widthOf(character, font) !== null)
}

function widthOf(character: string, font: Font): number | null {
  const found = known[font].get(character)
  if (found !== undefined) return found
  let width: number | null = null
  try {
    width = anafanafo(character, { font, guess: false })
  } catch {
    // It throws if its table lacks the character.
  }
  known[font].set(character, width)
  return width
}

/** Widths of letters in em, in Noto's fonts and those of the usual systems. The first that matches counts. */
const EMS: [RegExp, number][] = [
  [/\p{Extended_Pictographic}|\p{Regional_Indicator}|\ufe0f/u, 1.27],
  [
    /\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Bopomofo}/u,
    1,
  ],
  [/\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Nko}/u, 0.5],
  [/\p{Script=Hebrew}|\p{Script=Thai}|\p{Script=Lao}/u, 0.58],
  [/\p{Script=Tamil}|\p{Script=Malayalam}/u, 0.95],
  [/\p{Script=Telugu}|\p{Script=Kannada}|\p{Script=Sinhala}|\p{Script=Myanmar}/u, 0.8],
  [/\p{Nd}/u, 0.6],
]
const OTHER_EMS = 0.65
/** A mark that stands beside its letter, such as some vowels of Indian scripts. */
const SPACING_MARK_EMS = 0.3

/** Estimates the width of a text by its graphemes: letters with the marks that belong to them. */
function estimate(text: string, font: Font): number {
  const size = font.includes('10px') ? 10 : 11
  let sum = 0
  for (const { segment } of GRAPHEMES.segment(text)) {
    const [first = '', ...marks] = segment
    const isEmoji = /\ufe0f|\p{Regional_Indicator}/u.test(segment)
    const width = isEmoji ? null : widthOf(first, font)
    sum += width ?? (EMS.find(([pattern]) => pattern.test(segment))?.[1] ?? OTHER_EMS) * size
    if (isEmoji) continue
    for (const mark of marks) {
      if (/\p{Mc}/u.test(mark)) sum += SPACING_MARK_EMS * size
      // Letters of Indian scripts that are joined to the first.
      if (/\p{L}/u.test(mark)) sum += OTHER_EMS * size
    }
  }
  return sum
}

/** A narrow character that is the same in upper case. */
const NARROW = "'"

/**
 * A stand-in for a text with characters that badge-maker's table lacks: known characters, as wide as the estimate.
 * Null if the table has all characters.
 * @param spacing px that badge-maker adds to each letter
 */
export function standInFor(text: string, font: Font, spacing: number): string | null {
  if (isMeasured(text, font)) return null
  const width = measure(NARROW, font) + spacing
  return NARROW.repeat(Math.max(1, Math.round(Math.floor(measure(text, font)) / width)))
}

/** The direction of a text: `rtl` if its first letter is of a script that is written from the right. */
export function directionOf(text: string): 'ltr' | 'rtl' {
  const letter = /\p{L}/u.exec(text)?.[0] ?? ''
  return FROM_RIGHT.test(letter) ? 'rtl' : 'ltr'
}
