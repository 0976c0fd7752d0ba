import { closeSync, fstatSync, readSync } from 'node:fs'
import { openFile } from '../open-file.ts'

/** The largest font file that is used, in bytes; resvg has 128 MB of memory. Noto's CJK collections have 20 MB. */
const MAX_FILE = 32_000_000
/** How much of a `cmap` table is read, in bytes. A font with all Han characters has a table of some 500 kB. */
const MAX_TABLE = 4_000_000
const MAX_FACES = 64
const MAX_CODE_POINT = 0x10ffff
const DAMAGED = 'its cmap table is damaged'

/** A face of a font file. */
export interface FontFace {
  file: string
  bytes: number
  /** Its place in a collection; 0 in a file of one face. */
  index: number
  /** 400 for regular, 700 for bold. */
  weight: number
  italic: boolean
  /** The first and the last of each range of code points that it has glyphs for, in order. */
  ranges: Uint32Array
}

type Read = (at: number, length: number) => Buffer

/**
 * Reads which characters the faces of a TrueType or OpenType file have.
 * @returns the faces that resvg can draw: it draws outlines, but no bitmaps and no colours
 * @throws Error if the file cannot be read, or its tables contradict each other
 */
export function readFontFaces(file: string): FontFace[] {
  const descriptor = openFile(file)
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) throw new Error('it is not a file')
    const { size } = stat
    if (size > MAX_FILE) throw new Error(`it is larger than ${MAX_FILE} bytes`)
    const read: Read = (at, length) => {
      const bytes = Buffer.alloc(at + length <= size ? length : 0)
      if (bytes.length < length || readSync(descriptor, bytes, 0, length, at) < length)
        throw new Error('it is cut off')
      return bytes
    }
    return offsetsOf(read).flatMap((at, index) => {
      const face = readFace(read, at, size)
      return face === null ? [] : [{ file, bytes: size, index, ...face }]
    })
  } finally {
    closeSync(descriptor)
  }
}

/** Finds the start of each face in a file. */
function offsetsOf(read: Read): number[] {
  const head = read(0, 12)
  const kind = head.toString('latin1', 0, 4)
  if (kind === '\0\x01\0\0' || kind === 'OTTO' || kind === 'true') return [0]
  if (kind !== 'ttcf') throw new Error('it is no TrueType or OpenType font')
  const faces = Math.min(head.readUInt32BE(8), MAX_FACES)
  const offsets = read(12, 4 * faces)
  return Array.from({ length: faces }, (_, index) => offsets.readUInt32BE(4 * index))
}

function readFace(
  read: Read,
  at: number,
  size: number,
): Pick<FontFace, 'weight' | 'italic' | 'ranges'> | null {
  const records = read(at + 12, 16 * read(at, 12).readUInt16BE(4))
  const tables = new Map<string, { at: number; length: number }>()
  for (let record = 0; record < records.length; record += 16) {
    const [start, length] = [records.readUInt32BE(record + 8), records.readUInt32BE(record + 12)]
    if (start + length > size) throw new Error('it is cut off')
    tables.set(records.toString('latin1', record, record + 4), { at: start, length })
  }
  const outlined = ['glyf', 'CFF ', 'CFF2'].some((name) => (tables.get(name)?.length ?? 0) > 0)
  const coloured = ['CBDT', 'sbix', 'COLR'].some((name) => tables.has(name))
  const cmap = tables.get('cmap')
  if (!outlined || coloured || !cmap) return null
  const os2 = tables.get('OS/2')
  const style = os2 && os2.length >= 64 ? read(os2.at, 64) : null
  return {
    weight: style?.readUInt16BE(4) ?? 400,
    italic: ((style?.readUInt16BE(62) ?? 0) & 1) === 1,
    ranges: readRanges(read(cmap.at, Math.min(cmap.length, MAX_TABLE))),
  }
}

/** Reads a `cmap` table: https://learn.microsoft.com/typography/opentype/spec/cmap */
function readRanges(cmap: Buffer): Uint32Array {
  let basic: number | null = null
  const subtables = cmap.readUInt16BE(2)
  for (let record = 4; record < 4 + 8 * subtables; record += 8) {
    const kind = `${cmap.readUInt16BE(record)} ${cmap.readUInt16BE(record + 2)}`
    const at = cmap.readUInt32BE(record + 4)
    const format = cmap.readUInt16BE(at)
    if (format === 12 && /^(3 10|0 \d)$/.test(kind)) return joined(groupsOf(cmap.subarray(at)))
    if (format === 4 && /^(3 1|0 \d)$/.test(kind)) basic = at
  }
  return basic === null ? new Uint32Array() : joined(segmentsOf(cmap.subarray(basic)))
}

type Range = [first: number, last: number]

/** Joins ranges that adjoin. @throws Error if they are not in order, as in a damaged table */
function joined(ranges: Iterable<Range>): Uint32Array {
  const numbers: number[] = []
  let end = -1
  for (const [first, last] of ranges) {
    if (last > MAX_CODE_POINT || first <= end) throw new Error(DAMAGED)
    if (last < first) continue
    if (first === end + 1 && numbers.length > 0) numbers[numbers.length - 1] = last
    else numbers.push(first, last)
    end = last
  }
  return Uint32Array.from(numbers)
}

/** Format 12: all of Unicode, as groups of consecutive glyphs. */
function* groupsOf(table: Buffer): Iterable<Range> {
  const end = 16 + 12 * table.readUInt32BE(12)
  for (let at = 16; at < end; at += 12) {
    // Glyph 0 means no glyph, so the range starts one later.
    const skipped = table.readUInt32BE(at + 8) === 0 ? 1 : 0
    yield [table.readUInt32BE(at) + skipped, table.readUInt32BE(at + 4)]
  }
}

/** Format 4: the first 65,536 code points, as segments whose glyphs are consecutive or listed. */
function* segmentsOf(table: Buffer): Iterable<Range> {
  // Each array has two bytes for a segment.
  const arrayBytes = table.readUInt16BE(6)
  let next = 0
  for (let at = 0; at < arrayBytes; at += 2) {
    const last = table.readUInt16BE(14 + at)
    const first = table.readUInt16BE(16 + arrayBytes + at)
    const offsetAt = 16 + 3 * arrayBytes + at
    const offset = table.readUInt16BE(offsetAt)
    // This segment marks the end of the table.
    if (first === 0xffff) break
    // Segments that overlap could repeat each code point thousands of times.
    if (first < next) throw new Error(DAMAGED)
    next = last + 1
    if (offset === 0) yield [first, last]
    else
      for (let code = first; code <= last; code++) {
        if (table.readUInt16BE(offsetAt + offset + 2 * (code - first)) !== 0) yield [code, code]
      }
  }
}

/** Whether the code point of a character is in sorted ranges. */
export function hasGlyph(ranges: Uint32Array, character: string): boolean {
  const code = character.codePointAt(0) as number
  let low = 0
  let high = ranges.length / 2
  while (low < high) {
    const middle = (low + high) >> 1
    if (code > (ranges[2 * middle + 1] as number)) low = middle + 1
    else high = middle
  }
  return code >= (ranges[2 * low] ?? Number.POSITIVE_INFINITY)
}
