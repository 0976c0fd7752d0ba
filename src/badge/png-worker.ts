import { accessSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { Resvg, type ResvgRenderOptions } from '@resvg/resvg-js'
import type { PngReply, PngTask } from './png-thread.ts'
import { checkSelfContained } from './self-contained.ts'

/** The largest drawing, in pixels; each takes 4 bytes while it is drawn. */
const MOST_PIXELS = 4_000_000

const FAMILY = 'DejaVu Sans'
const FONTS = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) =>
  join(import.meta.dirname, 'fonts', file),
)
// resvg passes over a font that it cannot read, and leaves the text out.
for (const font of FONTS) accessSync(font)

const OPTIONS: ResvgRenderOptions = {
  font: {
    // What a machine has installed is not the same everywhere.
    loadSystemFonts: false,
    fontFiles: FONTS,
    defaultFontFamily: FAMILY,
    serifFamily: FAMILY,
    sansSerifFamily: FAMILY,
    cursiveFamily: FAMILY,
    fantasyFamily: FAMILY,
    monospaceFamily: FAMILY,
  },
  shapeRendering: 2,
  textRendering: 2,
  imageRendering: 0,
}

function draw({ svg, scale }: PngTask): PngReply {
  checkSelfContained(svg)
  const drawing = new Resvg(svg, { ...OPTIONS, fitTo: { mode: 'zoom', value: scale } })
  const pixels = drawing.width * drawing.height * scale ** 2
  // resvg ends the whole process where it gets no memory for them.
  if (!(pixels <= MOST_PIXELS)) return { tooLarge: pixels }
  return { png: drawing.render().asPng() }
}

parentPort?.on('message', (task: PngTask) => {
  try {
    parentPort?.postMessage(draw(task))
  } catch (error) {
    parentPort?.postMessage({ error } satisfies PngReply)
  }
})
