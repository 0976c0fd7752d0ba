import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Face, readFaces } from './font-file.ts'

/** Fonts that come with Tallymark, those of npm that were installed beside it, and where systems and people keep theirs. */
const USUAL = [
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

/** What is looked at at most: a desktop system has some hundred fonts, and some are links to others. */
const MAX_FILES = 3000
const MAX_DEPTH = 6
const MAX_MS = 3000
/** The most that the code points of all fonts may take, in bytes; 500 fonts of a desktop take some 3 MB. */
const MAX_RANGES_BYTES = 16_000_000
/** They have a glyph for everything, and it says nothing. */
const EMPTY = /last-?resort|adobe-?blank|not-?def/i

export interface Found {
  /** The faces of each folder: the operator's own, Tallymark's, then the others. */
  folders: Face[][]
  /** One line for each of the operator's own files that cannot be used. */
  problems: string[]
}

/**
 * Looks for fonts in folders and the folders in them.
 * @param own the operator's own folder
 */
export function findFonts(own: string | null, others: readonly string[] = USUAL): Found {
  const found: Found = { folders: [], problems: [] }
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
      if (EMPTY.test(name)) continue
      files += 1
      try {
        for (const face of readFaces(path)) {
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
 * @throws Error where it cannot be read, or holds no font that can be used
 */
export function checkFonts(folder: string): void {
  readdirSync(folder)
  const { folders, problems } = findFonts(folder, [])
  if (folders.flat().length > 0) return
  throw new Error(problems[0] ?? `${folder} holds no font with outlines: .ttf, .otf, .ttc or .otc`)
}

/** In order, so that the same font is chosen each time. What is no folder, or cannot be read, has none. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
