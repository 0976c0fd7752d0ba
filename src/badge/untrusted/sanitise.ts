import { type SaxesAttributeNS, SaxesParser } from 'saxes'
import { type Element, element, SVG } from '../svg.ts'
import { readAttributes, readViewBox, referenceIn, SvgProblem, type ViewBox } from './svg-values.ts'

/** An untrusted drawing, rewritten: it has only known elements with checked numbers, colours and words. */
export interface Sanitised {
  viewBox: ViewBox
  /** The gradients and clip paths to which the children refer, for a `<defs>`. */
  defs: Element[]
  children: Element[]
}

const MAX_DEPTH = 32
const MAX_ELEMENTS = 500
/** How many gradients may inherit from each other in a row. */
const MAX_CHAIN = 8
/**
 * Limit on the written values, as a multiple of the SVG's length. Gradients copy the values that they inherit: without
 * a limit, 8 kB could become 120 kB.
 */
const MAX_GROWTH = 4

const XLINK = 'http://www.w3.org/1999/xlink'
const GRADIENTS = new Set(['linearGradient', 'radialGradient'])
/** Elements to which others refer. */
const SHARED = new Set([...GRADIENTS, 'clipPath'])
/** Elements that are drawn only where others refer to them. */
const INDIRECT = new Set([...SHARED, 'defs', 'stop'])
const DRAWN = new Set([
  ...INDIRECT,
  ...'svg g path rect circle ellipse line polyline polygon'.split(' '),
])
/** Elements that describe the drawing. */
const DESCRIPTIONS = new Set(['title', 'desc', 'metadata'])
/** Attributes of the root that place the drawing, which the badge decides. */
const PLACEMENT = ['x', 'y', 'width', 'height', 'viewBox', 'preserveAspectRatio']

/**
 * Makes an untrusted drawing safe to embed. It keeps shapes, groups, gradients and clip paths; it drops or refuses scripts,
 * links, style sheets, texts and images. The caller limits the length of the SVG; the result has at most 500 elements, and
 * its values are at most four times as long as the SVG.
 * @param prefix the start of all ids; drawings with different prefixes share no ids
 * @throws SvgProblem
 */
export function sanitiseSvg(svg: string, prefix: string): Sanitised {
  const { root, shared } = parseTree(svg)
  const viewBox = viewBoxOf(root)
  const writer = new Writer(shared, prefix, viewBox, MAX_GROWTH * svg.length)
  const attributes = writer.read(root)
  for (const name of PLACEMENT) attributes.delete(name)
  const all = writer.write({ ...root, name: 'g' }, attributes, false)
  const children = attributes.size > 0 ? [all] : (all.children as Element[])
  return { viewBox, defs: writer.defs, children }
}

/** An element of an untrusted SVG. Only its name is checked. */
interface Node {
  name: string
  /** The attributes without a namespace, and xlink:href as `href`. */
  attributes: ReadonlyMap<string, string>
  children: Node[]
}

/** Gradients and clip paths by their ids. */
type Shared = Map<string, Node>

/**
 * Reads the drawn elements of an SVG with a strict XML parser. It leaves out text and comments, and titles and elements of
 * other namespaces, such as those of editors, with all that is in them.
 * @throws SvgProblem if the SVG is not well-formed, has a DOCTYPE or any other element, or is too large
 */
function parseTree(svg: string): { root: Node; shared: Shared } {
  const top: Node = { name: '', attributes: new Map(), children: [] }
  const shared: Shared = new Map()
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
  parser.on('opentag', ({ uri, local: name, attributes: given }) => {
    elements += 1
    if (elements > MAX_ELEMENTS) throw new SvgProblem(`it has more than ${MAX_ELEMENTS} elements`)
    if (open.length > MAX_DEPTH) throw new SvgProblem(`it is nested more than ${MAX_DEPTH} deep`)
    const parent = open.at(-1) ?? null
    if (parent === null || uri !== SVG || DESCRIPTIONS.has(name)) {
      open.push(null)
      return
    }
    if (!DRAWN.has(name))
      throw new SvgProblem(`it has a <${name.slice(0, 40)}>, which cannot be used here`)
    const attributes = new Map<string, string>()
    for (const qualified in given) {
      const { uri, local, value } = given[qualified] as SaxesAttributeNS
      if (uri === '' || (uri === XLINK && local === 'href')) attributes.set(local, value)
    }
    const node: Node = { name, attributes, children: [] }
    const id = attributes.get('id')
    if (id !== undefined && SHARED.has(name)) {
      if (shared.has(id)) throw new SvgProblem(`the id ${id.slice(0, 40)} is there twice`)
      shared.set(id, node)
    }
    parent.children.push(node)
    open.push(node)
  })
  parser.on('closetag', () => open.pop())
  parser.write(svg).close()
  const [root] = top.children
  if (root?.name !== 'svg') throw new SvgProblem(`it is no <svg> in the namespace ${SVG}`)
  return { root, shared }
}

