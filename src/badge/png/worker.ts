import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { initWasm, Resvg, type ResvgRenderOptions } from '@resvg/resvg-wasm'
import { Cache } from '../../cache.ts'
import { escapeXml } from '../svg.ts'
import { DEJAVU, FAMILY, type Wanted } from './fonts.ts'
import { layOut } from './lay-out.ts'
import type { PngReply, PngResult, PngTask } from './thread.ts'

/** The largest drawing, in pixels; each takes 4 bytes while it is drawn. */
const MAX_PIXELS = 1_000_000

const OPTIONS = {
  shapeRendering: 2,
  textRendering: 2,
  imageRendering: 0,
} as const

const LOGO = btoa(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><path d="M0 0h1v1z"/></svg>',
)
/** Has something of all that badges have: V8 compiles a function when it is first called, which takes most of the time. */
const FIRST = `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20">
  <linearGradient id="a"><stop stop-opacity=".5"/></linearGradient>
  <clipPath id="b"><rect width="60" height="20" rx="3"/></clipPath>
  <g clip-path="url(#b)" opacity=".5"><rect width="60" height="20" fill="url(#a)"/></g>
  <path d="M1 2c3 4 5 6 7 8a9 9 0 0 1 9 9z" stroke="#000" stroke-linejoin="round"/>
  <text x="9" y="9" textLength="30" font-weight="bold">hits 0 a\u0301\u05d0\u6f22</text>
  <image width="9" height="9" href="data:image/svg+xml;base64,${LOGO}"/>
</svg>`

/** Fonts that are kept as they were read, in bytes: those of the last drawings. */
const KEPT_FONTS = 40_000_000
/** Widths of texts that are kept, in bytes. */
const KEPT_WIDTHS = 200_000
/** The size that texts are measured in, in px. */
const MEASURED = 1000

const dejavu = DEJAVU.map((file) => readFileSync(file))
const others = new Cache<Buffer>(KEPT_FONTS, (font) => font.byteLength)
const widths = new Cache<number>(KEPT_WIDTHS, () => 8)

/** A font as a file with one face. */
function read({ file, index }: Wanted): Buffer {
  const name = `${index} ${file}`
  const known = others.get(name)
  if (known) return known
  const font = readFileSync(file)
  if (font.toString('latin1', 0, 4) === 'ttcf') {
    // A collection says how many faces it has, and where each begins.
    font.writeUInt32BE(font.readUInt32BE(12 + 4 * index), 12)
    font.writeUInt32BE(1, 8)
  }
  others.set(name, font)
  return font
}

function optionsFor(fontBuffers: Uint8Array[]): ResvgRenderOptions {
  const families = {
    defaultFontFamily: FAMILY,
    serifFamily: FAMILY,
    sansSerifFamily: FAMILY,
    cursiveFamily: FAMILY,
    fantasyFamily: FAMILY,
    monospaceFamily: FAMILY,
  }
  return { ...OPTIONS, font: { fontBuffers, ...families } }
}

function draw({ svg, scale, fonts }: PngTask): PngResult {
  const options = optionsFor([...dejavu, ...fonts.map(read)])
  const laidOut = layOut(svg, fonts, (text, weight) => {
    const own = fonts.filter(({ characters }) =>
      [...text].some((each) => characters.includes(each)),
    )
    const name = `${weight} ${own.map(({ file, index }) => `${index} ${file}`)} ${text}`
    const width =
      widths.get(name) ?? measure(text, weight, optionsFor([...dejavu, ...own.map(read)]))
    widths.set(name, width)
    return width
  })
  const drawing = new Resvg(laidOut, { ...options, fitTo: { mode: 'zoom', value: scale } })
  const pixels = drawing.width * drawing.height * scale ** 2
  if (!(pixels <= MAX_PIXELS)) {
    drawing.free()
    return { pixels }
  }
  const image = drawing.render()
  const png = image.asPng()
  // Without these, their memory would stay taken until the garbage collector finds them.
  image.free()
  drawing.free()
  return { png }
}

/**
 * The width of a text in em: that of a line under it, or of its letters where they reach further, as those do whose
 * width resvg gets wrong.
 */
function measure(text: string, weight: string, options: ResvgRenderOptions): number {
  const attributes = `font-size="${MEASURED}" font-weight="${weight}" text-decoration="underline"`
  const drawing = new Resvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text xml:space="preserve" ${attributes}>${escapeXml(text)}</text></svg>`,
    options,
  )
  const box = drawing.getBBox()
  const width = box ? (box.x + box.width) / MEASURED : 0
  box?.free()
  drawing.free()
  return width
}

/** Node has had this since 23.9. */
const threadCpuUsage: typeof process.threadCpuUsage | undefined = process.threadCpuUsage

function reply(result: PngResult | null): void {
  const cpu = threadCpuUsage?.() ?? null
  parentPort?.postMessage({ result, cpu } satisfies PngReply)
}

await initWasm(workerData)
draw({ svg: FIRST, scale: 1, fonts: [] })
reply(null)
parentPort?.on('message', (task: PngTask) => {
  try {
    reply(draw(task))
  } catch (error) {
    reply({ failed: String(error) })
  }
})
