import { SaxesParser } from 'saxes'

/** The scheme of the viewer's system. */
export type Scheme = 'light' | 'dark'

/** A text of a badge, as it is seen. Colours are written as in the SVG. */
export interface Painted {
  text: string
  fill: string
  /** The fills behind its middle, the lowest first. */
  grounds: string[]
}

interface Ground {
  left: number
  right: number
  fill: string
}

/**
 * The texts of a badge and what they stand on, as a viewer with this scheme sees them: attributes, those of the groups around
 * them, and the rules for dark. Shadows, and what is hidden until it moves, are left out.
 */
export function paintsOf(svg: string, scheme: Scheme): Painted[] {
  const [, css = ''] = /@media \(prefers-color-scheme:dark\)\{(.*?\})\}/.exec(svg) ?? []
  const dark = new Map(
    [...css.matchAll(/\.(\w+)\{([^}]*)\}/g)].map(([, name = '', rule = '']) => [name, rule]),
  )
  const fillOf = ({ fill, class: names = '' }: Record<string, string>) => {
    const rules = scheme === 'dark' ? names.split(' ').map((name) => dark.get(name) ?? '') : []
    return rules.map((rule) => /(?:^|;)fill:([^;]*)/.exec(rule)?.[1]).find(Boolean) ?? fill
  }
  const grounds: Ground[] = []
  const painted: Painted[] = []
  const fills: (string | undefined)[] = []
  let inside: Painted | null = null
  const parser = new SaxesParser()
  parser.on('opentag', ({ name, attributes }) => {
    const fill = fillOf(attributes) ?? fills.at(-1)
    fills.push(fill)
    if (name === 'rect' && fill && !fill.startsWith('url(')) {
      const left = Number(attributes.x ?? 0)
      grounds.push({ left, right: left + Number(attributes.width), fill })
    }
    if (name !== 'text' || attributes['fill-opacity'] || attributes['aria-hidden']) return
    const x = Number(attributes.x) / (attributes.transform || svg.includes('scale(.1)') ? 10 : 1)
    const behind = grounds.filter(({ left, right }) => left <= x && x <= right)
    inside = { text: '', fill: fill ?? 'black', grounds: behind.map(({ fill }) => fill) }
    painted.push(inside)
  })
  parser.on('text', (text) => {
    if (inside) inside.text += text
  })
  parser.on('closetag', () => {
    fills.pop()
    inside = null
  })
  parser.write(svg).close()
  return painted
}
