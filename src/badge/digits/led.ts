import { both } from '../style/theme.ts'
import { element } from '../svg.ts'
import {
  box,
  colorsOf,
  type FaceDrawing,
  type FaceOptions,
  gradient,
  type Palette,
} from './face.ts'
import { DISPLAY, segments } from './segments.ts'

export const LED: Palette = {
  color: both('#ff4136'),
  ground: { light: '#190b0c', dark: '#1c0c0d' },
  edge: { light: '#3c1d1e', dark: '#7a4446' },
}

/** Looks like an alarm clock: glowing segments on a ground that is nearly black. */
export function drawLed(options: FaceOptions): FaceDrawing {
  const { color, ground, edge } = colorsOf(options, LED)
  const { width, off, on } = segments(options, { id: 'led-all', color, unlit: 0.1 })
  const size = { width, height: DISPLAY.height, radius: options.radius ?? DISPLAY.radius }
  return {
    width,
    height: DISPLAY.height,
    content: [
      gradient('led-glass', [
        [0, '#fff', 0.13],
        [0.45, '#fff', 0.03],
        [0.5, '#fff', 0],
      ]),
      // Its size is in px. As a share of the digits, it would cut off the glow of a 1, which is narrow.
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
      box(size, options.ink.paint({ fill: ground, stroke: edge })),
      off,
      element('g', { filter: 'url(#led-glow)' }, on),
      box(size, { fill: 'url(#led-glass)' }),
    ],
  }
}
