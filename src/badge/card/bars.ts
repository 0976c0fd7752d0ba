import { px } from './style.ts'

/** The most spaces between grid lines. */
const MAX_STEPS = 4
/** With fewer steps, a card with a single hit a day would be filled by its bars. */
const LEAST_STEPS = 2

/** The values of an axis's lines: 0, then round numbers, the last of them at least the greatest value. */
export function axis(greatest: number): number[] {
  const step = stepOf(greatest)
  const steps = Math.max(LEAST_STEPS, Math.ceil(greatest / step))
  return Array.from({ length: steps + 1 }, (_, line) => line * step)
}

/** The smallest of 1, 2, 5, 10, 20 and so on that needs no more than four steps. */
function stepOf(greatest: number): number {
  for (let power = 1; ; power *= 10) {
    const step = [1, 2, 5].find((first) => first * power * MAX_STEPS >= greatest)
    if (step !== undefined) return step * power
  }
}

const UNITS = ['', 'k', 'M', 'G', 'T', 'P']

/** A round number of at most two digits and zeros, as an axis shows it: `0`, `500`, `1.5k`, `20M`. */
export function shortNumber(round: number): string {
  let unit = 0
  let number = round
  for (; number >= 1000; number /= 1000) unit += 1
  return `${number}${UNITS[unit]}`
}

/** The area of the bars, in px. */
export interface Plot {
  left: number
  right: number
  top: number
  base: number
}

/** With more days, bars would be too thin for gaps. */
const MAX_DAYS_WITH_GAPS = 120
/** A bar takes this share of its day's width, but is never wider than `MAX_BAR`, nor is its gap wider than `MAX_GAP`. */
const SHARE = 0.72
const MAX_BAR = 36
const MAX_GAP = 4
const CORNER = 2
/** The least height of the bar of a day with hits, in px, so that it is seen beside a day with many more. */
const LEAST_HEIGHT = 1.5

/** The part of the plot that belongs to a day, with its gaps. */
export function dayBox(plot: Plot, days: number, day: number): { left: number; width: number } {
  const width = (plot.right - plot.left) / days
  return { left: plot.left + day * width, width }
}

/**
 * The path data of all bars. Their heights are in proportion to the hits.
 * @param hits by day, oldest first
 * @param top the hits of a bar as high as the plot; not 0
 */
export function drawBars(hits: readonly number[], top: number, plot: Plot): string {
  const heights = hits.map((count) =>
    count === 0 ? 0 : Math.max(LEAST_HEIGHT, (count / top) * (plot.base - plot.top)),
  )
  if (hits.length > MAX_DAYS_WITH_GAPS) return outline(heights, plot)
  return heights.map((height, day) => bar(height, dayBox(plot, hits.length, day), plot)).join('')
}

function bar(height: number, box: { left: number; width: number }, { base }: Plot): string {
  if (height === 0) return ''
  const width = Math.min(MAX_BAR, Math.max(box.width * SHARE, box.width - MAX_GAP))
  const left = box.left + (box.width - width) / 2
  const corner = px(Math.min(CORNER, width / 3, height / 2))
  const side = px(height - corner)
  return (
    `M${px(left)} ${base}v${-side}q0 ${-corner} ${corner} ${-corner}` +
    `h${px(width - 2 * corner)}q${corner} 0 ${corner} ${corner}v${side}z`
  )
}

/** Bars without gaps as one outline. Between bars that are drawn one by one, seams would be seen. */
function outline(heights: readonly number[], plot: Plot): string {
  const steps = heights.map((height, day) => {
    const { left, width } = dayBox(plot, heights.length, day)
    return `V${px(plot.base - height)}H${px(left + width)}`
  })
  return `M${plot.left} ${plot.base}${steps.join('')}V${plot.base}z`
}
