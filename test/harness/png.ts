import assert from 'node:assert/strict'
import { crc32, inflateSync } from 'node:zlib'
import { Pngs, type Purpose } from '../../src/badge/png/pngs.ts'
import type { Scope } from './app.ts'

/**
 * What this process has compiled, by its size. A service compiles resvg once, which takes 0.4 s of processor; the services
 * of all tests share it.
 */
const compiled = new Map<number, Promise<WebAssembly.Module>>()
const { compile } = WebAssembly
WebAssembly.compile = (file) => {
  const known = compiled.get(file.byteLength) ?? compile(file)
  compiled.set(file.byteLength, known)
  return known
}

/** Draws SVGs as PNGs in a thread that ends with its scope. */
export function drawer(
  t: Scope,
  folder: string | null = null,
  report: (problem: string) => void = () => {},
) {
  const pngs = new Pngs(folder, report)
  t.after(() => pngs.close())
  return async (svg: string, scale = 1, purpose: Purpose = 'badge') =>
    (await pngs.reserve('test', purpose, (draw) => draw(svg, scale))).png
}

export interface Picture {
  width: number
  height: number
  /** Red, green, blue and alpha of a pixel, 0 to 255. */
  at(x: number, y: number): number[]
  /** The number of pixels of a box for which `wanted` is true. */
  count(box: Box, wanted: (pixel: number[]) => boolean): number
}

/** In pixels, without the right and the lower edge. */
export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

/** Reads a PNG of 8-bit RGBA, not interlaced. @throws if it is another kind of PNG, or a checksum is wrong */
export function readPng(file: Uint8Array): Picture {
  const bytes = Buffer.from(file)
  assert.equal(bytes.toString('hex', 0, 8), '89504e470d0a1a0a', 'the signature of PNG')
  const chunks: [string, Buffer][] = []
  for (let at = 8; at < bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at)
    assert.equal(bytes.readUInt32BE(end), crc32(bytes.subarray(at + 4, end)))
    chunks.push([bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, end)])
    at = end + 4
  }
  const header = chunks[0]?.[1] as Buffer
  assert.equal(chunks[0]?.[0], 'IHDR')
  assert.equal(chunks.at(-1)?.[0], 'IEND')
  assert.equal(header.toString('hex', 8), '0806000000', '8-bit RGBA, not interlaced')
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const data = chunks.filter(([name]) => name === 'IDAT').map(([, part]) => part)
  const pixels = unfilter(inflateSync(Buffer.concat(data)), 4 * width, height)
  const at = (x: number, y: number) => [...pixels.subarray(4 * (y * width + x)).subarray(0, 4)]
  return {
    width,
    height,
    at,
    count({ left, top, right, bottom }, wanted) {
      let many = 0
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) if (wanted(at(x, y))) many += 1
      return many
    },
  }
}

/** The prediction of each filter, from the bytes to the left, above, and above to the left. */
const FILTERS: ((left: number, above: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  (left, above, corner) => {
    const [toLeft, toAbove] = [Math.abs(above - corner), Math.abs(left - corner)]
    const toCorner = Math.abs(left + above - 2 * corner)
    if (toLeft <= toAbove && toLeft <= toCorner) return left
    return toAbove <= toCorner ? above : corner
  },
]

/** Each line begins with the number of its filter, and goes on with the differences from its predictions. */
function unfilter(lines: Buffer, stride: number, height: number): Buffer {
  assert.equal(lines.length, (stride + 1) * height)
  const pixels = Buffer.alloc(stride * height)
  const pixel = (x: number, y: number) => (x < 0 || y < 0 ? 0 : (pixels[y * stride + x] as number))
  for (let y = 0; y < height; y++) {
    const line = lines.subarray(y * (stride + 1))
    const filter = FILTERS[line[0] as number]
    assert.ok(filter)
    for (let x = 0; x < stride; x++) {
      const guess = filter(pixel(x - 4, y), pixel(x, y - 1), pixel(x - 4, y - 1))
      pixels[y * stride + x] = guess + (line[x + 1] as number)
    }
  }
  return pixels
}
