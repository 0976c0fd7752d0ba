import { type CardOptions, drawCard } from '../../src/badge/card/card.ts'
import { type Drawn, type Point, parseDrawing, parsePath } from './drawing.ts'
import { withoutSuffix } from './svg.ts'

const DAY_MS = 86_400_000

/** So many days up to 20 November 2026. */
function daysOf(hits: readonly number[]): CardOptions['days'] {
  const last = Date.UTC(2026, 10, 20)
  return hits.map((count, at) => {
    const time = last - (hits.length - 1 - at) * DAY_MS
    return { day: new Date(time).toISOString().slice(0, 10), hits: count }
  })
}

/** A graph of these days, oldest first. */
export function draw(hits: readonly number[], given: Partial<CardOptions> = {}): string {
  const days = daysOf(hits)
  const usual = {
    title: 'example.com/a',
    total: 1234,
    color: null,
    label: 'hits',
    scale: 1,
    unfinished: false,
  }
  return withoutSuffix(drawCard({ ...usual, theme: 'light', days, ...given }))
}

export const named = (drawn: Drawn[], name: string) => drawn.filter((each) => each.name === name)
export const texts = (drawn: Drawn[]) => named(drawn, 'text').map(({ text }) => text)

/** What is drawn of the chart: where the lines are, the numbers beside them, and the paths of bars. */
export function chartOf(svg: string) {
  const drawn = parseDrawing(svg)
  const [grid, ...rest] = named(drawn, 'path').map(({ attributes }) => attributes.d ?? '')
  const [[start, end] = []] = parsePath(rest.pop() ?? '')
  const [left, base] = start as Point
  const [right] = end as Point
  const lines = parsePath(grid ?? '').map(([point]) => (point as Point)[1])
  return { drawn, lines, left, right, base, top: Math.min(...lines), bars: rest }
}
