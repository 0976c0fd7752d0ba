import { imageSize } from 'image-size'

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
export function sizeOfImage(type: string, bytes: Buffer): Size | null {
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
