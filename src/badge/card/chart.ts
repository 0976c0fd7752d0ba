import type { Ink, Pair } from '../style/theme.ts'
import { type Attributes, type Element, element } from '../svg.ts'
import { axis, shortNumber } from './axis.ts'
import { drawBars, type Plot, roomOf } from './bars.ts'
import { LEFT, PAINTS, px, RIGHT, TINY } from './paint.ts'
import { widthOf } from './text.ts'
import { type DayHits, dayNamer, lastDays } from './words.ts'

/** Lines are 1 px wide and lie within one px; with two, three or four steps between these all of them do. */
const TOP = 70.5
const BASE = 154.5
const DATES_LINE = 172
const GAP = 6
/** From the middle of a line of tiny digits down to its baseline. */
const HALF_DIGIT = 3.5

/** The days as bars, with grid lines, their numbers, and a few dates. */
export function drawChart(
  asked: { total: number; days: readonly DayHits[]; color: Pair | null },
  ink: Ink,
): Element[] {
  const { days } = asked
  const hits = days.map((day) => day.hits)
  const most = Math.max(...hits)
  const lines = axis(most)
  const numbers = most === 0 ? [] : lines.map(shortNumber)
  const widest = Math.max(0, ...numbers.map((number) => widthOf(number, TINY) + GAP))
  const plot: Plot = { left: px(LEFT + widest), right: RIGHT, top: TOP, base: BASE }
  const top = lines.at(-1) as number
  const heightOf = (line: number) => BASE - (line / top) * (BASE - TOP)
  const tiny = { 'font-size': TINY, ...ink.paint({ fill: PAINTS.muted }) }

  const across = (line: number) => `M${plot.left} ${heightOf(line)}H${plot.right}`
  const numberAt = { ...tiny, x: px(plot.left - GAP), 'text-anchor': 'end' }
  return [
    element('path', {
      d: lines.slice(1).map(across).join(''),
      ...ink.paint({ stroke: PAINTS.grid }),
    }),
    ...numbers.map((number, at) =>
      element('text', { ...numberAt, y: heightOf(lines[at] as number) + HALF_DIGIT }, number),
    ),
    ...(most === 0
      ? [nothing(asked.total, days.length, ink)]
      : barsOf(hits, top, plot, asked.color ?? PAINTS.bars, ink)),
    element('path', { d: across(0), ...ink.paint({ stroke: PAINTS.baseline }) }),
    ...dates(days, plot, tiny),
  ]
}

function barsOf(hits: number[], top: number, plot: Plot, color: Pair, ink: Ink): Element[] {
  const most = Math.max(...hits)
  const highest = hits.map((count) => (count === most ? count : 0))
  const bars = element('path', { d: drawBars(hits, top, plot), ...ink.paint({ fill: color }) })
  // Only one that is higher than all others is worth pointing out.
  if (hits.length === 1 || hits.indexOf(most) !== hits.lastIndexOf(most)) return [bars]
  // This makes it darker on light ground and lighter on dark, in whatever colour.
  const emphasis = { 'fill-opacity': 0.3, ...ink.paint({ fill: PAINTS.text }) }
  return [bars, element('path', { d: drawBars(highest, top, plot), ...emphasis })]
}

function nothing(total: number, days: number, ink: Ink): Element {
  const words = total === 0 ? 'no visits yet' : `no visits in ${lastDays(days)}`
  // The grid lines stop short of the words.
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

/** The names of the first, the middle and the last day, each below its bar as far as the plot reaches. */
function dates(days: readonly DayHits[], plot: Plot, tiny: Attributes): Element[] {
  const nameOf = dayNamer(days)
  const last = days.length - 1
  const named = new Set(days.length > 2 ? [0, days.length >> 1, last] : [0, last])
  return [...named].map((at) => {
    const name = nameOf((days[at] as DayHits).day)
    const half = widthOf(name, TINY) / 2
    const room = roomOf(plot, days.length, at)
    const middle = room.left + room.width / 2
    const x = Math.min(plot.right - half, Math.max(plot.left + half, middle))
    return element('text', { ...tiny, x: px(x), y: DATES_LINE, 'text-anchor': 'middle' }, name)
  })
}
