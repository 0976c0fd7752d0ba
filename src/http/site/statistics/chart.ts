import { axis, shortNumber } from '../../../badge/card/chart.ts'
import type { Point, Series, Unit } from '../../../series.ts'
import { HOUR_MS } from '../../../time.ts'
import { escapeHtml } from '../html.ts'
import { hitsOf } from '../written.ts'
import type { Mark } from './marks.ts'
import { pointName, shortName } from './names.ts'

/** In px: the upper and lower end of the bars, the baseline of the names below them, and the height of all. */
const TOP = 18.5
const BASE = 198.5
const NAMES_LINE = 218
const HEIGHT = 226
/** The width of the numbers beside the bars, in px. */
const SCALE_WIDTH = 40
/** The least height of a bar, so that one hit is seen beside many. */
const LEAST_HEIGHT = 2
/** A bar takes this share of its room; without a gap if there are more bars than this. */
const SHARE = 0.76
const MAX_WITH_GAPS = 150
/** The widest bar, in percent: one or two bars would fill everything. */
const MAX_BAR = 12
/** Names below the bars, so that they fit side by side on a phone. */
const MAX_NAMES: Readonly<Record<Unit, number>> = { hour: 2, day: 4, month: 4 }

/**
 * The hits of a series as bars: an SVG whose widths are in percent, so that text is as large on every screen.
 * @param hits of each point
 */
export function chartHtml(
  { unit, points }: Series,
  hits: readonly number[],
  marks: readonly Mark[],
): string {
  const greatest = Math.max(0, ...hits)
  const lines = axis(greatest)
  const top = lines.at(-1) as number
  const heightOf = (line: number) => BASE - (line / top) * (BASE - TOP)
  const numbers = lines.map(
    (line) =>
      `<text x="${SCALE_WIDTH - 8}" y="${px(heightOf(line) + 4)}">${shortNumber(line)}</text>`,
  )
  const grid = lines.map(
    (line) =>
      `<line x1="0" x2="100%" y1="${px(heightOf(line))}" y2="${px(heightOf(line))}"${line === 0 ? ' class="base"' : ''} />`,
  )
  const bars = boxesOf(hits, top).map(({ left, room, x, width, y, height }, at) => {
    const name = escapeHtml(pointName(unit, points[at]?.name ?? ''))
    const bar =
      height === 0
        ? ''
        : `<rect class="hits" x="${x}%" width="${width}%" y="${y}" height="${height}" rx="1.5" />`
    return `<g><title>${name}: ${hitsOf(hits[at] as number)}</title><rect class="room" x="${left}%" width="${room}%" y="0" height="${BASE}" />${bar}</g>`
  })
  const none =
    greatest > 0
      ? ''
      : `<text class="none" x="50%" y="${(TOP + BASE) / 2}">No hits in this time</text>`
  return `<svg class="scale" width="${SCALE_WIDTH}" height="${HEIGHT}" aria-hidden="true">${numbers.join('')}</svg><svg class="plot" width="100%" height="${HEIGHT}" data-top="${top}" data-base="${BASE}" data-full="${BASE - TOP}" aria-hidden="true">${grid.join('')}${bars.join('')}${none}${namesHtml(unit, points)}${marksHtml(points, marks)}</svg>`
}

/** Where a bar is: its room from the left, and the bar in it. Lengths across are in percent, upright ones in px. */
interface Box {
  left: number
  room: number
  x: number
  width: number
  y: number
  height: number
}

/** @param top the hits of a bar as high as the plot */
export function boxesOf(hits: readonly number[], top: number): Box[] {
  const room = 100 / hits.length
  const width = Math.min(MAX_BAR, hits.length > MAX_WITH_GAPS ? room : room * SHARE)
  return hits.map((count, at) => {
    const full = (count / top) * (BASE - TOP)
    const height = count === 0 ? 0 : px(Math.max(LEAST_HEIGHT, full))
    const left = at * room
    return {
      ...{ left: percent(left), room: percent(room), height, y: px(BASE - height) },
      ...{ x: percent(left + (room - width) / 2), width: percent(width) },
    }
  })
}

const px = (value: number) => Math.round(value * 10) / 10
const percent = (value: number) => Math.round(value * 1000) / 1000

/** The names of some points, in equal distances, with as much room before the first as after the last. */
function namesHtml(unit: Unit, points: readonly Point[]): string {
  const step = Math.max(1, Math.ceil(points.length / MAX_NAMES[unit]))
  const first = Math.floor(((points.length - 1) % step) / 2)
  return points
    .map(({ name }, at) => {
      const x = percent(((at + 0.5) / points.length) * 100)
      if (at % step !== first) return ''
      return `<text class="name" x="${x}%" y="${NAMES_LINE}">${shortName(unit, name)}</text>`
    })
    .join('')
}

/** Points above the bars, where somebody has changed the number. */
function marksHtml(points: readonly Point[], marks: readonly Mark[]): string {
  return marks
    .map(({ at: moment, text }) => {
      const hour = Math.floor(moment / HOUR_MS)
      const at = points.findIndex(({ span }) => span.from <= hour && hour < span.to)
      if (at < 0) return ''
      const x = percent(((at + 0.5) / points.length) * 100)
      return `<circle class="mark" cx="${x}%" cy="8" r="4"><title>${escapeHtml(text)}</title></circle>`
    })
    .join('')
}
