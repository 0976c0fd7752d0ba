import { SaxesParser } from 'saxes'
import { measure } from './style/measure.ts'
import { escapeXml } from './svg.ts'
import { readSmallFile } from './untrusted/small-file.ts'

/** The largest file that is read, in bytes: an answer stays below 64 kB, or little above where the page is long. */
const LARGEST_FILE = 60_000
const SVG = 'http://www.w3.org/2000/svg'

/** What an operator's own SVG may hold, in braces. */
const PLACES = ['count', 'label', 'width', 'url'] as const
type Place = (typeof PLACES)[number]

/** An operator's own badge: fills its places in, everything escaped. */
export type OwnBadge = (values: { count: string; label: string; url: string }) => string

/**
 * Reads an operator's own SVG from a file.
 * @returns its text, which `parseTemplate` takes
 * @throws Error where there is no such file, where it is too large, and as `parseTemplate` does
 */
export function readTemplate(file: string): string {
  const svg = readSmallFile(file, LARGEST_FILE)
  parseTemplate(svg)
  return svg
}

/**
 * Reads an SVG with `{count}` in it and, if its author likes, `{label}`, `{url}` (the page key) and `{width}` (the
 * width of the number in 11 px Verdana, in px). Other braces, such as those of a style sheet, stay as they are.
 * @throws Error where there is no `{count}`, another word in braces, or what a browser cannot draw
 */
export function parseTemplate(svg: string): OwnBadge {
  if (!/<svg[\s>]/.test(svg)) throw new Error('the file holds no <svg> element')
  if (!svg.includes('{count}'))
    throw new Error('the file does not hold {count}, the place of the number')
  const own = compileTemplate(svg)
  checkPlaces(svg)
  checkDrawing(own({ count: '1', label: 'hits', url: 'example.com' }))
  return own
}

function checkPlaces(svg: string): void {
  for (const [braces, name = ''] of svg.matchAll(/\{+\s*([A-Za-z][\w-]*)\s*\}+/g)) {
    if (PLACES.some((place) => braces === `{${place}}`)) continue
    const places = PLACES.map((place) => `{${place}}`).join(', ')
    throw new Error(
      `the file holds ${braces.slice(0, 60)}; only ${places} are filled in${
        PLACES.some((place) => place === name.toLowerCase()) ? ', written so' : ''
      }`,
    )
  }
}

/** Whether browsers draw it: they show nothing of an image that is not well-formed or has another namespace. */
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

function compileTemplate(svg: string): OwnBadge {
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
