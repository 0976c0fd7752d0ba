import { grouped } from './options/format.ts'
import type { Ink, Pair } from './style/theme.ts'
import { type Content, element, type Slot } from './svg.ts'

/** The radius of the dot at the end, in px: as much is left free on all sides, so that nothing is cut off. */
const DOT = 2

/**
 * The path data of a line through the values, oldest first, in a box of so many whole px. The baseline is 0 and the
 * top is the greatest value. Between two values the line stays between them (Steffen's monotone cubic: M. Steffen,
 * "A simple method for monotonic interpolation in one dimension", 1990), so it shows no peak that was not there.
 *
 * It is drawn from left to right and ends in `,` and the height of its last point; `drawSpark` relies on both.
 * @param values whole numbers from 0 to 2^53
 */
export function sparkline(values: readonly number[], width: number, height: number): string {
  const [only = 0] = values
  const drawn = values.length > 1 ? values : [only, only]
  const most = Math.max(1, ...drawn)
  // All lengths are whole hundredths of a px, so no rounding comes later that could push the line out of its box.
  const base = (height - DOT) * 100
  const step = ((width - 2 * DOT) * 100) / (drawn.length - 1)
  const heights = drawn.map((value) => Math.round(base - (value / most) * (base - DOT * 100)))
  const point = (at: number, height: number) =>
    `${Math.round(DOT * 100 + at * step) / 100},${height / 100}`

  // After S, a curve leaves a point in the direction in which the one before it came in.
  const curves = heights.slice(1).map((height, before) => {
    const at = before + 1
    const rise = slope(heights[before] as number, height, heights[at + 1])
    return `${point(at - 1 / 3, height - Math.round(rise / 3))} ${point(at, height)}`
  })
  return `M${point(0, heights[0] as number)}S${curves.join(' ')}`
}

/** How steep the line is at a point, by step to the right: level at peaks, and never so steep as to go beyond its neighbours. */
function slope(before: number, here: number, after = 2 * here - before): number {
  const [coming, going] = [here - before, after - here]
  if (coming * going <= 0) return 0
  const most = Math.min(2 * Math.abs(coming), 2 * Math.abs(going), Math.abs(after - before) / 2)
  return Math.sign(coming) * most
}

const trend: Slot = (shown) => shown.trend
const endHeight: Slot = (shown) => shown.trend.slice(shown.trend.lastIndexOf(',') + 1)

/** A sparkline with its top left corner at 0, 0: a line, a soft area below it, and a dot at its end. */
export function drawSparkline(asked: {
  /** In whole px, the same that `sparkline` is given. */
  width: number
  height: number
  ink: Ink
  color: Pair
}): Content[] {
  const { width, height, ink, color } = asked
  const area = [trend, `V${height - DOT}H${DOT}Z`]
  const line = { fill: 'none', 'stroke-width': 1.5, 'stroke-linecap': 'round' }
  return [
    element('path', { d: area, 'fill-opacity': 0.25, ...ink.paint({ fill: color }) }),
    element('path', { d: [trend], ...line, ...ink.paint({ stroke: color }) }),
    element('circle', { cx: width - DOT, cy: [endHeight], r: DOT, ...ink.paint({ fill: color }) }),
  ]
}

const SPANS = { '7d': 'Last 7 days', '30d': 'Last 30 days', '12m': 'Last 12 months' } as const
export type TrendKind = keyof typeof SPANS

/** What a sparkline shows, for those who cannot see it: `Last 7 days: 3, 0, 5, 8, 2, 1, 1,204.` */
export function describeSparkline(kind: TrendKind, values: readonly number[]): string {
  return `${SPANS[kind]}: ${values.map(grouped).join(', ')}.`
}
