import type { Style, Trend } from './options/options.ts'
import { describeSparkline, sparkline } from './sparkline.ts'
import { sparklineSize } from './style/maker.ts'

/** What a line shows: drawn once for each style that asks, told in words. */
export interface Sparkline {
  /** Such as `Last 7 days: 3, 0, 5, 8, 2, 1, 4.` */
  spoken: string
  /** Path data for a badge of this style. */
  path(style: Style): string
}

/** @param values hits by day or month, oldest first */
export function createSparkline(trend: Trend, values: readonly number[]): Sparkline {
  const paths = new Map<Style, string>()
  return {
    spoken: describeSparkline(trend, values),
    path(style) {
      let path = paths.get(style)
      if (path === undefined) {
        const { width, height } = sparklineSize(trend, style)
        path = sparkline(values, width, height)
        paths.set(style, path)
      }
      return path
    },
  }
}
