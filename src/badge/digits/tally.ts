import { readableOn } from '../style/contrast.ts'
import { type Attributes, type Element, element } from '../svg.ts'
import { type Face, type FaceDrawing, type FaceOptions, moveIn } from './face.ts'

/** More marks than these cannot be counted at a glance. */
export const MAX_MARKS = 100

export const TALLY = { light: '#24292f', dark: '#e6edf3' }

/** Five marks and the space around them, in px; and how many fives a row has. */
const FIVE = { width: 17, height: 16, pitch: 23, line: 21, perRow: 10 }
/** The distance between two uprights, in px. */
const UPRIGHT = 4
const PADDING = 3
/** The space between two numbers, in px, with a dot in the middle. */
const GAP = 18

/** The uprights of two fives. They differ a little, as if drawn by hand. */
const UPRIGHTS = [
  ['M2.6 1.4 2.2 14.8', 'M6.4 .7 6.7 15.2', 'M10.9 1.2 10.3 14.5', 'M14.3 .9 14.7 15.4'],
  ['M2.3 .8 2.7 15.3', 'M6.8 1.5 6.3 14.6', 'M10.4 .9 10.8 15.1', 'M14.8 1.3 14.2 14.9'],
] as const
const DIAGONALS = ['M0 12.2 17 3.4', 'M.2 11.4 16.8 4.2', 'M.1 12.8 16.9 3.9']

/** Draws numbers as tally marks, in fives. The marks do not fill slots, so each number has a drawing of its own. */
export const TALLY_FACE: Face = {
  put(numbers) {
    if (numbers.reduce((sum, number) => sum + number, 0) > MAX_MARKS) return null
    return {
      shape: `tally ${numbers.join('/')}`,
      digits: '',
      draw: (options) => drawTally(numbers, options),
    }
  },
}

function drawTally(numbers: readonly number[], options: FaceOptions): FaceDrawing {
  const { sheet, background } = options
  const color = options.color ?? (background ? readableOn(background) : TALLY)
  const fives = numbers.map(fivesOf)
  const rows = Math.ceil(Math.max(...fives) / FIVE.perRow)
  const height = (rows - 1) * FIVE.line + FIVE.height + 2 * PADDING
  const count = fives.reduce((sum, each) => sum + each, 0)
  const moving = moveIn(options, count, 3)

  let width = PADDING
  let n = 0
  const marks: Element[] = []
  const separators: Element[] = []
  for (const [group, number] of numbers.entries()) {
    if (group > 0) {
      separators.push(element('path', { d: `M${width + GAP / 2} ${height / 2}h.01` }))
      width += GAP
    }
    for (let at = 0; at < fivesOf(number); at++) {
      const left = width + (at % FIVE.perRow) * FIVE.pitch
      const top = PADDING + Math.floor(at / FIVE.perRow) * FIVE.line
      const transform = `translate(${left} ${top})`
      marks.push(drawFive(number - at * 5, at, { transform, ...moving(n++) }))
    }
    width += widthOf(number)
  }
  width += PADDING
  const rx = Math.min(options.radius ?? 3, height / 2)
  const area = background && { width, height, rx, ...sheet.paint({ fill: background }) }
  const line = { fill: 'none', 'stroke-width': 1.7, 'stroke-linecap': 'round' }
  return {
    width,
    height,
    content: [
      ...(area ? [element('rect', area)] : []),
      element(
        'g',
        { ...line, ...sheet.paint({ stroke: color }) },
        ...marks,
        element('g', { 'stroke-width': 3 }, ...separators),
      ),
    ],
  }
}

/** The number of fives. A zero takes the space of one. */
function fivesOf(number: number): number {
  return Math.max(1, Math.ceil(number / 5))
}

/** In px. In a single row, a last five with fewer marks takes less space. */
function widthOf(number: number): number {
  const last = number % 5
  const columns = Math.min(fivesOf(number), FIVE.perRow)
  const cut = last > 0 && number < 5 * FIVE.perRow ? FIVE.width - last * UPRIGHT : 0
  return (columns - 1) * FIVE.pitch + FIVE.width - cut
}

/**
 * Draws up to five marks. For zero marks it draws a short dash in the middle.
 * @param at the index of these five among all of a number
 */
function drawFive(left: number, at: number, attributes: Attributes): Element {
  if (left === 0) {
    const d = `M4 ${FIVE.height / 2}H${FIVE.width - 4}`
    return element('path', { d, opacity: 0.6, ...attributes })
  }
  const uprights = UPRIGHTS[at % 2 === 0 ? 0 : 1].slice(0, left)
  const diagonal = left < 5 ? '' : DIAGONALS[at % DIAGONALS.length]
  return element('path', { d: `${uprights.join('')}${diagonal}`, ...attributes })
}
