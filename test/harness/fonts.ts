import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../../src/badge/fonts')

/** Code points that Unicode has not assigned: no font has letters for them. */
export const NOWHERE = ['\u0378', '\u0379', '\u0380', '\u0381']

/** A font of Tallymark's own. */
export const bundled = (name: string) => readFileSync(join(FOLDER, `${name}.ttf`))

/** A font that writes one character, and draws one of Noto Sans Thai's letters for it. */
export function fontFor(character: string, glyph = 9): Buffer {
  const font = bundled('NotoSansThai')
  const group = [character.codePointAt(0) as number, character.codePointAt(0) as number, glyph]
  const cmap = Buffer.alloc(40)
  cmap.writeUInt16BE(1, 2)
  cmap.writeUInt16BE(3, 4)
  cmap.writeUInt16BE(10, 6)
  cmap.writeUInt32BE(12, 8)
  cmap.writeUInt16BE(12, 12)
  for (const [at, value] of [28, 0, 1, ...group].entries()) cmap.writeUInt32BE(value, 16 + 4 * at)
  const record = font.indexOf('cmap')
  font.writeUInt32BE(font.length, record + 8)
  font.writeUInt32BE(cmap.length, record + 12)
  return Buffer.concat([font, cmap])
}

/** Several fonts as one file. */
export function collection(fonts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(12 + 4 * fonts.length)
  head.write('ttcf\0\x01\0\0', 'latin1')
  head.writeUInt32BE(fonts.length, 8)
  let start = head.length
  const moved = fonts.map((font, index) => {
    const own = Buffer.from(font)
    head.writeUInt32BE(start, 12 + 4 * index)
    for (let table = 0; table < own.readUInt16BE(4); table++) {
      const at = 12 + 16 * table + 8
      own.writeUInt32BE(own.readUInt32BE(at) + start, at)
    }
    start += own.length
    return own
  })
  return Buffer.concat([head, ...moved])
}
