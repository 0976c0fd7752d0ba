import assert from 'node:assert/strict'
import { SaxesParser } from 'saxes'

/** Everything a badge may be made of. Whatever else is found in one came in from outside. */
const DRAWN = new Set(
  'svg title desc filter feGaussianBlur linearGradient stop clipPath rect circle g text style path'.split(
    ' ',
  ),
)

export interface ParsedSvg {
  /** The names of all elements, in order. */
  elements: string[]
  /** What stands in <title>: `label: message`. */
  title: string
  /** Every attribute value and text, for looking up what came in. */
  values: string[]
}

/**
 * Reads an SVG with a strict XML parser.
 * @throws where it is not well-formed, or holds an element, a handler or a link that was not drawn
 */
export function parseSvg(svg: string): ParsedSvg {
  const parsed: ParsedSvg = { elements: [], title: '', values: [] }
  const open: string[] = []
  const parser = new SaxesParser({ xmlns: true })
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    assert.ok(DRAWN.has(name), `<${name}> was not drawn`)
    open.push(name)
    parsed.elements.push(name)
    for (const [key, { value }] of Object.entries(attributes)) {
      assert.doesNotMatch(key, /^on|href$/i, `attribute ${key} was not drawn`)
      parsed.values.push(value)
    }
  })
  parser.on('closetag', () => open.pop())
  parser.on('text', (text) => {
    parsed.values.push(text)
    if (open.at(-1) === 'title') parsed.title += text
  })
  parser.on('comment', () => assert.fail('a comment was not drawn'))
  parser.on('cdata', () => assert.fail('a CDATA section was not drawn'))
  parser.on('processinginstruction', () => assert.fail('an instruction was not drawn'))
  parser.write(svg).close()
  assert.equal(parsed.elements[0], 'svg')
  return parsed
}

/** The same SVG with another name, in its title and for those who cannot see it. */
export function named(svg: string, name: string): string {
  const escaped = name.replace(/[&<>"']/g, (each) => ENTITIES.get(each) as string)
  return svg
    .replace(/ aria-label="[^"]*"/, () => ` aria-label="${escaped}"`)
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escaped}</title>`)
}

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
])