function viewBoxOf({ attributes }: Node): ViewBox {
  const size = ['width', 'height'].map((name) => attributes.get(name)?.replace(/px\s*$/, '') ?? '')
  const viewBox = readViewBox(attributes.get('viewBox') ?? `0 0 ${size.join(' ')}`)
  if (!viewBox)
    throw new SvgProblem('it has no viewBox of four numbers, and no width and height in px either')
  return viewBox
}

class Writer {
  readonly defs: Element[] = []
  readonly #prefix: string
  readonly #shared: Shared
  /** New ids by the ids in the SVG. */
  readonly #ids = new Map<string, string>()
  /** The checked attributes by element: many gradients may inherit from one, and from its stops. */
  readonly #attributes = new Map<Node, Map<string, string>>()
  #elements = 0
  /** The characters that are left for values. */
  #charactersLeft: number
  /** The larger side of the viewBox. */
  readonly #side: number

  constructor(shared: Shared, prefix: string, viewBox: ViewBox, maxCharacters: number) {
    this.#shared = shared
    this.#prefix = prefix
    this.#side = Math.max(viewBox[2], viewBox[3])
    this.#charactersLeft = maxCharacters
  }

  read(node: Node): Map<string, string> {
    const attributes = this.#attributes.get(node) ?? readAttributes(node.attributes, this.#side)
    this.#attributes.set(node, attributes)
    return attributes
  }

  /** @param attributes the checked attributes of the node; references in them are changed to new ids */
  write(node: Node, attributes: Map<string, string>, inClipPath: boolean): Element {
    for (const [name, value] of attributes) {
      const id = referenceIn(value)
      if (id === null) continue
      // Clip paths that clip each other could form a circle, or multiply.
      if (name === 'clip-path' && inClipPath) throw new SvgProblem('a clip path is clipped itself')
      attributes.set(name, `url(#${this.#refer(id, name === 'clip-path')})`)
    }
    const children = node.children
      .filter(({ name }) => !INDIRECT.has(name))
      .map((child) => this.write(child, this.read(child), inClipPath))
    return this.#element(node.name, attributes, children)
  }

  /** Writes a gradient or clip path when something refers to it for the first time. @returns its new id */
  #refer(id: string, toClipPath: boolean): string {
    const known = this.#ids.get(id)
    const node = this.#shared.get(id)
    if (!node || (node.name === 'clipPath') !== toClipPath) {
      const kind = toClipPath ? 'clip path' : 'gradient'
      throw new SvgProblem(`it refers to a ${kind} ${id.slice(0, 40)} that is not there`)
    }
    if (known !== undefined) return known
    const written = toClipPath ? this.write(node, this.read(node), true) : this.#gradient(node)
    const newId = `${this.#prefix}${this.#ids.size}`
    this.#ids.set(id, newId)
    this.defs.push({ ...written, attributes: { id: newId, ...written.attributes } })
    return newId
  }

  #gradient(node: Node): Element {
    const { attributes, stops } = this.#resolve(node, MAX_CHAIN)
    const children = stops.map((stop) =>
      this.#element('stop', withoutReferences(this.read(stop)), []),
    )
    return this.#element(node.name, withoutReferences(attributes), children)
  }

  /** Adds what a gradient inherits from another one: attributes, and stops if it has none. Inkscape uses this often. */
  #resolve(node: Node, chain: number): { attributes: ReadonlyMap<string, string>; stops: Node[] } {
    const attributes = this.read(node)
    const stops = node.children.filter(({ name }) => name === 'stop')
    const href = node.attributes.get('href')
    if (href === undefined) return { attributes, stops }
    const other = href.startsWith('#') ? this.#shared.get(href.slice(1)) : undefined
    if (!other || !GRADIENTS.has(other.name))
      throw new SvgProblem(`a gradient refers to ${href.slice(0, 40)}, which is no gradient in it`)
    if (chain === 0)
      throw new SvgProblem('gradients refer to each other in a circle, or in a long row')
    const inherited = this.#resolve(other, chain - 1)
    return {
      attributes: new Map([...inherited.attributes, ...attributes]),
      stops: stops.length > 0 ? stops : inherited.stops,
    }
  }

  #element(name: string, attributes: Map<string, string>, children: Element[]): Element {
    this.#elements += 1
    // Gradients that inherit the same stops copy them.
    if (this.#elements > MAX_ELEMENTS)
      throw new SvgProblem(`it comes to more than ${MAX_ELEMENTS} elements`)
    for (const value of attributes.values()) this.#charactersLeft -= value.length
    if (this.#charactersLeft < 0) throw new SvgProblem('its gradients copy too much of each other')
    return element(name, Object.fromEntries(attributes), ...children)
  }
}

/** Leaves out attributes that refer to a gradient, such as `fill`. They have no effect on a gradient, but could refer to it in a circle. */
function withoutReferences(attributes: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...attributes].filter(([, value]) => referenceIn(value) === null))
}
