import { fromString } from 'css-color-converter'

// badge-maker looks names up with `in`, which also finds `constructor`; only these go through to it as names.
const NAMES: ReadonlySet<string> = new Set([
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
])

/**
 * The colour as badge-maker takes it: one of its names, a hex colour with or without `#`, or a CSS colour.
 * Null where it is none of these.
 */
export function parseColor(value: string): string | null {
  const color = value.trim().toLowerCase()
  if (color.length > 64) return null
  if (NAMES.has(color)) return color
  if (/^([\da-f]{3}){1,2}$/.test(color)) return color
  return isCssColor(color) ? color : null
}

/** Whether this is a CSS colour, in lower case. */
export function isCssColor(color: string): boolean {
  // Words that every object has, such as `constructor`, are not in the library's list of names either way.
  if (Object.hasOwn(Object.prototype, color)) return false
  return Boolean(fromString(color))
}
