import { type Element, element } from '../svg.ts'
import { MAX_ELEMENTS, type Node, parseTree } from './svg-tree.ts'
import { readAttributes, readViewBox, referenceIn, SvgProblem, type ViewBox } from './svg-values.ts'

/** A drawing that somebody else made, written again: of theirs there are only checked numbers, colours and words. */
export interface Sanitised {
  viewBox: ViewBox
  /** The gradients and clip paths that the children refer to, to be put into a `<defs>`. */
  defs: Element[]
  children: Element[]
}

const GRADIENTS = new Set(['linearGradient', 'radialGradient'])
/** These draw nothing where they stand. */
const ASIDE = new Set([...GRADIENTS, 'clipPath', 'defs', 'stop'])
/** Where the whole drawing stands is not the drawing's to say. */
const OUTER = ['x', 'y', 'width', 'height', 'viewBox', 'preserveAspectRatio']
/** How many gradients may hand on to each other. */
const LONGEST_CHAIN = 8
/**
 * How much longer the values of all attributes may be than the SVG that they are read from. Gradients that take over from
 * each other copy them: 8 kB would come to 120.
 */
const MAX_GROWTH = 4

/**
 * Makes a drawing safe to put into one of ours: shapes, groups, gradients and clip paths; no scripts, links, style
 * sheets, texts or images. The caller bounds the length of the SVG; what comes of it has at most 500
 * elements, and values of at most four times its length.
 * @param prefix what the ids of the result begin with: they are unique where prefixes are
 * @throws SvgProblem: an Error whose message says what is wrong
 */
export function sanitiseSvg(svg: string, prefix: string): Sanitised {
  const root = parseTree(svg)
  const viewBox = viewBoxOf(root)
  const side = Math.max(viewBox[2], viewBox[3])
  const attributes = readAttributes(root.attributes, side)
  for (const name of OUTER) attributes.delete(name)
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
  /** What may be referred to, by the ids in the SVG. */
  readonly #shared = new Map<string, Node>()
  /** The new ids of what was referred to, by the old ones. */
  readonly #ids = new Map<string, string>()
  /** The attributes of gradients and their stops, which many other gradients may take over. */
  readonly #taken = new Map<Node, ReadonlyMap<string, string>>()
  #elements = 0
  /** Characters that the values of attributes may still have. */
  #room: number
  /** The larger side of the viewBox. */
  readonly #side: number

  constructor(root: Node, prefix: string, side: number, room: number) {
    this.#room = room
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

  /** @param attributes those of the node, read; references are changed to the new ids */
  write(node: Node, attributes: Map<string, string>, inClipPath: boolean): Element {
    for (const [name, value] of attributes) {
      const id = referenceIn(value)
      if (id === null) continue
      // Clip paths that are clipped could go round in circles, or multiply.
      if (name === 'clip-path' && inClipPath) throw new SvgProblem('a clip path is clipped itself')
      attributes.set(name, `url(#${this.#refer(id, name === 'clip-path')})`)
    }
    const children = node.children
      .filter(({ name }) => !ASIDE.has(name))
      .map((child) => this.write(child, this.#read(child), inClipPath))
    return this.#element(node.name, attributes, children)
  }

  /** Writes what is referred to, the first time. @returns its new id */
  #refer(id: string, toClipPath: boolean): string {
    const known = this.#ids.get(id)
    const node = this.#shared.get(id)
    if (!node || (node.name === 'clipPath') !== toClipPath) {
      const kind = toClipPath ? 'clip path' : 'gradient'
      throw new SvgProblem(`it refers to a ${kind} ${id.slice(0, 40)} that is not there`)
    }
    if (known !== undefined) return known
    const written = toClipPath ? this.write(node, this.#read(node), true) : this.#gradient(node)
    const fresh = `${this.#prefix}${this.#ids.size}`
    this.#ids.set(id, fresh)
    this.defs.push({ ...written, attributes: { id: fresh, ...written.attributes } })
    return fresh
  }

  #gradient(node: Node): Element {
    const { attributes, stops } = this.#resolve(node, LONGEST_CHAIN)
    const children = stops.map((stop) =>
      this.#element('stop', withoutReferences(this.#readOnce(stop)), []),
    )
    return this.#element(node.name, withoutReferences(attributes), children)
  }

  /** A gradient with what it takes over from another one, as Inkscape's do: attributes, and stops if it has none. */
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
    const taken = this.#resolve(other, chain - 1)
    return {
      attributes: new Map([...taken.attributes, ...attributes]),
      stops: stops.length > 0 ? stops : taken.stops,
    }
  }

  #read(node: Node): Map<string, string> {
    return readAttributes(node.attributes, this.#side)
  }

  #readOnce(node: Node): ReadonlyMap<string, string> {
    const attributes = this.#taken.get(node) ?? this.#read(node)
    this.#taken.set(node, attributes)
    return attributes
  }

  #element(name: string, attributes: Map<string, string>, children: Element[]): Element {
    this.#elements += 1
    // Gradients that share stops could multiply them.
    if (this.#elements > MAX_ELEMENTS)
      throw new SvgProblem(`it comes to more than ${MAX_ELEMENTS} elements`)
    for (const value of attributes.values()) this.#room -= value.length
    if (this.#room < 0) throw new SvgProblem('its gradients copy too much of each other')
    return element(name, Object.fromEntries(attributes), ...children)
  }
}

/** A gradient is never painted itself: a paint of its own would draw nothing, and could be the gradient. */
function withoutReferences(attributes: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...attributes].filter(([, value]) => referenceIn(value) === null))
}
