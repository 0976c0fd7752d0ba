import { scopeNames } from '../style/scope.ts'
import { createInk, type Ink, type Pair, type Theme } from '../style/theme.ts'
import { compile, type Element, element } from '../svg.ts'
import { drawChart } from './chart.ts'
import { drawHead } from './head.ts'
import { FONTS, HEIGHT, PAINTS, px, WIDTH } from './paint.ts'
import { legible } from './text.ts'
import { type DayHits, description, summary } from './words.ts'

/** What a graph is asked to show. All numbers are whole, from 0 to 2^53. */
export interface CardOptions {
  /** The page key. */
  title: string
  /** All hits ever. */
  total: number
  /** From 1 to 366 days in a row, oldest first. */
  days: readonly DayHits[]
  /** The colour of the bars; null for green. */
  color: Pair | null
  theme: Theme
  /** What is counted, such as `hits`; empty for none. */
  label: string
  /** How many px of the page one px of the drawing takes; above 0. */
  scale: number
}

/** The history of a page as a card: its hits by day as bars, with an axis, and its total. Returns an SVG. */
export function drawCard(asked: CardOptions): string {
  const legibly = { ...asked, title: legible(asked.title), label: legible(asked.label) }
  const ink = createInk(asked.theme)
  const drawing = [card(ink), ...drawHead(legibly, ink), ...drawChart(asked, ink)]
  const spoken = summary(legibly)
  const root = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: px(WIDTH * asked.scale),
      height: px(HEIGHT * asked.scale),
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: 'img',
      'aria-label': spoken,
      'font-family': FONTS,
    },
    element('title', {}, spoken),
    element('desc', {}, description(asked.days)),
    ...ink.styles(),
    ...drawing,
  )
  return scopeNames(compile(root)).pieces.join('')
}

function card(ink: Ink): Element {
  const box = { x: 0.5, y: 0.5, width: WIDTH - 1, height: HEIGHT - 1, rx: 8 }
  return element('rect', { ...box, ...ink.paint({ fill: PAINTS.ground, stroke: PAINTS.border }) })
}
