import { grouped } from '../options/format.ts'
import type { Ink, Pair } from '../style/theme.ts'
import { type Attributes, type Element, element } from '../svg.ts'
import { LEFT, PAINTS, px, RIGHT, SMALL } from './paint.ts'
import { cut, widthOf } from './text.ts'
import { type DayHits, daysLong, labelOf, sumOf } from './words.ts'

const TITLE_SIZE = 14
const TOTAL_SIZE = 22
/** The most room for the total and for its label, in px: what is left is the title's. */
const TOTAL_ROOM = 200
const LABEL_ROOM = 70
/** The label has more room on the second line, where nothing large stands. */
const SECOND_LABEL_ROOM = 120
const LABEL_GAP = 6
const TITLE_GAP = 14
/** Where the two lines of text stand. */
const FIRST_LINE = 36
const SECOND_LINE = 54

/** What stands above the bars: the page and what is counted by day, the total and the sum of the days. */
export function drawHead(
  asked: { title: string; total: number; label: string; days: readonly DayHits[] },
  ink: Ink,
): Element[] {
  const { title, days } = asked
  const total = grouped(asked.total)
  const full = widthOf(total, TOTAL_SIZE, 'bold')
  const totalSize = px(TOTAL_SIZE * Math.min(1, TOTAL_ROOM / full))
  const label = cut(labelOf(asked.label, asked.total), LABEL_ROOM, SMALL)
  const labelRoom = label === '' ? 0 : widthOf(label, SMALL) + LABEL_GAP
  const totalEnd = RIGHT - labelRoom
  const titleRoom = totalEnd - Math.min(full, TOTAL_ROOM) - TITLE_GAP - LEFT

  const counted = `${cut(asked.label, SECOND_LABEL_ROOM, SMALL)} per day`

  const text = (content: string, color: Pair, place: Attributes) =>
    element('text', { ...place, ...ink.paint({ fill: color }) }, content)
  const large = (size: number) => ({ y: FIRST_LINE, 'font-size': size, 'font-weight': 'bold' })
  const end = { 'text-anchor': 'end' }
  const small = { 'font-size': SMALL }
  return [
    text(cut(title, titleRoom, TITLE_SIZE, 'bold'), PAINTS.text, { x: LEFT, ...large(TITLE_SIZE) }),
    text(total, PAINTS.text, { x: px(totalEnd), ...end, ...large(totalSize) }),
    text(label, PAINTS.muted, { x: RIGHT, y: FIRST_LINE, ...end, ...small }),
    text(counted.trim(), PAINTS.muted, { x: LEFT, y: SECOND_LINE, ...small }),
    text(`${grouped(sumOf(days))} in ${daysLong(days.length)}`, PAINTS.muted, {
      x: RIGHT,
      y: SECOND_LINE,
      ...end,
      ...small,
    }),
  ]
}
