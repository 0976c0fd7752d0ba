import { parentPort, workerData } from 'node:worker_threads'
import { initWasm, Resvg, type ResvgRenderOptions } from '@resvg/resvg-wasm'
import { FAMILY, fontsOf } from './fonts.ts'
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

function draw({ svg, scale }: PngTask): PngResult {
  const fontBuffers = [...fontsOf(svg)]
  const families = {
    defaultFontFamily: FAMILY,
    serifFamily: FAMILY,
    sansSerifFamily: FAMILY,
    cursiveFamily: FAMILY,
    fantasyFamily: FAMILY,
    monospaceFamily: FAMILY,
  }
  const options: ResvgRenderOptions = {
    ...OPTIONS,
    font: { fontBuffers, ...families },
    fitTo: { mode: 'zoom', value: scale },
  }
  const drawing = new Resvg(svg, options)
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

/** Node has had this since 23.9. */
const threadCpuUsage: typeof process.threadCpuUsage | undefined = process.threadCpuUsage

function reply(result: PngResult | null): void {
  const cpu = threadCpuUsage?.() ?? null
  parentPort?.postMessage({ result, cpu } satisfies PngReply)
}

await initWasm(workerData)
draw({ svg: FIRST, scale: 1 })
reply(null)
parentPort?.on('message', (task: PngTask) => {
  try {
    reply(draw(task))
  } catch (error) {
    reply({ failed: String(error) })
  }
})
