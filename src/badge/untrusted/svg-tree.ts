import { type SaxesAttributeNS, SaxesParser } from 'saxes'
import { SVG } from '../svg.ts'
import { SvgProblem } from './svg-values.ts'

/** An element of an untrusted SVG. Only its name is checked. */
export interface Node {
  name: string
  /** The attributes without a namespace, and xlink:href as `href`. */
  attributes: ReadonlyMap<string, string>
  children: Node[]
}

const XLINK = 'http://www.w3.org/1999/xlink'

const MAX_DEPTH = 32
export const MAX_ELEMENTS = 500

const DRAWN = new Set(
  (
    'svg g defs path rect circle ellipse line polyline polygon ' +
    'linearGradient radialGradient stop clipPath'
  ).split(' '),
)
/** Elements that describe the drawing. */
const DESCRIPTIONS = new Set(['title', 'desc', 'metadata'])

/**
 * Reads the drawn elements of an SVG with a strict XML parser. It leaves out text and comments, and titles and elements of
 * other namespaces, such as those of editors, with all that is in them.
 * @throws SvgProblem if the SVG is not well-formed, has a DOCTYPE or any other element, or is too large
 */
export function parseTree(svg: string): Node {
  const top: Node = { name: '', attributes: new Map(), children: [] }
  // Null is an element that is left out.
  const open: (Node | null)[] = [top]
  let elements = 0
  const parser = new SaxesParser({ xmlns: true, position: false })
  parser.on('error', (error) => {
    throw new SvgProblem(`it is not well-formed XML: ${error.message}`)
  })
  parser.on('doctype', () => {
    throw new SvgProblem('it has a DOCTYPE; an SVG needs none')
  })
  parser.on('opentag', ({ uri, local, attributes }) => {
    elements += 1
    if (elements > MAX_ELEMENTS) throw new SvgProblem(`it has more than ${MAX_ELEMENTS} elements`)
    if (open.length > MAX_DEPTH) throw new SvgProblem(`it is nested more than ${MAX_DEPTH} deep`)
    const parent = open.at(-1) ?? null
    if (parent === null || uri !== SVG || DESCRIPTIONS.has(local)) {
      open.push(null)
      return
    }
    if (!DRAWN.has(local))
      throw new SvgProblem(`it has a <${local.slice(0, 40)}>, which cannot be used here`)
    const kept = new Map<string, string>()
    for (const name in attributes) {
      const { uri, local, value } = attributes[name] as SaxesAttributeNS
      if (uri === '' || (uri === XLINK && local === 'href')) kept.set(local, value)
    }
    const node: Node = { name: local, attributes: kept, children: [] }
    parent.children.push(node)
    open.push(node)
  })
  parser.on('closetag', () => open.pop())
  parser.write(svg).close()
  const [root] = top.children
  if (root?.name !== 'svg') throw new SvgProblem(`it is no <svg> in the namespace ${SVG}`)
  return root
}
