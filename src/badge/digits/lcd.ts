import {
  box,
  colorsOf,
  type FaceDrawing,
  type FaceOptions,
  gradient,
  type Palette,
} from './face.ts'
import { DISPLAY, segments } from './segments.ts'

export const LCD: Palette = {
  color: { light: '#1b2318', dark: '#12180f' },
  ground: { light: '#c2ccb4', dark: '#a3b094' },
  edge: { light: '#7c8872', dark: '#5f6b57' },
}

/** Looks like a pocket calculator: dark segments on grey-green glass. */
export function drawLcd(options: FaceOptions): FaceDrawing {
  const { color, ground, edge } = colorsOf(options, LCD)
  const { width, off, on } = segments(options, { id: 'lcd-all', color, unlit: 0.07 })
  const size = { width, height: DISPLAY.height, radius: options.radius ?? DISPLAY.radius }
  return {
    width,
    height: DISPLAY.height,
    content: [
      // The shadow that the case throws on the glass.
      gradient('lcd-glass', [
        [0, '#000', 0.22],
        [0.2, '#000', 0.04],
        [0.5, '#fff', 0],
        [1, '#fff', 0.18],
      ]),
      box(size, options.ink.paint({ fill: ground })),
      box(size, { fill: 'url(#lcd-glass)', ...options.ink.paint({ stroke: edge }) }),
      off,
      on,
    ],
  }
}
