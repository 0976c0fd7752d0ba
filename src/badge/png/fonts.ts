import { join } from 'node:path'
import { Thread } from '../../worker.ts'
import { isLatin } from '../style/letters.ts'
import type { FontFunctions } from './find-fonts.ts'
import { type FontFace, hasGlyph, readFontFaces } from './font-file.ts'
import { failAfter } from './thread.ts'

/** The font family that resvg uses for all family names. */
export const FAMILY = 'DejaVu Sans'
/** The fonts of every drawing. */
export const DEJAVU = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) =>
  join(import.meta.dirname, '../fonts', file),
)

/** How long the search for fonts may take, in ms. On a slow disk it stops by itself after three seconds. */
const SEARCH_MS = 10_000
/** The most memory of the thread that searches, in MB. */
const SEARCH_MB = 128
/** The most that the other fonts of a drawing may take, in bytes; resvg has 128 MB. */
const MAX_BYTES = 40_000_000
const MAX_FONTS = 8

/** A font that a drawing needs besides DejaVu. */
export interface ChosenFont {
  file: string
  /** Its place in a collection; 0 in a file of one face. */
  index: number
  /** The characters that are drawn with it. */
  characters: string
}

/** The fonts of a drawing. */
export interface FontChoice {
  fonts: readonly ChosenFont[]
  /** The characters that no font has: they are drawn as boxes. */
  missing: string
}

/** Characters that are never drawn: spaces, joiners, selectors, controls. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Z}\p{Cc}]/u

/** Chooses the fonts of drawings. It searches for fonts when a text first has a character that DejaVu lacks. */
export class Fonts {
  readonly #folder: string | null
  readonly #report: (problem: string) => void
  #dejavu: Uint32Array | null = null
  #folders: Promise<FontFace[][]> | null = null

  /**
   * @param folder an operator's own fonts
   * @param report is called once with a sentence about each of them that cannot be used
   */
  constructor(folder: string | null, report: (problem: string) => void) {
    this.#folder = folder
    this.#report = report
  }

  async choose(svg: string): Promise<FontChoice> {
    const characters = this.#lackingIn(svg)
    if (characters.length === 0) return { fonts: [], missing: '' }
    this.#folders ??= this.#search()
    // One style of badge-maker has bold labels.
    return chooseFrom(
      await this.#folders,
      characters,
      svg.includes('font-weight="700"') ? 700 : 400,
    )
  }

  /** Stops using fonts with which a drawing failed. */
  async drop(fonts: readonly ChosenFont[], reason: string): Promise<void> {
    const files = new Set(fonts.map(({ file }) => file))
    for (const file of files) this.#report(`the font ${file} is no longer used: ${reason}`)
    const folders = (await this.#folders) ?? []
    const left = folders.map((faces) => faces.filter(({ file }) => !files.has(file)))
    this.#folders = Promise.resolve(left)
  }

  /** The characters of an SVG's texts that DejaVu lacks. */
  #lackingIn(svg: string): string[] {
    if (isLatin(svg)) return []
    this.#dejavu ??= (readFontFaces(DEJAVU[0] as string)[0] as FontFace).ranges
    const dejavu = this.#dejavu
    const text = svg.replace(/<(title|desc|style)\b[^>]*>[^<]*<\/\1>|<[^>]*>/g, '')
    return [...new Set(text)].filter(
      (character) => !INVISIBLE.test(character) && !hasGlyph(dejavu, character),
    )
  }

  /** Searches in a thread of its own: font files can be many, or hostile, and the thread that draws has little time. */
  async #search(): Promise<FontFace[][]> {
    const thread = new Thread<FontFunctions>(new URL('./find-fonts.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: SEARCH_MB },
    })
    try {
      const search = thread.call('findFonts', this.#folder)
      const { folders, problems } = await Promise.race([search, failAfter(SEARCH_MS)])
      for (const problem of problems) this.#report(problem)
      return folders
    } catch (error) {
      this.#report(`no other fonts are used, because the search for them failed: ${error}`)
      return []
    } finally {
      await thread.worker.terminate()
    }
  }
}

/** Takes the first remaining character, chooses the face with the most remaining characters, and repeats. */
function chooseFrom(
  folders: readonly (readonly FontFace[])[],
  characters: readonly string[],
  weight: number,
): FontChoice {
  const fonts: ChosenFont[] = []
  let missing = ''
  let bytes = 0
  let left = characters
  while (left.length > 0) {
    if (fonts.length === MAX_FONTS) return { fonts, missing: missing + left.join('') }
    const [first = ''] = left
    const fits = (face: FontFace) => hasGlyph(face.ranges, first) && bytes + face.bytes <= MAX_BYTES
    const scoreOf = (face: FontFace) =>
      left.filter((character) => hasGlyph(face.ranges, character)).length -
      differenceOf(face, weight)
    // The operator's own folder comes first, then Tallymark's.
    const able = folders.map((faces) => faces.filter(fits)).find((faces) => faces.length > 0) ?? []
    const [best] = able
      .map((face) => ({ face, score: scoreOf(face) }))
      .sort((one, other) => other.score - one.score)
    if (!best) {
      missing += first
      left = left.slice(1)
      continue
    }
    const { file, index, ranges } = best.face
    const own = new Set(left.filter((character) => hasGlyph(ranges, character)))
    fonts.push({ file, index, characters: [...own].join('') })
    bytes += best.face.bytes
    left = left.filter((character) => !own.has(character))
  }
  return { fonts, missing }
}

/**
 * How different a face looks from the other letters of a badge. It is subtracted from the number of characters that the face has. It
 * stays below 1, so that a face with more characters is always preferred.
 */
function differenceOf(face: FontFace, weight: number): number {
  const otherShape = /serif|mono|naskh|condensed/i.test(face.file) ? 0.2 : 0
  const otherWeight = Math.min(0.4, Math.abs(face.weight - weight) / 1000)
  return otherWeight + (face.italic ? 0.3 : 0) + otherShape
}
