import { drawBadge } from './ready.ts'

/** What an operator's own SVG may hold, in braces. */
const PLACES = ['count', 'label', 'width', 'url'] as const
type Place = (typeof PLACES)[number]

/** An operator's own badge: fills its places in, everything escaped. */
export type OwnBadge = (values: { count: number; label: string; url: string }) => string

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
      count: String(count),
      label,
      url,
      width: measured ? String(widthOf(String(count))) : '',
    }
    // `split` puts what it matched at every second place.
    return pieces
      .map((piece, index) => (index % 2 === 0 ? piece : escapeXml(values[piece as Place])))
      .join('')
  }
}

/** Width in px of a number in 11 px Verdana, as badge-maker measures it: all digits are equally wide. */
function widthOf(digits: string): number {
  const known = widths.get(digits.length)
  if (known !== undefined) return known
  const sample = drawBadge(digits, { label: '', color: '4c1', labelColor: null, style: 'flat' })
  const width = Number(/textLength="(\d+)"/.exec(sample)?.[1]) / 10
  widths.set(digits.length, width)
  return width
}
const widths = new Map<number, number>()

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // Two hyphens may not stand in a comment, and a template may well put the url into one.
  '-': '&#45;',
}

/** Makes text safe in XML text, in quoted attributes and in comments. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"'-]/g, (character) => ENTITIES[character] ?? character)
}
