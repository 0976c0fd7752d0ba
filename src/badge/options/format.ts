import { Cache } from '../../cache.ts'

/** How whole numbers from 0 to 2^53 are written. */
export interface NumberFormat {
  write(number: number): string
  /** Whether all numbers of one length are equally wide: they have digits and the same marks at the same places. */
  even: boolean
}

/** Groups digits: the last three, and those before them by `size`. */
const group =
  (mark: string, size = 3) =>
  (number: number) => {
    const digits = String(number)
    let written = digits.slice(-3)
    for (let end = digits.length - 3; end > 0; end -= size) {
      written = digits.slice(Math.max(0, end - size), end) + mark + written
    }
    return written
  }

/** Such as `1,234,567`. Screen readers get numbers like this, however the number is drawn. */
export const grouped = group(',')

const UNITS = ['', 'k', 'M', 'B', 'T', 'Q']

/** Such as `1.2k`. It is cut off and not rounded, so that it is never more than the number. */
function compact(number: number): string {
  let size = 0
  let unit = 1
  while (number >= unit * 1000) {
    unit *= 1000
    size += 1
  }
  const whole = Math.floor(number / unit)
  const tenth = size > 0 && whole < 10 ? Math.floor((number % unit) / (unit / 10)) : 0
  return `${whole}${tenth > 0 ? `.${tenth}` : ''}${UNITS[size]}`
}

const ROMAN = [
  ['', 'M', 'MM', 'MMM'],
  ['', 'C', 'CC', 'CCC', 'CD', 'D', 'DC', 'DCC', 'DCCC', 'CM'],
  ['', 'X', 'XX', 'XXX', 'XL', 'L', 'LX', 'LXX', 'LXXX', 'XC'],
  ['', 'I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX'],
] as const
/** Larger numbers need lines above the letters. */
const MAX_ROMAN = 3999

/** There is no Roman zero. */
function roman(number: number): string {
  if (number === 0 || number > MAX_ROMAN) return grouped(number)
  const digits = String(number).padStart(ROMAN.length, '0')
  return ROMAN.map((letters, place) => letters[Number(digits[place])]).join('')
}

const NAMED = new Map<string, NumberFormat>([
  ['plain', { write: String, even: true }],
  ['comma', { write: grouped, even: true }],
  // A no-break space.
  ['space', { write: group('\u00a0'), even: true }],
  ['dot', { write: group('.'), even: true }],
  // Such as `12,34,567`.
  ['indian', { write: group(',', 2), even: true }],
  ['compact', { write: compact, even: false }],
  ['roman', { write: roman, even: false }],
])

export const FORMATS: readonly string[] = [...NAMED.keys()]
export const PLAIN = NAMED.get('plain') as NumberFormat

/** @param value the name of a format, or a language in BCP 47 such as `de` or `en-IN` */
export function readFormat(value: string): NumberFormat | null {
  return NAMED.get(value) ?? byLocale(value)
}

/** Formats by language. All badges share them, since each takes some 10 kB outside of the heap. */
const languages = new Cache<NumberFormat>(5_000_000, () => 10_000)
const MAX_LANGUAGE_NAME = 35

function byLocale(value: string): NumberFormat | null {
  if (value.length > MAX_LANGUAGE_NAME) return null
  let locale: string | undefined
  try {
    locale = Intl.NumberFormat.supportedLocalesOf(value)[0]
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
  if (locale === undefined) return null
  const format = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
  // The resolved name leaves out what does not change numbers, so that fewer formats are kept.
  const language = format.resolvedOptions().locale
  const known = languages.get(language)
  if (known) return known
  const write = writerOf(format)
  // Only Latin digits are known to be equally wide.
  const found = { write, even: /^[\d.,\u00a0\u202f\u2019]+$/.test(write(1_234_567_890)) }
  languages.set(language, found)
  return found
}

/**
 * Writes numbers as a format does, but many times as fast. The places of the marks depend only on the number of digits,
 * so `format` is called once for each length.
 */
function writerOf(format: Intl.NumberFormat): (number: number) => string {
  const digits = Array.from({ length: 10 }, (_, digit) => format.format(digit))
  const marks: string[][] = []
  return (number) => {
    const plain = String(number)
    const length = plain.length
    marks[length] ??= format.format(Number('1'.repeat(length))).split(digits[1] as string)
    const between = marks[length]
    let written = between[0] as string
    for (let at = 0; at < length; at++) {
      written += (digits[plain.charCodeAt(at) - 48] as string) + between[at + 1]
    }
    return written
  }
}
