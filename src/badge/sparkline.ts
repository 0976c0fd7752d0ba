import { grouped } from './options/format.ts'
import type { Style } from './options/options.ts'
import { HEIGHTS } from './style/badge-maker.ts'
import type { ColorPair, StyleSheet } from './style/theme.ts'
import { type Content, element, type Slot } from './svg.ts'

/** The periods of a sparkline: how many days or months it shows, a name for screen readers, and its width in px. */
export const SPARKLINE_PERIODS = {
  '7d': { points: 7, unit: 'days', name: 'Last 7 days', width: 36 },
  '30d': { points: 30, unit: 'days', name: 'Last 30 days', width: 60 },
  '12m': { points: 12, unit: 'months', name: 'Last 12 months', width: 44 },
} as const
export type SparklinePeriod = keyof typeof SPARKLINE_PERIODS

/** The room above and below a sparkline in its badge, in px. */
export const SPARKLINE_MARGIN = 4
/** The radius of the dot at the end, in px. The line keeps this distance from all sides, so that nothing is cut off. */
const DOT_RADIUS = 2

/** A page's hits over time, as a line for badges and as a sentence. */
export interface Sparkline {
  /** Such as `Last 7 days: 3, 0, 5, 8, 2, 1, 1,204.` */
  description: string
  /** Path data for a badge of this style. */
  path(style: Style): string
}

/** @param values hits by day or month, oldest first */
export function createSparkline(period: SparklinePeriod, values: readonly number[]): Sparkline {
  const paths = new Map<Style, string>()
  return {
    description: `${SPARKLINE_PERIODS[period].name}: ${values.map(grouped).join(', ')}.`,
    path(style) {
      let path = paths.get(style)
      if (path === undefined) {
        const { width, height } = sparklineSize(period, style)
        path = sparklinePath(values, width, height)
        paths.set(style, path)
      }
      return path
    },
  }
}

/** The size of a sparkline in a badge, in px. */
export function sparklineSize(period: SparklinePeriod, style: Style) {
  return { width: SPARKLINE_PERIODS[period].width, height: HEIGHTS[style] - 2 * SPARKLINE_MARGIN }
}

/**
 * The path data of a line through the values, oldest first, in a box of this size in whole px. Its baseline is 0 and its
 * top is the greatest value. Between two values the line never leaves their range, so it shows no peak that is not in the
 * values (Steffen's monotone cubic: M. Steffen, "A simple method for monotonic interpolation in one dimension", 1990).
 *
 * The path goes from left to right and ends in `,` and the height of its last point; `drawSparkline` relies on both.
 * @param values whole numbers from 0 to 2^53
 */
export function sparklinePath(values: readonly number[], width: number, height: number): string {
  const [only = 0] = values
  const drawn = values.length > 1 ? values : [only, only]
  const greatest = Math.max(1, ...drawn)
  // All lengths are whole hundredths of a px, so that no later rounding pushes the line out of its box.
  const base = (height - DOT_RADIUS) * 100
  const step = ((width - 2 * DOT_RADIUS) * 100) / (drawn.length - 1)
  const heights = drawn.map((value) =>
    Math.round(base - (value / greatest) * (base - DOT_RADIUS * 100)),
  )
  const point = (at: number, height: number) =>
    `${Math.round(DOT_RADIUS * 100 + at * step) / 100},${height / 100}`

  // `S` continues a curve in the direction in which the curve before it ended.
  const curves = heights.slice(1).map((height, before) => {
    const at = before + 1
    const rise = slope(heights[before] as number, height, heights[at + 1])
    return `${point(at - 1 / 3, height - Math.round(rise / 3))} ${point(at, height)}`
  })
  return `M${point(0, heights[0] as number)}S${curves.join(' ')}`
}

/** The slope of the line at a point: 0 at peaks, and never so steep that the line leaves the range of its neighbours. */
function slope(before: number, here: number, after = 2 * here - before): number {
  const [left, right] = [here - before, after - here]
  if (left * right <= 0) return 0
  const steepest = Math.min(2 * Math.abs(left), 2 * Math.abs(right), Math.abs(after - before) / 2)
  return Math.sign(left) * steepest
}

const path: Slot = ({ sparklinePath }) => sparklinePath
const endHeight: Slot = ({ sparklinePath }) =>
  sparklinePath.slice(sparklinePath.lastIndexOf(',') + 1)

/** A sparkline with its top left corner at 0, 0: a line, a soft area below it, and a dot at its end. */
export function drawSparkline(
  { width, height }: { width: number; height: number },
  color: ColorPair,
  sheet: StyleSheet,
): Content[] {
  const area = [path, `V${height - DOT_RADIUS}H${DOT_RADIUS}Z`]
  const line = { fill: 'none', 'stroke-width': 1.5, 'stroke-linecap': 'round' }
  const fill = sheet.paint({ fill: color })
  return [
    element('path', { d: area, 'fill-opacity': 0.25, ...fill }),
    element('path', { d: [path], ...line, ...sheet.paint({ stroke: color }) }),
    element('circle', { cx: width - DOT_RADIUS, cy: [endHeight], r: DOT_RADIUS, ...fill }),
  ]
}
