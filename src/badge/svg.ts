/** What an answer fills into a template. All of it is markup: escaped where it needs to be. */
export interface Shown {
  /** The number, or two of them, as it is drawn: formatted. */
  text: string
  /** The same for those who cannot see it, such as `1,234`. */
  spoken: string
  /** What a sparkline shows, as a sentence for them. */
  sparklineText: string
  /** The digits of the numbers, padded, for a face that has a place for each; two numbers stand one after the other. */
  digits: string
  /** The path data of a sparkline. */
  trend: string
  /** Smaller numbers, as they are drawn, for a count-up. */
  frames: readonly string[]
}

/** A place in a drawing that is different in each answer. Returns markup. */
export type Slot = (shown: Shown) => string

/** A value is escaped when it is written; what a slot returns is not. */
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

/** A drawing cut open at its slots: `pieces` is one longer than `slots`. */
export interface Template {
  pieces: readonly string[]
  slots: readonly Slot[]
}

/** Writes a drawing down, once; `fill` then makes an answer of it. */
export function compile(root: Element): Template {
  const parts: [string[], ...string[][]] = [[]]
  const slots: Slot[] = []
  const write = (markup: string) => {
    parts.at(-1)?.push(markup)
  }
  const open = (slot: Slot) => {
    slots.push(slot)
    parts.push([])
  }
  const writeAll = (content: Content) => {
    if (typeof content === 'string') return write(escapeXml(content))
    if (typeof content === 'function') return open(content)
    write(`<${content.name}`)
    for (const [name, value] of Object.entries(content.attributes)) {
      write(` ${name}="`)
      for (const part of Array.isArray(value) ? value : [value]) {
        if (typeof part === 'function') open(part)
        else write(escapeXml(String(part)))
      }
      write('"')
    }
    if (content.children.length === 0) return write('/>')
    write('>')
    content.children.forEach(writeAll)
    write(`</${content.name}>`)
  }
  writeAll(root)
  // Added up with `+`, a piece would stay a tree of its parts, which takes several times the memory.
  return { pieces: parts.map((part) => part.join('')), slots }
}

export function fill({ pieces, slots }: Template, shown: Shown): string {
  let markup = pieces[0] as string
  for (let at = 0; at < slots.length; at++) {
    markup += (slots[at] as Slot)(shown) + (pieces[at + 1] as string)
  }
  return markup
}

const ENTITIES: Record<string, string> = {
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

const CHARACTERS = new Map(
  Object.entries(ENTITIES).map(([character, entity]) => [entity, character]),
)

/**
 * Reads an SVG that badge-maker wrote: elements, double-quoted attributes, text, and the five entities.
 * @throws Error where it holds anything else
 */
export function parseDrawn(svg: string): Element {
  const top = element('')
  const open = [top]
  const token = /<\/[\w-]+>|<([\w-]+)((?: [\w:-]+="[^"<]*")*)(\/?)>|([^<]+)/y
  while (token.lastIndex < svg.length) {
    const at = token.lastIndex
    const [whole, name, attributes = '', closed, text] = token.exec(svg) ?? []
    const parent = open.at(-1)
    if (whole === undefined || !parent)
      throw new Error(`badge-maker's SVG at ${at} is not understood`)
    if (text !== undefined) parent.children.push(unescapeXml(text))
    else if (name === undefined) {
      // `<text></text>` is not to become `<text/>`.
      if (parent.children.length === 0) parent.children.push('')
      open.pop()
    } else {
      const child = element(name)
      for (const [, key = '', value = ''] of attributes.matchAll(/ ([\w:-]+)="([^"]*)"/g)) {
        child.attributes[key] = unescapeXml(value)
      }
      parent.children.push(child)
      if (!closed) open.push(child)
    }
  }
  const [root] = top.children
  if (open.length !== 1 || typeof root !== 'object') throw new Error("badge-maker's SVG is cut off")
  return root
}

function unescapeXml(text: string): string {
  return text.replace(/&\w+;/g, (entity) => CHARACTERS.get(entity) ?? entity)
}
