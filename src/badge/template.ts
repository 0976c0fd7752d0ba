import { measure } from './measure.ts'
import { escapeXml } from './xml.ts'

/** What an operator's own SVG may hold, in braces. */
const PLACES = ['count', 'label', 'width', 'url'] as const
type Place = (typeof PLACES)[number]

/** An operator's own badge: fills its places in, everything escaped. */
export type OwnBadge = (values: { count: string; label: string; url: string }) => string

/**
 * Reads an SVG with `{count}` in it and, if its author likes, `{label}`, `{url}` (the page key) and `{width}` (the
 * width of the number in 11 px Verdana, in px). Other braces, such as those of a style sheet, stay as they are.
 * @throws Error where there is no `{count}`, or nothing that looks like an SVG
 */
export function parseTemplate(svg: string): OwnBadge {
  if (!/<svg[\s>]/.test(svg)) throw new Error('the file holds no <svg> element')
  if (!svg.includes('{count}'))
    throw new Error('the file does not hold {count}, the place of the number')
  const pieces = svg.trim().split(new RegExp(`\\{(${PLACES.join('|')})\\}`))
  const measured = pieces.includes('width')

  return function fill({ count, label, url }) {
    const values: Record<Place, string> = {
      count,
      label,
      url,
      width: measured ? String(widthOf(count)) : '',
    }
    // `split` puts what it matched at every second place.
    return pieces
      .map((piece, index) => (index % 2 === 0 ? piece : escaped(values[piece as Place])))
      .join('')
  }
}

/** Width in px of a text in 11 px Verdana, as badge-maker takes it: an odd whole number. */
function widthOf(text: string): number {
  const width = Math.floor(measure(text, '11px Verdana'))
  return width % 2 === 0 ? width + 1 : width
}

/** Makes text safe in XML text, in quoted attributes and in comments. */
function escaped(text: string): string {
  // Two hyphens may not stand in a comment, and a template may well put the url into one.
  return escapeXml(text).replaceAll('-', '&#45;')
}
