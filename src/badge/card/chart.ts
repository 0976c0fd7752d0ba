import type { ColorPair, StyleSheet } from '../style/theme.ts'
import { type Attributes, type Element, element } from '../svg.ts'
import type { CardOptions } from './card.ts'
import { dayNamer, LEFT, lastDays, PAINTS, px, RIGHT, TINY, widthOf } from './parts.ts'

/** The upper and lower end of the bars. With two, three or four steps between, each grid line covers exactly one px. */
const TOP = 70.5
const BASE = 154.5
/** The baseline of the dates. */
const DATES_LINE = 172
const GAP = 6
/** The distance from the middle of tiny digits down to their baseline. */
const HALF_DIGIT = 3.5
const UNFINISHED_OPACITY = 0.45

/** Draws the days as bars, with grid lines, their numbers, and a few dates. */
export function drawChart(
  { total, days, color, unfinished }: CardOptions,
  sheet: StyleSheet,
): Element[] {
  const hits = days.map((day) => day.hits)
  const greatest = Math.max(...hits)
  const lines = axis(greatest)
  const numbers = greatest === 0 ? [] : lines.map(shortNumber)
  const widest = Math.max(0, ...numbers.map((number) => widthOf(number, TINY) + GAP))
  const left = px(LEFT + widest)
  const top = lines.at(-1) as number
  const heightOf = (line: number) => BASE - (line / top) * (BASE - TOP)
  const tiny = { 'font-size': TINY, ...sheet.paint({ fill: PAINTS.muted }) }

  const gridLine = (line: number) => `M${left} ${heightOf(line)}H${RIGHT}`
  const grid = { d: lines.slice(1).map(gridLine).join(''), ...sheet.paint({ stroke: PAINTS.grid }) }
  const numberAt = { ...tiny, x: px(left - GAP), 'text-anchor': 'end' }
  const nameOf = dayNamer(days)
  const last = days.length - 1
  // The first, the middle and the last day are named, each below its bar but inside of the plot.
  const named = new Set(days.length > 2 ? [0, days.length >> 1, last] : [0, last])
  return [
    element('path', grid),
    ...numbers.map((number, at) =>
      element('text', { ...numberAt, y: heightOf(lines[at] as number) + HALF_DIGIT }, number),
    ),
    ...(greatest === 0
      ? [drawNoVisits(total, days.length, sheet)]
      : drawDays(hits, { top, left, unfinished, color: color ?? PAINTS.bars, sheet })),
    element('path', { d: gridLine(0), ...sheet.paint({ stroke: PAINTS.baseline }) }),
    ...[...named].map((at) => {
      const name = unfinished && at === last ? 'today' : nameOf(days[at]?.day ?? '')
      const half = widthOf(name, TINY) / 2
      const day = dayBox(left, days.length, at)
      const x = Math.min(RIGHT - half, Math.max(left + half, day.left + day.width / 2))
      return element('text', { ...tiny, x: px(x), y: DATES_LINE, 'text-anchor': 'middle' }, name)
    }),
  ]
}

interface Bars {
  /** The hits of a bar as high as the plot; not 0. */
  top: number
  /** Where the first day begins. */
  left: number
  /** Whether the last day is not over. Drawn like the others, it would look as if visits had stopped. */
  unfinished: boolean
  color: ColorPair
  sheet: StyleSheet
}

function drawDays(hits: number[], { top, left, unfinished, color, sheet }: Bars): Element[] {
  const draw = (isDrawn: (day: number) => boolean, attributes: Attributes) => {
    const drawn = hits.map((count, day) => (isDrawn(day) ? count : 0))
    return element('path', { d: drawBars(drawn, top, left), ...attributes })
  }
  const greatest = Math.max(...hits)
  const highest = hits.indexOf(greatest)
  const last = hits.length - 1
  const paint = sheet.paint({ fill: color })
  const pale = unfinished && highest !== last && hits[last] !== 0
  const bars = [draw((day) => !pale || day !== last, paint)]
  if (pale) bars.push(draw((day) => day === last, { 'fill-opacity': UNFINISHED_OPACITY, ...paint }))
  // One bar is emphasised, if it is higher than all others.
  if (hits.length === 1 || highest !== hits.lastIndexOf(greatest)) return bars
  // It becomes darker on light pages and lighter on dark ones, in any colour.
  const emphasis = { 'fill-opacity': 0.3, ...sheet.paint({ fill: PAINTS.text }) }
  return [...bars, draw((day) => day === highest, emphasis)]
}

function drawNoVisits(total: number, days: number, sheet: StyleSheet): Element {
  const words = total === 0 ? 'no visits yet' : `no visits in ${lastDays(days)}`
  // A stroke in the colour of the background keeps the grid lines away from the words.
  const margin = { 'stroke-width': 16, 'stroke-linejoin': 'round', 'paint-order': 'stroke' }
  const place = { x: (LEFT + RIGHT) / 2, y: (TOP + BASE) / 2 + 4, 'text-anchor': 'middle' }
  const paint = sheet.paint({ fill: PAINTS.muted, stroke: PAINTS.background })
  return element('text', { ...place, 'font-size': 12, ...margin, ...paint }, words)
}

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

/** With more days, bars would be too thin for gaps. */
const MAX_DAYS_WITH_GAPS = 120
/** A bar takes this share of its day's width, but is never wider than `MAX_BAR`, nor is its gap wider than `MAX_GAP`. */
const SHARE = 0.72
const MAX_BAR = 36
const MAX_GAP = 4
const CORNER = 2
/** The least height of the bar of a day with hits, in px, so that it is seen beside a day with many more. */
const LEAST_HEIGHT = 1.5

/** The room of a day with its gaps, in px. @param plotLeft where the first day begins; the last ends at `RIGHT` */
function dayBox(plotLeft: number, days: number, day: number): { left: number; width: number } {
  const width = (RIGHT - plotLeft) / days
  return { left: plotLeft + day * width, width }
}

/**
 * The path data of all bars. Their heights are in proportion to the hits.
 * @param hits by day, oldest first
 * @param top the hits of a bar as high as the plot; not 0
 */
function drawBars(hits: readonly number[], top: number, plotLeft: number): string {
  const bars = hits.map((count, day) => ({
    ...dayBox(plotLeft, hits.length, day),
    height: count === 0 ? 0 : Math.max(LEAST_HEIGHT, (count / top) * (BASE - TOP)),
  }))
  if (hits.length <= MAX_DAYS_WITH_GAPS) return bars.map(barOf).join('')
  // Without gaps they are one outline: seams would be seen between bars that are drawn one by one.
  const first = bars.findIndex(({ height }) => height > 0)
  const drawn = bars.slice(first, bars.findLastIndex(({ height }) => height > 0) + 1)
  const steps = drawn.map(({ left, width, height }) => `V${px(BASE - height)}H${px(left + width)}`)
  return `M${px(drawn[0]?.left ?? plotLeft)} ${BASE}${steps.join('')}V${BASE}z`
}

function barOf(day: { left: number; width: number; height: number }): string {
  if (day.height === 0) return ''
  const width = Math.min(MAX_BAR, Math.max(day.width * SHARE, day.width - MAX_GAP))
  const left = day.left + (day.width - width) / 2
  const corner = px(Math.min(CORNER, width / 3, day.height / 2))
  const side = px(day.height - corner)
  return (
    `M${px(left)} ${BASE}v${-side}q0 ${-corner} ${corner} ${-corner}` +
    `h${px(width - 2 * corner)}q${corner} 0 ${corner} ${corner}v${side}z`
  )
}
