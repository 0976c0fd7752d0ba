import { fromString } from 'css-color-converter'
import type { ColorPair } from '../style/theme.ts'
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

/**
 * badge-maker's named colours and their aliases: https://github.com/badges/shields/blob/master/badge-maker/lib/color.js
 * badge-maker looks names up with `in`, which also finds `constructor`, so it is given colours and never names.
 */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['brightgreen', '#4b0'],
  ['green', '#67ac09'],
  ['yellow', '#d8b800'],
  ['yellowgreen', '#95991a'],
  ['orange', '#ea7233'],
  ['red', '#dd4343'],
  ['blue', '#007ec6'],
  ['grey', '#555'],
  ['lightgrey', '#939393'],
  ['gray', '#555'],
  ['lightgray', '#939393'],
  ['critical', '#dd4343'],
  ['important', '#ea7233'],
  ['success', '#4b0'],
  ['informational', '#007ec6'],
  ['inactive', '#939393'],
])
/** The longest colour that is read, in characters. */
const MAX_COLOR = 64

/**
 * Reads one of badge-maker's names, a hex colour with or without `#`, or a CSS colour.
 * @returns the colour as badge-maker writes it into an SVG; null if the text is not a colour
 */
export function parseColor(value: string): string | null {
  const color = value.trim().toLowerCase()
  if (color.length > MAX_COLOR) return null
  const named = NAMED.get(color)
  if (named !== undefined) return named
  if (/^([\da-f]{3}){1,2}$/.test(color)) return `#${color}`
  return isCssColor(color) ? color : null
}

/** @param color in lower case */
export function isCssColor(color: string): boolean {
  // For a word that every object has, such as `constructor`, css-color-converter throws a TypeError.
  if (Object.hasOwn(Object.prototype, color)) return false
  return Boolean(fromString(color))
}

/** One colour, or two with a comma between them: for light pages and for dark. */
export function parseColorPair(value: string): ColorPair | null {
  const items = splitList(value)
  if (items.length > 2) return null
  const [light, dark] = items.map(parseColor)
  return light == null || dark === null ? null : { light, dark: dark ?? light }
}

/**
 * Splits a list at its commas, except at those in the brackets of a CSS colour. It goes character by character: a
 * regular expression with a look-ahead takes a third of a second for the longest list that a request can hold.
 */
function splitList(value: string): string[] {
  const items: string[] = []
  let start = 0
  let inBrackets = false
  for (let at = 0; at < value.length; at++) {
    const character = value[at]
    if (character === '(') inBrackets = true
    else if (character === ')') inBrackets = false
    else if (character === ',' && !inBrackets) {
      items.push(value.slice(start, at))
      start = at + 1
    }
  }
  items.push(value.slice(start))
  return items
}
