import { compile, element } from '../svg.ts'
import { type RasterType, sizeOfStill } from './raster.ts'
import { sanitiseSvg } from './sanitise.ts'
import { SvgProblem } from './svg-values.ts'

/** The longest image that is taken, in characters as they were sent. */
export const LONGEST_IMAGE = 8192
/** The most px that an image may be wide or high: a few kB can say that they are a picture of many GB. */
const LARGEST_SIDE = 512

const RASTERS = new Map<string, RasterType>([
  ['png', 'png'],
  ['jpeg', 'jpg'],
  ['gif', 'gif'],
  ['webp', 'webp'],
])

const DATA =
  /^data:image\/(png|jpeg|gif|webp|svg[+ ]xml)(?:;charset=utf-?8|;utf-?8)?(;base64)?,(.+)$/is

/**
 * Checks an image that came in a tag: PNG, JPEG, GIF or WebP in base64, or an SVG in base64 or percent-encoded.
 * @param dataUri a `data:` URL, as a query parser gives it: a plus may have become a space
 * @returns a `data:` URL for `<image href>`, an SVG being written again; null for what is too long or too large,
 * moves, is not what it says, or cannot be drawn here
 */
export function readImage(dataUri: string): string | null {
  const parts = dataUri.length <= LONGEST_IMAGE && DATA.exec(dataUri)
  if (!parts) return null
  const [, said = '', base64, data = ''] = parts
  const type = said.toLowerCase()
  const bytes = base64 ? fromBase64(data) : null
  const raster = RASTERS.get(type)
  if (raster) return bytes && readRaster(type, raster, bytes)
  const svg = base64 ? bytes && Buffer.from(bytes).toString() : percentDecoded(data)
  return svg === null ? null : readSvg(svg)
}

function readRaster(type: string, raster: RasterType, bytes: Uint8Array): string | null {
  const size = sizeOfStill(raster, bytes)
  const fits = (side: number) => side >= 1 && side <= LARGEST_SIDE
  return size && fits(size.width) && fits(size.height) ? inBase64(type, bytes) : null
}

function readSvg(svg: string): string | null {
  try {
    const { viewBox, defs, children } = sanitiseSvg(svg, 'i')
    const root = element(
      'svg',
      { xmlns: 'http://www.w3.org/2000/svg', viewBox: viewBox.join(' ') },
      ...(defs.length > 0 ? [element('defs', {}, ...defs)] : []),
      ...children,
    )
    return inBase64('svg+xml', Buffer.from(compile(root).pieces.join('')))
  } catch (error) {
    if (error instanceof SvgProblem) return null
    throw error
  }
}

function inBase64(type: string, bytes: Uint8Array): string {
  return `data:image/${type};base64,${Buffer.from(bytes).toString('base64')}`
}

/**
 * Null where this is no base64. Programs break it into lines and leave its padding out; a plus arrives as a space, and
 * behind padding there is none.
 */
function fromBase64(data: string): Uint8Array | null {
  const inLine = data.replace(/[\t\r\n]+/g, '').replace(/= +$/, '=')
  const plain = inLine.replaceAll(' ', '+')
  const padded = plain.padEnd(Math.ceil(plain.length / 4) * 4, '=')
  const bytes = Buffer.from(padded, 'base64')
  // A copy: Node keeps small buffers side by side, and who reads over the end of one finds the next.
  return bytes.toString('base64') === padded ? new Uint8Array(bytes) : null
}

function percentDecoded(data: string): string | null {
  try {
    // A percent sign that stands for itself, as in width="100%", stays.
    return data.replace(/(?:%[\da-f]{2})+/gi, decodeURIComponent)
  } catch (error) {
    if (error instanceof URIError) return null
    throw error
  }
}
