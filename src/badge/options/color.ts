import { makeBadge } from 'badge-maker'
import { fromString } from 'css-color-converter'
import type { Pair } from '../style/theme.ts'

const NAMES = [
  'brightgreen',
  'green',
  'yellow',
  'yellowgreen',
  'orange',
  'red',
  'blue',
  'grey',
  'lightgrey',
  'gray',
  'lightgray',
  'critical',
  'important',
  'success',
  'informational',
  'inactive',
] as const

// badge-maker looks names up with `in`, which also finds `constructor`; only these are asked for. What colour it
// means by one stands in what it draws.
const NAMED: ReadonlyMap<string, string> = new Map(
  NAMES.map((color) => {
    const drawn = makeBadge({ message: '1', color, style: 'for-the-badge' })
    return [color, /<rect[^>]* fill="([^"]+)"/.exec(drawn)?.[1] as string]
  }),
)

/**
 * The colour as badge-maker writes it into an SVG: from one of its names, a hex colour with or without `#`, or a CSS
 * colour. Null where it is none of these.
 */
export function parseColor(value: string): string | null {
  const color = value.trim().toLowerCase()
  if (color.length > 64) return null
  const named = NAMED.get(color)
  if (named !== undefined) return named
  if (/^([\da-f]{3}){1,2}$/.test(color)) return `#${color}`
  return isCssColor(color) ? color : null
}

/** Whether this is a CSS colour, in lower case. */
export function isCssColor(color: string): boolean {
  // Words that every object has, such as `constructor`, are not in the library's list of names either way.
  if (Object.hasOwn(Object.prototype, color)) return false
  return Boolean(fromString(color))
}

/** One colour, or two with a comma between them: for light ground and for dark. Null where it is neither. */
export function parsePair(value: string): Pair | null {
  const items = splitList(value)
  if (items.length > 2) return null
  const [light, dark] = items.map(parseColor)
  return light == null || dark === null ? null : { light, dark: dark ?? light }
}

/**
 * The items of a list with commas, which a CSS colour may hold too, in brackets. Read character by character: a regular
 * expression that looks ahead for the bracket takes a third of a second for the longest list that a stranger can send.
 */
export function splitList(value: string): string[] {
  const items: string[] = []
  let begins = 0
  let inBrackets = false
  for (let at = 0; at < value.length; at++) {
    const character = value[at]
    if (character === '(') inBrackets = true
    else if (character === ')') inBrackets = false
    else if (character === ',' && !inBrackets) {
      items.push(value.slice(begins, at))
      begins = at + 1
    }
  }
  items.push(value.slice(begins))
  return items
}
