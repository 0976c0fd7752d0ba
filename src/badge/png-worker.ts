import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { initWasm, Resvg, type ResvgRenderOptions } from '@resvg/resvg-wasm'
import type { Drawn, PngReply, PngTask } from './png-thread.ts'
import { checkSelfContained } from './self-contained.ts'

/** The largest drawing, in pixels; each takes 4 bytes in each layer while it is drawn. */
const MAX_PIXELS = 4_000_000

const FAMILY = 'DejaVu Sans'
const readFont = (file: string) => readFileSync(join(import.meta.dirname, 'fonts', file))
const REGULAR = readFont('DejaVuSans.ttf')
const BOLD = readFont('DejaVuSans-Bold.ttf')

const OPTIONS: ResvgRenderOptions = { shapeRendering: 2, textRendering: 2, imageRendering: 0 }
const FAMILIES = {
  defaultFontFamily: FAMILY,
  serifFamily: FAMILY,
  sansSerifFamily: FAMILY,
  cursiveFamily: FAMILY,
  fantasyFamily: FAMILY,
  monospaceFamily: FAMILY,
}

/** resvg reads each font again for each drawing, which takes about 1 ms a font. */
function fontsFor(svg: string): Uint8Array[] {
  return svg.includes('bold') ? [REGULAR, BOLD] : [REGULAR]
}

function draw({ svg, scale }: PngTask): Drawn {
  checkSelfContained(svg)
  const font = { ...FAMILIES, fontBuffers: fontsFor(svg) }
  const drawing = new Resvg(svg, { ...OPTIONS, font, fitTo: { mode: 'zoom', value: scale } })
  const pixels = drawing.width * drawing.height * scale ** 2
  const image = pixels <= MAX_PIXELS ? drawing.render() : null
  const drawn: Drawn = image ? { png: image.asPng() } : { tooLarge: pixels }
  // WebAssembly's memory is not collected. After a panic there is nothing to free: the thread ends.
  image?.free()
  drawing.free()
  return drawn
}

function tryToDraw(task: PngTask): Drawn {
  try {
    return draw(task)
  } catch (error) {
    // After a panic the module's memory may be in any state.
    return { error, broken: error instanceof WebAssembly.RuntimeError }
  }
}

await initWasm(workerData as WebAssembly.Module)
parentPort?.on('message', (task: PngTask) => {
  const drawn = tryToDraw(task)
  parentPort?.postMessage({ ...drawn, cpu: process.threadCpuUsage?.() } satisfies PngReply)
})
// The first drawing takes much longer than the next: it does not count as the cost of a picture.
draw({
  svg: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">0</text></svg>',
  scale: 1,
})
parentPort?.postMessage({ started: true, cpu: process.threadCpuUsage?.() } satisfies PngReply)
