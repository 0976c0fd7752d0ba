import { parseColorPair, splitList } from './color.ts'
import { type ColorStep, MAX_AFFIX, MAX_LABEL, MAX_STEPS } from './options.ts'

// XML 1.0 allows three control characters, but a badge is one line.
const ILLEGAL = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/

/** A label without spaces around it, in NFC; null if it is too long or has characters that XML cannot hold. */
export function parseLabel(value: string): string | null {
  return parseText(value.trim(), MAX_LABEL)
}

/** A prefix or a suffix, with the same rules but with its spaces. */
export function parseAffix(value: string): string | null {
  return parseText(value, MAX_AFFIX)
}

/**
 * The most UTF-16 code units that can become one unit in NFC (https://unicode.org/faq/normalization.html#12). A longer
 * text is refused before it is normalised: `normalize` takes 67 ms for 5,000 accents on one letter, and the square of
 * their number in general.
 */
const MAX_EXPANSION = 4

function parseText(value: string, maxLength: number): string | null {
  if (value.length > MAX_EXPANSION * maxLength) return null
  const text = value.normalize()
  return text.length <= maxLength && text.isWellFormed() && !ILLEGAL.test(text) ? text : null
}

/** Such as `100:yellow,1000:orange`; sorted by number. */
export function parseSteps(value: string): ColorStep[] | null {
  const steps: ColorStep[] = []
  const items = splitList(value)
  if (items.length > MAX_STEPS) return null
  for (const item of items) {
    const [, from, name = ''] = /^\s*(\d{1,15})\s*:(.*)$/s.exec(item) ?? []
    const color = parseColorPair(name)
    if (from === undefined || color === null) return null
    steps.push({ from: Number(from), color })
  }
  return steps.sort((a, b) => a.from - b.from)
}

const PERIOD =
  /^(total|today|yesterday|24h|7d|30d|90d|365d|(last-)?(week|month)|year|\d{4}(-\d\d(-\d\d)?)?)$/
const MAX_SHOW = '2026-11-20-2026-11-21'.length

/**
 * One period, or two with a hyphen between them. A period may have hyphens itself, so this looks for the longest first
 * period. The calendar checks later whether a date exists.
 */
export function parseShow(value: string): string[] | null {
  if (value.length > MAX_SHOW) return null
  if (PERIOD.test(value)) return [value]
  for (let at = value.lastIndexOf('-'); at > 0; at = value.lastIndexOf('-', at - 1)) {
    const periods = [value.slice(0, at), value.slice(at + 1)]
    if (periods.every((period) => PERIOD.test(period))) return periods
  }
  return null
}

export function parseSwitch(value: string): boolean | null {
  if (/^(1|true|yes|on)$/i.test(value)) return true
  return /^(0|false|no|off)$/i.test(value) ? false : null
}

/** @returns a parser of numbers in decimal notation, from `least` to `most` */
export function numberParser(least: number, most: number, whole: boolean) {
  const pattern = whole ? /^\d{1,15}$/ : /^\d{1,4}(\.\d{1,4})?$/
  return (value: string): number | null => {
    const number = pattern.test(value) ? Number(value) : Number.NaN
    return number >= least && number <= most ? number : null
  }
}
