import { px } from './paint.ts'

/** Where bars stand, in px. */
export interface Plot {
  left: number
  right: number
  top: number
  base: number
}

/** With more days than this, bars would be too thin for gaps. */
const MAX_WITH_GAPS = 120
/** The width of a bar: a share of its day's room, but no wider than this, and no further from the next. */
const SHARE = 0.72
const WIDEST = 36
const WIDEST_GAP = 4
const ROUNDING = 2
/** A day with few hits beside one with very many is still a day with hits: its bar is as high as this, in px. */
const LEAST_HEIGHT = 1.5

/** The part of the plot that belongs to a day, gaps included. */
export function roomOf(plot: Plot, days: number, day: number): { left: number; width: number } {
  const width = (plot.right - plot.left) / days
  return { left: plot.left + day * width, width }
}

/**
 * The path data of all bars at once, heights in proportion to the hits.
 * @param hits by day, oldest first
 * @param top what a bar of the plot's whole height stands for; not 0
 */
export function drawBars(hits: readonly number[], top: number, plot: Plot): string {
  const heights = hits.map((count) =>
    count === 0 ? 0 : Math.max(LEAST_HEIGHT, (count / top) * (plot.base - plot.top)),
  )
  if (hits.length > MAX_WITH_GAPS) return skyline(heights, plot)
  return heights.map((height, day) => bar(height, roomOf(plot, hits.length, day), plot)).join('')
}

function bar(height: number, room: { left: number; width: number }, { base }: Plot): string {
  if (height === 0) return ''
  const width = Math.min(WIDEST, Math.max(room.width * SHARE, room.width - WIDEST_GAP))
  const left = room.left + (room.width - width) / 2
  const round = px(Math.min(ROUNDING, width / 3, height / 2))
  const side = px(height - round)
  return (
    `M${px(left)} ${base}v${-side}q0 ${-round} ${round} ${-round}` +
    `h${px(width - 2 * round)}q${round} 0 ${round} ${round}v${side}z`
  )
}

/** Bars side by side as one outline: drawn one by one, the seams between them would shine through. */
function skyline(heights: readonly number[], plot: Plot): string {
  const outline = heights.map((height, day) => {
    const { left, width } = roomOf(plot, heights.length, day)
    return `V${px(plot.base - height)}H${px(left + width)}`
  })
  return `M${plot.left} ${plot.base}${outline.join('')}V${plot.base}z`
}
