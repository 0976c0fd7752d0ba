import anafanafo from 'anafanafo'

/** Fonts that badge-maker measures texts by. */
export type Font = '11px Verdana' | '10px Verdana' | 'bold 10px Verdana' | 'bold 11px Helvetica'

/** Characters whose widths are remembered: those of numbers in every language are a few hundred. */
const MAX_KNOWN = 1000

/** By font: the widths of characters in px, null where badge-maker's table has none. */
const known: Readonly<Record<Font, Map<string, number | null>>> = {
  '11px Verdana': new Map(),
  '10px Verdana': new Map(),
  'bold 10px Verdana': new Map(),
  'bold 11px Helvetica': new Map(),
}

/**
 * The width of a text in px: the sum of its characters as badge-maker measures them. Where its table lacks one, badge-maker
 * takes it for an `m`; here the width of each such letter is estimated by its script.
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

/** Whether the width of a text is known, or else only estimated. */
export function isMeasured(text: string, font: Font): boolean {
  return [...text].every((character) => widthOf(character, font) !== null)
}

function widthOf(character: string, font: Font): number | null {
  const widths = known[font]
  let width = widths.get(character)
  if (width === undefined) {
    width = lookUp(character, font)
    if (widths.size < MAX_KNOWN) widths.set(character, width)
  }
  return width
}

function lookUp(character: string, font: Font): number | null {
  try {
    return anafanafo(character, { font, guess: false })
  } catch {
    // That is how it says that its table has no such character.
    return null
  }
}

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Widths of letters in em, as Noto's and the usual systems' fonts draw them. The first that fits holds. */
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
/** A mark that stands beside its letter, as vowels of India do. */
const SPACING_MARK_EMS = 0.3

/** Letter by letter, with the marks that belong to it. */
function estimate(text: string, font: Font): number {
  const size = font.includes('10px') ? 10 : 11
  let sum = 0
  for (const { segment } of SEGMENTER.segment(text)) {
    const [first = '', ...marks] = segment
    const isEmoji = /\ufe0f|\p{Regional_Indicator}/u.test(segment)
    const width = isEmoji ? null : widthOf(first, font)
    sum += width ?? (EMS.find(([pattern]) => pattern.test(segment))?.[1] ?? OTHER_EMS) * size
    if (isEmoji) continue
    for (const mark of marks) {
      if (/\p{Mc}/u.test(mark)) sum += SPACING_MARK_EMS * size
      // Letters of India that are joined into one.
      if (/\p{L}/u.test(mark)) sum += OTHER_EMS * size
    }
  }
  return sum
}

/** As narrow as any in the fonts that badge-maker measures by, and the same in capitals. */
const NARROW = "'"

/**
 * A text that badge-maker measures as wide as one whose letters it does not know, to be drawn in its place.
 * @param spacing px that it adds to each letter
 */
export function standIn(text: string, font: Font, spacing: number): string {
  const each = measure(NARROW, font) + spacing
  return NARROW.repeat(Math.max(1, Math.round(Math.floor(measure(text, font)) / each)))
}

/** Which way a text runs: `rtl` where its first letter is of a script that is written from the right. */
export function directionOf(text: string): 'ltr' | 'rtl' {
  const letter = /\p{L}/u.exec(text)?.[0] ?? ''
  const fromRight =
    /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u
  return fromRight.test(letter) ? 'rtl' : 'ltr'
}
