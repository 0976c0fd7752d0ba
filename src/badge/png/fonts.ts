import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Found } from './find-fonts.ts'
import { type Face, hasGlyph, readFaces } from './font-file.ts'

/** The family that stands in for each one that is not there. */
export const FAMILY = 'DejaVu Sans'
/** The fonts of every drawing. */
export const DEJAVU = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) =>
  join(import.meta.dirname, '../fonts', file),
)

/** How long the search for fonts may take, in ms; it ends itself after three seconds where a disk is slow. */
const SEARCH_MS = 10_000
/** What the thread that searches may keep, in MB. */
const SEARCH_MB = 128
/** The most that the fonts of a drawing may take beside DejaVu's, in bytes: resvg has 128 MB. */
const MAX_BYTES = 40_000_000
/** And how many they may be. */
const MAX_FONTS = 8

/** A face that a drawing needs beside DejaVu's. */
export interface Wanted {
  file: string
  index: number
  /** The characters that are drawn with it. */
  characters: string
}

/** What a drawing is written with. */
export interface Letters {
  fonts: readonly Wanted[]
  /** The characters that no font has: they are drawn as boxes. */
  missing: string
}

const NONE: Letters = { fonts: [], missing: '' }

/** Chooses the fonts of drawings. Nothing is looked for before a text has a letter that DejaVu lacks. */
export class Fonts {
  readonly #folder: string | null
  readonly #report: (problem: string) => void
  #dejavu: Uint32Array | null = null
  /** The faces of each folder. */
  #folders: Promise<Face[][]> | null = null

  /**
   * @param folder an operator's own fonts
   * @param report is told, once, of each of them that cannot be used
   */
  constructor(folder: string | null, report: (problem: string) => void) {
    this.#folder = folder
    this.#report = report
  }

  /** What an SVG is to be written with; at once where that is DejaVu alone. */
  choose(svg: string): Letters | Promise<Letters> {
    const lacking = this.#lacking(svg)
    if (lacking.length === 0) return NONE
    this.#folders ??= this.#find()
    // Of badge-maker's styles, one has bold labels.
    const weight = /font-weight="700"/.test(svg) ? 700 : 400
    return this.#folders.then((folders) => chooseOf(folders, lacking, weight))
  }

  /** Leaves fonts out from now on: a drawing failed with them. */
  async drop(fonts: readonly Wanted[], why: string): Promise<void> {
    const files = new Set(fonts.map(({ file }) => file))
    for (const file of files) this.#report(`the font ${file} is no longer used: ${why}`)
    const folders = (await this.#folders) ?? []
    const left = folders.map((faces) => faces.filter(({ file }) => !files.has(file)))
    this.#folders = Promise.resolve(left)
  }

  /** The letters that DejaVu lacks. */
  #lacking(svg: string): string[] {
    // Most badges are done here.
    if (!/[^\0-\u024f]/.test(svg)) return []
    this.#dejavu ??= (readFaces(DEJAVU[0] as string)[0] as Face).ranges
    const dejavu = this.#dejavu
    const written = svg.replace(/<(title|desc|style)\b[^>]*>[^<]*<\/\1>|<[^>]*>/g, '')
    return [...new Set(written)].filter(
      (letter) => !UNSEEN.test(letter) && !hasGlyph(dejavu, letter.codePointAt(0) as number),
    )
  }

  /** In a thread of its own: font files may be many, or hostile, and a drawing has little time. */
  async #find(): Promise<Face[][]> {
    const worker = new Worker(new URL('./find-fonts-worker.ts', import.meta.url), {
      workerData: this.#folder,
      resourceLimits: { maxOldGenerationSizeMb: SEARCH_MB },
    })
    const { promise, resolve } = Promise.withResolvers<Found>()
    const fail = (why: unknown) =>
      resolve({ folders: [], problems: [`fonts cannot be looked for: ${why}`] })
    worker.once('message', resolve)
    worker.once('error', fail)
    worker.once('exit', () => fail('the thread has ended'))
    const timeout = setTimeout(fail, SEARCH_MS, 'it takes too long')
    const { folders, problems } = await promise
    clearTimeout(timeout)
    await worker.terminate()
    for (const problem of problems) this.#report(problem)
    return folders
  }
}

/** What is never drawn: spaces, joiners, selectors, controls. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Z}\p{Cc}]/u

/** Letter by letter, the face that has most of the letters that are left. */
function chooseOf(
  folders: readonly (readonly Face[])[],
  lacking: readonly string[],
  weight: number,
): Letters {
  const fonts: Wanted[] = []
  let missing = ''
  let bytes = 0
  let left = lacking
  while (left.length > 0) {
    const [first = ''] = left
    const has = (face: Face, letter: string) =>
      hasGlyph(face.ranges, letter.codePointAt(0) as number)
    const scoreOf = (face: Face) =>
      left.filter((letter) => has(face, letter)).length - unlike(face, weight)
    const fits = (face: Face) => has(face, first) && bytes + face.bytes <= MAX_BYTES
    // Of the first folder that has any: the operator's own, then Tallymark's.
    const able = folders.map((faces) => faces.filter(fits)).find((faces) => faces.length > 0) ?? []
    const [best] = able
      .map((face) => ({ face, score: scoreOf(face) }))
      .sort((one, other) => other.score - one.score)
      .map(({ face }) => face)
    if (!best || fonts.length === MAX_FONTS) {
      missing += first
      left = left.slice(1)
      continue
    }
    const { file, index } = best
    const own = left.filter((letter) => has(best, letter))
    fonts.push({ file, index, characters: own.join('') })
    bytes += best.bytes
    left = left.filter((letter) => !own.includes(letter))
  }
  return { fonts, missing }
}

/** How unlike the other letters of a badge a face looks: less than one letter's weight. */
function unlike({ file, italic, weight: own }: Face, weight: number): number {
  const other = /serif|mono|naskh|condensed/i.test(file) ? 0.2 : 0
  return Math.min(0.4, Math.abs(own - weight) / 1000) + (italic ? 0.3 : 0) + other
}
