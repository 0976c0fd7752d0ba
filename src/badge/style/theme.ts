import { type Attributes, type Content, element } from '../svg.ts'

export const THEMES = ['light', 'dark', 'auto'] as const
/** The colour scheme of the page that a badge is made for. `auto` follows the viewer's system, by prefers-color-scheme. */
export type Theme = (typeof THEMES)[number]

/** A CSS colour for light pages, and one for dark pages. */
export interface ColorPair {
  light: string
  dark: string
}

/** The same colour on all pages. */
export const both = (color: string): ColorPair => ({ light: color, dark: color })

/**
 * Gives colours to the elements of one drawing, and collects its style sheet. For a light or a dark page, colours are
 * attributes, which every viewer of SVG understands. With `auto`, the style sheet adds the dark ones.
 */
export function createStyleSheet(theme: Theme) {
  const classes = new Map<string, string>()
  const rules: string[] = []

  return {
    /** @param colors by presentation attribute, such as `fill` @returns attributes for an element */
    paint(colors: Record<string, ColorPair>): Attributes {
      const attributes: Attributes = {}
      const dark: string[] = []
      for (const [property, pair] of Object.entries(colors)) {
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
    /** Adds a CSS rule that applies in every theme. */
    addRule(css: string): void {
      rules.push(css)
    },
    /** The style sheet, if there are any rules. Called when all is painted; it goes to the start of the drawing. */
    elements(): Content[] {
      const dark = [...classes].map(([declarations, name]) => `.${name}{${declarations}}`)
      const css =
        rules.join('') +
        (dark.length > 0 ? `@media (prefers-color-scheme:dark){${dark.join('')}}` : '')
      return css === '' ? [] : [element('style', {}, css)]
    },
  }
}

export type StyleSheet = ReturnType<typeof createStyleSheet>
