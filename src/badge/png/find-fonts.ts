import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { serve } from '../../worker.ts'
import { type FontFace, readFontFaces } from './font-file.ts'

/** Tallymark's own fonts, fonts of npm that are installed beside it, and the font folders of systems and users. */
const FOLDERS = [
  join(import.meta.dirname, '../fonts'),
  join(import.meta.dirname, '../../../node_modules/@expo-google-fonts'),
  '/usr/share/fonts',
  '/usr/local/share/fonts',
  join(homedir(), '.fonts'),
  join(homedir(), '.local/share/fonts'),
  '/System/Library/Fonts',
  '/Library/Fonts',
  'C:\\Windows\\Fonts',
]

/** The limits of a search. A desktop system has some hundred fonts, and links between folders. */
const MAX_FILES = 3000
const MAX_DEPTH = 6
const MAX_MS = 3000
/** What the code points of all fonts may take, in bytes. 500 fonts of a desktop take some 3 MB. */
const MAX_RANGES_BYTES = 16_000_000
/** Fonts that have an empty glyph for every character. */
const PLACEHOLDERS = /last-?resort|adobe-?blank|not-?def/i

interface FoundFonts {
  /** The faces of each folder: the operator's own, Tallymark's, then the others. */
  folders: FontFace[][]
  /** A sentence about each of the operator's own files that cannot be used. */
  problems: string[]
}

/**
 * Searches for fonts in folders and the folders in them.
 * @param own the operator's own folder
 */
export function findFonts(own: string | null, others: readonly string[] = FOLDERS): FoundFonts {
  const found: FoundFonts = { folders: [], problems: [] }
  const end = performance.now() + MAX_MS
  let files = 0
  let bytes = 0
  for (const folder of own === null ? others : [own, ...others]) {
    found.folders.push([])
    search(folder, 0, folder === own)
  }
  return found

  function search(folder: string, depth: number, reported: boolean): void {
    for (const name of namesIn(folder)) {
      if (files >= MAX_FILES || bytes > MAX_RANGES_BYTES || performance.now() > end) return
      const path = join(folder, name)
      if (!/\.(ttf|otf|ttc|otc)$/i.test(name)) {
        if (depth < MAX_DEPTH) search(path, depth + 1, reported)
        continue
      }
      if (PLACEHOLDERS.test(name)) continue
      files += 1
      try {
        for (const face of readFontFaces(path)) {
          bytes += face.ranges.byteLength
          found.folders.at(-1)?.push(face)
        }
      } catch (error) {
        const { message } = error as Error
        if (reported) found.problems.push(`the font ${path} cannot be used: ${message}`)
      }
    }
  }
}

/**
 * Checks an operator's own folder.
 * @throws Error if it cannot be read, or holds no font that can be used
 */
export function checkFonts(folder: string): void {
  readdirSync(folder)
  const { folders, problems } = findFonts(folder, [])
  if (folders.flat().length > 0) return
  throw new Error(problems[0] ?? `${folder} holds no font with outlines: .ttf, .otf, .ttc or .otc`)
}

/** Sorted, so that the same font is chosen each time. Empty if the folder cannot be read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

const functions = { findFonts }
export type FontFunctions = typeof functions
serve(functions)
