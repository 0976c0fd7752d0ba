import { SaxesParser } from 'saxes'
import { measure } from './style/measure.ts'
import { escapeXml, SVG } from './svg.ts'
import { readSmallFile } from './untrusted/small-file.ts'

/** The largest template, in bytes: with it, an answer has at most 64 kB, or little more if the page's key is long. */
const MAX_FILE = 60_000

/** The words in braces that an operator's template may have. */
const PLACEHOLDERS = ['count', 'label', 'width', 'url']

/** Draws a badge from an operator's template. The values are escaped. */
export type Template = (values: { count: string; label: string; url: string }) => string

/**
 * Reads an operator's template from a file.
 * @returns its text, for `parseTemplate`
 * @throws Error if there is no such file, or it is too large
 */
export function readTemplate(file: string): string {
  return readSmallFile(file, MAX_FILE)
}

/**
 * Parses an SVG that has `{count}` and may have `{label}`, `{url}` (the page's key) and `{width}` (the width of the number
 * in px, in Verdana of 11 px). Other braces, such as those of a style sheet, stay as they are.
 * @throws Error if it lacks `{count}`, has another word in braces, or cannot be drawn by browsers
 */
export function parseTemplate(svg: string): Template {
  if (!/<svg[\s>]/.test(svg)) throw new Error('the file holds no <svg> element')
  if (!svg.includes('{count}'))
    throw new Error('the file does not hold {count}, the place of the number')
  // `split` puts the placeholders at the odd places.
  const pieces = svg.trim().split(new RegExp(`\\{(${PLACEHOLDERS.join('|')})\\}`))
  const hasWidth = pieces.includes('width')
  const template: Template = ({ count, label, url }) => {
    const width = hasWidth ? String(widthOf(count)) : ''
    const values: Record<string, string> = { count, label, url, width }
    return pieces
      .map((piece, index) => (index % 2 === 0 ? piece : escapeValue(values[piece] as string)))
      .join('')
  }
  checkPlaceholders(svg)
  checkDrawing(template({ count: '1', label: 'hits', url: 'example.com' }))
  return template
}

function checkPlaceholders(svg: string): void {
  for (const [braces, name = ''] of svg.matchAll(/\{+\s*([A-Za-z][\w-]*)\s*\}+/g)) {
    if (PLACEHOLDERS.includes(name) && braces === `{${name}}`) continue
    const known = PLACEHOLDERS.map((known) => `{${known}}`).join(', ')
    const end = PLACEHOLDERS.includes(name.toLowerCase()) ? ', written so' : ''
    throw new Error(`the file holds ${braces.slice(0, 60)}; only ${known} are filled in${end}`)
  }
}

/** Checks that browsers draw it: they show nothing if an image is not well-formed or not in the namespace of SVG. */
function checkDrawing(svg: string): void {
  const parser = new SaxesParser({ xmlns: true })
  let depth = 0
  parser.on('doctype', (doctype) => {
    if (doctype.includes('<!ENTITY')) {
      throw new Error('the file defines entities in its DOCTYPE; write out what they stand for')
    }
  })
  parser.on('error', (error) => {
    throw new Error(`the file is not well-formed XML, at line and column ${error.message}`)
  })
  parser.on('opentag', ({ local, uri }) => {
    depth += 1
    if (depth > 1 || (local === 'svg' && uri === SVG)) return
    throw new Error(`the file's first element is not <svg xmlns="${SVG}">`)
  })
  parser.write(svg).close()
}

/** The width of a text in px, rounded to an odd whole number as badge-maker does. */
function widthOf(text: string): number {
  const width = Math.floor(measure(text, '11px Verdana'))
  return width % 2 === 0 ? width + 1 : width
}

/** Makes text safe in XML text, in quoted attributes and in comments. */
function escapeValue(text: string): string {
  // A comment may not contain two hyphens, and a template may have `{url}` in a comment.
  return escapeXml(text).replaceAll('-', '&#45;')
}
