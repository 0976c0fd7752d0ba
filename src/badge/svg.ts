import { hash } from 'node:crypto'

/** The values that fill the slots of a drawing in one answer. All of them are markup, escaped where they need it. */
export interface SlotValues {
  /** The number, or two of them, formatted. */
  text: string
  /** The same for screen readers, such as `1,234`. */
  spoken: string
  /** What a sparkline shows, as a sentence for screen readers. */
  sparklineText: string
  /** For a face: the digits of the numbers, padded with zeros, those of a second number behind those of the first. */
  digits: string
  /** The path data of a sparkline. */
  sparklinePath: string
  /** For a count-up: smaller numbers, formatted. */
  frames: readonly string[]
}

/** A place in a drawing that differs from answer to answer. Returns markup. */
export type Slot = (values: SlotValues) => string

/** Strings and numbers are escaped when they are written; the markup of a slot is not. */
type Value = string | number | readonly (string | Slot)[]
export type Attributes = Record<string, Value>
/** A string is text, and escaped when it is written. */
export type Content = string | Slot | Element

export interface Element {
  name: string
  attributes: Attributes
  children: Content[]
}

export function element(
  name: string,
  attributes: Attributes = {},
  ...children: Content[]
): Element {
  return { name, attributes, children }
}

/** The namespace of SVG. */
export const SVG = 'http://www.w3.org/2000/svg'

/** The outermost element of an SVG. */
export function svgElement(attributes: Attributes, ...children: Content[]): Element {
  return element('svg', { xmlns: SVG, ...attributes }, ...children)
}

/** All elements of this name inside of an element, in document order. */
export function elementsNamed(root: Element, name: string): Element[] {
  return root.children.flatMap((child) =>
    typeof child !== 'object'
      ? []
      : [...(child.name === name ? [child] : []), ...elementsNamed(child, name)],
  )
}

/** The markup of a drawing, cut at its slots: there is one more piece than slots. */
export interface CompiledSvg {
  pieces: readonly string[]
  slots: readonly Slot[]
}

/** Writes a drawing once, so that `fill` makes each answer by joining strings. */
export function compile(root: Element): CompiledSvg {
  const parts: [string[], ...string[][]] = [[]]
  const slots: Slot[] = []
  const write = (markup: string) => {
    parts.at(-1)?.push(markup)
  }
  const writeSlot = (slot: Slot) => {
    slots.push(slot)
    parts.push([])
  }
  const writeContent = (content: Content) => {
    if (typeof content === 'string') return write(escapeXml(content))
    if (typeof content === 'function') return writeSlot(content)
    write(`<${content.name}`)
    for (const [name, value] of Object.entries(content.attributes)) {
      write(` ${name}="`)
      for (const part of Array.isArray(value) ? value : [value]) {
        if (typeof part === 'function') writeSlot(part)
        else write(escapeXml(String(part)))
      }
      write('"')
    }
    if (content.children.length === 0) return write('/>')
    write('>')
    content.children.forEach(writeContent)
    write(`</${content.name}>`)
  }
  writeContent(root)
  // V8 keeps a string that was built with `+` as a tree of its parts, which takes several times the memory.
  return { pieces: parts.map((part) => part.join('')), slots }
}

export function fill({ pieces, slots }: CompiledSvg, values: SlotValues): string {
  let markup = pieces[0] as string
  for (let at = 0; at < slots.length; at++) {
    markup += (slots[at] as Slot)(values) + (pieces[at + 1] as string)
  }
  return markup
}

/** The markup of a drawing without slots. */
export function writeSvg(root: Element): string {
  return compile(root).pieces.join('')
}

/** Stands for a slot. XML has no such character. */
const SLOT = '\u0000'

/**
 * Compiles a drawing and adds a hash of it to its ids, classes and animations, so that several drawings can be pasted
 * into one HTML page: there, an id means the first element that has it, and a style sheet applies to the whole page.
 * Drawings that differ only in the values of their slots get the same names.
 */
export function compileScoped(root: Element): CompiledSvg {
  const { pieces, slots } = compile(root)
  const markup = pieces.join(SLOT)
  if (!/ (id|class)="/.test(markup)) return { pieces, slots }
  const suffix = `_${hash('sha256', markup, 'hex').slice(0, 8)}`
  // Texts and values cannot match these patterns, because their quotes and angle brackets are escaped.
  const scoped = markup
    .replace(/ (id|class)="([^"]+)"/g, (_match, attribute, names: string) => {
      const all = names.split(' ').map((name) => name + suffix)
      return ` ${attribute}="${all.join(' ')}"`
    })
    .replace(/="url\(#([\w-]+)\)"/g, `="url(#$1${suffix})"`)
    .replace(/ href="#([\w-]+)"/g, ` href="#$1${suffix}"`)
    .replace(/<style>.*?<\/style>/gs, (css) =>
      css
        .replace(/\.([a-z]\w*)(?=\{)/g, `.$1${suffix}`)
        // A hex colour is followed by another character.
        .replace(/#([a-z][\w-]*)(?=[{)])/g, `#$1${suffix}`)
        .replace(/@keyframes (\w+)/g, `@keyframes $1${suffix}`)
        .replace(/animation:(\w+)/g, `animation:$1${suffix}`),
    )
  return { pieces: scoped.split(SLOT), slots }
}

export const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Makes text safe in XML text and in quoted attributes, as badge-maker does. */
export function escapeXml(text: string): string {
  return /[&<>"']/.test(text)
    ? text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string)
    : text
}
