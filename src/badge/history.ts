import { sparkSize } from './maker.ts'
import type { Style, Trend } from './options.ts'
import { sparkline, spokenTrend } from './spark.ts'

/** What a line shows: drawn once for each style that asks, told in words. */
export interface History {
  /** Such as `Last 7 days: 3, 0, 5, 8, 2, 1, 4.` */
  spoken: string
  /** Path data for a badge of this style. */
  path(style: Style): string
}

/** @param values hits by day or month, oldest first */
export function createHistory(trend: Trend, values: readonly number[]): History {
  const paths = new Map<Style, string>()
  return {
    spoken: spokenTrend(trend, values),
    path(style) {
      let path = paths.get(style)
      if (path === undefined) {
        const { width, height } = sparkSize(trend, style)
        path = sparkline(values, width, height)
        paths.set(style, path)
      }
      return path
    },
  }
}
