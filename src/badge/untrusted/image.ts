import { element, svgElement, writeSvg } from '../svg.ts'
import { sizeOfImage } from './raster.ts'
import { sanitiseSvg } from './sanitise.ts'
import { SvgProblem } from './svg-values.ts'

/** The longest `data:` URL that is read, in characters. */
export const MAX_IMAGE = 8192
/** The greatest width and height of an image, in px. A file of a few kB can decode to many GB. */
const MAX_SIDE = 512

const DATA =
  /^data:image\/(png|jpeg|gif|webp|svg[+ ]xml)(?:;charset=utf-?8|;utf-?8)?(;base64)?,(.+)$/is

/**
 * Checks the image of a tag: PNG, JPEG, GIF or WebP in base64, or an SVG in base64 or percent-encoded.
 * @param dataUrl a `data:` URL from a query parser, which may have turned plus signs into spaces
 * @returns a `data:` URL for `<image href>`, with an SVG rewritten; null if the image is too long or too large, is animated,
 * is not of its type, or cannot be drawn in a badge
 */
export function readImage(dataUrl: string): string | null {
  const match = dataUrl.length <= MAX_IMAGE && DATA.exec(dataUrl)
  if (!match) return null
  const [, name = '', base64, data = ''] = match
  const type = name.toLowerCase()
  const bytes = base64 ? fromBase64(data) : null
  if (type.startsWith('svg')) {
    const svg = base64 ? bytes?.toString() : percentDecoded(data)
    return svg == null ? null : readSvg(svg)
  }
  const size = bytes && sizeOfImage(type, bytes)
  const fits = (side: number) => side >= 1 && side <= MAX_SIDE
  return size && fits(size.width) && fits(size.height) ? inBase64(type, bytes) : null
}

function readSvg(svg: string): string | null {
  try {
    const { viewBox, defs, children } = sanitiseSvg(svg, 'i')
    const root = svgElement(
      { viewBox: viewBox.join(' ') },
      ...(defs.length > 0 ? [element('defs', {}, ...defs)] : []),
      ...children,
    )
    return inBase64('svg+xml', Buffer.from(writeSvg(root)))
  } catch (error) {
    if (error instanceof SvgProblem) return null
    throw error
  }
}

function inBase64(type: string, bytes: Buffer): string {
  return `data:image/${type};base64,${bytes.toString('base64')}`
}

/**
 * Null if this is not base64. Programs break base64 into lines and omit its padding. A query parser turns plus signs into
 * spaces, but a space behind the padding was no plus sign.
 */
function fromBase64(data: string): Buffer | null {
  const inLine = data.replace(/[\t\r\n]+/g, '').replace(/= +$/, '=')
  const plain = inLine.replaceAll(' ', '+')
  const padded = plain.padEnd(Math.ceil(plain.length / 4) * 4, '=')
  const bytes = Buffer.from(padded, 'base64')
  return bytes.toString('base64') === padded ? bytes : null
}

function percentDecoded(data: string): string | null {
  try {
    // A percent sign without two hex digits, as in width="100%", stays as it is.
    return data.replace(/(?:%[\da-f]{2})+/gi, decodeURIComponent)
  } catch (error) {
    if (error instanceof URIError) return null
    throw error
  }
}
