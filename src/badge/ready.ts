import { makeBadge } from 'badge-maker'
import type { BadgeOptions } from './options.ts'

/** An SVG cut open where its number stands. */
type Pieces = readonly string[]

/**
 * Draws badges from ready templates. badge-maker takes about 26 us a badge, and all of it but the number is the
 * same for a set of options and a length of number: digits are equally wide in the fonts that it measures by. So
 * each such template is drawn once, and an answer only fills the number in.
 * @param capacity templates kept; the oldest makes room for a new one
 * @param ready where they are kept
 */
export function readyBadges(capacity: number, ready = new Map<string, Pieces>()) {
  /** badge-maker's badge for these options and this whole number, to the byte. */
  return function draw(count: number, options: BadgeOptions): string {
    const number = String(count)
    const key = [
      number.length,
      options.style,
      options.color,
      options.labelColor ?? '',
      options.label,
    ].join('\n')
    let pieces = ready.get(key)
    if (!pieces) {
      pieces = cutOpen(number.length, options)
      const oldest = ready.size < capacity ? undefined : ready.keys().next().value
      if (oldest !== undefined) ready.delete(oldest)
      ready.set(key, pieces)
    }
    return pieces.join(number)
  }
}

/** badge-maker's badge for a message, drawn anew. */
export function drawBadge(message: string, options: BadgeOptions): string {
  const { label, color, labelColor, style } = options
  return makeBadge({ label, message, color, style, ...(labelColor === null ? {} : { labelColor }) })
}

/**
 * Draws the badge for two numbers that differ in every digit: where the drawings differ, the number stands.
 * Searching one drawing for the number would also find it in a label or a length.
 */
function cutOpen(digits: number, options: BadgeOptions): Pieces {
  const ones = drawBadge('1'.repeat(digits), options)
  const twos = drawBadge('2'.repeat(digits), options)
  if (ones.length !== twos.length)
    throw new Error(`digits are not equally wide in ${options.style}`)
  const pieces: string[] = []
  let start = 0
  for (let at = 0; at < ones.length; at++) {
    if (ones[at] === twos[at]) continue
    pieces.push(ones.slice(start, at))
    at += digits - 1
    start = at + 1
  }
  pieces.push(ones.slice(start))
  return pieces
}
