import { fromString } from 'css-color-converter'
import type { ColorPair } from '../style/theme.ts'

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

/** One colour, or two with a comma between them: for light ground and for dark. */
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
export function splitList(value: string): string[] {
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
