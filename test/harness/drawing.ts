import assert from 'node:assert/strict'
import { SaxesParser } from 'saxes'

/** All elements that our drawings use. */
const DRAWN = new Set('svg title desc style rect g path circle text tspan'.split(' '))

export interface Drawn {
  name: string
  attributes: Record<string, string>
  text: string
}

/**
 * The elements of a drawing in the order in which they begin, read by a strict XML parser.
 * @throws if it is not well-formed, or holds an element, a handler or a link that our drawings never use
 */
export function parseDrawing(svg: string): Drawn[] {
  const found: Drawn[] = []
  const open: Drawn[] = []
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    assert.ok(DRAWN.has(name), `<${name}> was not drawn`)
    for (const key of Object.keys(attributes)) assert.doesNotMatch(key, /^on|href$/i)
    const drawn = { name, attributes: { ...attributes }, text: '' }
    open.push(drawn)
    found.push(drawn)
  })
  parser.on('closetag', () => open.pop())
  parser.on('text', (text) => {
    const inside = open.at(-1)
    if (inside) inside.text += text
  })
  for (const event of ['comment', 'cdata', 'processinginstruction', 'doctype'] as const) {
    parser.on(event, () => assert.fail(`a ${event} was not drawn`))
  }
  parser.write(svg).close()
  return found
}

export type Point = [x: number, y: number]

/**
 * The points of path data by subpath, the control points of curves among them.
 * @throws if a number is not plain, has more than two decimals, or is missing
 */
export function parsePath(data: string): Point[][] {
  const commands = [...data.matchAll(/([MHVShvqz])([^A-Za-z]*)/g)]
  assert.equal(commands.map(([whole]) => whole).join(''), data, 'only commands that are known')
  const subpaths: Point[][] = []
  let [x, y] = [0, 0]
  for (const [, letter = '', rest = ''] of commands) {
    const numbers = rest.split(/[ ,]/).filter(Boolean)
    for (const number of numbers) assert.match(number, /^-?\d+(\.\d{1,2})?$/)
    const values = numbers.map(Number)
    if (letter === 'M') subpaths.push([])
    const go = (to: Point) => subpaths.at(-1)?.push(to)
    const [from, across] = [{ x, y }, /[hH]/.test(letter)]
    if (letter === 'z') {
      assert.equal(values.length, 0)
    } else if (/[hHvV]/.test(letter)) {
      assert.equal(values.length, 1)
      const [value] = values as [number]
      const relative = letter === letter.toLowerCase()
      if (across) x = relative ? x + value : value
      else y = relative ? y + value : value
      go([x, y])
    } else {
      assert.equal(values.length % (letter === 'M' ? 2 : 4), 0)
      for (let at = 0; at < values.length; at += 2) {
        const [right, down] = values.slice(at) as [number, number]
        ;[x, y] = letter === 'q' ? [from.x + right, from.y + down] : [right, down]
        go([x, y])
      }
    }
  }
  return subpaths
}
