import { both } from '../style/theme.ts'
import { element } from '../svg.ts'
import type { FaceAsked, FaceDrawing } from './face.ts'
import { box, colorsOf, gradient, type Palette } from './parts.ts'
import { DISPLAY, segments } from './segments.ts'

export const LED: Palette = {
  color: both('#ff4136'),
  ground: { light: '#190b0c', dark: '#1c0c0d' },
  edge: { light: '#3c1d1e', dark: '#7a4446' },
}

/** An alarm clock: glowing segments on a ground that is nearly black. */
export function drawLed(asked: FaceAsked): FaceDrawing {
  const { color, ground, edge } = colorsOf(asked, LED)
  const { width, off, on } = segments(asked, { id: 'led-all', color, unlit: 0.1 })
  const size = { width, height: DISPLAY.height, radius: asked.radius ?? DISPLAY.radius }
  return {
    width,
    height: DISPLAY.height,
    content: [
      gradient('led-glass', [
        [0, '#fff', 0.13],
        [0.45, '#fff', 0.03],
        [0.5, '#fff', 0],
      ]),
      // In px of the drawing: a share of a 1, which is narrow, would cut its glow off.
      element(
        'filter',
        {
          id: 'led-glow',
          filterUnits: 'userSpaceOnUse',
          x: 0,
          y: 0,
          width,
          height: DISPLAY.height,
        },
        element('feGaussianBlur', { stdDeviation: 1.6, result: 'glow' }),
        element(
          'feMerge',
          {},
          element('feMergeNode', { in: 'glow' }),
          element('feMergeNode', { in: 'SourceGraphic' }),
        ),
      ),
      box(size, asked.ink.paint({ fill: ground, stroke: edge })),
      off,
      element('g', { filter: 'url(#led-glow)' }, on),
      box(size, { fill: 'url(#led-glass)' }),
    ],
  }
}
