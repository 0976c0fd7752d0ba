import { grouped } from '../options/format.ts'
import { measure } from '../style/measure.ts'
import type { ColorPair } from '../style/theme.ts'
import type { CardOptions } from './card.ts'

// What the head and the chart of a card are made of: colours, sizes, and words.

/** The colours of a card. Backgrounds and texts are those of GitHub's own cards. */
export const PAINTS = {
  background: { light: '#ffffff', dark: '#0d1117' },
  border: { light: '#d0d7de', dark: '#30363d' },
  grid: { light: '#e4e8ec', dark: '#21262d' },
  baseline: { light: '#afb8c1', dark: '#484f58' },
  text: { light: '#1f2328', dark: '#f0f6fc' },
  muted: { light: '#59636e', dark: '#9198a1' },
  bars: { light: '#2da44e', dark: '#3fb950' },
} as const satisfies Record<string, ColorPair>

/** All lengths are in px, before the drawing is scaled. */
export const WIDTH = 480
export const HEIGHT = 190
export const LEFT = 20
export const RIGHT = WIDTH - LEFT

export const FONTS = 'Verdana,Geneva,DejaVu Sans,sans-serif'
/** Font sizes. */
export const SMALL = 11
export const TINY = 10

/** Rounds a length to hundredths of a px, which are finer than anyone can see. */
export function px(length: number): number {
  return Math.round(length * 100) / 100
}

/** The fonts in which texts are measured, and their sizes. Widths in other sizes are proportional. */
const MEASURED = {
  normal: { font: '11px Verdana', size: 11 },
  bold: { font: 'bold 10px Verdana', size: 10 },
} as const
type Weight = keyof typeof MEASURED

/** The width of a text in px, in Verdana of this size. */
export function widthOf(text: string, size: number, weight: Weight = 'normal'): number {
  const measured = MEASURED[weight]
  return (measure(text, measured.font) * size) / measured.size
}

/** Cuts a text to a width in px, with an ellipsis at the end if anything is cut off. */
export function cut(text: string, maxWidth: number, size: number, weight: Weight = 'normal') {
  const maxBeforeEllipsis = maxWidth - widthOf('…', size, weight)
  let width = 0
  let end = 0
  // It stops at the first character that does not fit, because a text may be much longer than what is shown.
  for (const character of text) {
    width += widthOf(character, size, weight)
    if (width > maxWidth) return `${text.slice(0, end)}…`
    if (width <= maxBeforeEllipsis) end += character.length
  }
  return text
}

/** Replaces characters that XML 1.0 cannot hold, and control characters. */
export function legible(text: string): string {
  return text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd')
}

export interface DayHits {
  /** Such as `2026-11-20`. */
  day: string
  hits: number
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** With more days, a description has months instead of days. */
const MAX_DESCRIBED_DAYS = 31
/** With more days, in two years, the name of a day has its year. */
const MAX_DAYS_WITHOUT_YEAR = 180

/** Such as `24 Oct 2026`. */
function dateOf(day: string, withDate: boolean, withYear: boolean): string {
  const [year = '', month, date] = day.split('-')
  const name = `${MONTHS[Number(month) - 1]}${withYear ? ` ${year}` : ''}`
  return withDate ? `${Number(date)} ${name}` : name
}

/** Names days as `24 Oct` or `24 Oct 2026`. */
export function dayNamer(days: readonly DayHits[]): (day: string) => string {
  const [first, last] = [days[0], days.at(-1)].map((day) => day?.day.split('-')[0])
  const withYear = days.length > MAX_DAYS_WITHOUT_YEAR && first !== last
  return (day) => dateOf(day, true, withYear)
}

export function sumOf(days: readonly DayHits[]): number {
  return days.reduce((sum, { hits }) => sum + hits, 0)
}

/** The label of a number: `hit` for 1. Only words that mean hits lose their s; `bus` keeps it. */
export function labelOf(label: string, number: number): string {
  return number === 1 ? label.replace(/\b(hit|visit|visitor|view)s$/i, '$1') : label
}

/** `the last day`, `the last 30 days`. */
export function lastDays(days: number): string {
  return days === 1 ? 'the last day' : `the last ${days} days`
}

/** The name of a card for screen readers: `example.com/a: 1,234 hits, 412 in the last 30 days`. */
export function summarize({ title, total, label, days }: CardOptions): string {
  const all = `${grouped(total)} ${labelOf(label, total)}`.trim()
  return `${title}: ${all}, ${grouped(sumOf(days))} in ${lastDays(days.length)}`
}

/** The hits of each day, or of each month: `20 Nov 2026: 3; 21 Nov 2026: 5.` */
export function describeDays(days: readonly DayHits[]): string {
  const sums = new Map<string, number>()
  for (const { day, hits } of days) {
    const name = dateOf(day, days.length <= MAX_DESCRIBED_DAYS, true)
    sums.set(name, (sums.get(name) ?? 0) + hits)
  }
  return `${[...sums].map(([name, hits]) => `${name}: ${grouped(hits)}`).join('; ')}.`
}
