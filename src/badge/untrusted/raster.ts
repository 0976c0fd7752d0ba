import { imageSize } from 'image-size'

export type RasterType = 'png' | 'jpg' | 'gif' | 'webp'

export interface Size {
  width: number
  height: number
}

const SIGNATURES: Record<RasterType, RegExp> = {
  // IHDR must be the first chunk. In Apple's variant of PNG it is not.
  png: /^\x89PNG\r\n\x1a\n\0\0\0\rIHDR/,
  jpg: /^\xff\xd8\xff/,
  gif: /^GIF8[79]a/,
  webp: /^RIFF....WEBPVP8[ LX]/s,
}

/**
 * The size in px of an image file. The file is scanned, not decoded: a decoder finds exactly one frame in it, of this size.
 * @returns null if the file is not of this type, is animated, or has a frame of another size
 */
export function sizeOfImage(type: RasterType, bytes: Uint8Array): Size | null {
  if (!SIGNATURES[type].test(latin1(bytes, 0, 20))) return null
  const size = sizeOf(bytes)
  const frames = size && FRAMES[type](bytes, size)
  if (frames?.length !== 1) return null
  const [frame] = frames
  return frame?.width === size?.width && frame?.height === size?.height ? size : null
}

/** Finds the sizes of the frames in a file; null if they cannot be found. */
const FRAMES: Record<RasterType, (bytes: Uint8Array, size: Size) => Size[] | null> = {
  // An animated PNG has a chunk of this name. Elsewhere, these four bytes occur once in a million files.
  png: (bytes, size) => (latin1(bytes).includes('acTL') ? null : [size]),
  jpg: jpgFrames,
  gif: gifFrames,
  webp: webpFrames,
}

/** The size by image-size, which reads a file's header. */
function sizeOf(bytes: Uint8Array): Size | null {
  try {
    const { width, height } = imageSize(bytes)
    return { width, height }
  } catch (error) {
    // It throws a RangeError when it reads beyond the end of the file, and a TypeError for all other problems.
    if (error instanceof TypeError || error instanceof RangeError) return null
    throw error
  }
}

function jpgFrames(bytes: Uint8Array): Size[] {
  const found: Size[] = []
  const view = viewOf(bytes)
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
        found.push({ width: view.getUint16(at + 7), height: view.getUint16(at + 5) })
      }
      at += 2 + view.getUint16(at + 2)
    }
    at = bytes.indexOf(0xff, at)
  }
  return found
}

function gifFrames(bytes: Uint8Array, size: Size): Size[] | null {
  const found: Size[] = []
  const view = viewOf(bytes)
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
      const reaches = (side: number) =>
        view.getUint16(at + 1 + side, true) + view.getUint16(at + 5 + side, true)
      // A frame may be smaller than the image, but not reach beyond it.
      if (reaches(0) > size.width || reaches(2) > size.height) return null
      found.push(size)
      at = afterBlocks(at + 11 + colors(at + 9))
    } else return null
  }
  return found
}

function webpFrames(bytes: Uint8Array): Size[] | null {
  const found: Size[] = []
  const view = viewOf(bytes)
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = latin1(bytes, at, at + 4)
    // A frame of an animation.
    if (name === 'ANMF') return null
    if (name === 'VP8 ' || name === 'VP8L') {
      // A file of the header and this chunk, for image-size.
      const alone = new Uint8Array(12 + bytes.length - at)
      alone.set(bytes.subarray(0, 12))
      alone.set(bytes.subarray(at), 12)
      const size = sizeOf(alone)
      if (!size) return null
      found.push(size)
      // Two frames are enough to refuse the file. To read hundreds takes the square of their number.
      if (found.length > 1) return found
    }
    const length = view.getUint32(at + 4, true)
    at += 8 + length + (length % 2)
  }
  return found
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return Buffer.from(bytes.subarray(start, end)).toString('latin1')
}
