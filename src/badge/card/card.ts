import { grouped } from '../options/format.ts'
import type { BadgeOptions } from '../options/options.ts'
import { type ColorPair, createStyleSheet, type StyleSheet, type Theme } from '../style/theme.ts'
import {
  type Attributes,
  type Content,
  compileScoped,
  type Element,
  element,
  svgElement,
} from '../svg.ts'
import { drawChart } from './chart.ts'
import {
  cut,
  type DayHits,
  describeDays,
  FONTS,
  HEIGHT,
  LEFT,
  labelOf,
  legible,
  PAINTS,
  px,
  RIGHT,
  SMALL,
  summarize,
  sumOf,
  WIDTH,
  widthOf,
} from './parts.ts'

/** All numbers are whole, from 0 to 2^53. */
export interface CardOptions extends Pick<BadgeOptions, 'label' | 'scale'> {
  /** The page's key. */
  title: string
  /** All hits of the page. */
  total: number
  /** 1 to 366 days in a row, oldest first. */
  days: readonly DayHits[]
  /** Whether the last day is today, which has more hits to come. */
  unfinished: boolean
  /** The colour of the bars; null for green. */
  color: ColorPair | null
  theme: Theme
}

/** Draws a page's history as a card: its total, and its hits by day as bars. Returns an SVG. */
export function drawCard(options: CardOptions): string {
  const card = { ...options, title: legible(options.title), label: legible(options.label) }
  const sheet = createStyleSheet(options.theme)
  const box = { x: 0.5, y: 0.5, width: WIDTH - 1, height: HEIGHT - 1, rx: 8 }
  const paint = sheet.paint({ fill: PAINTS.background, stroke: PAINTS.border })
  const drawing = [
    element('rect', { ...box, ...paint }),
    ...drawHead(card, sheet),
    ...drawChart(card, sheet),
  ]
  const spoken = summarize(card)
  const root = svgElement(
    {
      width: px(WIDTH * options.scale),
      height: px(HEIGHT * options.scale),
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: 'img',
      'aria-label': spoken,
      'font-family': FONTS,
    },
    element('title', {}, spoken),
    element('desc', {}, describeDays(options.days)),
    ...sheet.elements(),
    ...drawing,
  )
  return compileScoped(root).pieces.join('')
}

const TITLE_SIZE = 14
const TOTAL_SIZE = 22
/** The greatest widths of the total and of its label, in px. The title has the rest of the line. */
const MAX_TOTAL = 200
const MAX_LABEL = 70
/** The greatest width of the label on the second line, in px. */
const MAX_SECOND_LABEL = 120
const LABEL_GAP = 6
const TITLE_GAP = 14
/** The baselines of the two lines of text. */
const FIRST_LINE = 36
const SECOND_LINE = 54

/** Draws the text above the bars: the page and its total, then what is counted by day and the sum of the days. */
function drawHead({ title, total, label, days }: CardOptions, sheet: StyleSheet): Element[] {
  const number = grouped(total)
  const numberWidth = widthOf(number, TOTAL_SIZE, 'bold')
  const numberSize = px(TOTAL_SIZE * Math.min(1, MAX_TOTAL / numberWidth))
  const totalLabel = cut(labelOf(label, total), MAX_LABEL, SMALL)
  const labelWidth = totalLabel === '' ? 0 : widthOf(totalLabel, SMALL) + LABEL_GAP
  const numberEnd = RIGHT - labelWidth
  const titleWidth = numberEnd - Math.min(numberWidth, MAX_TOTAL) - TITLE_GAP - LEFT
  const perDay = `${cut(label, MAX_SECOND_LABEL, SMALL)} per day`.trim()
  const span = days.length === 1 ? '1 day' : `${days.length} days`
  const sum = `${grouped(sumOf(days))} in ${span}`

  const text = (content: Content, color: ColorPair, attributes: Attributes, name = 'text') =>
    element(name, { ...attributes, ...sheet.paint({ fill: color }) }, content)
  const large = (size: number) => ({ y: FIRST_LINE, 'font-size': size, 'font-weight': 'bold' })
  const end = { 'text-anchor': 'end' }
  const small = { 'font-size': SMALL }
  return [
    text(cut(title, titleWidth, TITLE_SIZE, 'bold'), PAINTS.text, {
      x: LEFT,
      ...large(TITLE_SIZE),
    }),
    // In one text, the viewer's own font decides where the number ends, so the label keeps its distance.
    element(
      'text',
      { x: RIGHT, y: FIRST_LINE, ...end },
      text(number, PAINTS.text, { 'font-size': numberSize, 'font-weight': 'bold' }, 'tspan'),
      ...(totalLabel === ''
        ? []
        : [text(totalLabel, PAINTS.muted, { dx: LABEL_GAP, ...small }, 'tspan')]),
    ),
    text(perDay, PAINTS.muted, { x: LEFT, y: SECOND_LINE, ...small }),
    text(sum, PAINTS.muted, { x: RIGHT, y: SECOND_LINE, ...end, ...small }),
  ]
}
