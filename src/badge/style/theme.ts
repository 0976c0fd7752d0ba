import { type Attributes, type Content, element } from '../svg.ts'

export const THEMES = ['light', 'dark', 'auto'] as const
/** The ground that a badge is made for; `auto` follows the viewer's own, by prefers-color-scheme. */
export type Theme = (typeof THEMES)[number]

/** A colour on light ground, and the same on dark ground: CSS colours. */
export interface Pair {
  light: string
  dark: string
}

/** The same colour on any ground. */
export const both = (color: string): Pair => ({ light: color, dark: color })

/**
 * Gives colours to elements. On one ground they are attributes and nothing else, as every program understands that
 * shows an SVG; with `auto` the dark ones come as rules of a style sheet on top.
 */
export function createInk(theme: Theme) {
  const classes = new Map<string, string>()
  const rules: string[] = []

  return {
    theme,
    /** @param pairs by presentation attribute, such as `fill` @returns attributes for an element */
    paint(pairs: Record<string, Pair>): Attributes {
      const attributes: Attributes = {}
      const dark: string[] = []
      for (const [property, pair] of Object.entries(pairs)) {
        attributes[property] = theme === 'dark' ? pair.dark : pair.light
        if (theme === 'auto' && pair.dark !== pair.light) dark.push(`${property}:${pair.dark}`)
      }
      if (dark.length > 0) {
        const declarations = dark.join(';')
        const name = classes.get(declarations) ?? `c${classes.size}`
        classes.set(declarations, name)
        attributes.class = name
      }
      return attributes
    },
    /** Adds a rule of CSS that a theme has nothing to do with. */
    rule(css: string): void {
      rules.push(css)
    },
    /** The style sheet for all of it, if there is one: asked for last, and put first into the drawing. */
    styles(): Content[] {
      const dark = [...classes].map(([declarations, name]) => `.${name}{${declarations}}`)
      const css =
        rules.join('') +
        (dark.length > 0 ? `@media (prefers-color-scheme:dark){${dark.join('')}}` : '')
      return css === '' ? [] : [element('style', {}, css)]
    },
  }
}

export type Ink = ReturnType<typeof createInk>
