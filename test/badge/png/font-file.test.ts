import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import { type FontFace, hasGlyph, readFontFaces } from '../../../src/badge/png/font-file.ts'
import { temporaryFolder } from '../../harness/app.ts'
import { bundled, collection, fontFor, NOWHERE } from '../../harness/fonts.ts'

const has = ({ ranges }: FontFace, text: string) =>
  [...text].map((letter) => hasGlyph(ranges, letter))

/** A font with other words in place of the names of its tables. */
function renamed(font: Buffer, names: Record<string, string>): Buffer {
  for (const [name, other] of Object.entries(names)) font.write(other, font.indexOf(name), 'latin1')
  return font
}

test('what a font can write is read: in each form of its table, and of each face of a collection', (t) => {
  const file = join(temporaryFolder(t), 'a.ttf')
  const read = (font: Uint8Array) => {
    writeFileSync(file, font)
    return readFontFaces(file)
  }
  const [thai] = read(bundled('NotoSansThai')) as [FontFace]
  assert.deepEqual([thai.weight, thai.italic, thai.index], [400, false, 0])
  assert.deepEqual(has(thai, 'กฺaक漢'), [true, true, true, false, false])
  const [emoji] = read(bundled('NotoEmoji')) as [FontFace]
  assert.deepEqual(has(emoji, '👀ก'), [true, false])
  const [bold] = read(bundled('DejaVuSans-Bold')) as [FontFace]
  assert.deepEqual([bold.weight, ...has(bold, 'aЯب\u0378ก')], [700, true, true, true, false, false])
  // Glyph 0 is a box.
  const [box] = read(fontFor(NOWHERE[0] as string, 0)) as [FontFace]
  assert.deepEqual(has(box, NOWHERE[0] as string), [false])
  const faces = read(collection([fontFor(NOWHERE[0] as string), bundled('NotoEmoji')]))
  assert.deepEqual(
    faces.map((face) => [face.index, ...has(face, `${NOWHERE[0]}👀`)]),
    [
      [0, true, false],
      [1, false, true],
    ],
  )
})

test('fonts of bitmaps and of colours are no fonts that can be drawn', (t) => {
  const file = join(temporaryFolder(t), 'a.ttf')
  for (const names of [{ glyf: 'CBDT' }, { glyf: 'none' }, { GPOS: 'COLR' }, { GPOS: 'sbix' }]) {
    writeFileSync(file, renamed(bundled('NotoSansThai'), names as Record<string, string>))
    assert.deepEqual(readFontFaces(file), [], JSON.stringify(names))
  }
})

test('whatever a file holds, it is read at once or refused', (t) => {
  const file = join(temporaryFolder(t), 'a.ttf')
  const fonts = [bundled('NotoSansThai'), fontFor(NOWHERE[0] as string)]
  const head = 12 + 16 * 20
  const tally = { read: 0, refused: 0 }
  fc.assert(
    fc.property(
      fc.constantFrom(...fonts),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 }),
      fc.boolean(),
      fc.nat(100),
      (font, changes, inTable, cut) => {
        const bytes = Buffer.from(
          font.subarray(0, cut > 90 ? (font.length * cut) / 100 : undefined),
        )
        const start = inTable ? font.readUInt32BE(font.indexOf('cmap') + 8) : 0
        for (const [at, value] of changes) bytes[start + (at % (inTable ? 40 : head))] = value
        writeFileSync(file, bytes)
        const begun = performance.now()
        try {
          readFontFaces(file)
          tally.read += 1
        } catch (error) {
          assert.ok(error instanceof Error)
          tally.refused += 1
        }
        assert.ok(performance.now() - begun < 1000)
      },
    ),
    { numRuns: 500 },
  )
  assert.ok(tally.read > 20 && tally.refused > 20, JSON.stringify(tally))
})

test('segments that overlap, which could take minutes, are refused', (t) => {
  const font = bundled('NotoSansThai')
  const segments = 8000
  const table = Buffer.alloc(12 + 16 + 8 * segments + 2 * 0x10000)
  // One table of the format with segments; each lists the same code points, whose glyphs are all 0.
  for (const [at, value] of [0, 1, 3, 1, 0, 12, 4, 0, 0, 2 * segments].entries())
    table.writeUInt16BE(value, 2 * at)
  for (let at = 0; at < segments; at++) {
    table.writeUInt16BE(0xfff0, 12 + 14 + 2 * at)
    table.writeUInt16BE(2 * (segments - at), 12 + 16 + 6 * segments + 2 * at)
  }
  const record = font.indexOf('cmap')
  font.writeUInt32BE(font.length, record + 8)
  font.writeUInt32BE(table.length, record + 12)
  const file = join(temporaryFolder(t), 'a.ttf')
  writeFileSync(file, Buffer.concat([font, table]))
  assert.throws(() => readFontFaces(file), /cmap table is damaged/)
})
