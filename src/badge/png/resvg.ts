import { readFileSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { initWasm, Resvg, type ResvgRenderOptions } from '@resvg/resvg-wasm'
import { Cache } from '../../cache.ts'
import { serve } from '../../worker.ts'
import { escapeXml } from '../svg.ts'
import { type ChosenFont, DEJAVU, FAMILY } from './fonts.ts'
import { layOut } from './lay-out.ts'
import type { PngTask } from './thread.ts'

/** The largest drawing, in pixels. Each takes 4 bytes while it is drawn. */
const MAX_PIXELS = 1_000_000

const LOGO = btoa(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><path d="M0 0h1v1z"/></svg>',
)
/**
 * A drawing with something of all that badges have, for the start of the thread. V8 compiles each function at its first
 * call, which takes most of the time of a first drawing.
 */
const WARM_UP = `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20">
  <linearGradient id="a"><stop stop-opacity=".5"/></linearGradient>
  <clipPath id="b"><rect width="60" height="20" rx="3"/></clipPath>
  <g clip-path="url(#b)" opacity=".5"><rect width="60" height="20" fill="url(#a)"/></g>
  <path d="M1 2c3 4 5 6 7 8a9 9 0 0 1 9 9z" stroke="#000" stroke-linejoin="round"/>
  <text x="9" y="9" textLength="30" font-weight="bold">hits 0 a\u0301\u05d0\u6f22</text>
  <image width="9" height="9" href="data:image/svg+xml;base64,${LOGO}"/>
</svg>`

/** What the fonts of the last drawings may take, in bytes. */
const FONT_CACHE_BYTES = 40_000_000
/** What the widths of texts may take, in bytes. */
const WIDTH_CACHE_BYTES = 200_000
/** The font size in which texts are measured, in px. */
const MEASURED_SIZE = 1000

const dejavu = DEJAVU.map((file) => readFileSync(file))
const fontCache = new Cache<Buffer>(FONT_CACHE_BYTES, (font) => font.byteLength)
const widths = new Cache<number>(WIDTH_CACHE_BYTES, () => 8)

/** Reads a font as a file with one face. */
function readFont({ file, index }: ChosenFont): Buffer {
  const name = `${index} ${file}`
  const known = fontCache.get(name)
  if (known) return known
  const font = readFileSync(file)
  if (font.toString('latin1', 0, 4) === 'ttcf') {
    // A collection holds the number of its faces at 8, and from 12 on the offset of each face.
    font.writeUInt32BE(font.readUInt32BE(12 + 4 * index), 12)
    font.writeUInt32BE(1, 8)
  }
  fontCache.set(name, font)
  return font
}

function optionsWith(fonts: readonly ChosenFont[]): ResvgRenderOptions {
  return {
    shapeRendering: 2,
    textRendering: 2,
    imageRendering: 0,
    font: {
      fontBuffers: [...dejavu, ...fonts.map(readFont)],
      defaultFontFamily: FAMILY,
      serifFamily: FAMILY,
      sansSerifFamily: FAMILY,
      cursiveFamily: FAMILY,
      fantasyFamily: FAMILY,
      monospaceFamily: FAMILY,
    },
  }
}

/** Either a PNG file, or the reason why the drawing failed. */
interface PngResult {
  png?: Uint8Array
  problem?: string
  /** Set if the drawing was refused before resvg drew it, so that the thread can be used again. */
  tooLarge?: true
}

function draw({ svg, scale, fonts }: PngTask): PngResult {
  const laidOut = layOut(svg, fonts, (text, weight) => widthOf(text, weight, fonts))
  const drawing = new Resvg(laidOut, {
    ...optionsWith(fonts),
    fitTo: { mode: 'zoom', value: scale },
  })
  const pixels = drawing.width * drawing.height * scale ** 2
  if (!(pixels <= MAX_PIXELS)) {
    drawing.free()
    return { problem: `a PNG of ${Math.round(pixels)} pixels is too large`, tooLarge: true }
  }
  const image = drawing.render()
  const png = image.asPng()
  // Without `free`, their memory would be taken until the garbage collector finds them.
  image.free()
  drawing.free()
  return { png }
}

function widthOf(text: string, weight: string, fonts: readonly ChosenFont[]): number {
  const own = fonts.filter(({ characters }) => [...text].some((each) => characters.includes(each)))
  const name = `${weight} ${own.map(({ file, index }) => `${index} ${file}`)} ${text}`
  const width = widths.get(name) ?? measure(text, weight, optionsWith(own))
  widths.set(name, width)
  return width
}

/**
 * Measures a text in em, by a line under it. resvg gets the width of some letters wrong; if they reach beyond the line,
 * they count instead.
 */
function measure(text: string, weight: string, options: ResvgRenderOptions): number {
  const attributes = `font-size="${MEASURED_SIZE}" font-weight="${weight}" text-decoration="underline"`
  const drawing = new Resvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text xml:space="preserve" ${attributes}>${escapeXml(text)}</text></svg>`,
    options,
  )
  const box = drawing.getBBox()
  const width = box ? (box.x + box.width) / MEASURED_SIZE : 0
  box?.free()
  drawing.free()
  return width
}

/** The processor time of this thread since its start; null before Node 23.9, which cannot report it. */
function cpuUsage(): NodeJS.CpuUsage | null {
  const threadCpuUsage: typeof process.threadCpuUsage | undefined = process.threadCpuUsage
  return threadCpuUsage?.() ?? null
}

function tryToDraw(task: PngTask): PngResult {
  try {
    return draw(task)
  } catch (error) {
    return { problem: String(error) }
  }
}

await initWasm(workerData)
draw({ svg: WARM_UP, scale: 1, fonts: [] })
const functions = {
  cpuUsage,
  draw: (task: PngTask) => ({ ...tryToDraw(task), cpu: cpuUsage() }),
}
export type PngFunctions = typeof functions
serve(functions)
