import { readFile } from 'node:fs/promises'

/** The most memory of resvg, in pages of 64 kB: 128 MB for some layers of a million pixels, and for fonts. */
const MAX_PAGES = 2048

/** The id of the memory section in a WebAssembly file. */
const MEMORY = 5
/** Bytes before the first section: the magic number and the version. */
const HEADER = 8

/** Compiles resvg with bounded memory. */
export async function compileResvg(): Promise<WebAssembly.Module> {
  const file = new URL(import.meta.resolve('@resvg/resvg-wasm/index_bg.wasm'))
  return WebAssembly.compile(boundMemory(await readFile(file), MAX_PAGES))
}

/**
 * Sets a maximum for the memory of a module that has none. The `resourceLimits` of a Worker do not apply to WebAssembly.
 * Format: https://webassembly.github.io/spec/core/binary/modules.html#memory-section
 */
export function boundMemory(file: Uint8Array, maxPages: number): Uint8Array<ArrayBuffer> {
  for (let start = HEADER; start < file.length; ) {
    const [size, content] = readNumber(file, start + 1)
    const end = content + size
    if (file[start] === MEMORY) {
      const [memories, flags] = file.subarray(content, content + 2)
      if (memories !== 1 || flags !== 0) throw new Error('the module has no memory without maximum')
      const [minimum] = readNumber(file, content + 2)
      const section = [1, 1, ...writeNumber(minimum), ...writeNumber(maxPages)]
      const bounded = Uint8Array.of(MEMORY, ...writeNumber(section.length), ...section)
      return Buffer.concat([file.subarray(0, start), bounded, file.subarray(end)])
    }
    start = end
  }
  throw new Error('the module has no memory')
}

/** Reads a number in LEB128. @returns the number and the position behind it */
function readNumber(file: Uint8Array, at: number): [value: number, end: number] {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = file[at++] as number
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return [value, at]
  }
}

function writeNumber(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...writeNumber(value >> 7)]
}
