import type { FaceAsked, FaceDrawing } from './face.ts'
import { box, colorsOf, gradient, type Palette } from './parts.ts'
import { DISPLAY, segments } from './segments.ts'

export const LCD: Palette = {
  color: { light: '#1b2318', dark: '#12180f' },
  ground: { light: '#c2ccb4', dark: '#a3b094' },
  edge: { light: '#7c8872', dark: '#5f6b57' },
}

/** A pocket calculator: dark segments on grey-green glass. */
export function drawLcd(asked: FaceAsked): FaceDrawing {
  const { color, ground, edge } = colorsOf(asked, LCD)
  const { width, off, on } = segments(asked, { id: 'lcd-all', color, unlit: 0.07 })
  const size = { width, height: DISPLAY.height, radius: asked.radius ?? DISPLAY.radius }
  return {
    width,
    height: DISPLAY.height,
    content: [
      // The glass lies deep: the case throws a shadow on it.
      gradient('lcd-glass', [
        [0, '#000', 0.22],
        [0.2, '#000', 0.04],
        [0.5, '#fff', 0],
        [1, '#fff', 0.18],
      ]),
      box(size, asked.ink.paint({ fill: ground })),
      box(size, { fill: 'url(#lcd-glass)', ...asked.ink.paint({ stroke: edge }) }),
      off,
      on,
    ],
  }
}
