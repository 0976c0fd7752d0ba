import assert from 'node:assert/strict'
import { SaxesParser } from 'saxes'

/** The elements of badges and cards. Any other element has come in from a stranger. */
const DRAWN = new Set(
  (
    'svg title desc style defs g use text tspan path rect circle image pattern clipPath ' +
    'linearGradient stop filter feGaussianBlur feMerge feMergeNode'
  ).split(' '),
)
/** The elements of a stranger's drawing after it was written again: no words and no links, but more shapes. */
const IMAGE_DRAWN = new Set(
  (
    'svg defs g path rect circle ellipse line polyline polygon clipPath linearGradient ' +
    'radialGradient stop'
  ).split(' '),
)
const NAMESPACE = 'http://www.w3.org/2000/svg'
const IMAGE = /^data:image\/(png|jpeg|gif|webp|svg\+xml);base64,([A-Za-z\d+/]+=*)$/

export interface ParsedSvg {
  /** The names of all elements, in order. */
  elements: string[]
  /** The text of <title>: `label: message`. */
  title: string
  /** All attribute values and texts, to search for a stranger's. */
  values: string[]
  /** The same elements with their attributes, and the text right inside them. */
  nodes: { name: string; attributes: Record<string, string>; text: string }[]
}

/**
 * Reads an SVG with a strict XML parser, and the drawings inside it.
 * @throws if it is not well-formed, or holds an element, a handler, a link or a style that the service does not draw
 */
export function parseSvg(svg: string, drawn: ReadonlySet<string> = DRAWN): ParsedSvg {
  const parsed: ParsedSvg = { elements: [], title: '', values: [], nodes: [] }
  const open: ParsedSvg['nodes'] = []
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (!drawn.has(name)) assert.fail(`<${name}> was not drawn`)
    if (open.length === 0) assert.equal(attributes.xmlns, NAMESPACE)
    const node = { name, attributes: { ...attributes }, text: '' }
    open.push(node)
    parsed.nodes.push(node)
    parsed.elements.push(name)
    for (const [key, value] of Object.entries(attributes)) {
      // A name with a colon would be in another namespace.
      if (/^on|^style$|:/i.test(key)) assert.fail(`attribute ${key} was not drawn`)
      if (key === 'xmlns') assert.equal(value, NAMESPACE)
      else if (key === 'href') checkLink(name, value)
      else if (key !== 'aria-label') checkReferences(value)
      parsed.values.push(value)
    }
  })
  parser.on('closetag', () => open.pop())
  parser.on('text', (text) => {
    parsed.values.push(text)
    const inside = open.at(-1)
    if (!inside) return
    inside.text += text
    if (inside.name === 'title') parsed.title += text
    if (inside.name === 'style') checkStyle(text)
  })
  parser.on('comment', () => assert.fail('a comment was not drawn'))
  parser.on('cdata', () => assert.fail('a CDATA section was not drawn'))
  parser.on('processinginstruction', () => assert.fail('an instruction was not drawn'))
  parser.on('doctype', () => assert.fail('a document type was not drawn'))
  parser.write(svg).close()
  assert.equal(parsed.elements[0], 'svg')
  return parsed
}

function checkLink(name: string, value: string): void {
  if (name === 'use' && /^#[\w-]+$/.test(value)) return
  const [, type, data = ''] = (name === 'image' && IMAGE.exec(value)) || []
  assert.ok(type, `a link of <${name}> was not drawn: ${value.slice(0, 80)}`)
  if (type === 'svg+xml') parseSvg(Buffer.from(data, 'base64').toString(), IMAGE_DRAWN)
}

/** No attribute but the name that is read out may name what lies outside of the drawing. */
function checkReferences(value: string): void {
  if (!/url/i.test(value)) return
  for (const [reference] of value.matchAll(/url\([^)]*\)?/gi)) {
    assert.match(reference, /^url\(#[\w-]+\)$/)
  }
}

/** Rules for our own classes and animations; nothing that loads a file. */
function checkStyle(css: string): void {
  assert.doesNotMatch(css, /[<\\]|@(?!media |keyframes )|image|src|expression/i)
  checkReferences(css)
}

/** The same SVG with another name, in its title and for screen readers. */
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

/** A drawing with ids that another one may have too, as badge-maker gives them without a suffix. */
export function withoutSuffix(svg: string): string {
  return svg.replace(/(?<=[\w"]\w*)_[\da-f]{8}\b/g, '')
}
