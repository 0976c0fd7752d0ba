import { type Element, element } from '../svg.ts'
import { MAX_ELEMENTS, type Node, parseTree } from './svg-tree.ts'
import { readAttributes, readViewBox, referenceIn, SvgProblem, type ViewBox } from './svg-values.ts'

/** An untrusted drawing, rewritten: it has only known elements with checked numbers, colours and words. */
export interface Sanitised {
  viewBox: ViewBox
  /** The gradients and clip paths to which the children refer, for a `<defs>`. */
  defs: Element[]
  children: Element[]
}

const GRADIENTS = new Set(['linearGradient', 'radialGradient'])
/** Elements that are drawn only where others refer to them. */
const INDIRECT = new Set([...GRADIENTS, 'clipPath', 'defs', 'stop'])
/** Attributes of the root that place the drawing, which the badge decides. */
const PLACEMENT = ['x', 'y', 'width', 'height', 'viewBox', 'preserveAspectRatio']
/** How many gradients may inherit from each other in a row. */
const MAX_CHAIN = 8
/**
 * The length of all written values, in lengths of the SVG. Gradients copy the values that they inherit: without a limit,
 * 8 kB could become 120 kB.
 */
const MAX_GROWTH = 4

/**
 * Makes an untrusted drawing safe to embed. It keeps shapes, groups, gradients and clip paths; it drops or refuses scripts,
 * links, style sheets, texts and images. The caller limits the length of the SVG; the result has at most 500 elements, and
 * its values are at most four times as long as the SVG.
 * @param prefix the start of all ids; drawings with different prefixes share no ids
 * @throws SvgProblem
 */
export function sanitiseSvg(svg: string, prefix: string): Sanitised {
  const root = parseTree(svg)
  const viewBox = viewBoxOf(root)
  const side = Math.max(viewBox[2], viewBox[3])
  const attributes = readAttributes(root.attributes, side)
  for (const name of PLACEMENT) attributes.delete(name)
  const writer = new Writer(root, prefix, side, MAX_GROWTH * svg.length)
  const all = writer.write({ ...root, name: 'g' }, attributes, false)
  const children = attributes.size > 0 ? [all] : (all.children as Element[])
  return { viewBox, defs: writer.defs, children }
}

function viewBoxOf({ attributes }: Node): ViewBox {
  const given = attributes.get('viewBox')
  const size = ['width', 'height'].map((name) => attributes.get(name)?.replace(/px\s*$/, '') ?? '')
  const viewBox = readViewBox(given ?? `0 0 ${size.join(' ')}`)
  if (!viewBox)
    throw new SvgProblem('it has no viewBox of four numbers, and no width and height in px either')
  return viewBox
}

class Writer {
  readonly defs: Element[] = []
  readonly #prefix: string
  /** Gradients and clip paths by their ids in the SVG. */
  readonly #shared = new Map<string, Node>()
  /** New ids by the ids in the SVG. */
  readonly #ids = new Map<string, string>()
  /** The attributes of gradients and their stops, which many gradients may inherit. */
  readonly #inherited = new Map<Node, ReadonlyMap<string, string>>()
  #elements = 0
  /** The characters that are left for values. */
  #charactersLeft: number
  /** The larger side of the viewBox. */
  readonly #side: number

  constructor(root: Node, prefix: string, side: number, maxCharacters: number) {
    this.#charactersLeft = maxCharacters
    this.#prefix = prefix
    this.#side = side
    this.#findShared(root)
  }

  #findShared(node: Node): void {
    const id = node.attributes.get('id')
    if (id !== undefined && (GRADIENTS.has(node.name) || node.name === 'clipPath')) {
      if (this.#shared.has(id)) throw new SvgProblem(`the id ${id.slice(0, 40)} is there twice`)
      this.#shared.set(id, node)
    }
    for (const child of node.children) this.#findShared(child)
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
      .map((child) => this.write(child, this.#read(child), inClipPath))
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
    const written = toClipPath ? this.write(node, this.#read(node), true) : this.#gradient(node)
    const newId = `${this.#prefix}${this.#ids.size}`
    this.#ids.set(id, newId)
    this.defs.push({ ...written, attributes: { id: newId, ...written.attributes } })
    return newId
  }

  #gradient(node: Node): Element {
    const { attributes, stops } = this.#resolve(node, MAX_CHAIN)
    const children = stops.map((stop) =>
      this.#element('stop', withoutReferences(this.#readOnce(stop)), []),
    )
    return this.#element(node.name, withoutReferences(attributes), children)
  }

  /** Adds what a gradient inherits from another one: attributes, and stops if it has none. Inkscape uses this often. */
  #resolve(node: Node, chain: number): { attributes: ReadonlyMap<string, string>; stops: Node[] } {
    const attributes = this.#readOnce(node)
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

  #read(node: Node): Map<string, string> {
    return readAttributes(node.attributes, this.#side)
  }

  #readOnce(node: Node): ReadonlyMap<string, string> {
    const attributes = this.#inherited.get(node) ?? this.#read(node)
    this.#inherited.set(node, attributes)
    return attributes
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

/** A gradient is not painted itself, so its own paint has no effect, but it could refer to the gradient in a circle. */
function withoutReferences(attributes: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...attributes].filter(([, value]) => referenceIn(value) === null))
}
