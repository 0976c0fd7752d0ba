import type { Style } from '../options/options.ts'
import { type Element, ENTITIES, element } from '../svg.ts'
import type { Font } from './measure.ts'

// Facts about badge-maker's drawings, and a reader of them. All lengths are in px.

/** The width and height of the place for a logo. */
export const LOGO_SIZE = 14
export const HEIGHTS: Record<Style, number> = {
  flat: 20,
  'flat-square': 20,
  plastic: 18,
  'for-the-badge': 28,
  social: 20,
}
/** The fonts in which badge-maker measures labels and numbers. */
export const LABEL_FONTS: Record<Style, Font> = {
  flat: '11px Verdana',
  'flat-square': '11px Verdana',
  plastic: '11px Verdana',
  'for-the-badge': '10px Verdana',
  social: 'bold 11px Helvetica',
}
export const NUMBER_FONTS: Record<Style, Font> = {
  ...LABEL_FONTS,
  'for-the-badge': 'bold 10px Verdana',
}
/** The space that `for-the-badge` adds to each letter. */
export const LETTER_SPACING = 1.25
/** Texts are drawn ten times as large and scaled down again. */
export const TEXT_SCALE = 10

/** `for-the-badge` writes all texts in capitals. */
export function inCapitals(text: string, style: Style): string {
  return style === 'for-the-badge' ? text.toUpperCase() : text
}

const CHARACTERS = new Map(
  Object.entries(ENTITIES).map(([character, entity]) => [entity, character]),
)

/**
 * Reads an SVG of badge-maker: elements, double-quoted attributes, text, and the five entities.
 * @throws Error if it has anything else
 */
export function parseBadge(svg: string): Element {
  const top = element('')
  const open = [top]
  const token = /<\/[\w-]+>|<([\w-]+)((?: [\w:-]+="[^"<]*")*)(\/?)>|([^<]+)/y
  while (token.lastIndex < svg.length) {
    const at = token.lastIndex
    const [match, name, attributes = '', closed, text] = token.exec(svg) ?? []
    const parent = open.at(-1)
    if (match === undefined || !parent)
      throw new Error(`badge-maker's SVG at ${at} is not understood`)
    if (text !== undefined) parent.children.push(unescapeXml(text))
    else if (name === undefined) {
      // An empty text keeps `<text></text>` from being written as `<text/>`.
      if (parent.children.length === 0) parent.children.push('')
      open.pop()
    } else {
      const child = element(name)
      for (const [, key = '', value = ''] of attributes.matchAll(/ ([\w:-]+)="([^"]*)"/g)) {
        child.attributes[key] = unescapeXml(value)
      }
      parent.children.push(child)
      if (!closed) open.push(child)
    }
  }
  const [root] = top.children
  if (open.length !== 1 || typeof root !== 'object') throw new Error("badge-maker's SVG is cut off")
  return root
}

function unescapeXml(text: string): string {
  return text.replace(/&\w+;/g, (entity) => CHARACTERS.get(entity) ?? entity)
}
