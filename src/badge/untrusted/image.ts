import { imageSize } from 'image-size'
import { element, svgElement, writeSvg } from '../svg.ts'
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

interface Size {
  width: number
  height: number
}

interface Format {
  /** How a file begins. */
  signature: RegExp
  /** Finds the sizes of the frames in a file of this size; null if they cannot be found. */
  framesOf(bytes: Buffer, size: Size): Size[] | null
}

/** By the names in `image/png` and so on. */
const FORMATS: Readonly<Record<string, Format>> = {
  png: {
    // IHDR must be the first chunk. In Apple's variant of PNG it is not.
    signature: /^\x89PNG\r\n\x1a\n\0\0\0\rIHDR/,
    // An animated PNG has a chunk of this name. Elsewhere, these four bytes occur once in a million files.
    framesOf: (bytes, size) => (bytes.includes('acTL') ? null : [size]),
  },
  jpeg: { signature: /^\xff\xd8\xff/, framesOf: jpegFrames },
  gif: { signature: /^GIF8[79]a/, framesOf: gifFrames },
  webp: { signature: /^RIFF....WEBPVP8[ LX]/s, framesOf: webpFrames },
}

/**
 * The size in px of an image file. The file is scanned, not decoded: a decoder finds exactly one frame in it, of this size.
 * @param type png, jpeg, gif or webp
 * @returns null if the file is not of this type, is animated, or has a frame of another size
 */
function sizeOfImage(type: string, bytes: Buffer): Size | null {
  const format = FORMATS[type]
  if (!format?.signature.test(bytes.toString('latin1', 0, 20))) return null
  const size = sizeOf(bytes)
  const frames = size && format.framesOf(bytes, size)
  if (frames?.length !== 1) return null
  const [frame] = frames
  return frame?.width === size?.width && frame?.height === size?.height ? size : null
}

/** The size by image-size, which reads a file's header. */
function sizeOf(bytes: Buffer): Size | null {
  try {
    // A copy has memory of its own. Node keeps small buffers in shared memory, where a parser could read beyond the end.
    const { width, height } = imageSize(new Uint8Array(bytes))
    return { width, height }
  } catch (error) {
    // It throws a RangeError when it reads beyond the end of the file, and a TypeError for all other problems.
    if (error instanceof TypeError || error instanceof RangeError) return null
    throw error
  }
}

function jpegFrames(bytes: Buffer): Size[] {
  const found: Size[] = []
  // A marker is ff and a byte, then comes the length of its data. In compressed data, 0 follows each ff.
  let at = bytes.indexOf(0xff, 2)
  while (at !== -1 && at + 4 <= bytes.length) {
    const marker = bytes[at + 1] as number
    const alone = marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd9)
    if (marker === 0xff) at += 1
    else if (alone) at += 2
    else {
      // All markers from c0 to cf except three start a frame.
      if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
        if (at + 9 > bytes.length) return []
        found.push({ width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) })
      }
      at += 2 + bytes.readUInt16BE(at + 2)
    }
    at = bytes.indexOf(0xff, at)
  }
  return found
}

function gifFrames(bytes: Buffer, size: Size): Size[] | null {
  const found: Size[] = []
  const colors = (at: number) => {
    const flags = bytes[at] ?? 0
    return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0
  }
  const afterBlocks = (start: number) => {
    let at = start
    while (bytes[at]) at += 1 + (bytes[at] as number)
    return at + 1
  }
  let at = 13 + colors(10)
  while (at < bytes.length) {
    const block = bytes[at]
    if (block === 0x3b) break
    if (block === 0x21) at = afterBlocks(at + 2)
    else if (block === 0x2c && at + 10 <= bytes.length) {
      const field = (offset: number) => bytes.readUInt16LE(at + offset)
      // A frame may be smaller than the image, but not reach beyond it.
      if (field(1) + field(5) > size.width || field(3) + field(7) > size.height) return null
      found.push(size)
      at = afterBlocks(at + 11 + colors(at + 9))
    } else return null
  }
  return found
}

function webpFrames(bytes: Buffer): Size[] | null {
  const found: Size[] = []
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 4)
    // A frame of an animation.
    if (name === 'ANMF') return null
    if (name === 'VP8 ' || name === 'VP8L') {
      // A file of the header and this chunk, for image-size.
      const size = sizeOf(Buffer.concat([bytes.subarray(0, 12), bytes.subarray(at)]))
      if (!size) return null
      found.push(size)
      // Two frames are enough to refuse the file. To read hundreds takes the square of their number.
      if (found.length > 1) return found
    }
    const length = bytes.readUInt32LE(at + 4)
    at += 8 + length + (length % 2)
  }
  return found
}
