import type { ColorPair, Ink } from '../style/theme.ts'
import { type Attributes, type Element, element } from '../svg.ts'
import { axis, dayBox, drawBars, type Plot, shortNumber } from './bars.ts'
import type { CardOptions } from './card.ts'
import { LEFT, PAINTS, px, RIGHT, TINY, widthOf } from './style.ts'
import { type DayHits, dayNamer, lastDays } from './words.ts'

/** With two, three or four steps between these, each grid line covers exactly one px and is not blurred. */
const TOP = 70.5
const BASE = 154.5
/** The baseline of the dates. */
const DATES_LINE = 172
const GAP = 6
/** The distance from the middle of tiny digits down to their baseline. */
const HALF_DIGIT = 3.5

/** Draws the days as bars, with grid lines, their numbers, and a few dates. */
export function drawChart({ total, days, color }: CardOptions, ink: Ink): Element[] {
  const hits = days.map((day) => day.hits)
  const greatest = Math.max(...hits)
  const lines = axis(greatest)
  const numbers = greatest === 0 ? [] : lines.map(shortNumber)
  const widest = Math.max(0, ...numbers.map((number) => widthOf(number, TINY) + GAP))
  const plot: Plot = { left: px(LEFT + widest), right: RIGHT, top: TOP, base: BASE }
  const top = lines.at(-1) as number
  const heightOf = (line: number) => BASE - (line / top) * (BASE - TOP)
  const tiny = { 'font-size': TINY, ...ink.paint({ fill: PAINTS.muted }) }

  const gridLine = (line: number) => `M${plot.left} ${heightOf(line)}H${plot.right}`
  const numberAt = { ...tiny, x: px(plot.left - GAP), 'text-anchor': 'end' }
  return [
    element('path', {
      d: lines.slice(1).map(gridLine).join(''),
      ...ink.paint({ stroke: PAINTS.grid }),
    }),
    ...numbers.map((number, at) =>
      element('text', { ...numberAt, y: heightOf(lines[at] as number) + HALF_DIGIT }, number),
    ),
    ...(greatest === 0
      ? [drawNoVisits(total, days.length, ink)]
      : drawDays(hits, top, plot, color ?? PAINTS.bars, ink)),
    element('path', { d: gridLine(0), ...ink.paint({ stroke: PAINTS.baseline }) }),
    ...drawDates(days, plot, tiny),
  ]
}

function drawDays(hits: number[], top: number, plot: Plot, color: ColorPair, ink: Ink): Element[] {
  const greatest = Math.max(...hits)
  const highest = hits.map((count) => (count === greatest ? count : 0))
  const bars = element('path', { d: drawBars(hits, top, plot), ...ink.paint({ fill: color }) })
  // One bar is emphasised, if it is higher than all others.
  if (hits.length === 1 || hits.indexOf(greatest) !== hits.lastIndexOf(greatest)) return [bars]
  // It becomes darker on light ground and lighter on dark ground, in any colour.
  const emphasis = { 'fill-opacity': 0.3, ...ink.paint({ fill: PAINTS.text }) }
  return [bars, element('path', { d: drawBars(highest, top, plot), ...emphasis })]
}

function drawNoVisits(total: number, days: number, ink: Ink): Element {
  const words = total === 0 ? 'no visits yet' : `no visits in ${lastDays(days)}`
  // A stroke in the colour of the ground keeps the grid lines away from the words.
  const margin = { 'stroke-width': 16, 'stroke-linejoin': 'round', 'paint-order': 'stroke' }
  return element(
    'text',
    {
      x: (LEFT + RIGHT) / 2,
      y: (TOP + BASE) / 2 + 4,
      'text-anchor': 'middle',
      'font-size': 12,
      ...margin,
      ...ink.paint({ fill: PAINTS.muted, stroke: PAINTS.ground }),
    },
    words,
  )
}

/** Draws the names of the first, the middle and the last day, each below its bar but inside of the plot. */
function drawDates(days: readonly DayHits[], plot: Plot, tiny: Attributes): Element[] {
  const nameOf = dayNamer(days)
  const last = days.length - 1
  const marked = new Set(days.length > 2 ? [0, days.length >> 1, last] : [0, last])
  return [...marked].map((at) => {
    const name = nameOf((days[at] as DayHits).day)
    const half = widthOf(name, TINY) / 2
    const box = dayBox(plot, days.length, at)
    const middle = box.left + box.width / 2
    const x = Math.min(plot.right - half, Math.max(plot.left + half, middle))
    return element('text', { ...tiny, x: px(x), y: DATES_LINE, 'text-anchor': 'middle' }, name)
  })
}
